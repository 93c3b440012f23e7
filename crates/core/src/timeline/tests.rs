use super::*;
use crate::scenario::{
    Arrivals, Backend, Clients, Dist, Effect, Fault, Knob, KnobKind, Member, Pool, Proxy, RequestClass, Scenario, Value,
};
use crate::time::Duration;

fn spec() -> Rc<Spec> {
    let member = |n: &str| Member { node: n.to_owned(), ..Member::default() };
    let backend = |n: &str| Backend { name: n.to_owned(), workers: 2, ..Backend::default() };
    let service = Dist::Exponential { mean: Duration::from_millis(30) };
    let scenario = Scenario {
        horizon: Duration::from_secs(20),
        clients: vec![Clients {
            name: "web".into(),
            target: "lb".into(),
            users: 4,
            arrivals: Arrivals::Poisson { rate: 100.0 },
            requests: vec![RequestClass { service, ..RequestClass::default() }],
            ..Clients::default()
        }],
        proxies: vec![Proxy {
            name: "lb".into(),
            pools: vec![Pool {
                name: "main".into(),
                members: vec![member("b1"), member("b2")],
                keepalive: 8,
                retries: 1,
                ..Pool::default()
            }],
            ..Proxy::default()
        }],
        backends: vec![backend("b1"), backend("b2")],
        link: crate::scenario::LinkQuality { latency: Duration::from_millis(5), ..Default::default() },
        knobs: vec![
            Knob {
                id: "rate".into(),
                sets: vec!["web.rate".into()],
                kind: KnobKind::Number { min: 0.0, max: 500.0, step: 10.0, unit: "req/s".into(), default: 100.0 },
                at_start: false,
            },
            Knob {
                id: "policy".into(),
                sets: vec!["lb.main.policy".into()],
                kind: KnobKind::Choice { of: vec!["round_robin".into(), "least_conn".into()], default: "round_robin".into() },
                at_start: false,
            },
        ],
        faults: vec![Fault { id: "kill-b2".into(), effect: Effect::Kill { node: "b2".into() } }],
        ..Scenario::default()
    };
    Rc::new(scenario.compile().expect("the test's scenario is right"))
}

fn set(rate: f64) -> ActionKind {
    ActionKind::Set { knob: "rate".into(), to: Value::Number(rate) }
}

fn kill(on: bool) -> ActionKind {
    ActionKind::Fault { id: "kill-b2".into(), on }
}

#[test]
fn seeking_to_an_event_equals_running_to_it() {
    let mut straight = Timeline::new(spec(), 3);
    straight.work(Goal::End, u32::MAX);
    assert!(straight.position() > 10_000, "{}", straight.position());
    let mut jumping = straight.clone();
    let end = straight.position();
    for position in [17, 9_000, 8_192, 1, 0, end, end - 1] {
        jumping.seek(position);
        let mut fresh = Timeline::new(spec(), 3);
        while fresh.position() < position && fresh.step() {}
        assert_eq!(jumping.position(), position);
        assert_eq!(jumping.now(), fresh.now());
        assert_eq!(jumping.fingerprint(), fresh.fingerprint());
        assert_eq!(format!("{:?}", jumping.world().messages()), format!("{:?}", fresh.world().messages()));
    }
}

#[test]
fn a_fork_leaves_the_past_alone_and_drops_the_future() {
    let mut run = Timeline::new(spec(), 3);
    run.seek_time(Instant(10_000_000));
    let known = run.position();
    run.seek_time(Instant(4_000_000));
    let (here, print) = (run.position(), run.fingerprint());
    run.act(set(300.0)).expect("the knob goes so far");
    assert_eq!(run.position(), here);
    assert_eq!(run.known().0, here, "the future is dropped");
    assert_eq!(run.ghost().map(|g| g.forked_at), Some(here));
    run.act(kill(true)).expect("the fault exists");
    run.seek_time(Instant(10_000_000));
    assert!(run.position() > known, "more requests come");
    let end = run.fingerprint();
    run.step_back();
    run.step();
    assert_eq!(run.fingerprint(), end);
    assert!(run.undo() && run.undo() && !run.undo());
    assert_eq!((run.position(), run.fingerprint()), (here, print));
    assert!(run.act(set(501.0)).is_err_and(|why| why.contains("outside")));
}

#[test]
fn a_saved_run_stands_at_the_same_event() {
    let mut run = Timeline::new(spec(), 9);
    run.act(set(200.0)).expect("the knob goes so far");
    run.seek_time(Instant(2_000_000));
    run.act(kill(true)).expect("the fault exists");
    run.seek_time(Instant(5_000_000));
    let saved = run.save("lab", "abcd");
    let text = saved.to_text();
    assert_eq!(Saved::from_text(&text), Ok(saved.clone()));
    let (mut again, position, trouble) = Timeline::restore(&spec(), "abcd", &saved);
    again.seek(position);
    assert_eq!(trouble, None);
    assert_eq!((again.now(), again.fingerprint()), (run.now(), run.fingerprint()));
    let (_, _, trouble) = Timeline::restore(&spec(), "other", &saved);
    assert_eq!(trouble, Some(SavedError::Changed));
}

