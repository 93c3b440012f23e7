//! What holds for the store of a cache, whatever is put there, asked for and taken out.

use std::collections::{BTreeMap, BTreeSet};

use hopscope_core::http::Headers;
use hopscope_core::policy::cache::store::ban::{Asked, Bannable, Facts, Verdict};
use hopscope_core::policy::cache::store::{Fate, New, Order, Pattern, Put, Room, Rules, Score, Size, Store, Unit, Why};
use hopscope_core::time::{Duration, Instant};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::config;

/// What is done to a store.
#[derive(Clone, Debug)]
enum Act {
    Put { key: u8, variant: u8, bytes: u64, tags: Vec<&'static str> },
    Get { key: u8, variant: u8 },
    Remove { key: u8, variant: u8 },
    Purge { key: u8 },
    PurgeKeys { tags: Vec<&'static str> },
    Expire,
    Rules(Rules),
}

const TAGS: [&str; 4] = ["red", "green", "blue", "grey"];

fn tags() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(TAGS.to_vec(), 0..=TAGS.len())
}

fn act() -> impl Strategy<Value = Act> {
    let name = || (0u8..12, 0u8..3);
    prop_oneof![
        8 => (name(), 0u64..40_000, tags()).prop_map(|((key, variant), bytes, tags)| Act::Put { key, variant, bytes, tags }),
        8 => name().prop_map(|(key, variant)| Act::Get { key, variant }),
        1 => name().prop_map(|(key, variant)| Act::Remove { key, variant }),
        1 => (0u8..12).prop_map(|key| Act::Purge { key }),
        1 => tags().prop_map(|tags| Act::PurgeKeys { tags }),
        1 => Just(Act::Expire),
        1 => rules().prop_map(Act::Rules),
    ]
}

fn rules() -> impl Strategy<Value = Rules> {
    let order = prop_oneof![
        (0u64..4).prop_map(|s| Order::Lru { interval: Duration::from_secs(s) }),
        select(vec![Order::Fifo, Order::HeapLru, Order::Lfuda, Order::Gdsf, Order::GdsfUnsized]),
    ];
    let room = prop_oneof![Just(Room::Fit), (0u32..5).prop_map(|limit| Room::Nuke { limit }), Just(Room::Walk)];
    let unit = select(vec![Unit::Bytes, Unit::Malloc, Unit::Pages, Unit::Blocks]);
    let bounds = (0u64..200_000, 0u32..6, 0u64..60_000, 0u64..30_000, 0u64..20);
    (order, room, unit, bounds, 0u64..2_000_000_000_000_000).prop_map(
        |(order, room, unit, (capacity, count, largest, resident, idle), wall)| {
            // Squid has no bound on how many there are.
            let count = if room == Room::Walk { 0 } else { count };
            let (capacity, inactive) = (capacity + resident, Duration::from_secs(idle));
            Rules { order, room, unit, capacity, count, largest, resident, inactive, wall }
        },
    )
}

fn text(key: u8) -> String {
    format!("/{key}")
}

/// What should be in a store: by key and variant, with its cost and tags.
type Told = BTreeMap<(String, String), (u64, Vec<&'static str>)>;

fn name<T>(object: &hopscope_core::policy::cache::store::Object<T>) -> (String, String) {
    (object.key.to_string(), object.variant.to_string())
}

fn do_it(store: &mut Store<u64>, told: &mut Told, act: &Act, now: Instant) {
    match act {
        Act::Put { key, variant, bytes, tags } => {
            let (key, variant) = (text(*key), text(*variant));
            let size = Size { head: 100, body: *bytes };
            let before = told.clone();
            let put = store.put(New { key: &key, variant: &variant, size, tags, asked: now, value: *bytes }, now);
            went_as_they_should(store, &before, &put, &(key.clone(), variant.clone()));
            for gone in &put.gone {
                told.remove(&name(&gone.object)).expect("who goes was there");
            }
            if put.fate == Fate::Stored {
                assert!(told.insert((key, variant), (put.cost, tags.clone())).is_none(), "the old one is gone");
            }
        }
        Act::Get { key, variant } => {
            let name = (text(*key), text(*variant));
            assert_eq!(store.get(&name.0, &name.1, now).is_some(), told.contains_key(&name));
        }
        Act::Remove { key, variant } => {
            let name = (text(*key), text(*variant));
            assert_eq!(store.remove(&name.0, &name.1).is_some(), told.remove(&name).is_some());
        }
        Act::Purge { key } => {
            let key = text(*key);
            let gone: BTreeSet<_> = store.purge(&key).objects.iter().map(name).collect();
            let expect: BTreeSet<_> = told.keys().filter(|name| name.0 == key).cloned().collect();
            assert_eq!(gone, expect);
            told.retain(|name, _| name.0 != key);
        }
        Act::PurgeKeys { tags } => {
            let purged = store.purge_keys(tags.iter().copied());
            let tagged = |of: &Vec<&str>| of.iter().filter(|tag| tags.contains(tag)).count();
            assert_eq!(purged.count as usize, told.values().map(|(_, of)| tagged(of)).sum::<usize>(), "each counts for each of its keys");
            let gone: BTreeSet<_> = purged.objects.iter().map(name).collect();
            let expect: BTreeSet<_> = told.iter().filter(|(_, (_, of))| tagged(of) > 0).map(|(name, _)| name.clone()).collect();
            assert_eq!(gone, expect, "exactly what is tagged");
            told.retain(|_, (_, of)| tagged(of) == 0);
        }
        Act::Expire => {
            for gone in store.expire(now) {
                assert_eq!(gone.why, Why::Inactive);
                told.remove(&name(&gone.object)).expect("who goes was there");
            }
        }
        Act::Rules(rules) => {
            for gone in store.set_rules(*rules, now) {
                told.remove(&name(&gone.object)).expect("who goes was there");
            }
            let costs: BTreeMap<_, _> = store.iter().map(|object| (name(object), object.cost)).collect();
            for (name, (cost, _)) in told {
                *cost = costs[name];
            }
        }
    }
}

/// Nobody goes who stands better than somebody who stays, and nobody for nothing but with Varnish and Squid.
fn went_as_they_should(store: &Store<u64>, before: &Told, put: &Put<u64>, new: &(String, String)) {
    let worth = |score: &Score| match *score {
        Score::Moved(at) | Score::Came(at) => at.as_micros() as f64,
        Score::Key(key) => key,
    };
    let for_room = || put.gone.iter().filter(|gone| gone.why != Why::Replaced);
    let most = for_room().map(|gone| worth(&gone.score)).fold(f64::NEG_INFINITY, f64::max);
    for (object, score) in store.next_to_go(1).into_iter().filter(|(object, _)| name(object) != *new) {
        assert!(most <= worth(&score), "{} stays, and one that stood better went", object.key);
    }
    if let Room::Nuke { limit } = store.rules().room {
        assert!(for_room().count() as u32 <= limit, "more went than may");
    }
    if put.fate != Fate::Stored && store.rules().room == Room::Fit {
        assert_eq!(for_room().count(), 0, "they went for nothing");
    }
    let went: u64 = for_room().map(|gone| gone.object.cost).sum();
    if store.rules().room == Room::Fit && store.rules().count == 0 && went > 0 {
        let used: u64 = before.iter().filter(|(other, _)| *other != new).map(|(_, (cost, _))| cost).sum();
        let last = for_room().next_back().map_or(0, |gone| gone.object.cost);
        let rules = store.rules();
        assert!(used + rules.resident + put.cost - went + last > rules.capacity, "the last went for nothing");
    }
}

fn is_as_told(store: &Store<u64>, told: &Told) {
    let rules = store.rules();
    // What never goes may be more than there is room for; then there is nothing else.
    let bound = rules.capacity.max(if store.is_empty() { rules.resident } else { 0 });
    assert!(store.used() <= bound, "{} of {bound} bytes", store.used());
    assert!(rules.count == 0 || store.len() as u32 <= rules.count);
    assert_eq!(store.used(), rules.resident + told.values().map(|(cost, _)| cost).sum::<u64>());
    assert_eq!(store.iter().map(name).collect::<BTreeSet<_>>(), told.keys().cloned().collect());
    assert_eq!((store.len(), store.next_to_go(usize::MAX).len()), (told.len(), told.len()));
    for (name, (cost, tags)) in told {
        let object = store.peek(&name.0, &name.1).expect("it is found");
        assert_eq!((object.cost, store.tags(object).collect::<Vec<_>>()), (*cost, tags.clone()));
    }
    for key in 0..12 {
        let stored = store.variants(&text(key)).count();
        assert_eq!(stored, told.keys().filter(|name| name.0 == text(key)).count());
        let times: Vec<_> = store.variants(&text(key)).map(|object| object.stored).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "the newest variant comes first");
    }
    for tag in TAGS {
        assert_eq!(store.tagged(tag).count(), told.values().filter(|(_, tags)| tags.contains(&tag)).count());
    }
}

/// A naive list, the first to go at the front.
fn naive(list: &mut Vec<(u8, u64, Instant)>, rules: &Rules, act: (bool, u8, u64), now: Instant) -> Vec<u8> {
    let (puts, key, bytes) = act;
    let place = list.iter().position(|entry| entry.0 == key);
    if !puts {
        if let (Some(place), Order::Lru { interval }) = (place, rules.order)
            && now.since(list[place].2) >= interval
        {
            let entry = list.remove(place);
            list.push((entry.0, entry.1, now));
        }
        return Vec::new();
    }
    list.retain(|entry| entry.0 != key);
    if bytes > rules.capacity {
        return Vec::new();
    }
    let mut gone = Vec::new();
    while list.iter().map(|entry| entry.1).sum::<u64>() + bytes > rules.capacity {
        gone.push(list.remove(0).0);
    }
    list.push((key, bytes, now));
    gone
}

struct Page(Headers, Instant);

impl Bannable for Page {
    fn facts(&self) -> Facts<'_> {
        let second = Duration::from_secs(1);
        Facts { headers: &self.0, status: 200, origin: self.1, ttl: second, grace: second, keep: second }
    }
}

