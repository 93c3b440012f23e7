//! Layer 4 in both forms: packets forwarded on one connection, and two connections joined.

use hopscope_tests::Run;

fn run() -> Run {
    Run::ended("layer4-forms")
}

#[test]
fn with_address_translation_answers_come_back_through_the_forwarder() {
    let run = run();
    assert_eq!(run.path(run.request_of("nat")), "nat > translator > b1 < translator < nat");
}

#[test]
fn with_direct_server_return_answers_skip_the_forwarder() {
    let run = run();
    let dsr = run.request_of("dsr");
    assert_eq!(run.path(dsr), "dsr > director > b1 < dsr");
    assert_eq!(
        run.story(dsr),
        [
            "110 dsr sends",
            "111 director picks b1",
            // The answer to the opening came straight back, over the 7 ms link.
            "120 director passes on",
            "121 b1 receives",
            "121 b1 works",
            "126 b1 answers 200",
            "133 dsr has 200",
            "133 dsr is served",
        ]
    );
}

#[test]
fn a_forwarder_has_one_connection_and_a_tcp_proxy_two() {
    let run = run();
    let spans = |group: &str| {
        let opener = run.node(group);
        let world = run.timeline.world();
        let conn = world.connections().into_iter().find(|conn| conn.opener() == opener);
        conn.map(|conn| conn.path().iter().map(|&id| run.spec().node(id).name.clone()).collect::<Vec<_>>())
    };
    assert_eq!(spans("nat"), Some(vec!["nat".into(), "translator".into(), "b1".into()]));
    assert_eq!(spans("tcp"), Some(vec!["tcp".into(), "plain".into()]));
    assert_eq!(spans("plain"), Some(vec!["plain".into(), "b1".into()]));
    assert_eq!(run.path(run.request_of("tcp")), "tcp > plain > b1 < plain < tcp");
}

#[test]
fn the_server_sees_the_client_unless_a_tcp_proxy_hides_it() {
    let seen: Vec<_> = run().access_log("b1").iter().map(|line| line.split(' ').next().unwrap_or("").to_owned()).collect();
    assert_eq!(
        seen,
        [
            "203.0.113.10", // packets forwarded: the client's own
            "203.0.113.20", // the same with direct server return
            "10.0.0.3",     // behind a TCP proxy: the proxy's
            "203.0.113.40", // unless the proxy tells (PROXY protocol)
        ]
    );
}