#[test]
fn mangled_text_is_an_error_and_never_a_panic() {
    let text = Timeline::new(spec(), 9).save("lab", "abcd").to_text();
    for i in 0..text.len() {
        for byte in [b'A', b'z', b'!', b'-'] {
            let mut bytes = text.clone().into_bytes();
            bytes[i] = byte;
            let mangled = String::from_utf8(bytes).expect("ASCII stays text");
            assert!(mangled == text || Saved::from_text(&mangled).is_err(), "{mangled}");
        }
        assert!(Saved::from_text(&text[..i]).is_err());
    }
    assert_eq!(Saved::from_text("é"), Err(SavedError::Mangled));
}

#[test]
fn work_is_done_in_slices() {
    let mut run = Timeline::new(spec(), 3);
    let mut slices = 0;
    while run.work(Goal::End, 1_000) == Progress::More {
        slices += 1;
    }
    assert!(slices > 5 && run.is_over());
    let mut whole = Timeline::new(spec(), 3);
    whole.work(Goal::End, u32::MAX);
    assert_eq!(run.fingerprint(), whole.fingerprint());
}

/// Somebody may mangle a link and mend its check: it is then read or refused, whatever it says.
#[test]
fn a_forged_check_gets_no_further_than_an_error() {
    use crate::wire::{check, from_letters, to_letters};
    let mut run = Timeline::new(spec(), 9);
    run.act(set(200.0)).expect("the knob goes so far");
    run.act(kill(true)).expect("the fault exists");
    let bytes = from_letters(&run.save("lab", "abcd").to_text()).expect("what was written reads back");
    let (mut read, mut refused) = (0, 0);
    for at in 0..bytes.len() - 2 {
        for with in [0, 1, 2, 7, 9, 0x7f, 0x80, 0xff] {
            let mut forged = bytes[..bytes.len() - 2].to_vec();
            forged[at] = with;
            let seal = super::export::fold(check(&forged));
            forged.extend(seal.to_le_bytes());
            match Saved::from_text(&to_letters(&forged)) {
                Ok(saved) => {
                    read += 1;
                    // Whatever it says, the lab takes from it what it can.
                    let _ = Timeline::restore(&spec(), "abcd", &saved);
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(read > 0 && refused > 0, "{read} read, {refused} refused");
}

fn least_conn() -> ActionKind {
    ActionKind::Set { knob: "policy".into(), to: Value::Choice("least_conn".into()) }
}

/// The choices of a run, read at once.
fn choices(run: &Timeline) -> Choices {
    let mut read = Choices::default();
    read.follow(run);
    read
}

#[test]
fn choices_read_bit_by_bit_are_those_read_at_once() {
    let mut run = Timeline::new(spec(), 3);
    let mut followed = Choices::default();
    let mut check = |run: &Timeline| {
        followed.follow(run);
        assert_eq!(followed.all(), choices(run).all());
    };
    for ms in [300, 301, 5_000, 1_000, 6_000] {
        run.seek_time(Instant(ms * 1_000));
        check(&run);
    }
    run.seek_time(Instant(2_000_000));
    for kind in [least_conn(), kill(true)] {
        run.act(kind).expect("a knob and a fault of the scenario");
        check(&run);
        run.seek_time(Instant(4_000_000));
        check(&run);
    }
    run.undo();
    check(&run);
}

#[test]
fn choices_say_where_each_request_went_first_and_how_it_ended() {
    let mut run = Timeline::new(spec(), 3);
    run.seek_time(Instant(3_000_000));
    run.act(kill(true)).expect("a fault of the scenario");
    run.seek_time(Instant(9_000_000));
    let read = choices(&run);
    let decisions = run.log().decisions.all();
    assert_eq!(read.all().len(), run.log().arrived_until(u32::MAX).len());
    for choice in read.all() {
        let first = decisions.iter().find(|d| d.root == choice.root);
        assert_eq!(choice.to, first.and_then(|d| d.chosen), "{choice:?}");
        assert_eq!(choice.chosen, first.map_or(NEVER, |d| d.ordinal));
    }
    let ended = |outcome| read.all().iter().filter(|c| c.outcome == Some(outcome)).count() as u64;
    let users = run.world().metrics().users();
    assert_eq!((ended(crate::world::Outcome::Served), ended(crate::world::Outcome::Failed)), (users.served, users.failed));
    assert!(users.served > 100);
}

#[test]
fn runs_part_where_they_first_send_a_request_to_different_servers() {
    let (mut a, mut b) = (Timeline::new(spec(), 3), Timeline::new(spec(), 3));
    b.seek_time(Instant(1_000_000));
    b.act(least_conn()).expect("a knob of the scenario");
    a.seek_time(Instant(1_000_000));
    let alike = [choices(&a), choices(&b)];
    assert_eq!(first_divergence(&alike), None);
    for run in [&mut a, &mut b] {
        run.seek_time(Instant(8_000_000));
    }
    let apart = [choices(&a), choices(&b)];
    let first = first_divergence(&apart).expect("the policies differ");
    assert!(apart[0].all()[first].at >= Instant(1_000_000));
    assert_ne!(apart[0].all()[first].to, apart[1].all()[first].to);
    assert!((0..first).all(|index| !differs(&apart, index)));
    assert_eq!(shared_arrivals(&apart), apart[0].all().len().min(apart[1].all().len()), "an open loop asks whatever is answered");
    b.act(set(300.0)).expect("a knob of the scenario");
    b.seek_time(Instant(9_000_000));
    a.seek_time(Instant(9_000_000));
    let other = [choices(&a), choices(&b)];
    assert!(shared_arrivals(&other) < other[0].all().len(), "at another rate they come at other moments");
}
