//! Checks, ejections and what they cost, held against what can be worked out by hand.

use hopscope_core::policy::decision::Standing;
use hopscope_core::policy::health::{Finding, Reason};
use hopscope_core::scenario::{ActionKind, Measure};
use hopscope_core::time::{Duration, Instant};
use hopscope_core::world::{Event, FlightKind};
use hopscope_tests::Run;

use crate::connections::{ends, run};

/// Users who ask a hundred times a second, a balancer 1 ms away, and two servers 1 ms from that.
pub(crate) fn pair(pool: &str, servers: &str, rest: &str) -> String {
    format!(
        "horizon = \"20s\"\nlink = {{ latency = \"1ms\" }}\n\
         [[clients]]\nname = \"users\"\ntarget = \"lb\"\nusers = 10\nwarm = true\narrivals = {{ even = {{ rate = 100.0 }} }}\n\
         [[clients.requests]]\nname = \"page\"\nservice = {{ constant = {{ value = \"2ms\" }} }}\n\
         [[proxies]]\nname = \"lb\"\n\
         [[proxies.pools]]\nname = \"pool\"\nkeepalive = 32\nmembers = [{{ node = \"b1\" }}, {{ node = \"b2\" }}]\n{pool}\n\
         [[backends]]\nname = \"b1\"\n{servers}\n[[backends]]\nname = \"b2\"\n{servers}\n{rest}\n\
         [[faults]]\nid = \"kill\"\neffect = {{ kill = {{ node = \"b1\" }} }}\n\
         [[faults]]\nid = \"hang\"\neffect = {{ hang = {{ node = \"b1\" }} }}\n\
         [[faults]]\nid = \"fail\"\neffect = {{ fail = {{ node = \"b1\", percent = 100.0 }} }}\n\
         [[faults]]\nid = \"both\"\neffect = {{ hang = {{ node = \"b2\" }} }}\n"
    )
}

/// Switches faults on and off by itself.
fn script(what: &[(&str, &str, bool)]) -> String {
    let line =
        |(at, id, on): &(&str, &str, bool)| format!("[[script]]\nat = \"{at}\"\ndo = {{ fault = {{ id = \"{id}\", on = {on} }} }}\n");
    what.iter().map(line).collect()
}

/// When members went down and up, in milliseconds, and why.
fn turns(run: &Run) -> Vec<(f64, String, bool, Reason)> {
    let name = |node| run.timeline.world().spec().node(node).name.clone();
    let records = run.timeline.log().records().iter();
    let turn = |(at, to, up, reason): (Instant, _, _, _)| (at.as_millis_f64(), name(to), up, reason);
    let found = records.filter_map(|r| match r.event {
        Event::WentDown { to, reason, .. } => Some((r.at, to, false, reason)),
        Event::WentUp { to, reason, .. } => Some((r.at, to, true, reason)),
        _ => None,
    });
    found.map(turn).collect()
}

fn measured(run: &Run, measure: &Measure) -> f64 {
    run.timeline.world().measure(measure)
}

const CHECKS: &str = "checks = { interval = \"1s\", timeout = \"200ms\", fall = 3, rise = 2 }";

#[test]
fn a_dead_server_is_noticed_and_comes_back() {
    let run = run(&pair(CHECKS, "", &script(&[("3500ms", "kill", true), ("9500ms", "kill", false)])));
    // A check takes a connection, 2 ms, and an answer, 2 ms and the work of 1 ms; refused, it takes
    // 2 ms. The next begins a second after it is over. The first is at 0.
    let good = |n: f64| n * 1_005.0;
    let down = good(4.0) + 2.0 * 1_002.0 + 2.0;
    let first_good = good(4.0) + 6.0 * 1_002.0;
    let up = first_good + 1_005.0 + 5.0;
    let expect = [(down, "b1".to_owned(), false, Reason::ChecksFailed(3)), (up, "b1".to_owned(), true, Reason::ChecksPassed(2))];
    assert_eq!(turns(&run), expect);
    assert_eq!(measured(&run, &Measure::Detection { node: "b1".into() }), down - 3_500.0);
}

