//! Who knows whom, as it is read: a small lab with each way to keep users.

use hopscope_core::lesson::Lab;
use hopscope_core::scenario::{ActionKind, Scenario, Value};
use hopscope_core::timeline::Timeline;
use hopscope_core::world::Event;

use super::{check_markup, run, seek, written};
use crate::views::{request, sessions};

/// Four users who each ask three times, and an office of two behind one address, on three servers.
fn lab(sticky: &str) -> Lab {
    let clients = |name: &str, more: &str| {
        format!(
            "[[clients]]\nname = \"{name}\"\ntarget = \"lb\"\n{more}\narrivals = {{ closed = {{ think = {{ constant = {{ value = \"900ms\" }} }} }} }}\n\
             requests = [{{ name = \"{name}-page\", service = {{ constant = {{ value = \"2ms\" }} }} }}]\n"
        )
    };
    let mut lab = written(&format!(
        "horizon = \"8s\"\nlink = {{ latency = \"1ms\" }}\n{}{}\
         [[proxies]]\nname = \"lb\"\n[[proxies.pools]]\nname = \"main\"\npolicy = \"round_robin\"\nkeepalive = 8\nretries = 2\n\
         members = [{{ node = \"b1\" }}, {{ node = \"b2\" }}, {{ node = \"b3\" }}]\n{sticky}\n\
         {}\
         [[knobs]]\nid = \"state\"\nsets = [\"lb.main.state.b1\"]\nkind = {{ choice = {{ of = [\"ready\", \"drain\", \"maint\"], default = \"ready\" }} }}\n\
         [[knobs]]\nid = \"store\"\nsets = [\"b1.stateless\", \"b2.stateless\", \"b3.stateless\"]\nkind = {{ toggle = {{ default = false }} }}\n\
         [[faults]]\nid = \"kill-b1\"\neffect = {{ kill = {{ node = \"b1\" }} }}\n",
        clients("homes", "users = 4\naddress = \"203.0.113.1\""),
        clients("office", "users = 2\nnat = true\naddress = \"198.51.100.7\""),
        ["b1", "b2", "b3"].map(|name| format!("[[backends]]\nname = \"{name}\"\ncold = \"50ms\"\n")).concat(),
    ));
    lab.nodes = vec![("homes".into(), "Homes".into()), ("office".into(), "Office".into()), ("lb".into(), "Balancer".into())];
    lab
}

const COOKIE: &str = "[proxies.pools.sticky]\ncookie = { name = \"SRV\", indirect = true }\nredispatch = true\nat_once = true";
const TABLE: &str = "[proxies.pools.sticky]\ntable = { size = 100, expire = \"5s\" }\nredispatch = true\nat_once = true";
const APP: &str = "[proxies.pools.sticky]\napp_cookie = { name = \"SID\" }\nredispatch = true\nat_once = true";

/// What stands in the picture, a line for each piece of text.
fn read(drawn: &str) -> Vec<String> {
    let (mut lines, mut rest) = (Vec::new(), drawn);
    while let Some((_, after)) = rest.split_once('>') {
        let (text, next) = after.split_once('<').unwrap_or((after, ""));
        if !text.trim().is_empty() {
            lines.push(text.trim().to_owned());
        }
        rest = next;
    }
    lines
}

/// The text between two headings or marks, joined.
fn part(run: &Timeline, lab: &Lab, root: Option<u32>, from: &str, to: &str) -> String {
    let drawn = sessions::draw(run, lab, root);
    check_markup(&drawn, "sessions");
    let lines = read(&drawn);
    let start = lines.iter().position(|line| line == from).unwrap_or_else(|| panic!("no {from}: {lines:?}"));
    let end = lines[start + 1..].iter().position(|line| line == to).map_or(lines.len(), |found| start + 1 + found);
    lines[start..end].join(" ")
}

/// Of all of the office's requests, the last that has arrived.
fn of_office(run: &Timeline) -> Option<u32> {
    let office = run.spec().id("office")?;
    let of = |root: u32| run.log().around(root, run.position()).first().map(|record| record.event.node());
    run.log().arrived_until(run.position()).iter().rev().map(|&(root, _)| root).find(|&root| of(root) == Some(Some(office)))
}

fn kill(run: &mut Timeline) {
    run.act(ActionKind::Fault { id: "kill-b1".into(), on: true }).expect("a fault of the lab");
}

#[test]
fn each_server_has_those_whom_it_knows() {
    let lab = lab(COOKIE);
    let mut run = run(&lab);
    seek(&mut run, 2_900);
    let said = part(&run, &lab, None, "Who knows whom", "Who lost a session");
    assert!(
        said.starts_with("Who knows whom Balancer sets a cookie, SRV , that names the server. Who brings it is sent there. b1 2 users"),
        "{said}"
    );
    assert!(said.contains("6 of 6 users are known somewhere, 2 on average. Evenly."), "{said}");
    assert_eq!(part(&run, &lab, None, "Who lost a session", ""), "Who lost a session Nobody.");
    assert_eq!(sessions::draw(&run, &lab, None).matches("class=\"ss-user\"").count(), 7, "a mark each, and one in the legend");
}

