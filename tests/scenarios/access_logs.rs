//! Incidents are read from logs: three hops, each in its product's words.

use hopscope_tests::Run;

#[test]
fn every_hop_writes_the_same_request_from_where_it_stands() {
    let run = Run::ended("access-logs");
    // From the last hop to the first, because each writes when it has the answer.
    assert_eq!(
        run.access_log("app1"),
        [r#"{"t":"00:00.039","client":"10.0.2.1","method":"POST","path":"/cart?item=3","status":200,"ms":20,"upstream":"-"}"#]
    );
    assert_eq!(run.access_log("lb"), [r#"203.0.113.7 [00:00.040] lb app1 24 200 1234 "POST /cart?item=3 HTTP/1.1""#]);
    assert_eq!(run.access_log("edge"), [r#"203.0.113.7 - - [00:00.041] "POST /cart?item=3 HTTP/1.1" 200 1234 "-" "-""#]);
}

#[test]
fn lines_belong_to_their_event_and_request() {
    let run = Run::ended("access-logs");
    let request = run.request_of("web");
    let lines = &run.timeline.log().access;
    assert!(lines.iter().all(|line| line.root == request));
    assert!(lines.is_sorted_by_key(|line| line.ordinal));
    for line in lines {
        let records = run.timeline.log().records().iter();
        assert!(records.clone().any(|record| record.ordinal == line.ordinal && record.at == line.at));
    }
}