#[test]
fn a_hung_server_costs_a_timeout_for_each_check() {
    let run = run(&pair(&format!("timeout = \"500ms\"\n{CHECKS}"), "", &script(&[("3500ms", "hang", true)])));
    let down = 4.0 * 1_005.0 + 2.0 * 1_200.0 + 200.0;
    assert_eq!(turns(&run), [(down, "b1".to_owned(), false, Reason::ChecksFailed(3))]);
    let timeouts = run.count(|event| matches!(event, Event::Probed { finding: Finding::TimedOut, .. }));
    assert!(timeouts >= 3, "{timeouts}");
}

#[test]
fn what_clients_saw_is_what_retries_did_not_hide() {
    let errors = |pool: &str| {
        let run = run(&pair(&format!("{CHECKS}\n{pool}"), "", &script(&[("3500ms", "kill", true)])));
        let failed = ends(&run, "users").iter().filter(|(_, status)| *status >= 500).count() as f64;
        assert_eq!(failed, measured(&run, &Measure::Failed { clients: None }), "the log and the count agree");
        (failed, measured(&run, &Measure::Hidden { node: None }), measured(&run, &Measure::Retried { node: Some("lb".into()) }))
    };
    let (seen, hidden, retried) = errors("retries = 0");
    assert!(seen > 100.0 && hidden == 0.0 && retried == 0.0, "half of the requests of about 2.5 s: {seen}");
    let (still, hidden, retried) = errors("retries = 1");
    assert_eq!((still, hidden), (0.0, retried), "every error was hidden by one more try");
    // The second try takes the turn of the one that is well, so the next request begins at the dead
    // one again: twice as many meet it.
    assert_eq!(hidden, 2.0 * seen);
}

#[test]
fn checks_are_a_load_of_their_own() {
    let probes = |pool: &str| {
        let run = run(&pair(pool, "", ""));
        let of = |node: &str| measured(&run, &Measure::Probes { node: Some(node.into()) });
        let requests = measured(&run, &Measure::Received { node: "b1".into() }) + measured(&run, &Measure::Received { node: "b2".into() });
        assert!((requests - 2_000.0).abs() < 2.0, "checks are not counted as requests: {requests}");
        (of("b1"), of("b2"))
    };
    assert_eq!(probes(""), (0.0, 0.0));
    // One each 1,005 ms, from 0 and from half a second.
    assert_eq!(probes(CHECKS), (20.0, 20.0));
    assert_eq!(probes("checks = { interval = \"100ms\" }"), (191.0, 190.0));
    assert_eq!(probes("checks = { interval = \"1s\", kind = \"tcp\" }"), (0.0, 0.0), "nothing is asked");
}

#[test]
fn a_tcp_check_only_connects() {
    let pool = "checks = { interval = \"1s\", timeout = \"200ms\", kind = \"tcp\" }";
    let run = run(&pair(pool, "", &script(&[("3s", "hang", true), ("6s", "kill", true)])));
    // The kernel of a hung process still opens connections.
    let downs = turns(&run);
    assert_eq!(downs.len(), 1, "{downs:?}");
    assert!(downs[0].0 > 8_000.0 && downs[0].3 == Reason::ChecksFailed(3), "{downs:?}");
    assert!(run.count(|event| matches!(event, Event::Probed { finding: Finding::Open, .. })) > 20);
}

#[test]
fn a_shallow_check_does_not_see_what_a_deep_one_does() {
    let store = "[[backends]]\nname = \"store\"\n[[faults]]\nid = \"store\"\neffect = { kill = { node = \"store\" } }\n";
    let count = |servers: &str| {
        let run = run(&pair(CHECKS, servers, &format!("{store}{}", script(&[("2s", "store", true)]))));
        (turns(&run).len(), ends(&run, "users").iter().filter(|(_, status)| *status == 503).count())
    };
    assert_eq!(count(""), (0, 0));
    let (downs, refused) = count("health = { deep = [\"store\"] }");
    assert!(downs == 2 && refused > 1_000, "both are taken out for what they share: {downs} {refused}");
}

#[test]
fn a_lie_hides_a_server_that_hangs() {
    let turned =
        |servers: &str| turns(&run(&pair(&format!("timeout = \"300ms\"\n{CHECKS}"), servers, &script(&[("2s", "hang", true)])))).len();
    assert_eq!((turned(""), turned("health = { lies = true }")), (1, 0));
}

