//! A proxy's pool of connections: who waits, which one is used, and what queueing theory says.

use hopscope_core::scenario::Value;
use hopscope_core::time::{Duration, Instant};
use hopscope_core::world::{Event, SlotState};
use hopscope_tests::Run;

use crate::connections::{ends, proxied, run, times};

#[test]
fn who_finds_no_connection_waits_or_is_turned_away() {
    let clients = "users = 6\nwarm = true\narrivals = { at = { times = [\"0ms\", \"1ms\", \"2ms\", \"3ms\", \"4ms\"] } }";
    let service = |text: String| text.replace("value = \"0ms\"", "value = \"100ms\"");
    let pool = |rest: &str| run(&service(proxied("l7", &format!("warm = 1\nkeepalive = 1\nmax_connections = 1\n{rest}"), clients, "")));
    // One at a time: 120 ms each, the first sent at 10 ms, and 10 ms more on the way back.
    let patient = pool("max_waiting = 9");
    assert_eq!(times(&patient, "user"), [140.0, 260.0, 380.0, 500.0, 620.0]);
    let lb = patient.node("lb");
    let links = patient.timeline.world().metrics().links(lb);
    assert_eq!((links.waited, links.most_open, links.handshakes), (4, 1, 0));
    assert_eq!(links.waiting, Duration::from_millis(119 + 238 + 357 + 476));
    assert_eq!(patient.count(|event| matches!(event, Event::Parked { .. })), 4);

    let short = pool("max_waiting = 1");
    assert_eq!(ends(&short, "user"), [(22.0, 503), (23.0, 503), (24.0, 503), (140.0, 200), (260.0, 200)]);
    let hurried = pool("max_waiting = 9\nwait_timeout = \"200ms\"");
    assert_eq!(ends(&hurried, "user"), [(140.0, 200), (222.0, 503), (223.0, 503), (224.0, 503), (260.0, 200)]);
}

#[test]
fn slots_show_the_pool() {
    let clients = "users = 6\nwarm = true\narrivals = { at = { times = [\"0ms\", \"1ms\", \"2ms\", \"3ms\", \"4ms\"] } }";
    let text = proxied("l7", "warm = 1\nkeepalive = 1\nmax_connections = 2\nmax_waiting = 9\ntls = \"tls13\"", clients, "");
    let mut run = Run::of_text(&text.replace("value = \"0ms\"", "value = \"100ms\"")).expect("a scenario");
    let mut seen = |ms: u64| {
        run.timeline.seek_time(Instant::START + Duration::from_millis(ms));
        let pools = run.timeline.world().slots(run.node("lb"));
        assert_eq!((pools.len(), pools[0].limit), (1, 2));
        (pools[0].slots.iter().map(|slot| (slot.state, slot.carried)).collect::<Vec<_>>(), pools[0].waiting)
    };
    assert_eq!(seen(0), (vec![(SlotState::Idle, 0)], 0));
    assert_eq!(seen(20), (vec![(SlotState::Busy, 1), (SlotState::Dialing, 0)], 3));
    assert_eq!(seen(40), (vec![(SlotState::Busy, 1), (SlotState::Securing, 0)], 3));
    assert_eq!(seen(60), (vec![(SlotState::Busy, 1), (SlotState::Busy, 1)], 3));
    assert_eq!(seen(140), (vec![(SlotState::Busy, 2), (SlotState::Busy, 1)], 2));
    assert_eq!(seen(9_000).0.len(), 1, "one is kept");
}

#[test]
fn lifo_lets_the_others_idle_out_and_fifo_keeps_them_warm() {
    let left = |reuse: &str| {
        let pool = format!("warm = 4\nkeepalive = 4\nidle_timeout = \"1s\"\nreuse = \"{reuse}\"");
        let run = run(&proxied("l7", &pool, "warm = true\narrivals = { even = { rate = 10 } }", ""));
        run.timeline.world().slots(run.node("lb"))[0].slots.len()
    };
    assert_eq!((left("lifo"), left("fifo")), (1, 4));
}

