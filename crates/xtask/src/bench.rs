//! `cargo xtask bench`: how fast the engine is, beside the floor of the same model done bare.

use serde::Serialize;
use serde_json::{Map, Number, Value};

use crate::failure::Failure;
use crate::report::Form;
use crate::toolbox::Toolbox;

/// Requests of one run unless said otherwise: long enough that starting up does not show.
const REQUESTS: u64 = 1_000_000;

/// What was measured, one entry for each line that is a measurement.
#[derive(Serialize)]
struct Report {
    measurements: Vec<Map<String, Value>>,
}

/// Runs `crates/bench` (the engine and the floor in one run), then the example with and without
/// its decision log.
///
/// The profile is cargo's `bench`: the release profile is made for size and would mislead.
pub(crate) fn bench(tools: &Toolbox, requests: Option<u64>, form: Form) -> Result<(), Failure> {
    let requests = requests.unwrap_or(REQUESTS).to_string();
    let example = ["run", "--profile", "bench", "-p", "hopscope-core", "--example", "lb8", "--", &requests];
    let runs = [&["bench", "-p", "hopscope-bench"], &example[..], &[&example[..], &["--trace"]].concat()];
    let mut words = String::new();
    for run in runs {
        words.push_str(&tools.program("cargo").args(run).read()?);
    }
    let measurements = words.lines().filter_map(measurement).collect();
    form.show(&Report { measurements }, &words);
    Ok(())
}

/// Reads a line `name key=value key=value`; a number keeps its unit out of the way, in the key.
fn measurement(line: &str) -> Option<Map<String, Value>> {
    let mut words = line.split_whitespace();
    let mut fields = Map::new();
    fields.insert("name".to_owned(), words.next()?.into());
    for word in words {
        let (key, text) = word.split_once('=')?;
        let digits = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '%');
        let unit = &text[digits.len()..];
        let (key, value) = match digits.parse::<f64>().ok().and_then(Number::from_f64) {
            Some(number) if unit.is_empty() => (key.to_owned(), Value::Number(number)),
            Some(number) => (format!("{key}_{unit}"), Value::Number(number)),
            None => (key.to_owned(), text.into()),
        };
        fields.insert(key, value);
    }
    (fields.len() > 1).then_some(fields)
}

#[cfg(test)]
mod tests {
    use super::measurement;

    #[test]
    fn a_line_of_figures_becomes_fields() {
        let line = "hopscope requests=1000 rps=2.5 p50=9.3ms trace=on";
        let fields = measurement(line).expect("a measurement");
        assert_eq!(fields["name"], "hopscope");
        assert_eq!(fields["requests"], 1000.0);
        assert_eq!(fields["p50_ms"], 9.3);
        assert_eq!(fields["trace"], "on");
    }

    #[test]
    fn other_lines_are_not_measurements() {
        for line in ["", "hopscope", "running 0 tests", "lb8  time: [1.2 ms 1.3 ms 1.4 ms]"] {
            assert_eq!(measurement(line), None, "{line}");
        }
    }
}