#[test]
fn a_server_that_was_started_is_alive_before_it_is_ready() {
    let servers = "health = { ready_after = \"4s\" }";
    let failed = |kind: &str| {
        let pool = format!("checks = {{ interval = \"500ms\", timeout = \"200ms\", fall = 2, rise = 1, kind = \"{kind}\" }}");
        let run = run(&pair(&pool, servers, &script(&[("3s", "kill", true), ("8s", "kill", false)])));
        ends(&run, "users").iter().filter(|(at, status)| *at > 8_000.0 && *status == 503).count()
    };
    assert_eq!(failed("http"), 0, "it asks whether it is ready");
    assert!(failed("tcp") > 100, "it asks whether it is alive");
}

#[test]
fn errors_take_a_server_out_without_a_check() {
    let observe = format!("{CHECKS}\nobserve = {{ errors = 5, action = \"mark_down\" }}");
    let run = run(&pair(&observe, "", &script(&[("3500ms", "fail", true)])));
    let all = turns(&run);
    assert_eq!(all[0].3, Reason::Errors(5));
    // Every other request goes there, and each is answered at once.
    assert!((3_580.0..3_620.0).contains(&all[0].0), "{all:?}");
    assert!(all[1].2, "its health document is fine, so checks bring it back: {all:?}");
}

#[test]
fn an_outlier_is_left_out_for_longer_each_time() {
    let outlier = "outlier = { errors = 5, window = \"0s\", eject = \"1s\", max_percent = 50 }";
    let run = run(&pair(outlier, "", &script(&[("2s", "fail", true), ("2s", "both", false)])));
    let spans: Vec<u64> = turns(&run)
        .iter()
        .filter_map(|turn| match turn.3 {
            Reason::Ejected(5, span) => Some(span.as_micros() / 1_000_000),
            _ => None,
        })
        .collect();
    assert_eq!(spans, [1, 2, 3, 4, 5, 6], "the last is still out");
    let view = run.timeline.world().health(run.node("lb"));
    assert_eq!((view[0].standing, view[1].standing), (Standing::Failing, Standing::Eligible));
    assert!(view[0].ejected.is_some() && view[0].of == 0);
}

#[test]
fn in_panic_all_are_used_again() {
    let both = script(&[("2s", "hang", true), ("2s", "both", true)]);
    let used = |panic: &str| {
        let run = run(&pair(&format!("timeout = \"100ms\"\n{CHECKS}\n{panic}"), "", &both));
        let statuses: Vec<u16> = ends(&run, "users").iter().filter(|(at, _)| *at > 10_000.0).map(|(_, status)| *status).collect();
        let of = |status| statuses.iter().filter(|&&s| s == status).count();
        (of(503) > 0, of(504) > 0)
    };
    assert_eq!(used(""), (true, false), "nobody is left");
    assert_eq!(used("panic_percent = 50"), (false, true), "they are asked, and do not answer");
}

#[test]
fn the_product_decides_the_status() {
    let both = "[[faults]]\nid = \"gone\"\neffect = { kill = { node = \"b2\" } }\n";
    let status = |product: &str, at: f64| {
        let pool = format!("{CHECKS}\nproduct = \"{product}\"");
        let run = run(&pair(&pool, "", &format!("{both}{}", script(&[("2s", "kill", true), ("2s", "gone", true)]))));
        ends(&run, "users").into_iter().find(|(when, _)| *when > at).map(|(_, status)| status)
    };
    for (product, refused, nobody) in [("plain", 502, 503), ("nginx", 502, 502), ("haproxy", 503, 503), ("envoy", 503, 503)] {
        assert_eq!((status(product, 2_200.0), status(product, 10_000.0)), (Some(refused), Some(nobody)), "{product}");
    }
}

#[test]
fn the_view_tells_how_far_a_member_is() {
    let mut run = Run::of_text(&pair(CHECKS, "", &script(&[("3500ms", "kill", true)]))).unwrap_or_else(|why| panic!("{why}"));
    run.timeline.seek_time(Instant::START + Duration::from_millis(5_100));
    let lb = run.node("lb");
    let view = run.timeline.world().health(lb);
    assert_eq!((view[0].up, view[0].streak, view[0].of), (true, 2, 3));
    assert_eq!(view[0].last.map(|(_, finding)| finding), Some(Finding::Refused));
    assert_eq!((view[1].up, view[1].streak, view[1].last.map(|(_, finding)| finding)), (true, 0, Some(Finding::Status(200))));
    run.timeline.seek_time(Instant::START + Duration::from_millis(7_000));
    let view = run.timeline.world().health(lb);
    assert_eq!((view[0].up, view[0].standing, view[0].streak, view[0].of), (false, Standing::Down, 0, 2));
    assert!(view[0].since > Instant::START && view[0].next.is_some() && view[0].checks == 7 && view[0].under_way.is_none());
    assert_eq!((view[0].interval, view[0].patience, view[0].enough), (Duration::from_secs(1), Duration::from_millis(200), 0));
}

