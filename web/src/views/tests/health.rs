//! The picture of health on real runs, as it is read and as it is read aloud.

use hopscope_core::lesson::Lab;
use hopscope_core::timeline::Timeline;

use super::{check_markup, run, seek, written};
use crate::views::health;

/// A balancer 1 ms away from two servers. b1 is checked at 0 s, and again a second after each check.
fn lab(pool: &str, script: &[(&str, &str, bool)]) -> Lab {
    let line =
        |(at, id, on): &(&str, &str, bool)| format!("[[script]]\nat = \"{at}\"\ndo = {{ fault = {{ id = \"{id}\", on = {on} }} }}\n");
    let mut lab = written(&format!(
        "horizon = \"40s\"\npanels = [\"health\"]\nlink = {{ latency = \"1ms\" }}\n\
         [[clients]]\nname = \"web\"\ntarget = \"lb\"\nusers = 4\nwarm = true\narrivals = {{ even = {{ rate = 20.0 }} }}\n\
         [[clients.requests]]\nname = \"page\"\nservice = {{ constant = {{ value = \"2ms\" }} }}\n\
         [[proxies]]\nname = \"lb\"\n[[proxies.pools]]\nname = \"pool\"\npolicy = \"round_robin\"\nkeepalive = 8\n\
         members = [{{ node = \"b1\" }}, {{ node = \"b2\" }}]\n{pool}\n[[backends]]\nname = \"b1\"\n[[backends]]\nname = \"b2\"\n\
         [[faults]]\nid = \"kill\"\neffect = {{ kill = {{ node = \"b1\" }} }}\n\
         [[faults]]\nid = \"hang\"\neffect = {{ hang = {{ node = \"b1\" }} }}\n\
         [[faults]]\nid = \"fail\"\neffect = {{ fail = {{ node = \"b1\", percent = 100.0 }} }}\n{}",
        script.iter().map(line).collect::<String>()
    ));
    lab.nodes = vec![("lb".into(), "Balancer".into()), ("b1".into(), "Shop 1".into())];
    lab
}

const CHECKS: &str = "checks = { interval = \"1s\", timeout = \"500ms\", fall = 3, rise = 2 }";

fn at(lab: &Lab, ms: u64) -> (Timeline, String) {
    let mut run = run(lab);
    seek(&mut run, ms);
    let drawn = health::draw(&run, lab);
    check_markup(&drawn, "health");
    (run, drawn)
}

/// The words of a piece of the picture, without its tags.
fn plain(markup: &str) -> String {
    let words = markup.split('<').filter_map(|part| part.split_once('>').map(|(_, words)| words)).collect::<Vec<_>>().join(" ");
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What stands above the strip of b1, and what below.
fn check(lab: &Lab, ms: u64, head: &str, sum: Option<&str>) {
    let (_, drawn) = at(lab, ms);
    let member = drawn.split("<div class=\"hl-member\">").nth(1).unwrap_or_default();
    let (above, rest) = member.split_once("<svg class=\"hl-strip\"").unwrap_or_default();
    assert_eq!(plain(&format!("{above}<br>")), head, "at {ms} ms");
    let below = rest.split_once("<p class=\"hl-sum\">").and_then(|(_, rest)| rest.split("</p>").next());
    assert_eq!(below, sum, "at {ms} ms");
}

#[test]
fn a_member_is_told_on_its_way_out_and_back() {
    let lab = lab(CHECKS, &[("3500ms", "kill", true), ("9500ms", "kill", false)]);
    check(&lab, 0, "Shop 1 in use, not checked yet one failure is enough check under way, gives up in 500 ms", None);
    check(&lab, 3_200, "Shop 1 in use 0 of 3 failed next check in 820 ms", None);
    check(
        &lab,
        4_021,
        "Shop 1 in use 0 of 3 failed check under way, gives up in 499 ms",
        Some("Shop 1 killed at 3.500. Not noticed for 521 ms so far."),
    );
    check(
        &lab,
        5_100,
        "Shop 1 in use, failing checks 2 of 3 failed next check in 924 ms",
        Some("Shop 1 killed at 3.500. Not noticed for 1.6 s so far."),
    );
    let sum =
        "Shop 1 killed at 3.500, out at 6.026: noticed after 2.53 s = 520 ms to the next check + 6 ms in 3 checks + 2 s between them.";
    check(&lab, 6_026, "Shop 1 out 0 of 2 good next check in 1 s", Some(sum));
    check(&lab, 10_500, "Shop 1 out 1 of 2 good next check in 537 ms", Some(sum));
    check(&lab, 11_100, "Shop 1 in use 0 of 3 failed next check in 942 ms", Some(sum));
}

#[test]
fn a_timeout_is_part_of_the_sum() {
    let lab = lab(&format!("timeout = \"300ms\"\n{CHECKS}"), &[("3500ms", "hang", true)]);
    let sum =
        "Shop 1 hangs at 3.500, out at 7.520: noticed after 4.02 s = 520 ms to the next check + 1.5 s in 3 checks + 2 s between them.";
    check(&lab, 8_000, "Shop 1 out 0 of 2 good next check in 520 ms", Some(sum));
}

#[test]
fn who_is_out_already_is_not_said_to_be_unnoticed() {
    let lab = lab(CHECKS, &[("3500ms", "kill", true), ("30s", "fail", true)]);
    check(&lab, 31_000, "Shop 1 out 0 of 2 good next check in 74 ms", None);
}

#[test]
fn an_ejection_says_until_when_and_for_what() {
    let lab = lab("outlier = { errors = 5, window = \"0s\", eject = \"4s\", max_percent = 50 }", &[("3s", "fail", true)]);
    check(&lab, 2_900, "Shop 1 in use 0 of 5 errors in a row", None);
    let sum = "Shop 1 answers 500 at 3.000, out at 3.455: noticed after 455 ms, when 5 requests in a row had gone wrong.";
    check(&lab, 5_000, "Shop 1 out until 7.455 0 of 5 errors in a row", Some(sum));
}

#[test]
fn in_panic_who_is_out_is_used_all_the_same() {
    let lab = lab(&format!("timeout = \"300ms\"\npanic_percent = 60\n{CHECKS}"), &[("3500ms", "kill", true)]);
    let (_, drawn) = at(&lab, 8_000);
    assert!(plain(&drawn).contains("Shop 1 found bad, used all the same"), "{drawn}");
}

#[test]
fn the_strip_is_told_and_its_failures_are_counted() {
    let lab = lab(CHECKS, &[("3500ms", "kill", true)]);
    let (run, drawn) = at(&lab, 8_000);
    let failed = run.world().metrics().users().failed;
    let label = drawn.split("aria-label=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default();
    let told = format!(
        "Shop 1 since 0.000: broken at 3.500, out at 6.026, 4 of 8 checks passed, the last at 7.028: refused; {failed} requests went wrong."
    );
    assert_eq!(label, told);
    assert!(
        plain(&drawn).contains(&format!(
            "{failed} requests failed for those who asked · 0 errors hidden by retries · 12 checks have reached a server"
        )),
        "{drawn}"
    );
    // Each failed check has its mark, and so has each request that went wrong; the legend has one of both.
    assert_eq!((drawn.matches("hl-mark bad").count(), drawn.matches("class=\"hl-error\"").count() as u64), (4 + 1, failed + 1));
}

#[test]
fn nobody_is_checked_where_nothing_says_so() {
    let (_, drawn) = at(&lab("", &[]), 1_000);
    assert!(drawn.contains("Nobody here is checked."), "{drawn}");
}
