//! Users who are brought back to the server that knows them: by cookies, by tables, or not at all.

use hopscope_core::policy::decision::{Decision, Reason};
use hopscope_core::scenario::{Measure, Stick, Value};
use hopscope_core::world::{FlightKind, Loss, NodeId, SessionView};
use hopscope_tests::Run;

fn by(method: &str) -> Run {
    Run::of("sticky").set("method", Value::Choice(method.into()))
}

fn choice(name: &str) -> Value {
    Value::Choice(name.into())
}

fn lost(run: &Run) -> f64 {
    run.timeline.world().measure(&Measure::Lost { clients: None })
}

fn sessions(run: &Run) -> Vec<SessionView> {
    run.timeline.world().sessions()
}

fn node(run: &Run, name: &str) -> NodeId {
    run.timeline.world().spec().id(name).expect("it is there")
}

/// How many users a server knows.
fn known(run: &Run, name: &str) -> usize {
    let id = node(run, name);
    sessions(run).iter().filter(|s| s.server == Some(id)).count()
}

fn rows(run: &Run) -> usize {
    run.timeline.world().stick_rows(node(run, "lb"), 0).map_or(0, |view| view.rows.len())
}

#[test]
fn each_way_brings_users_back() {
    for method in ["cookie", "app_cookie", "table"] {
        let run = by(method).until_ms(900);
        assert_eq!(lost(&run), 0.0, "{method}");
        assert_eq!(
            run.timeline.world().measure(&Measure::Pinned { nodes: Vec::new() }),
            1.0,
            "by turns each server gets as many: {method}"
        );
        let names = ["b1", "b2", "b3"].map(|name| known(&run, name));
        assert_eq!(names, [10, 10, 10], "{method}");
    }
    assert_eq!(lost(&by("none").until_ms(900)), 30.0, "by turns alone everybody meets strangers");
}

#[test]
fn users_keep_what_they_are_told() {
    let run = by("cookie").until_ms(900);
    for session in sessions(&run) {
        let server = session.server.map(|id| run.timeline.world().spec().node(id).name.clone()).expect("everybody was served");
        let kept: Vec<_> = session.cookies.iter().map(|c| (&*c.host, &*c.name, &*c.value)).collect();
        assert_eq!(kept, [("shop.example", "SRV", server.as_str())]);
    }
    let run = by("app_cookie").until_ms(900);
    let values: std::collections::BTreeSet<_> = sessions(&run).iter().map(|s| s.cookies[0].value.to_string()).collect();
    assert_eq!((values.len(), rows(&run)), (30, 30), "each has a session of their own, and the proxy has seen all of them");
    assert!(values.iter().all(|value| value.len() == 8 && !value.contains("b1")), "which says nothing about the server");
    assert!(sessions(&by("table").until_ms(900)).iter().all(|s| s.cookies.is_empty()), "a table asks nothing of them");
}

