use super::*;
use crate::time::Duration;

const SECOND: u64 = 1_000_000;

fn new<'a>(key: &'a str, body: u64, now: Instant) -> New<'a, u32> {
    New { key, variant: "", size: Size { head: 0, body }, tags: &[], asked: now, value: 0 }
}

/// Puts or uses, letter by letter, one a second; a capital letter puts. Answers who went.
fn play(rules: Rules, size: impl Fn(char) -> u64, text: &str) -> String {
    // A clock near its beginning would make much of a second.
    let mut store = Store::new(Rules { wall: 1_700_000_000 * SECOND, ..rules });
    let mut gone = String::new();
    for (n, letter) in text.chars().enumerate() {
        let (now, key) = (Instant(n as u64 * SECOND), letter.to_ascii_lowercase().to_string());
        if letter.is_uppercase() {
            gone.extend(store.put(new(&key, size(letter), now), now).gone.iter().map(|gone| gone.object.key.to_string()));
        } else {
            assert!(store.get(&key, "", now).is_some(), "{letter} at {n}");
        }
    }
    gone
}

#[test]
fn orders_let_go_as_they_say() {
    let check = |order: Order, text: &str, expect: &str| {
        let rules = Rules { order, ..Rules::bytes(30) };
        assert_eq!(play(rules, |_| 10, text), expect, "{order:?} {text}");
    };
    let lru = |seconds| Order::Lru { interval: Duration::from_secs(seconds) };
    check(lru(0), "ABCaDcE", "ba");
    check(Order::Fifo, "ABCaDbE", "ab");
    // A use three seconds after it was put moves it, one two seconds after does not.
    check(lru(3), "ABCaDE", "bc");
    check(lru(3), "ABaCDE", "ab");
    check(Order::HeapLru, "ABCaDE", "bc");
    check(Order::Lfuda, "ABCaacD", "b");
    check(Order::GdsfUnsized, "ABCaacD", "b");
    // Whoever was popular once goes when the age has passed them.
    check(Order::Lfuda, "ABCaaDEFGHIJ", "bcdefga");
}

#[test]
fn gdsf_lets_the_large_go_first() {
    let size = |letter| if letter == 'A' { 20 } else { 5 };
    assert_eq!(play(Rules { order: Order::Gdsf, ..Rules::bytes(30) }, size, "ABCaD"), "a");
    assert_eq!(play(Rules { order: Order::Lfuda, ..Rules::bytes(30) }, size, "ABCaD"), "b");
}

#[test]
fn a_put_says_who_went_and_why() {
    let mut store = Store::new(Rules { count: 3, ..Rules::bytes(100) });
    store.explain(true);
    for (n, key) in ["a", "b", "c"].into_iter().enumerate() {
        let now = Instant(n as u64);
        assert_eq!(store.put(new(key, 20, now), now).fate, Fate::Stored);
    }
    let put = store.put(new("d", 60, Instant(9)), Instant(9));
    let gone: Vec<_> = put.gone.iter().map(|gone| (&*gone.object.key, gone.score, gone.why)).collect();
    assert_eq!(gone, [("a", Score::Moved(Instant(0)), Why::Count)]);
    assert_eq!(
        put.spared.iter().map(|spared| (&*spared.key, spared.score)).collect::<Vec<_>>(),
        [("b", Score::Moved(Instant(1))), ("c", Score::Moved(Instant(2))), ("d", Score::Moved(Instant(9))),]
    );
    let put = store.put(new("b", 30, Instant(10)), Instant(10));
    assert_eq!(put.gone.iter().map(|gone| (&*gone.object.key, gone.why)).collect::<Vec<_>>(), [("b", Why::Replaced), ("c", Why::Room)]);
    assert_eq!((store.len(), store.used()), (2, 90));
    let put = store.put(new("e", 101, Instant(11)), Instant(11));
    assert_eq!((put.fate, put.gone.len(), store.len()), (Fate::TooLarge, 0, 2));
}

#[test]
fn varnish_lets_go_of_no_more_than_it_may() {
    let mut store = Store::new(Rules::varnish(10_000, Duration::ZERO, 2));
    for key in ["a", "b", "c", "d"] {
        assert_eq!(store.put(new(key, 2_000, Instant(0)), Instant(0)).fate, Fate::Stored);
    }
    let put = store.put(new("e", 8_000, Instant(1)), Instant(1));
    assert_eq!((put.fate, put.gone.len()), (Fate::NukeLimit, 2));
    // What it is to replace stays until it is there.
    let put = store.put(new("c", 6_000, Instant(2)), Instant(2));
    let gone: Vec<_> = put.gone.iter().map(|gone| (&*gone.object.key, gone.why)).collect();
    assert_eq!((put.fate, gone), (Fate::Stored, vec![("d", Why::Room), ("c", Why::Replaced)]));
    let put = store.put(new("f", 20_000, Instant(3)), Instant(3));
    assert_eq!((put.fate, put.gone.len(), store.len()), (Fate::NobodyLeft, 1, 0));
}

