//! Invariant 7, scenarios: what makes no sense is refused in words when the scenario is compiled, or does no harm.

use hopscope_core::scenario::Value;
use hopscope_core::world::{Event, FlightKind};
use hopscope_tests::Run;

/// A scenario of one group and one server, with lines added to the group.
fn with(lines: &str) -> Result<Run, String> {
    Run::of_text(&format!(
        r#"
        horizon = "1s"
        link = {{ latency = "1ms" }}
        backends = [{{ name = "b1" }}, {{ name = "b2" }}]
        [[clients]]
        name = "web"
        target = "lb"
        {lines}
        [[proxies]]
        name = "lb"
        pools = [{{ name = "main", members = [{{ node = "b1" }}, {{ node = "b2" }}] }}]
        "#
    ))
}

fn refused(lines: &str, part: &str) {
    match with(lines) {
        Err(why) => assert!(why.contains(part), "{why}"),
        Ok(_) => panic!("{lines} is taken though it makes no sense"),
    }
}

#[test]
fn users_of_whom_nobody_ever_asks() {
    refused("users = 2\nweights = [0, 0]", "clients.web");
}

#[test]
fn a_rate_that_leaves_no_time_between_requests() {
    refused("arrivals = { even = { rate = 10000000 } }", "clients.web");
    refused("arrivals = { poisson = { rate = inf } }", "clients.web");
}

#[test]
fn pictures_of_what_is_not_kept_and_pictures_shown_twice() {
    for (panels, part) in [("[\"sequence\"]", "add messages = true"), ("[\"slots\", \"connections\", \"slots\"]", "only once")] {
        let why = Run::of_text(&format!("horizon = \"1s\"\npanels = {panels}")).expect_err("it makes no sense");
        assert!(why.contains("panels") && why.contains(part), "{why}");
    }
}

#[test]
fn users_who_cannot_be_kept_as_it_is_written() {
    let refused = |proxy: &str, sticky: &str, part: &str| {
        let text = format!(
            "horizon = \"1s\"\nbackends = [{{ name = \"b1\" }}]\n[[proxies]]\nname = \"lb\"\n{proxy}\n\
             pools = [{{ name = \"main\", members = [{{ node = \"b1\" }}], sticky = {{ {sticky} }} }}]\n"
        );
        let why = Run::of_text(&text).expect_err("it makes no sense");
        assert!(why.contains("lb.main.sticky") && why.contains(part), "{why}");
    };
    refused("", "redispatch = true", "say by what");
    refused("", "method = \"table\", cookie = { name = \"SRV\" }", "not written");
    refused("", "cookie = { name = \"\" }", "no name for a cookie");
    refused("", "cookie = { name = \"a;b\" }", "no name for a cookie");
    refused("", "cookie = { name = \"a\" }, app_cookie = { name = \"a\" }", "different names");
    refused("", "table = { size = 0 }", "1 to 100,000");
    refused("layer = \"l4\"", "table = { size = 9 }", "only a layer 7 proxy");
    let knob = "[[knobs]]\nid = \"k\"\nsets = [\"lb.main.sticky.method\"]\nkind = { choice = { of = [\"cookie\", \"table\"], default = \"cookie\" } }";
    let with = |sticky: &str| {
        let pool = format!("pools = [{{ name = \"main\"{sticky} }}]");
        Run::of_text(&format!("horizon = \"1s\"\n[[proxies]]\nname = \"lb\"\n{pool}\n{knob}\n")).err().unwrap_or_default()
    };
    assert!(with(", sticky = { cookie = { name = \"SRV\" } }").contains("has no table"));
    assert!(with("").contains("keeps nobody"));
}

#[test]
fn names_that_lead_nowhere() {
    refused("target = \"nobody\"", "duplicate key");
    let text = "horizon = \"1s\"\n[[clients]]\nname = \"web\"\ntarget = \"nobody\"";
    let why = Run::of_text(text).expect_err("there is no such node");
    assert!(why.contains("clients.web.target") && why.contains("nobody"), "{why}");
}