/// Pieces of patterns, in any order.
fn pattern() -> impl Strategy<Value = String> {
    let pieces = [
        "a", "b", "/", "-", "1", ".", "^", "$", "|", "*", "+", "?", "(", ")", "(?:", "[ab]", "[^a]", "[0-9-]", "{2}", "{0,2}", "{1,}",
        r"\d", r"\w", r"\W", r"\s", r"\b", r"\B", r"\.", r"\/", "*?",
    ];
    vec(select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
}

/// What is done where there are bans.
#[derive(Clone, Debug)]
enum Said {
    Put { key: u8, tag: &'static str },
    Ban { url: Option<u8>, tag: Option<&'static str> },
    Ask { key: u8 },
    Lurk,
}

fn said() -> impl Strategy<Value = Said> {
    let tag = || select(TAGS.to_vec());
    prop_oneof![
        4 => (0u8..6, tag()).prop_map(|(key, tag)| Said::Put { key, tag }),
        2 => tag().prop_map(|tag| Said::Ban { url: None, tag: Some(tag) }),
        1 => (0u8..6).prop_map(|key| Said::Ban { url: Some(key), tag: None }),
        1 => (0u8..6, tag()).prop_map(|(key, tag)| Said::Ban { url: Some(key), tag: Some(tag) }),
        4 => (0u8..6).prop_map(|key| Said::Ask { key }),
        1 => Just(Said::Lurk),
    ]
}

/// Bans and when they were said, and objects with their tags and when they came; by number of step.
#[derive(Default)]
struct Heard {
    bans: Vec<(usize, Option<u8>, Option<&'static str>)>,
    objects: BTreeMap<u8, (usize, &'static str)>,
}

impl Heard {
    /// Whether a later ban fits an object; with or without those that look at the request.
    fn banned(&self, key: u8, with_requests: bool) -> bool {
        let (came, tag) = self.objects[&key];
        let fits = |&(at, url, of): &(usize, Option<u8>, Option<&str>)| {
            let by_url = url.is_none_or(|url| with_requests && url == key);
            at > came && by_url && of.is_none_or(|of| of == tag)
        };
        self.bans.iter().any(fits)
    }
}

proptest! {
    #![proptest_config(config(400))]

    /// Never more than the bound, everything is where it should be, and who goes is who should.
    #[test]
    fn a_store_keeps_its_bound_and_its_books(rules in rules(), acts in vec((0u64..3_000, act()), 1..150)) {
        let (mut store, mut told, mut now) = (Store::new(rules), Told::new(), Instant::START);
        for (after, act) in &acts {
            now += Duration::from_millis(*after);
            do_it(&mut store, &mut told, act, now);
            is_as_told(&store, &told);
        }
    }

    #[test]
    fn lists_are_those_that_a_naive_one_would_be(
        interval in prop_oneof![Just(None), (0u64..5).prop_map(Some)],
        capacity in 1u64..300,
        acts in vec((0u64..3, any::<bool>(), 0u8..20, 1u64..60), 1..200),
    ) {
        let order = interval.map_or(Order::Fifo, |s| Order::Lru { interval: Duration::from_secs(s) });
        let rules = Rules { order, ..Rules::bytes(capacity) };
        let (mut store, mut list, mut now) = (Store::new(rules), Vec::new(), Instant::START);
        for (after, puts, key, bytes) in acts {
            now += Duration::from_secs(after);
            let expect = naive(&mut list, &rules, (puts, key, bytes), now);
            let name = text(key);
            let gone = if puts {
                let new = New { key: &name, variant: "", size: Size { head: 0, body: bytes }, tags: &[], asked: now, value: key };
                let gone = store.put(new, now).gone;
                gone.iter().filter(|gone| gone.why == Why::Room).map(|gone| gone.object.value).collect()
            } else {
                store.get(&name, "", now);
                Vec::new()
            };
            prop_assert_eq!(gone, expect);
            let order: Vec<u8> = store.next_to_go(usize::MAX).iter().map(|(object, _)| object.value).collect();
            prop_assert_eq!(order, list.iter().map(|entry| entry.0).collect::<Vec<_>>());
        }
    }

    /// A ban takes out exactly what fits it and is older, whoever looks first, and the lurker never
    /// what only a request could tell.
    #[test]
    fn a_ban_takes_out_what_fits_and_is_older(steps in vec(said(), 1..120)) {
        let (mut store, mut heard) = (Store::new(Rules::bytes(1_000)), Heard::default());
        for (n, step) in steps.iter().enumerate() {
            let now = Instant(n as u64);
            match step {
                Said::Put { key, tag } => {
                    let page = Page(Headers(vec![("Tag".into(), (*tag).into())]), now);
                    let size = Size { head: 0, body: 1 };
                    store.put(New { key: &text(*key), variant: "", size, tags: &[], asked: now, value: page }, now);
                    heard.objects.insert(*key, (n, tag));
                }
                Said::Ban { url, tag } => {
                    let tests = [url.map(|url| format!("req.url == /{url}")), tag.map(|tag| format!("obj.http.tag == {tag}"))];
                    let said: Vec<String> = tests.into_iter().flatten().collect();
                    prop_assert!(store.ban(&said.join(" && "), now).is_ok());
                    heard.bans.push((n, *url, *tag));
                }
                Said::Ask { key } => {
                    let verdict = store.check_bans(&text(*key), "", &Asked { url: &text(*key), headers: &Headers::default() });
                    match verdict {
                        None => prop_assert!(!heard.objects.contains_key(key)),
                        Some(Verdict::Clear(_)) => prop_assert!(!heard.banned(*key, true), "step {} is too mild", n),
                        Some(Verdict::Killed { .. }) => {
                            prop_assert!(heard.banned(*key, true), "step {} is too harsh", n);
                            heard.objects.remove(key);
                        }
                    }
                }
                Said::Lurk => {
                    let killed: BTreeSet<u8> = store.lurk(Duration::ZERO, now).killed.iter()
                        .filter_map(|(_, object)| object.key[1..].parse().ok()).collect();
                    let expect: BTreeSet<u8> = heard.objects.keys().copied().filter(|&key| heard.banned(key, false)).collect();
                    prop_assert_eq!(&killed, &expect);
                    heard.objects.retain(|key, _| !killed.contains(key));
                }
            }
            let references: u32 = store.bans().iter().map(|ban| ban.references).sum();
            prop_assert_eq!(references as usize, store.len(), "every object was held against one last");
            prop_assert_eq!(store.len(), heard.objects.len());
        }
    }

    /// A pattern fits what it fits in the crate `regex`, if both can read it.
    #[test]
    fn patterns_fit_what_they_fit_elsewhere(pattern in pattern(), fold in any::<bool>(), texts in vec("[abAB/1. -]{0,8}", 1..12)) {
        let pattern = if fold { format!("(?i){pattern}") } else { pattern };
        if let (Ok(ours), Ok(theirs)) = (Pattern::new(&pattern), regex::Regex::new(&pattern)) {
            for text in texts {
                prop_assert_eq!(ours.fits(&text), theirs.is_match(&text), "{} {:?}", pattern, text);
            }
        }
    }

    /// Whatever is said as a ban is read or refused in words.
    #[test]
    fn a_ban_is_read_or_refused(words in vec(prop_oneof![
        select(vec!["req.url", "obj.http.a", "obj.ttl", "obj.age", "obj.status", "~", "!~", "==", "<", "&&", "1s", "-3.5y", "\"", "99999999999999y"])
            .prop_map(str::to_owned),
        pattern(),
        ".{0,12}",
    ], 0..9)) {
        let mut store: Store<Page> = Store::new(Rules::bytes(1_000));
        let size = Size { head: 0, body: 1 };
        store.put(New { key: "a", variant: "", size, tags: &[], asked: Instant::START, value: Page(Headers::default(), Instant(u64::MAX)) }, Instant::START);
        match store.ban(&words.join(" "), Instant(u64::MAX)) {
            Ok(_) => {
                let verdict = store.check_bans("a", "", &Asked { url: "/a", headers: &Headers::default() });
                prop_assert!(verdict.is_some());
            }
            Err(why) => prop_assert!(why.to_string().ends_with('.'), "{}", why),
        }
    }
}