#[test]
fn squid_makes_room_once_a_second() {
    // Ten pages beside the icons; each object has two.
    let rules = Rules::squid((SQUID_ICONS + 10) * SQUID_PAGE, Order::default(), 100_000, 0);
    let mut store = Store::new(rules);
    let mut put = |key: &str, body: u64, ms: u64| {
        let put = store.put(new(key, body, Instant(ms * 1_000)), Instant(ms * 1_000));
        (put.fate, put.gone.iter().map(|gone| gone.object.key.to_string()).collect::<String>())
    };
    for key in ["a", "b", "c", "d", "e"] {
        assert_eq!(put(key, 8_000, 0), (Fate::Stored, String::new()));
    }
    assert_eq!(put("f", 8_000, 100), (Fate::Stored, "a".into()));
    assert_eq!(put("g", 8_000, 200), (Fate::NotThisSecond, String::new()));
    // Room is made for the first 16 KB that do not fit, and for the rest it is too late.
    assert_eq!(put("h", 30_000, 1_100), (Fate::NotThisSecond, "bc".into()));
    assert_eq!(put("i", 16_000, 1_200), (Fate::Stored, String::new()));
    assert_eq!(put("j", 200_000, 2_000), (Fate::TooLarge, "de".into()));
}

#[test]
fn nginx_lets_go_of_what_nobody_asks_for() {
    // The clock shows 0.5 s when the run begins.
    let mut store = Store::new(Rules::nginx(100_000, Duration::from_secs(10), SECOND / 2));
    let later = Instant(2 * SECOND);
    store.put(new("a", 1, Instant(0)), Instant(0));
    store.put(new("b", 1, Instant(0)), Instant(0));
    store.get("a", "", later);
    let mut gone = |at| store.expire(Instant(at)).iter().map(|gone| gone.object.key.to_string()).collect::<String>();
    assert_eq!(gone(9 * SECOND + SECOND / 2 - 1), "");
    assert_eq!(gone(9 * SECOND + SECOND / 2), "b");
    assert_eq!(gone(12 * SECOND), "a");
}

#[test]
fn variants_share_a_key_and_go_together_or_alone() {
    let mut store = Store::new(Rules::bytes(1_000));
    for (variant, value) in [("en", 1), ("de", 2), ("fr", 3)] {
        store.put(New { variant, value, ..new("/", 1, Instant(0)) }, Instant(0));
    }
    store.put(new("/other", 1, Instant(0)), Instant(0));
    let variants = |store: &Store<u32>| store.variants("/").map(|object| object.variant.to_string()).collect::<Vec<_>>();
    assert_eq!(variants(&store), ["fr", "de", "en"]);
    assert_eq!(store.get("/", "de", Instant(1)), Some(&mut 2));
    assert_eq!(store.get("/", "", Instant(1)), None);
    assert_eq!(store.purge_variant("/", "").count, 0, "nobody has no variant");
    assert_eq!(store.purge_variant("/", "fr").count, 1);
    assert_eq!(variants(&store), ["de", "en"]);
    store.remove("/", "en");
    store.put(New { variant: "it", ..new("/", 1, Instant(2)) }, Instant(2));
    assert_eq!(variants(&store), ["it", "de"]);
    assert_eq!((store.purge("/").count, store.len()), (2, 1));
    assert_eq!(variants(&store), Vec::<String>::new());
    assert_eq!(store.soft_purge("/other", |value| core::mem::replace(value, 7) == 0), 1);
    assert_eq!(store.soft_purge("/other", |value| core::mem::replace(value, 7) == 0), 0, "it has run out already");
    assert_eq!(store.peek("/other", "").map(|object| object.value), Some(7));
}

#[test]
fn surrogate_keys_find_what_is_tagged_with_them() {
    let mut store = Store::new(Rules::bytes(1_000));
    for (key, tags) in [("1", "a b"), ("2", "b"), ("3", "c"), ("4", "b,  b")] {
        let tags: Vec<_> = keys_of(tags).collect();
        store.put(New { tags: &tags, ..new(key, 1, Instant(0)) }, Instant(0));
    }
    assert_eq!(store.tagged("b").map(|object| &*object.key).collect::<Vec<_>>(), ["1", "2", "4", "4"]);
    assert_eq!(store.peek("1", "").map(|object| store.tags(object).collect::<Vec<_>>()), Some(vec!["a", "b"]));
    assert_eq!(store.soft_purge_keys(keys_of("c x"), |_| true), 1);
    let purged = store.purge_keys(keys_of("a b"));
    assert_eq!((purged.count, purged.objects.len(), store.len()), (5, 3, 1));
    assert_eq!(store.purge_keys(keys_of("b")).count, 0);
}

#[test]
fn rules_may_change_while_objects_are_there() {
    let mut store = Store::new(Rules::bytes(100));
    for (n, key) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let now = Instant(n as u64);
        store.put(new(key, 20, now), now);
    }
    for at in [10, 11, 12] {
        store.get("a", "", Instant(at));
    }
    store.get("b", "", Instant(13));
    let names = |gone: Vec<Gone<u32>>| gone.iter().map(|gone| gone.object.key.to_string()).collect::<String>();
    assert_eq!(names(store.set_rules(Rules::bytes(60), Instant(20))), "c");
    let counted = Rules { count: 2, order: Order::Lfuda, ..Rules::bytes(60) };
    assert_eq!(names(store.set_rules(counted, Instant(21))), "d");
    let by_pages = Rules { order: Order::Lfuda, unit: Unit::Pages, ..Rules::bytes(SQUID_PAGE) };
    assert_eq!((names(store.set_rules(by_pages, Instant(22))), store.used()), ("b".into(), SQUID_PAGE));
}
