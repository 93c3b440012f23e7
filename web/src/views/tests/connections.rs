//! The pictures of connections on real runs, as they are read aloud.

use hopscope_core::lesson::Lab;
use hopscope_core::scenario::{Stage, StageKind, When};
use hopscope_core::timeline::Timeline;

use super::{check_markup, run, seek, written};
use crate::views::{connections, sequence, slots};

/// One user, one proxy, two servers; every message is kept.
fn lab(more: &str, pool: &str) -> Lab {
    let mut lab = written(&format!(
        "horizon = \"4s\"\nmessages = true\nlink = {{ latency = \"5ms\" }}\n[[links]]\nfrom = \"you\"\nto = \"proxy\"\nlatency = \"20ms\"\n\
         [[clients]]\nname = \"you\"\ntarget = \"proxy\"\nusers = 1\naddress = \"203.0.113.7\"\nprotocol = \"http1\"\n{more}\n\
         arrivals = {{ at = {{ times = [\"100ms\", \"600ms\", \"1100ms\"] }} }}\n\
         [[clients.requests]]\nname = \"page\"\npath = \"/cart\"\nservice = {{ constant = {{ value = \"30ms\" }} }}\n\
         [[proxies]]\nname = \"proxy\"\naddress = \"10.0.0.2\"\nlayer = \"l7\"\n[[proxies.pools]]\nname = \"pool\"\npolicy = \"round_robin\"\n\
         members = [{{ node = \"b1\" }}, {{ node = \"b2\" }}]\n{pool}\n[[backends]]\nname = \"b1\"\n[[backends]]\nname = \"b2\"\n"
    ));
    lab.nodes = vec![("you".into(), "You".into()), ("proxy".into(), "Proxy".into())];
    lab
}

/// The sentences of a diagram's rows, without the numbers of connections and times.
fn told(drawn: &str) -> Vec<String> {
    let spoken = drawn.split("<span class=\"visually-hidden\">").skip(1).map(|rest| rest.split("</span>").next().unwrap_or_default());
    spoken.map(str::to_owned).collect()
}

fn check_told(lab: &Lab, root: u32, ms: u64, expect: &[&str]) {
    let mut run = run(lab);
    seek(&mut run, ms);
    let drawn = sequence::draw(&run, lab, Some(root));
    check_markup(&drawn, "sequence");
    assert_eq!(told(&drawn), expect, "at {ms} ms");
}

#[test]
fn the_first_request_is_told_message_by_message() {
    let lab = lab("", "keepalive = 8");
    check_told(&lab, 0, 100, &["SYN from You to Proxy on connection 0, sent at 0.100, leaves now, arrives in 20 ms"]);
    check_told(
        &lab,
        0,
        230,
        &[
            "SYN from You to Proxy on connection 0, sent at 0.100, arrived after 20 ms",
            "SYN-ACK from Proxy to You on connection 0, sent at 0.120, arrived after 20 ms",
            "ACK from You to Proxy on connection 0, sent at 0.140, arrived after 20 ms",
            "GET /cart from You to Proxy on connection 0, sent at 0.140, arrived after 20 ms",
            "SYN from Proxy to b1 on connection 1, sent at 0.160, arrived after 5 ms",
            "SYN-ACK from b1 to Proxy on connection 1, sent at 0.165, arrived after 5 ms",
            "ACK from Proxy to b1 on connection 1, sent at 0.170, arrived after 5 ms",
            "GET /cart from Proxy to b1 on connection 1, sent at 0.170, arrived after 5 ms",
            "Answer 200 from b1 to Proxy on connection 1, sent at 0.205, arrived after 5 ms",
            "Answer 200 from Proxy to You on connection 0, sent at 0.210, arrives now, after 20 ms",
        ],
    );
}

#[test]
fn a_request_on_connections_that_are_open_has_the_handshakes_of_the_one_before_it() {
    let lab = lab("", "keepalive = 8");
    let mut run = run(&lab);
    seek(&mut run, 3_000);
    // The third request goes to b1 again, on both connections of the first.
    let root = run.log().arrived_until(u32::MAX)[2].0;
    let drawn = sequence::draw(&run, &lab, Some(root));
    let kinds: Vec<String> = told(&drawn).iter().map(|row| row.split(" on connection ").next().unwrap_or_default().to_owned()).collect();
    assert_eq!(kinds.iter().filter(|kind| kind.starts_with("SYN ")).count(), 2, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| kind.contains("/cart")).count(), 2, "its own alone: {kinds:?}");
    assert!(drawn.contains("messages of other requests on these connections") && !drawn.contains("Not picked yet"), "{drawn}");
}

#[test]
fn nobody_is_still_to_be_picked_for_a_request_that_the_proxy_answers_itself() {
    let mut lab = lab("", "keepalive = 8");
    let picked = |lab: &Lab, ms| {
        let mut run = run(lab);
        seek(&mut run, ms);
        !sequence::draw(&run, lab, Some(0)).contains("Not picked yet")
    };
    assert_eq!((picked(&lab, 150), picked(&lab, 170)), (false, true));
    let mut scenario = (*lab.scenario).clone();
    scenario.proxies[0].stages = vec![Stage { name: "no".into(), on: true, kind: StageKind::Deny { when: When::Any, status: 403 } }];
    lab.scenario = scenario.into();
    assert_eq!((picked(&lab, 150), picked(&lab, 170)), (false, true));
    check_told(
        &lab,
        0,
        170,
        &[
            "SYN from You to Proxy on connection 0, sent at 0.100, arrived after 20 ms",
            "SYN-ACK from Proxy to You on connection 0, sent at 0.120, arrived after 20 ms",
            "ACK from You to Proxy on connection 0, sent at 0.140, arrives now, after 20 ms",
            "GET /cart from You to Proxy on connection 0, sent at 0.140, arrives now, after 20 ms",
            "Answer 403 from Proxy to You on connection 0, sent at 0.160, leaves now, arrives in 20 ms",
        ],
    );
}

