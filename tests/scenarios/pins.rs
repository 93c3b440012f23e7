//! Layer 4 chooses once for a connection, layer 7 for each request.

use hopscope_core::world::Event;
use hopscope_tests::Run;

/// Which server worked on each of a group's requests.
fn servers(run: &Run, group: &str) -> Vec<String> {
    let worked = |root: u32| {
        run.story(root)
            .into_iter()
            .find_map(|line| line.strip_suffix(" works").map(|line| line.split(' ').next_back().unwrap_or("").to_owned()))
    };
    run.requests_of(group).into_iter().map(|root| worked(root).unwrap_or_else(|| "-".to_owned())).collect()
}

#[test]
fn a_kept_connection_pins_its_user_to_one_server() {
    let run = Run::ended("pins");
    assert_eq!(servers(&run, "through4"), ["b1", "b1", "b1", "b1"]);
    assert_eq!(servers(&run, "through7"), ["b1", "b2", "b3", "b1"]);
}

#[test]
fn the_layer_4_balancer_decided_once_for_the_kept_connection() {
    let run = Run::ended("pins").picks("lb4");
    assert_eq!(run.len(), 1 + 3, "once for the kept connection, and once for each of three that were closed");
    let run = Run::ended("pins").picks("lb7");
    assert_eq!(run.len(), 4, "once for every request");
}

#[test]
fn closing_the_connection_sets_the_user_free() {
    let run = Run::ended("pins");
    assert_eq!(servers(&run, "closing4"), ["b2", "b3", "b1"]);
}

#[test]
fn killing_the_pinned_server_resets_both_connections() {
    let run = Run::of("pins").until_ms(113).fault("kill-b1", true).to_the_end();
    let second = run.requests_of("through4")[1];
    assert_eq!(
        run.story(second),
        ["110 through4 sends", "111 lb4 passes on", "112 b1 receives", "112 b1 works", "115 through4 fails: Reset"],
        "a layer 4 proxy cannot answer for its server, it can only cut the line"
    );
    let resets: Vec<_> = run.lines().into_iter().filter(|line| line.ends_with("4 is reset")).collect();
    assert_eq!(resets[..2], ["114 lb4 is reset", "115 through4 is reset"]);
}

/// A layer 4 proxy reads no requests, whatever has become of its other connection.
#[test]
fn a_layer_4_balancer_never_decides_about_a_request() {
    let at = |ms: u64| Run::of("pins").until_ms(ms).fault("kill-b1", true).to_the_end();
    for run in [at(50), at(109), at(110), at(111), at(113), at(210), Run::ended("pins"), nobody_there()] {
        let lb4 = run.node("lb4");
        let per_request = run.count(|event| matches!(event, Event::Decided { node, flight, .. } if *node == lb4 && *flight != u32::MAX));
        let answered = run.count(|event| matches!(event, Event::Answered { node, .. } if *node == lb4));
        assert_eq!((per_request, answered), (0, 0), "{:#?}", run.lines());
    }
}

fn nobody_there() -> Run {
    Run::of("pins").fault("drop-b1", true).fault("drop-b2", true).fault("drop-b3", true).to_the_end()
}

#[test]
fn with_nobody_to_pick_the_connection_is_refused() {
    let run = nobody_there();
    let story = run.story(run.request_of("through4"));
    assert_eq!(story, ["10 through4 sends", "11 lb4 picks nobody", "12 through4 fails: Reset"]);
}