/// A proxy in front of servers without end, and as many connections as said.
fn shared(connections: u32, rate: f64, service: &str, horizon: &str) -> Run {
    run(&format!(
        "horizon = \"{horizon}\"\nseed = 4\n\
         [[clients]]\nname = \"user\"\ntarget = \"lb\"\nusers = 1\nprotocol = \"http2\"\nwarm = true\narrivals = {{ poisson = {{ rate = {rate} }} }}\n\
         [[clients.requests]]\nname = \"page\"\nservice = {service}\n\
         [[proxies]]\nname = \"lb\"\n\
         [[proxies.pools]]\nname = \"pool\"\nmembers = [{{ node = \"b1\" }}]\nwarm = {warm}\nkeepalive = 100000\nmax_connections = {connections}\nmax_waiting = {waiting}\n\
         [[backends]]\nname = \"b1\"\nworkers = 100000\n\
         [[links]]\nfrom = \"lb\"\nto = \"b1\"\nlatency = \"0ms\"\n",
        warm = connections.min(1_000),
        waiting = if connections == 0 { 0 } else { 1_000_000 },
    ))
}

/// The share of requests that wait in an M/M/c queue (Erlang's C formula).
fn erlang_c(servers: u32, load: f64) -> f64 {
    let blocked = (1..=servers).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
    blocked / (1.0 - load / f64::from(servers) * (1.0 - blocked))
}

#[test]
fn a_pool_of_c_connections_is_a_queue_of_c_servers() {
    for (c, rate) in [(1u32, 60.0), (4, 320.0), (10, 850.0)] {
        // 10 ms of work on average.
        let load = rate * 0.010;
        let run = shared(c, rate, "{ exponential = { mean = \"10ms\" } }", if c == 1 { "3000s" } else { "800s" });
        let asked = run.requests_of("user").len() as f64;
        let links = run.timeline.world().metrics().links(run.node("lb"));
        let waits = erlang_c(c, load);
        let share = f64::from(links.waited) / asked;
        assert!((share / waits - 1.0).abs() < 0.03, "{c}: {share} wait, {waits} should");
        let expect = waits * 10.0 / (f64::from(c) - load);
        let mean = links.waiting.as_millis_f64() / asked;
        assert!((mean / expect - 1.0).abs() < 0.03, "{c}: {mean} ms, {expect} expected");
    }
}

#[test]
fn busy_connections_follow_littles_law() {
    let mut run = Run { timeline: shared(0, 400.0, "{ exponential = { mean = \"25ms\" } }", "100s").timeline };
    let lb = run.node("lb");
    let mut busy = 0;
    let samples = 2_000u64;
    for sample in 0..samples {
        run.timeline.seek_time(Instant::START + Duration::from_millis(1_000 + sample * 49));
        let pools = run.timeline.world().slots(lb);
        busy += pools[0].slots.iter().filter(|slot| slot.state == SlotState::Busy).count();
    }
    let mean = busy as f64 / samples as f64;
    assert!((mean - 10.0).abs() < 0.3, "400 a second for 25 ms each: {mean} at once");
}

#[test]
fn a_turned_limit_holds_at_once() {
    let knob = |field: &str, most: u32, default: u32| {
        format!(
            "[[knobs]]\nid = \"{field}\"\nsets = [\"lb.pool.{field}\"]\n\
             kind = {{ number = {{ min = 0, max = {most}, step = 1, unit = \"\", default = {default} }} }}\n"
        )
    };
    let clients = "users = 6\nwarm = true\narrivals = { at = { times = [\"0ms\", \"1ms\", \"2ms\", \"3ms\"] } }";
    let pool = "warm = 1\nkeepalive = 4\nmax_waiting = 9";
    let text = proxied("l7", pool, clients, "").replace("value = \"0ms\"", "value = \"1s\"");
    let text = text + &knob("max_connections", 9, 1) + &knob("idle_timeout", 60_000, 50_000);
    let run = Run::of_text(&text).unwrap_or_else(|why| panic!("{why}")).until_ms(100);
    let view = |run: &Run| run.timeline.world().slots(run.node("lb")).remove(0);
    assert_eq!((view(&run).slots.len(), view(&run).waiting), (1, 3));
    let run = run.set("max_connections", Value::Number(3.0));
    assert_eq!((view(&run).slots.len(), view(&run).waiting), (3, 1), "two of those who waited dial");
    // Two have been idle since before 1,100 ms, the third since 2,040; the world stands at its last
    // event before 2,300.
    let run = run.until_ms(2_300).set("idle_timeout", Value::Number(400.0));
    assert_eq!(view(&run).slots.iter().filter(|slot| slot.state == SlotState::Idle).count(), 1, "the timeout reaches back");
    let run = run.until_ms(2_500);
    assert_eq!(view(&run).slots, []);
    assert!(run.count(|event| matches!(event, Event::Closed { .. })) >= 3);
}