#[test]
fn weights_as_large_as_they_go() {
    let text = format!(
        r#"
        horizon = "1s"
        backends = [{{ name = "b1" }}, {{ name = "b2" }}]
        clients = [{{ name = "web", target = "lb", protocol = "http1_close" }}]
        [[proxies]]
        name = "lb"
        [[proxies.pools]]
        name = "main"
        policy = "ip_hash"
        members = [{{ node = "b1", weight = {max} }}, {{ node = "b2", weight = {max} }}]
        "#,
        max = u32::MAX
    );
    match Run::of_text(&text) {
        Ok(run) => assert!(run.to_the_end().fates(FlightKind::Client)[1] > 0),
        Err(why) => assert!(why.contains("weight"), "{why}"),
    }
}

#[test]
fn users_who_come_while_a_closed_loop_runs() {
    let text = r#"
        horizon = "2s"
        link = { latency = "1ms" }
        backends = [{ name = "b1" }]
        [[clients]]
        name = "web"
        target = "b1"
        users = 1
        arrivals = { closed = { think = { constant = { value = "50ms" } } } }
        [[knobs]]
        id = "users"
        sets = ["web.users"]
        kind = { number = { min = 1, max = 10, step = 1, unit = "", default = 1 } }
    "#;
    let asking = |run: &Run, from_ms: f64| {
        let records = run.timeline.log().records().iter().filter(|record| record.at.as_millis_f64() >= from_ms);
        let mut users: Vec<_> =
            records.filter_map(|record| if let Event::Arrived { user, .. } = record.event { Some(user) } else { None }).collect();
        users.sort_unstable();
        users.dedup();
        users
    };
    let run = Run::of_text(text).expect("the scenario is right").until_ms(500).set("users", Value::Number(3.0));
    let run = run.until_ms(1_000).set("users", Value::Number(1.0)).until_ms(1_500).set("users", Value::Number(2.0)).to_the_end();
    assert_eq!(asking(&run, 0.0), [0, 1, 2], "new users ask as well");
    assert_eq!(asking(&run, 1_600.0), [0, 1], "and one who comes back asks again");
}

#[test]
fn limits_that_make_no_sense_together() {
    let pool = |pool: &str, rest: &str| {
        let text = format!(
            "horizon = \"1s\"\nbackends = [{{ name = \"b1\" }}]\nclients = [{{ name = \"web\", target = \"lb\" }}]\n\
             proxies = [{{ name = \"lb\", pools = [{{ name = \"main\", members = [{{ node = \"b1\" }}], {pool} }}] }}]\n{rest}"
        );
        Run::of_text(&text).map(drop).err().unwrap_or_default()
    };
    let why = pool("max_waiting = 3", "");
    assert!(why.contains("lb.main.max_waiting") && why.contains("max_connections"), "{why}");
    let knob = "[[knobs]]\nid = \"size\"\nsets = [\"lb.main.max_connections\"]\n\
                kind = { number = { min = 1, max = 9, step = 1, unit = \"\", default = 4 } }";
    assert_eq!(pool("max_waiting = 3", knob), "", "a knob sets it");
    assert!(pool("warm = 3, max_connections = 2", "").contains("lb.main.warm"));
    assert!(pool("tls = \"tls14\"", "").contains("tls14"));
    let knob = "[[knobs]]\nid = \"k\"\nsets = [\"lb.main.max_conns\"]\nkind = { toggle = { default = true } }";
    let why = pool("warm = 0", knob);
    assert!(why.contains("max_conns") && why.contains("max_connections") && why.contains("wait_timeout"), "{why}");
}

#[test]
fn stages_that_let_nobody_through_or_keep_nothing() {
    let stage = |kind: &str| {
        let text = format!(
            "horizon = \"1s\"\nbackends = [{{ name = \"b1\" }}]\nclients = [{{ name = \"web\", target = \"lb\" }}]\n\
             proxies = [{{ name = \"lb\", stages = [{{ name = \"s\", do = {kind} }}] }}]"
        );
        Run::of_text(&text).map(drop).err().unwrap_or_default()
    };
    assert!(stage("{ authenticate = { header = \"\", value = \"x\" } }").contains("lb.s"));
    assert!(stage("{ store = { keep = \"0s\" } }").contains("keep = \"30s\""));
}
