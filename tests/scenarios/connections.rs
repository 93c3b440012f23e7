//! What connections cost and how they end, held against what can be worked out by hand.

use hopscope_core::scenario::Tls;
use hopscope_core::time::Instant;
use hopscope_core::world::{Event, MessageKind};
use hopscope_tests::Run;

const MODES: [(&str, Tls); 6] = [
    ("none", Tls::None),
    ("tls12", Tls::Tls12),
    ("tls12_resumed", Tls::Tls12Resumed),
    ("tls13", Tls::Tls13),
    ("tls13_resumed", Tls::Tls13Resumed),
    ("early_data", Tls::EarlyData),
];

pub(crate) fn run(text: &str) -> Run {
    Run::of_text(text).unwrap_or_else(|why| panic!("{why}\n{text}")).to_the_end()
}

/// When each request of a group was over, and its status.
pub(crate) fn ends(run: &Run, group: &str) -> Vec<(f64, u16)> {
    let node = run.node(group);
    let records = run.timeline.log().records().iter();
    let ends = records.filter_map(|r| match r.event {
        Event::Ended { node: at, flight, status, .. } if at == node && flight == r.root => {
            Some((r.at.since(Instant::START).as_millis_f64(), status))
        }
        _ => None,
    });
    ends.collect()
}

pub(crate) fn times(run: &Run, group: &str) -> Vec<f64> {
    ends(run, group).iter().map(|(at, _)| *at).collect()
}

fn statuses(run: &Run, group: &str) -> Vec<u16> {
    ends(run, group).iter().map(|(_, status)| *status).collect()
}

/// One user, one server 10 ms away that takes no time, and what else is said.
fn direct(clients: &str, server: &str, rest: &str) -> String {
    format!(
        "{rest}\nhorizon = \"10s\"\nlink = {{ latency = \"10ms\" }}\n\
         [[clients]]\nname = \"user\"\ntarget = \"b1\"\n{clients}\n\
         [[clients.requests]]\nname = \"page\"\nservice = {{ constant = {{ value = \"0ms\" }} }}\nresponse_size = 1000\n\
         [[backends]]\nname = \"b1\"\n{server}\n"
    )
}

#[test]
fn a_cold_connection_takes_the_round_trips_of_its_mode() {
    for (name, tls) in MODES {
        let clients = format!("tls = \"{name}\"\narrivals = {{ at = {{ times = [\"0ms\", \"1s\"] }} }}");
        let run = run(&direct(&clients, "", "messages = true"));
        let cold = f64::from(1 + tls.round_trips() + 1) * 20.0;
        assert_eq!(times(&run, "user"), [cold, 1_020.0], "{name}: the second request finds the connection open");
        let reused = run.count(|event| matches!(event, Event::Reused { .. }));
        assert_eq!(reused, 1, "{name}");
    }
}

#[test]
fn a_warm_connection_is_secured_already() {
    for (name, _) in MODES {
        let run = run(&direct(&format!("warm = true\ntls = \"{name}\"\narrivals = {{ at = {{ times = [\"0ms\"] }} }}"), "", ""));
        assert_eq!(times(&run, "user"), [20.0], "{name}");
    }
}

/// A user with a warm connection, a proxy, and a server, each 10 ms from the next.
pub(crate) fn proxied(layer: &str, pool: &str, clients: &str, server: &str) -> String {
    format!(
        "horizon = \"10s\"\nlink = {{ latency = \"10ms\" }}\nmessages = true\n\
         [[clients]]\nname = \"user\"\ntarget = \"lb\"\n{clients}\n\
         [[clients.requests]]\nname = \"page\"\nservice = {{ constant = {{ value = \"0ms\" }} }}\nresponse_size = 1000\n\
         [[proxies]]\nname = \"lb\"\nlayer = \"{layer}\"\n\
         [[proxies.pools]]\nname = \"pool\"\nmembers = [{{ node = \"b1\" }}]\n{pool}\n\
         [[backends]]\nname = \"b1\"\n{server}\n"
    )
}

#[test]
fn a_proxy_pays_for_each_cold_connection_of_its_own() {
    for (name, tls) in MODES {
        let clients = "warm = true\narrivals = { at = { times = [\"0ms\", \"1s\"] } }";
        let cold = 20.0 + f64::from(1 + tls.round_trips() + 1) * 20.0;
        let kept = run(&proxied("l7", &format!("keepalive = 4\ntls = \"{name}\""), clients, ""));
        assert_eq!(times(&kept, "user"), [cold, 1_040.0], "{name}, kept");
        let closed = run(&proxied("l7", &format!("keepalive = 0\ntls = \"{name}\""), clients, ""));
        assert_eq!(times(&closed, "user"), [cold, 1_000.0 + cold], "{name}, closed after each");
    }
}

