use super::*;
use crate::http::Headers;
use crate::policy::cache::store::{New, Rules, Size};

/// What these tests store.
struct Page(Headers);

impl Bannable for Page {
    fn facts(&self) -> Facts<'_> {
        Facts {
            headers: &self.0,
            status: 200,
            origin: Instant(10_000_000),
            ttl: Duration::from_secs(60),
            grace: Duration::from_secs(10),
            keep: Duration::ZERO,
        }
    }
}

fn page(tag: &str) -> Page {
    Page(Headers(vec![("X-Tag".into(), tag.into())]))
}

fn put(store: &mut Store<Page>, key: &str, tag: &str) {
    let size = Size { head: 0, body: 1 };
    store.put(New { key, variant: "", size, tags: &[], asked: Instant::START, value: page(tag) }, Instant::START);
}

/// Whether the object is still there once somebody has asked for it under this URL.
fn asked(store: &mut Store<Page>, key: &str, url: &str) -> bool {
    let headers = Headers(vec![("Host".into(), "shop.example".into())]);
    matches!(store.check_bans(key, "", &Asked { url, headers: &headers }), Some(Verdict::Clear(_)))
}

#[test]
fn a_ban_fits_what_it_says() {
    let check = |text: &str, banned: bool| {
        let mut store = Store::new(Rules::bytes(100));
        put(&mut store, "a", "red");
        store.ban(text, Instant(15_000_000)).unwrap_or_else(|why| panic!("{text}: {why}"));
        assert_eq!(asked(&mut store, "a", "/news/1"), !banned, "{text}");
    };
    check("obj.http.x-tag == red", true);
    check("obj.http.X-Tag == \"red\"", true);
    check("obj.http.x-tag != red", false);
    check("obj.http.x-tag ~ ^r", true);
    check("obj.http.x-tag !~ ^r", false);
    // What is not there is unequal, and neither fits nor does not.
    check("obj.http.x-other != red", true);
    check("obj.http.x-other == red", false);
    check("obj.http.x-other ~ .", false);
    check("obj.http.x-other !~ .", false);
    check("obj.status == 200", true);
    check("req.url ~ ^/news/", true);
    check("req.url ~ ^/news/ && obj.http.x-tag == blue", false);
    check("req.http.host == shop.example && obj.http.x-tag == red", true);
    // Five seconds old when it was banned, with 55 to go.
    check("obj.age > 4s", true);
    check("obj.age > 6s", false);
    check("obj.age == 5s", true);
    check("obj.ttl > 54s", true);
    check("obj.ttl < 0.9m", false);
    check("obj.ttl <= 55000ms", true);
    check("obj.grace == 10s", true);
    check("obj.keep > 0s", false);
    check("obj.keep >= -1s", true);
}

#[test]
fn a_wrong_ban_says_what_is_wrong() {
    let check = |text: &str, why: BanError| assert_eq!(Expression::read(text).err(), Some(why), "{text}");
    check("  ", BanError::Empty);
    check("garbage", BanError::NoOperator);
    check("req.url ~", BanError::NoValue);
    check("req.url ~ a b", BanError::NotAnd("b".into()));
    check("req.url ~ a &&", BanError::Empty);
    check("bereq.url ~ a", BanError::Field("bereq.url".into()));
    check("req.url > a", BanError::Operator("req.url".into(), ">".into()));
    check("obj.ttl ~ 1s", BanError::Operator("obj.ttl".into(), "~".into()));
    check("obj.ttl > 1", BanError::Span("1".into()));
    check("req.url ~ (", BanError::Pattern(crate::policy::cache::store::PatternError::Bracket));
    check("req.url == \"a", BanError::Quote);
}

#[test]
fn only_older_objects_are_banned_and_each_is_asked_once() {
    let mut store = Store::new(Rules::bytes(100));
    put(&mut store, "old", "red");
    put(&mut store, "other", "blue");
    store.ban("obj.http.x-tag == red", Instant(1)).expect("it can be read");
    put(&mut store, "new", "red");
    assert!(asked(&mut store, "new", "/"), "it came after the ban");
    assert!(!asked(&mut store, "old", "/"));
    assert!(asked(&mut store, "other", "/"));
    assert!(asked(&mut store, "other", "/"), "held against it once");
    let counts = store.bans().counts();
    assert_eq!((counts.checked, counts.tests, counts.killed), (2, 2, 1));
    // Nobody was last held against the first, empty, ban any more.
    assert_eq!((store.bans().iter().count(), counts.deleted), (1, 1));
}

#[test]
fn a_ban_that_says_the_same_completes_the_older_one() {
    let mut store = Store::new(Rules::bytes(100));
    put(&mut store, "a", "red");
    for (text, duplicates) in [("req.url == /a", 0), ("req.url == /b", 0), ("req.url == /a", 1), ("obj.age > 1s", 0), ("obj.age > 1s", 0)] {
        assert_eq!(store.ban(text, Instant(1)).map(|banned| banned.duplicates), Ok(duplicates), "{text}");
    }
    let list: Vec<_> = store.bans().iter().map(|ban| (&*ban.text, ban.completed)).collect();
    assert_eq!(
        list,
        [
            ("obj.age > 1s", false),
            ("obj.age > 1s", false),
            ("req.url == /a", false),
            ("req.url == /b", false),
            ("req.url == /a", true),
            ("", true)
        ]
    );
}

#[test]
fn the_lurker_stops_at_bans_that_look_at_the_request() {
    let mut store = Store::new(Rules::bytes(100));
    put(&mut store, "a", "red");
    put(&mut store, "b", "blue");
    let second = Duration::from_secs(1);
    let ban = |store: &mut Store<Page>, text: &str, at| store.ban(text, Instant(at)).expect("it can be read").serial;
    let red = ban(&mut store, "obj.http.x-tag == red", 0);
    ban(&mut store, "req.url == /b", 1);
    ban(&mut store, "obj.http.x-tag == green", 2);
    let young = ban(&mut store, "obj.status == 200", 5_000_000);

    let too_soon = store.lurk(second, Instant(1_000_000));
    assert_eq!((too_soon.checked, too_soon.completed), (0, 0));

    let lurked = store.lurk(second, Instant(5_000_001));
    assert_eq!(lurked.killed.iter().map(|(by, object)| (*by, &*object.key)).collect::<Vec<_>>(), [(red, "a")]);
    assert_eq!((lurked.checked, lurked.completed), (2, 2));
    // It was moved up to the one that looks at the request and no further; older ones are gone.
    assert_eq!(store.peek("b", "").map(|object| object.ban), Some(red));
    let left: Vec<_> = store.bans().iter().map(|ban| (ban.serial, ban.completed, ban.references)).collect();
    assert_eq!(left, [(young, false, 0), (young - 1, true, 0), (young - 2, false, 0), (red, true, 1)]);
    assert!(!asked(&mut store, "b", "/b"));
}