#[test]
fn tls_is_part_of_the_exchange() {
    let lab = lab("tls = \"tls12\"", "tls = \"tls13\"");
    let mut run = run(&lab);
    seek(&mut run, 600);
    let rows = told(&sequence::draw(&run, &lab, Some(0)));
    let short: Vec<&str> = rows.iter().map(|row| row.split(" on connection ").next().unwrap_or_default()).collect();
    assert_eq!(
        short[3..9],
        [
            "ClientHello from You to Proxy",
            "ServerHello from Proxy to You",
            "client Finished from You to Proxy",
            "server Finished from Proxy to You",
            "GET /cart from You to Proxy",
            "SYN from Proxy to b1"
        ],
        "{rows:?}"
    );
    assert!(connections::draw(&run, &lab, Some(0)).contains("<td>1.2</td><td>1.2</td>"));
}

/// The cells of a row of all tables, from left to right.
fn cells(drawn: &str, row: &str) -> Vec<String> {
    let rows = drawn.split("<tr>").filter(|part| part.starts_with(&format!("<th scope=\"row\">{row}</th>")));
    rows.flat_map(|row| row.split("<td").skip(1).filter_map(|cell| Some(cell.split_once('>')?.1.split('<').next()?.to_owned()))).collect()
}

#[test]
fn each_end_of_a_connection_knows_what_has_reached_it() {
    let lab = lab("", "keepalive = 8");
    let mut run = run(&lab);
    for (ms, states) in [
        (100, vec!["opening: SYN sent", "knows nothing of it yet"]),
        (125, vec!["opening: SYN sent", "opening: SYN-ACK sent"]),
        (150, vec!["open", "opening: SYN-ACK sent"]),
        (162, vec!["open", "open", "opening: SYN sent", "knows nothing of it yet"]),
        (190, vec!["open", "open", "open", "open"]),
    ] {
        seek(&mut run, ms);
        let drawn = connections::draw(&run, &lab, Some(0));
        check_markup(&drawn, "connections");
        assert_eq!(cells(&drawn, "State"), states, "at {ms} ms");
    }
    let drawn = connections::draw(&run, &lab, Some(0));
    assert!(drawn.contains("Two connections and not one: You to Proxy, and Proxy to b1. Nothing but Proxy joins them."), "{drawn}");
    assert_eq!(
        cells(&drawn, "Own address"),
        ["203.0.113.7", "10.0.0.2", "10.0.0.2", &run.spec().node(run.spec().id("b1").expect("a node")).address.to_string()]
    );
    assert_eq!(cells(&drawn, "Peer")[1..3], ["203.0.113.7".to_owned(), cells(&drawn, "Own address")[3].clone()]);
    assert_eq!(cells(&drawn, "Under way"), ["1", "1", "1", "1"]);
}

#[test]
fn where_messages_are_not_kept_both_ends_know_the_same() {
    let mut lab = lab("", "keepalive = 8");
    let mut scenario = (*lab.scenario).clone();
    scenario.messages = false;
    lab.scenario = scenario.into();
    let mut run = run(&lab);
    // The second request is at b2; the connection with b1 is open too, and none of its business.
    seek(&mut run, 670);
    let root = run.log().arrived_until(u32::MAX)[1].0;
    let drawn = connections::draw(&run, &lab, Some(root));
    assert_eq!(cells(&drawn, "State"), ["open"; 4]);
    assert!(drawn.contains("You to Proxy, and Proxy to b2."), "{drawn}");
    assert_eq!(cells(&drawn, "Requests"), ["2", "2", "1", "1"]);
}

/// The words above each member's slots.
fn pools(run: &Timeline, lab: &Lab) -> Vec<String> {
    let drawn = slots::draw(run, lab);
    check_markup(&drawn, "slots");
    let rows = drawn.split("<p class=\"sl-words\">").skip(1);
    rows.map(|row| row.split("</p>").next().unwrap_or_default().replace("<strong>", "").replace("</strong>", "")).collect()
}

#[test]
fn a_pool_shows_its_connections_its_limit_and_who_waits() {
    let lab = lab("connections = 3", "keepalive = 8\nmax_connections = 2\nwarm = 1");
    let mut run = run(&lab);
    seek(&mut run, 50);
    assert_eq!(pools(&run, &lab), ["Proxy → b1 1 idle, of at most 2", "Proxy → b2 1 idle, of at most 2"]);
    seek(&mut run, 180);
    assert_eq!(pools(&run, &lab)[0], "Proxy → b1 1 busy, of at most 2");
    let drawn = slots::draw(&run, &lab);
    assert_eq!(drawn.matches("sl-cell empty\" aria-hidden").count(), 2 + 1, "an empty cell in each row and the one of the legend: {drawn}");
}