#[test]
fn a_layer_4_proxy_passes_the_handshake_on() {
    for (name, tls) in MODES {
        let clients = format!("tls = \"{name}\"\narrivals = {{ at = {{ times = [\"0ms\"] }} }}");
        let run = run(&proxied("l4", "", &clients, ""));
        // TCP is opened to the proxy alone; the proxy's own begins 10 ms later and is open when the
        // first bytes come.
        let expect = 20.0 + f64::from(tls.round_trips() + 1) * 40.0;
        assert_eq!(times(&run, "user"), [expect], "{name}");
    }
}

#[test]
fn handshakes_are_computed_one_after_the_other() {
    let full = "tls = \"tls13\"\narrivals = { at = { times = [\"0ms\", \"0ms\", \"0ms\", \"0ms\"] } }";
    let run = run(&direct(full, "listener = { handshake = \"7ms\", resumption = \"2ms\" }", ""));
    assert_eq!(times(&run, "user"), [67.0, 74.0, 81.0, 88.0], "60 ms of round trips, and all hellos came at once");
    for (name, takes) in [("none", 0.0), ("tls12", 7.0), ("tls13_resumed", 2.0), ("early_data", 2.0)] {
        let clients = format!("tls = \"{name}\"\narrivals = {{ at = {{ times = [\"0ms\"] }} }}");
        let tls = MODES.iter().find(|mode| mode.0 == name).map_or(Tls::None, |mode| mode.1);
        let run = self::run(&direct(&clients, "listener = { handshake = \"7ms\", resumption = \"2ms\" }", ""));
        assert_eq!(times(&run, "user"), [f64::from(2 + tls.round_trips()) * 20.0 + takes], "{name}");
    }
}

#[test]
fn a_server_that_hangs_computes_no_handshake() {
    let text = direct("tls = \"tls13\"\narrivals = { at = { times = [\"0ms\"] } }", "", "")
        + "[[faults]]\nid = \"hang\"\neffect = { hang = { node = \"b1\" } }\n\
           [[script]]\nat = \"5ms\"\ndo = { fault = { id = \"hang\", on = true } }\n\
           [[script]]\nat = \"505ms\"\ndo = { fault = { id = \"hang\", on = false } }\n";
    assert_eq!(times(&run(&text), "user"), [535.0], "hello answered at 505, request there at 525");
}

fn kinds(run: &Run) -> Vec<MessageKind> {
    run.timeline.log().sent.iter().map(|sent| sent.kind).collect()
}

#[test]
fn every_message_is_kept_where_asked() {
    use MessageKind::{Ack, ClientFinished, ClientHello, Fin, FinBack, Request, Response, ServerFinished, ServerHello, Syn, SynAck};
    let one = |tls: &str| format!("tls = \"{tls}\"\narrivals = {{ at = {{ times = [\"0ms\"] }} }}");
    let sent = |tls: &str| kinds(&run(&direct(&one(tls), "listener = { idle = \"1s\" }", "messages = true")));
    let end = [Request, Response, FinBack, Fin];
    assert_eq!(sent("none"), [&[Syn, SynAck, Ack][..], &end].concat());
    assert_eq!(sent("tls13"), [&[Syn, SynAck, Ack, ClientHello, ServerHello][..], &end].concat());
    let full = [Syn, SynAck, Ack, ClientHello, ServerHello, ClientFinished, ServerFinished];
    assert_eq!(sent("tls12"), [&full[..], &end].concat());
    let early = [Syn, SynAck, Ack, ClientHello, Request, ServerHello, Response, FinBack, Fin];
    assert_eq!(sent("early_data"), early);
    let silent = run(&direct(&one("tls12"), "", ""));
    assert!(silent.timeline.log().sent.is_empty(), "nothing is kept unless asked");
    assert_eq!(silent.count(|event| matches!(event, Event::Heard { kind: Ack, .. })), 0);
}

#[test]
fn kept_messages_are_the_same_from_either_side() {
    let text = proxied("l7", "keepalive = 1\ntls = \"tls12\"", "arrivals = { even = { rate = 30 } }", "listener = { idle = \"20ms\" }");
    let mut run = run(&text);
    let whole = run.timeline.log().sent.clone();
    let (end, middle) = (run.timeline.position(), run.timeline.position() / 2);
    let half = run.timeline.log().sent_until(middle).to_vec();
    assert!(!half.is_empty() && half.len() < whole.len());
    run.timeline.seek(middle);
    let mut fork = run.timeline.fork();
    assert_eq!(fork.log().sent, half, "a fork knows what was sent before");
    fork.seek(end);
    assert_eq!(fork.log().sent, whole);
    assert!(run.timeline.step_back() && run.timeline.log().sent == whole);
}

