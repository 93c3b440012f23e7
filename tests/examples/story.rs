//! Prints what happens in a scenario of `tests/scenarios`: `cargo run -p hopscope-tests --example story -- pins`.

use hopscope_tests::Run;

fn main() {
    for name in std::env::args().skip(1) {
        let run = Run::ended(&name);
        for (record, line) in run.timeline.log().records().iter().zip(run.lines()) {
            println!("{:>5} {:>4} {line}", record.ordinal, if record.root == u32::MAX { "-".to_owned() } else { record.root.to_string() });
        }
    }
}
