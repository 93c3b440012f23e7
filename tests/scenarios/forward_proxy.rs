//! A forward proxy goes where the request's host says, as far as it is allowed to.

use hopscope_core::world::FlightKind;
use hopscope_tests::Run;

#[test]
fn it_forwards_by_name() {
    let run = Run::ended("forward-proxy");
    assert_eq!(run.path(run.request_of("office")), "office > proxy > news < proxy < office");
    assert!(run.picks("proxy").is_empty(), "nothing is balanced: the name says it all");
}

#[test]
fn it_refuses_what_is_forbidden_before_anyone_is_asked() {
    let run = Run::ended("forward-proxy");
    assert_eq!(
        run.story(run.request_of("bored")),
        [
            "100 bored sends",
            "101 proxy receives",
            "101 proxy policy answers",
            "101 proxy answers 403",
            "102 bored has 403",
            "102 bored is refused: Denied"
        ]
    );
    assert_eq!(run.timeline.world().metrics().connections(run.node("games")), 0);
}

#[test]
fn it_says_so_when_it_knows_no_such_host() {
    let run = Run::ended("forward-proxy");
    assert_eq!(run.story(run.request_of("typist"))[4..], ["201 proxy answers 502", "202 typist has 502", "202 typist fails: UnknownHost"]);
    assert_eq!(run.fates(FlightKind::Client), [3, 1, 1, 1]);
}

/// A proxy with two stages of its own; requests are ten milliseconds' work.
fn with_stages(stages: &str, headers: &str) -> Run {
    let text = format!(
        "horizon = \"2s\"\nlink = {{ latency = \"1ms\" }}\n\
         [[clients]]\nname = \"office\"\ntarget = \"proxy\"\nwarm = true\narrivals = {{ at = {{ times = [\"0ms\", \"100ms\", \"1s\"] }} }}\n\
         [[clients.requests]]\nname = \"news\"\nhost = \"news.example\"\nservice = {{ constant = {{ value = \"10ms\" }} }}\n{headers}\n\
         [[proxies]]\nname = \"proxy\"\nstages = [{stages}, {{ name = \"anywhere\", do = \"by_host\" }}]\n\
         [[backends]]\nname = \"news\"\nhosts = [\"news.example\"]\n"
    );
    Run::of_text(&text).unwrap_or_else(|why| panic!("{why}")).to_the_end()
}

fn path_of(run: &Run, place: usize) -> String {
    run.path(run.requests_of("office")[place])
}

#[test]
fn it_asks_who_they_are() {
    let stage = "{ name = \"who\", do = { authenticate = { header = \"Proxy-Authorization\", value = \"Basic b2ZmaWNl\" } } }";
    let known = with_stages(stage, "headers = [[\"proxy-authorization\", \"Basic b2ZmaWNl\"]]");
    assert_eq!(path_of(&known, 0), "office > proxy > news < proxy < office");
    for headers in ["", "headers = [[\"Proxy-Authorization\", \"Basic Ym9yZWQ=\"]]"] {
        let stranger = with_stages(stage, headers);
        assert_eq!(path_of(&stranger, 0), "office > proxy < office");
        assert!(stranger.story(stranger.request_of("office")).contains(&"1 proxy answers 407".to_owned()));
        assert_eq!(stranger.fates(FlightKind::Client), [3, 0, 3, 0], "refused on purpose");
    }
}

#[test]
fn it_keeps_answers_for_a_while() {
    let stage = "{ name = \"shelf\", do = { store = { keep = \"500ms\" } } }";
    let run = with_stages(stage, "");
    assert_eq!(path_of(&run, 0), "office > proxy > news < proxy < office", "the first is fetched");
    assert_eq!(path_of(&run, 1), "office > proxy < office", "the second is on the shelf");
    assert_eq!(path_of(&run, 2), "office > proxy > news < proxy < office", "the third comes too late");
    assert_eq!(run.fates(FlightKind::Client), [3, 3, 0, 0]);
    let posts = with_stages(stage, "method = \"POST\"");
    assert_eq!(path_of(&posts, 1), "office > proxy > news < proxy < office", "a POST is never answered from it");
}
