//! Prints what happens in scenarios of `tests/scenarios`, record by record:
//! `cargo run -p hopscope-tests --example story -- pins`.

use hopscope_core::world::NO_ROOT;
use hopscope_tests::Run;

fn main() {
    for name in std::env::args().skip(1) {
        let run = Run::ended(&name);
        for (record, line) in run.timeline.log().records().iter().zip(run.lines()) {
            let root = if record.root == NO_ROOT { "-".to_owned() } else { record.root.to_string() };
            println!("{:>5} {root:>4} {line}", record.ordinal);
        }
    }
}