#[test]
fn who_comes_back_gets_its_share_little_by_little() {
    let back = script(&[("1s", "kill", true), ("6s", "kill", false)]);
    let share = |policy: &str| {
        let run = run(&pair(&format!("{CHECKS}\npolicy = \"{policy}\"\noptions = {{ window = \"8s\" }}"), "", &back));
        let up = turns(&run).iter().find(|turn| turn.2).expect("it comes back").0;
        let node = run.timeline.world().spec().id("b1").expect("it is there");
        let of = |from: f64, until: f64| {
            let chosen = run.timeline.log().decisions.all().iter().filter(|d| (from..until).contains(&d.at.as_millis_f64()));
            let (all, to) = chosen.fold((0, 0), |(all, to), d| (all + 1, to + u32::from(d.chosen == Some(node))));
            f64::from(to) / f64::from(all)
        };
        [of(up, up + 1_000.0), of(up + 3_500.0, up + 4_500.0), of(up + 8_000.0, up + 9_000.0)]
    };
    let [first, half, whole] = share("slow_start");
    assert!(first < 0.15 && (0.25..0.4).contains(&half) && (0.49..0.51).contains(&whole), "{first} {half} {whole}");
    let [first, ..] = share("round_robin");
    assert!((0.49..0.51).contains(&first), "without it, the whole share at once: {first}");
}

#[test]
fn an_interval_of_none_turns_checks_off() {
    let knob = "[[knobs]]\nid = \"interval\"\nsets = [\"lb.pool.checks.interval\"]\nkind = { number = { min = 0.0, max = 9000.0, step = 1.0, unit = \"ms\", default = 0.0 } }\n";
    let mut run =
        Run::of_text(&pair(CHECKS, "", &format!("{knob}{}", script(&[("3s", "kill", true)])))).unwrap_or_else(|why| panic!("{why}"));
    run.timeline.seek_time(Instant::START + Duration::from_secs(8));
    assert_eq!(run.timeline.world().metrics().fates(FlightKind::Probe).started, 0);
    let to = hopscope_core::scenario::Value::Number(500.0);
    run.timeline.act(ActionKind::Set { knob: "interval".into(), to }).unwrap_or_else(|why| panic!("{why}"));
    run.timeline.seek_time(Instant::START + Duration::from_secs(15));
    // The first check since ever finds it dead, and that is enough.
    assert_eq!(turns(&run).iter().map(|turn| turn.3).collect::<Vec<_>>(), [Reason::FirstCheckFailed]);
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let refused = |pool: &str, rest: &str, part: &str| match Run::of_text(&pair(pool, "", rest)) {
        Err(why) => assert!(why.contains(part), "{why}"),
        Ok(_) => panic!("{pool} {rest} is taken though it makes no sense"),
    };
    refused("checks = { interval = \"0s\" }", "", "lb.pool.checks: checks without an interval never come");
    refused("checks = { fall = 0 }", "", "fall and rise");
    refused("checks = { window = 5, threshold = 6 }", "", "a window has at most 64");
    refused("checks = { status = 20 }", "", "100 to 599");
    refused("checks = { jitter_percent = 101 }", "", "jitter_percent");
    refused("checks = { path = \"health\" }", "", "begins with a slash");
    refused("observe = {}", "", "add checks");
    refused("outlier = { eject = \"0s\" }", "", "eject is above zero");
    refused("panic_percent = 50", "", "nobody is ever left out");
    refused("checks = {}\npanic_percent = 500", "", "at most 100");
    refused("", "[[backends]]\nname = \"b3\"\nhealth = { deep = [\"lb\"] }", "backends.b3.health.deep");
    let knob = "[[knobs]]\nid = \"eject\"\nsets = [\"lb.pool.outlier.eject\"]\nkind = { number = { min = 1.0, max = 9.0, step = 1.0, unit = \"ms\", default = 1.0 } }";
    refused("", knob, "has no outlier; add it there first");
    refused(CHECKS, &knob.replace("outlier.eject", "checks.nothing"), "panic_percent");
}