/// A proxy that keeps connections for `proxy` and a server that keeps them for `server`; a request
/// comes 1 s after the first, when the server's FIN is on its way if `server` is just under that.
fn race(method: &str, proxy: &str, server: &str) -> Run {
    let clients = "warm = true\narrivals = { at = { times = [\"0ms\", \"1s\"] } }";
    let pool = format!("keepalive = 4\nwarm = 1\nidle_timeout = \"{proxy}\"");
    let text = proxied("l7", &pool, clients, &format!("listener = {{ idle = \"{server}\" }}"));
    run(&text.replace("name = \"page\"", &format!("name = \"page\"\nmethod = \"{method}\"")))
}

#[test]
fn a_post_that_meets_a_closing_connection_gets_a_502() {
    // The answer leaves at 20 ms, so the server closes at 1,005; the request leaves the proxy at 1,010.
    let lost = race("POST", "0ms", "985ms");
    assert_eq!(statuses(&lost, "user"), [200, 502]);
    let b1 = lost.node("b1");
    assert_eq!(lost.count(|event| matches!(event, Event::IdledOut { node, .. } if *node == b1)), 1);
    let met = |event: &Event| matches!(event, Event::Heard { node, kind: MessageKind::Request, .. } if *node == b1);
    assert_eq!(lost.count(met), 1, "the request crossed the FIN");
    assert!(kinds(&lost).contains(&MessageKind::Rst), "and was answered with a reset");
}

#[test]
fn a_get_that_meets_a_closing_connection_is_sent_again_in_silence() {
    let again = race("GET", "0ms", "985ms");
    assert_eq!(statuses(&again, "user"), [200, 200]);
    let lb = again.node("lb");
    assert_eq!(again.count(|event| matches!(event, Event::Retried { node, .. } if *node == lb)), 1, "without a retry to spare");
    // The FIN is there at 1,015; two round trips of 20 ms for the new connection, 10 ms back to the user.
    assert_eq!(times(&again, "user")[1], 1_065.0);
}

#[test]
fn there_is_no_race_when_the_proxy_closes_first() {
    for method in ["POST", "GET"] {
        let run = race(method, "900ms", "985ms");
        assert_eq!(statuses(&run, "user"), [200, 200], "{method}");
        let (lb, b1) = (run.node("lb"), run.node("b1"));
        assert_eq!(run.count(|event| matches!(event, Event::IdledOut { node, .. } if *node == lb)), 2, "after each request");
        assert_eq!(run.count(|event| matches!(event, Event::IdledOut { node, .. } if *node == b1)), 0);
        assert_eq!(run.count(|event| matches!(event, Event::Retried { .. })), 0);
    }
    assert_eq!(statuses(&race("POST", "0ms", "900ms"), "user"), [200, 200], "nor when the FIN has long arrived");
}

#[test]
fn a_user_sends_again_what_does_no_harm() {
    let clients = |method: &str| {
        let text = direct(
            "warm = true\nconnections = 1\narrivals = { at = { times = [\"0ms\", \"1s\"] } }",
            "listener = { idle = \"992ms\" }",
            "",
        );
        run(&text.replace("name = \"page\"", &format!("name = \"page\"\nmethod = \"{method}\"")))
    };
    // The answer leaves at 10 ms, so the server closes at 1,002 and the user learns of it at 1,012.
    assert_eq!(ends(&clients("GET"), "user"), [(20.0, 200), (1_052.0, 200)]);
    assert_eq!(ends(&clients("POST"), "user"), [(20.0, 200), (1_012.0, 0)]);
}

fn opened(run: &Run) -> u32 {
    run.timeline.world().metrics().connections(run.node("b1"))
}

fn received(run: &Run) -> u32 {
    run.timeline.world().metrics().received(run.node("b1"))
}

#[test]
fn a_connection_is_closed_after_so_many_requests() {
    let clients = "connections = 1\narrivals = { even = { rate = 10 } }";
    let run = run(&direct(clients, "listener = { requests = 4 }", ""));
    assert!(statuses(&run, "user").iter().all(|status| *status == 200), "nothing is lost: the answer says so");
    assert_eq!(opened(&run), received(&run).div_ceil(4));
    let pool = self::run(&proxied("l7", "keepalive = 4\nmax_requests = 3", "warm = true\narrivals = { even = { rate = 10 } }", ""));
    assert_eq!(opened(&pool), received(&pool).div_ceil(3));
}

#[test]
fn a_long_answer_takes_a_round_trip_for_each_doubling() {
    let at = |bytes: u32, slow: bool| {
        let text =
            direct("warm = true\narrivals = { at = { times = [\"0ms\", \"1s\"] } }", "", if slow { "slow_start = true" } else { "" });
        times(&run(&text.replace("response_size = 1000", &format!("response_size = {bytes}"))), "user")
    };
    for (bytes, rounds) in [(14_600, 0.0), (14_601, 1.0), (43_801, 2.0), (1_000_000, 6.0)] {
        assert_eq!(at(bytes, true), [20.0 + rounds * 20.0, 1_020.0 + rounds * 20.0], "{bytes}, idle for long between");
        assert_eq!(at(bytes, false), [20.0, 1_020.0]);
    }
}