#[test]
fn who_lost_a_session_is_said_with_when_and_why() {
    let lab = lab(COOKIE);
    let mut run = run(&lab);
    seek(&mut run, 2_900);
    kill(&mut run);
    let before = part(&run, &lab, None, "Who knows whom", "Who lost a session");
    assert!(before.contains("b1 gone 2 users") && before.contains("who have not noticed that their sessions are gone"), "{before}");
    seek(&mut run, 4_900);
    let said = part(&run, &lab, None, "Who lost a session", "");
    assert!(said.starts_with("Who lost a session 2 users of 6: 2 because b1 is gone."), "{said}");
    assert_eq!(said.matches("because b1 is gone; now at").count(), 2, "{said}");
    let drawn = sessions::draw(&run, &lab, None);
    assert_eq!((drawn.matches("data-ordinal").count(), drawn.matches("ss-user again").count()), (2, 3), "{drawn}");
    let leads = |n: usize| drawn.split("data-ordinal=\"").nth(n).and_then(|rest| rest.split('"').next()?.parse().ok());
    let (first, second): (Option<u32>, Option<u32>) = (leads(1), leads(2));
    assert_ne!(first, second, "each to its own moment");
    let is_cold = |to: Option<u32>| run.log().records().iter().any(|r| Some(r.ordinal) == to && matches!(r.event, Event::Cold { .. }));
    assert!(is_cold(first) && is_cold(second), "a loss leads to where it came out");
}

#[test]
fn the_followed_user_is_shown_in_detail() {
    let lab = lab(TABLE);
    let mut run = run(&lab);
    seek(&mut run, 2_900);
    let root = of_office(&run);
    let said = part(&run, &lab, root, "Brings", "Who lost a session");
    assert!(said.starts_with("Brings no cookie, the address 198.51.100.7 Row 198.51.100.7 →"), "{said}");
    assert!(said.contains("The table 5 of at most 100 rows. Key Server Runs out 198.51.100.7 , of the user that is followed"), "{said}");
    let drawn = sessions::draw(&run, &lab, root);
    assert_eq!(drawn.matches("class=\"ss-me\"").count(), 2, "one mark has a ring, and the legend says so");
}

#[test]
fn a_session_cookie_is_a_row_of_the_table() {
    let lab = lab(APP);
    let mut run = run(&lab);
    seek(&mut run, 2_900);
    let said = part(&run, &lab, of_office(&run), "Brings", "Who lost a session");
    assert!(said.starts_with("Brings SID=") && said.contains(", never Known at b"), "{said}");
    assert!(said.contains("6 of at most 10000 rows, 5 of them here."), "{said}");
}

#[test]
fn a_server_says_why_it_is_left_out() {
    let lab = lab(COOKIE);
    let mut run = run(&lab);
    seek(&mut run, 2_900);
    for (state, word) in [("drain", "drains"), ("maint", "in maintenance")] {
        run.act(ActionKind::Set { knob: "state".into(), to: Value::Choice(state.into()) }).expect("a knob of the lab");
        assert!(part(&run, &lab, None, "b1", "b2").contains(word), "{state}");
    }
    seek(&mut run, 4_900);
    assert!(part(&run, &lab, None, "Who lost a session", "").contains("2 because b1 was taken out"));
}

#[test]
fn servers_that_keep_nothing_know_nobody() {
    let lab = lab("");
    let mut run = run(&lab);
    seek(&mut run, 900);
    run.act(ActionKind::Set { knob: "store".into(), to: Value::Toggle(true) }).expect("a knob of the lab");
    let said = part(&run, &lab, None, "Who knows whom", "Who lost a session");
    assert_eq!(
        said,
        "Who knows whom Nothing is remembered: Balancer balances every request, by round robin. The servers keep nothing about their \
         users, so each can serve everybody. b1 keeps nothing about users b2 keeps nothing about users b3 keeps nothing about users"
    );
}

#[test]
fn the_balancers_cookie_is_between_the_user_and_the_balancer() {
    let cookies = |sticky: &str| {
        let lab = lab(sticky);
        let mut run = run(&lab);
        seek(&mut run, 2_900);
        let trace = of_office(&run).and_then(|root| request::Trace::of(&run, root)).expect("a request by now");
        let of = |hop: &request::Hop| hop.headers.iter().find(|(name, _)| name == "Cookie").map(|(_, value)| value.clone());
        trace.hops.iter().map(of).collect::<Vec<_>>()
    };
    let hops = cookies(COOKIE);
    assert!(matches!(&hops[..], [Some(set), None] if set.starts_with("SRV=b")), "{hops:?}");
    let hops = cookies(&COOKIE.replace(", indirect = true", ""));
    assert!(hops.len() == 2 && hops[0].is_some() && hops[0] == hops[1], "{hops:?}");
    assert_eq!(cookies(TABLE), [None, None]);
}

#[test]
fn many_users_are_a_bar() {
    let mut lab = lab(COOKIE);
    let mut scenario = Scenario::clone(&lab.scenario);
    scenario.clients[0].users = 200;
    lab.scenario = scenario.into();
    let mut run = run(&lab);
    seek(&mut run, 4_900);
    let drawn = sessions::draw(&run, &lab, None);
    check_markup(&drawn, "many");
    assert_eq!(drawn.matches("class=\"ss-user\"").count(), 4, "one for each server, and the legend: {drawn}");
    assert!(read(&drawn).join(" ").contains("202 of 202 users are known somewhere, 67 on average."), "{drawn}");
}
