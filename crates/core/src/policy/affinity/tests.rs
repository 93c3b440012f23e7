use super::*;
use crate::http::Headers;
use crate::time::{Duration, Instant};

const fn at(ms: u64) -> Instant {
    Instant(ms * 1_000)
}

/// Plays a script on a table. Times are milliseconds. `5a2` is a request with key `a` at 5 that member
/// 2 serves unless `a` sticks to another, with its answer one millisecond later; `5a2!` with the
/// answer in the same one. Written down is who served; `-` after it where the table had no room.
fn play(limits: Limits, script: &str) -> (String, Rows) {
    let (mut rows, mut told) = (Rows::new(limits), Vec::new());
    for word in script.split_whitespace() {
        let (script, late) = word.strip_suffix('!').map_or((word, 1), |word| (word, 0));
        let place = script.find(|c: char| c.is_ascii_alphabetic()).expect("a key");
        let ms: u64 = script[..place].parse().expect("a time");
        let (key, member) = (&script[place..=place], script[place + 1..].parse().expect("a member"));
        let served = rows.look_up(key, at(ms)).unwrap_or(member);
        let room = rows.make_room(at(ms));
        if room {
            rows.store(key, served, at(ms), at(ms + late));
        }
        told.push(format!("{served}{}", if room { "" } else { "-" }));
    }
    (told.join(" "), rows)
}

fn check(limits: Limits, script: &str, expect: &str, left: &str) {
    let (told, rows) = play(limits, script);
    assert_eq!(told, expect, "{script} with {limits:?}");
    let last: u64 =
        script.split_whitespace().last().and_then(|word| word.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()).unwrap_or(0);
    let mut keys: Vec<_> = rows.rows(at(last)).map(|row| row.key.to_string()).collect();
    keys.sort();
    assert_eq!(keys.concat(), left, "{script} with {limits:?}");
    assert!(rows.rows(at(0)).count() <= limits.size as usize);
}

#[test]
fn a_row_stays_while_it_is_used() {
    let limits = Limits { size: 9, expire: Duration::from_millis(100), nopurge: false };
    check(limits, "0a1 50a2 149a3 249b1 251a4", "1 1 1 1 4", "ab");
    check(Limits { expire: Duration::ZERO, ..limits }, "0a1 900000a2", "1 1", "a");
}

#[test]
fn a_full_table_lets_go_of_who_was_not_used_for_longest() {
    let limits = Limits { size: 2, expire: Duration::from_secs(9), nopurge: false };
    check(limits, "0a1! 10b2! 20c3!", "1 2 3", "bc");
    // A request whose key is there already needs room as well.
    check(limits, "0a1! 10b2! 20b4!", "1 2 2", "b");
    check(Limits { nopurge: true, ..limits }, "0a1! 10b2! 20c3! 30a5!", "1 2 3- 1-", "ab");
}

#[test]
fn a_purge_gives_up_after_two_looks() {
    let limits = Limits { size: 3, expire: Duration::from_secs(9), nopurge: false };
    // The two that come first were used since they were put in their place, and are only moved.
    check(limits, "0a1! 1b2! 10a1! 11b1! 20c3! 30d4! 40e5!", "1 2 1 2 3 4- 5", "bce");
    // One whose answer came a millisecond after its request is moved too, and found again at once.
    check(Limits { size: 2, ..limits }, "0a1 10b2 20c3 30d4", "1 2 3 4", "cd");
}

#[test]
fn a_cookie_names_who_can_serve() {
    let cookie = Cookie { name: "SRV".into(), indirect: true, nocache: true, ..Cookie::default() };
    let named =
        |field: &str| cookie.named(&Headers(vec![("Cookie".into(), field.into())]), |value| ["c1", "c2"].iter().position(|&c| c == value));
    assert_eq!(named("a=b; SRV=c2; d=e"), Some(1));
    assert_eq!(named("SRV=zzz"), None);
    assert_eq!(named("SRV="), None);
    assert_eq!(named("SRV=old; SRV=c1"), Some(0));
    let mut headers = Headers(vec![("Cookie".into(), "a=b; SRV=c2; d=e".into())]);
    cookie.hide(&mut headers);
    assert_eq!(headers.get("cookie"), Some("a=b; d=e"));
}

#[test]
fn an_answer_sets_the_cookie_unless_it_led_there() {
    let check = |cookie: &Cookie, value, named, sent: &[&str], expect: &[&str]| {
        let mut reply: Vec<_> = sent.iter().map(|value| ("Set-Cookie".to_owned(), (*value).to_owned())).collect();
        cookie.answer(value, named, false, &mut reply);
        let told: Vec<_> = reply.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(told, expect, "{cookie:?}");
    };
    let plain = Cookie { name: "SRV".into(), ..Cookie::default() };
    check(&plain, Some("c1"), false, &[], &["Set-Cookie: SRV=c1; path=/"]);
    check(&plain, Some("c1"), true, &["x=1"], &["Set-Cookie: x=1"]);
    check(&plain, Some("c1"), false, &["SRV=9"], &["Set-Cookie: SRV=c1; path=/"]);
    check(&plain, None, false, &[], &["Set-Cookie: SRV=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/"]);
    let more = Cookie { nocache: true, attributes: "; HttpOnly".into(), ..plain.clone() };
    check(&more, Some("c1"), false, &[], &["Set-Cookie: SRV=c1; path=/; HttpOnly", "Cache-Control: private"]);
    check(&Cookie { preserve: true, ..plain.clone() }, Some("c1"), false, &["SRV=9"], &["Set-Cookie: SRV=9"]);
    check(&Cookie { postonly: true, ..plain }, Some("c1"), false, &[], &[]);
}

#[test]
fn who_cannot_be_reached_is_asked_again_or_left() {
    let failure = Failure { before: 0, pinned: true, turns: true, up: 3, down: false, timed_out: false };
    let check = |most, redispatch, failure: Failure, expect: &str| {
        let retries = Retries { most, redispatch, connect: Duration::from_millis(400) };
        let told: Vec<_> = (failure.before..)
            .map(|before| match retries.after(&Failure { before, ..failure }) {
                Next::Same(pause) => format!("same {}", pause.as_micros() / 1_000),
                Next::Other(pause) => format!("other {}", pause.as_micros() / 1_000),
                Next::Over => "over".to_owned(),
            })
            .take(4)
            .collect();
        assert_eq!(told.join(", "), expect, "{most} {redispatch} {failure:?}");
    };
    check(2, 0, failure, "same 400, same 400, over, over");
    check(3, -1, failure, "same 400, same 400, other 0, over");
    check(3, -2, failure, "same 400, other 0, same 400, over");
    check(3, 1, failure, "other 0, other 0, other 0, over");
    check(2, -1, Failure { pinned: false, ..failure }, "other 0, other 0, over, over");
    check(2, -1, Failure { pinned: false, up: 1, ..failure }, "same 400, other 400, over, over");
    check(2, 1, Failure { turns: false, ..failure }, "other 400, other 400, over, over");
    check(1, -1, Failure { down: true, timed_out: true, ..failure }, "other 0, over, over, over");
}