#[test]
fn servers_do_not_see_an_indirect_cookie() {
    let (mut run, mut seen) = (by("cookie").until_ms(900), 0);
    for ms in 900..950 {
        run = run.until_ms(ms);
        for flight in run.timeline.world().flights() {
            let cookie = flight.headers.get("cookie").unwrap_or_default();
            if flight.kind == FlightKind::Attempt {
                assert_eq!(cookie, "theme=dark");
                seen += 1;
            } else {
                assert!(cookie.starts_with("theme=dark; SRV=b"), "{cookie}");
            }
        }
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn decisions_say_who_led_the_user_there() {
    for (method, reason) in [("cookie", Reason::PinnedByCookie), ("app_cookie", Reason::PinnedByRow), ("table", Reason::PinnedByRow)] {
        let run = by(method).until_ms(900);
        let decisions = &run.timeline.log().decisions;
        let (first, later): (Vec<&Decision>, Vec<&Decision>) = decisions.all().iter().partition(|d| d.reason == Reason::Turn);
        assert!(first.len() == 30 && later.len() > 200, "each has a first request: {method}");
        assert!(later.iter().all(|d| d.reason == reason && decisions.candidates(d).len() == 3), "{method}");
    }
}

#[test]
fn when_a_server_dies_its_users_lose_their_sessions_and_nobody_else() {
    for method in ["cookie", "app_cookie", "table"] {
        let run = by(method).until_ms(990).fault("kill-b1", true).until_ms(1_900);
        assert_eq!(lost(&run), 10.0, "{method}");
        let (b1, moved) = (node(&run, "b1"), sessions(&run).into_iter().filter(|s| s.lost > 0).collect::<Vec<_>>());
        assert!(moved.iter().all(|s| s.lost == 1 && matches!(s.last, Some((_, was, Loss::Gone)) if was == b1)), "{method}: {moved:?}");
        // Back again, it gets nobody back.
        let run = run.fault("kill-b1", false).until_ms(2_900);
        assert_eq!((lost(&run), known(&run, "b1")), (10.0, 0), "{method}");
    }
}

#[test]
fn a_server_that_was_started_again_remembers_nobody() {
    let run = by("app_cookie").until_ms(990).fault("kill-b1", true).fault("kill-b1", false).until_ms(1_900);
    assert_eq!(lost(&run), 10.0);
    assert!(sessions(&run).iter().filter_map(|s| s.last).all(|(.., why)| why == Loss::Restarted));
    assert_eq!(known(&run, "b1"), 10, "they are brought to it all the same");
}

#[test]
fn who_may_not_go_elsewhere_fails_until_the_server_is_back() {
    let run = by("cookie").set("redispatch", Value::Toggle(false)).until_ms(990).fault("kill-b1", true).until_ms(3_900);
    assert_eq!(lost(&run), 0.0, "nobody is moved");
    assert!(run.fates(FlightKind::Client)[3] > 0, "those of b1 are answered 503: {:?}", run.fates(FlightKind::Client));
    let run = run.set("state", choice("maint")).until_ms(3_990);
    assert!(lost(&run) <= 10.0);
}

#[test]
fn on_the_last_retry_one_has_waited_for_the_others() {
    let moved_at = |at_once: bool| {
        let run = by("cookie").set("at-once", Value::Toggle(at_once)).until_ms(990).fault("kill-b1", true).until_ms(3_990);
        assert_eq!(lost(&run), 10.0);
        sessions(&run).iter().filter_map(|s| s.last).map(|(at, ..)| at.as_micros() / 1_000).min().expect("somebody has moved")
    };
    assert!(moved_at(true) < 1_200);
    // A pause of a second at the same server, then another.
    assert!((1_990..2_200).contains(&moved_at(false)), "{}", moved_at(false));
}

#[test]
fn who_drains_keeps_those_that_it_has() {
    for method in ["cookie", "app_cookie", "table"] {
        let run = by(method).until_ms(900).set("state", choice("drain")).set("users", Value::Number(50.0)).until_ms(1_900);
        assert_eq!((lost(&run), known(&run, "b1")), (0.0, 10), "those stay and none of the twenty comes: {method}");
        let run = run.set("state", choice("maint")).until_ms(2_900);
        assert_eq!((lost(&run), known(&run, "b1")), (10.0, 0), "in maintenance it keeps nobody: {method}");
        assert!(sessions(&run).iter().filter_map(|s| s.last).all(|(.., why)| why == Loss::Out), "{method}");
    }
}

#[test]
fn a_table_that_is_too_small_or_too_short_forgets() {
    let run = by("table").set("size", Value::Number(10.0)).until_ms(900);
    assert!(rows(&run) <= 10 && lost(&run) > 10.0, "{} rows, {} lost", rows(&run), lost(&run));
    let run = by("table").set("expire", Value::Number(20.0)).until_ms(900);
    assert!(lost(&run) > 10.0, "a row is gone before its user asks again");
    assert!(sessions(&run).iter().filter_map(|s| s.last).all(|(.., why)| why == Loss::Balanced));
}

#[test]
fn a_way_may_be_changed_while_it_runs() {
    let run = by("none").until_ms(500).set("method", choice("table")).until_ms(1_500);
    let before = lost(&run);
    assert_eq!(rows(&run), 30);
    let run = run.set("policy", choice("random")).until_ms(2_000);
    assert_eq!((lost(&run), rows(&run)), (before, 30), "another policy balances those that nobody knows");
    let told = run.timeline.world().stick_rows(node(&run, "lb"), 0).map(|view| view.by);
    assert_eq!(told, Some(Stick::Table));
}

#[test]
fn who_keeps_nothing_knows_nobody_and_loses_nobody() {
    let run = by("none").set("stateless", Value::Toggle(true)).until_ms(990).fault("kill-b1", true).until_ms(1_900);
    assert_eq!((lost(&run), known(&run, "b2")), (0.0, 0));
    let run = by("cookie").until_ms(990).set("stateless", Value::Toggle(true));
    assert_eq!(known(&run, "b1"), 0, "what was kept is kept elsewhere now");
    assert!(!run.timeline.world().keeps_users(node(&run, "b1")));
}

#[test]
fn a_session_that_died_with_its_server_is_stale_until_its_user_asks() {
    let stale = |run: &Run| sessions(run).iter().filter(|session| session.stale).count();
    let run = by("cookie").until_ms(990);
    assert_eq!(stale(&run), 0);
    let run = run.fault("kill-b1", true);
    assert_eq!((stale(&run), lost(&run)), (10, 0.0));
    let run = run.until_ms(1_900);
    assert_eq!((stale(&run), lost(&run)), (0, 10.0));
}

#[test]
fn with_a_store_nobody_is_pinned_and_nobody_loses_anything() {
    let run = Run::of("session-store").until_ms(990).fault("kill-b1", true).until_ms(1_990);
    assert_eq!((lost(&run), run.fates(FlightKind::Client)[3]), (0.0, 0));
    let run = run.fault("kill-store", true).until_ms(2_990);
    assert!(run.fates(FlightKind::Client)[3] > 0, "but all depend on the store");
}
