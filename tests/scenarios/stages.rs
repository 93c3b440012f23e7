//! A stage that calls a slow store, and one that waits.

use hopscope_core::scenario::Value;
use hopscope_core::world::FlightKind;
use hopscope_tests::Run;

#[test]
fn a_request_goes_on_when_the_store_has_answered_and_the_hold_is_over() {
    let run = Run::ended("slow-store");
    let second = run.requests_of("web")[1];
    assert_eq!(
        run.story(second),
        [
            "500 web sends",
            "501 proxy receives",
            "501 proxy session asks",
            "502 store receives",
            "502 store works",
            "542 store answers 200",
            "543 proxy has 200",
            "543 proxy is served",
            "543 proxy pace holds",
            "563 proxy pace lets through",
            "563 proxy picks app",
            "564 app receives",
            "564 app works",
            "574 app answers 200",
            "575 proxy has 200",
            "575 proxy is served",
            "575 proxy answers 200",
            "576 web has 200",
            "576 web is served",
        ]
    );
    assert_eq!(run.fates(FlightKind::Call), [2, 2, 0, 0], "the question to the store is a flight of its own");
}

#[test]
fn without_the_store_the_request_fails_and_never_reaches_the_server() {
    let run = Run::of("slow-store").until_ms(400).fault("hang-store", true).to_the_end();
    let second = run.requests_of("web")[1];
    assert_eq!(
        run.story(second)[2..],
        [
            "501 proxy session asks",
            "502 store receives",
            "502 store queues behind 0",
            "601 proxy fails: TimedOut",
            "601 proxy answers 504",
            "602 web has 504",
            "602 web fails: Upstream",
        ]
    );
    assert_eq!(run.fates(FlightKind::Attempt), [1, 1, 0, 0], "only the first request was forwarded");
}

#[test]
fn the_order_of_stages_is_data() {
    let order = Value::Order(vec!["pace".into(), "session".into()]);
    let run = Run::of("slow-store").set("order", order).to_the_end();
    let stages: Vec<_> =
        run.story(run.requests_of("web")[1]).into_iter().filter(|line| line.contains("pace") || line.contains("session")).collect();
    assert_eq!(stages, ["501 proxy pace holds", "521 proxy pace lets through", "521 proxy session asks"]);
}
