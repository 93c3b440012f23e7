//! The values of knobs, by what the knob leaves to choose.

use super::bits::{Reader, Writer};
use super::digits::Digits;
use super::order;
use crate::scenario::{KnobKind, Value};

/// The most settings of a scale that are counted; a finer one is written as numbers.
const MOST_STEPS: f64 = 1_000_000.0;

/// Writes a value; `None` when the knob has no such value.
pub(super) fn write(w: &mut Writer, kind: &KnobKind, value: &Value) -> Option<()> {
    match (kind, value) {
        (KnobKind::Number { min, max, step, .. }, Value::Number(number)) => {
            let scale = Scale::of(*min, *max, *step);
            let place = scale.place(*number);
            w.index(place.unwrap_or(scale.settings), scale.settings + 1);
            if place.is_none() {
                Digits::of(*number)?.write(w);
            }
        }
        (KnobKind::Choice { of, .. }, Value::Choice(choice)) => w.index(of.iter().position(|c| c == choice)?, of.len()),
        (KnobKind::Toggle { .. }, Value::Toggle(on)) => w.flag(*on),
        (KnobKind::Text { .. }, Value::Text(text)) => w.text(text),
        (KnobKind::Table { columns, max_rows, default }, Value::Table(rows)) => {
            let (columns, max_rows) = (*columns as usize, *max_rows as usize);
            (rows.len() <= max_rows && rows.iter().all(|row| row.len() == columns)).then_some(())?;
            w.index(rows.len(), max_rows + 1);
            let known = cells(default);
            rows.iter().flatten().for_each(|cell| write_cell(w, &known, cell));
        }
        (KnobKind::Order { default }, Value::Order(names)) => order::write(w, &order::places(names, default)?),
        _ => return None,
    }
    Some(())
}

/// Reads what [`write`] wrote.
pub(super) fn read(r: &mut Reader<'_>, kind: &KnobKind) -> Value {
    match kind {
        KnobKind::Number { min, max, step, .. } => {
            let scale = Scale::of(*min, *max, *step);
            let place = r.index(scale.settings + 1);
            Value::Number(if place < scale.settings { scale.at(place) } else { Digits::read(r).value() })
        }
        KnobKind::Choice { of, .. } => Value::Choice(of.get(r.index(of.len())).cloned().unwrap_or_default()),
        KnobKind::Toggle { .. } => Value::Toggle(r.flag()),
        KnobKind::Text { .. } => Value::Text(r.text()),
        KnobKind::Table { columns, max_rows, default } => {
            let known = cells(default);
            let rows = r.index(*max_rows as usize + 1);
            Value::Table((0..rows).map(|_| (0..*columns).map(|_| read_cell(r, &known)).collect()).collect())
        }
        KnobKind::Order { default } => Value::Order(order::read(r, default)),
    }
}

/// The settings of a number: every step from the least to the most.
struct Scale {
    min: f64,
    step: f64,
    settings: usize,
}

impl Scale {
    fn of(min: f64, max: f64, step: f64) -> Self {
        // Steps such as 0.1 do not add up to whole numbers.
        let steps = (max - min) / step + 1e-6;
        let counts = step > 0.0 && (0.0..MOST_STEPS).contains(&steps);
        Self { min, step, settings: if counts { steps as usize + 1 } else { 0 } }
    }

    /// A setting as a person would type it: without the last bits that adding up leaves behind.
    fn at(&self, place: usize) -> f64 {
        let value = self.min + self.step * place as f64;
        Digits::of((value * 1e6).round() / 1e6).map_or(value, Digits::value)
    }

    fn place(&self, value: f64) -> Option<usize> {
        let place = ((value - self.min) / self.step + 0.5) as usize;
        (place < self.settings && self.at(place) == value).then_some(place)
    }
}

/// The cells that a table starts with, each once: most others are like them.
fn cells(default: &[Vec<String>]) -> Vec<&str> {
    let mut cells: Vec<&str> = Vec::new();
    for cell in default.iter().flatten() {
        if !cells.contains(&cell.as_str()) {
            cells.push(cell);
        }
    }
    cells
}

fn write_cell(w: &mut Writer, known: &[&str], cell: &str) {
    let place = known.iter().position(|other| *other == cell);
    w.index(place.unwrap_or(known.len()), known.len() + 1);
    if place.is_none() {
        w.text(cell);
    }
}

fn read_cell(r: &mut Reader<'_>, known: &[&str]) -> String {
    match known.get(r.index(known.len() + 1)) {
        Some(cell) => (*cell).to_owned(),
        None => r.text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(kind: &KnobKind, value: &Value, bits: usize) {
        let mut w = Writer::default();
        assert_eq!(write(&mut w, kind, value), Some(()), "{value:?}");
        let bytes = w.into_bytes();
        assert_eq!(bytes.len(), bits.div_ceil(8), "{value:?}");
        let mut r = Reader::new(&bytes);
        assert_eq!(read(&mut r, kind), *value);
        assert!(!r.failed());
    }

    fn number(min: f64, max: f64, step: f64) -> KnobKind {
        KnobKind::Number { min, max, step, unit: String::new(), default: min }
    }

    #[test]
    fn numbers_on_the_scale_are_their_place_on_it() {
        check(&number(1.0, 2.0, 0.25), &Value::Number(1.75), 3);
        check(&number(0.0, 1.0, 0.1), &Value::Number(0.3), 4);
        check(&number(0.0, 1.0, 0.1), &Value::Number(0.7), 4);
        check(&number(100.0, 1_000.0, 100.0), &Value::Number(1_000.0), 4);
        // Between two settings: the place past the last, then 1 + 4 + 4 + 8 bits.
        check(&number(100.0, 1_000.0, 100.0), &Value::Number(150.0), 4 + 17);
        check(&number(0.0, 1e9, 1.0), &Value::Number(5.0), 13);
        check(&number(0.0, 1.0, 0.0), &Value::Number(0.5), 13);
    }

    #[test]
    fn other_values_read_back() {
        let names = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
        check(&KnobKind::Choice { of: names(&["a", "b", "c"]), default: "a".into() }, &Value::Choice("c".into()), 2);
        check(&KnobKind::Toggle { default: true }, &Value::Toggle(false), 1);
        check(&KnobKind::Text { max: 20, default: String::new() }, &Value::Text("198.51.100.7".into()), 8 + 12 * 8);
        check(&KnobKind::Order { default: names(&["a", "b", "c", "d"]) }, &Value::Order(names(&["d", "b", "a", "c"])), 5);
        let rows = |rows: &[[&str; 2]]| rows.iter().map(|row| names(row)).collect::<Vec<_>>();
        let table = KnobKind::Table { columns: 2, max_rows: 3, default: rows(&[["any", "main"]]) };
        check(&table, &Value::Table(rows(&[["/img", "main"], ["any", "main"]])), 2 + 2 + 8 + 32 + 3 * 2);
        check(&table, &Value::Table(Vec::new()), 2);
    }

    #[test]
    fn what_a_knob_does_not_take_is_not_written() {
        let choice = KnobKind::Choice { of: vec!["a".into()], default: "a".into() };
        for (kind, value) in [
            (&choice, Value::Choice("b".into())),
            (&choice, Value::Toggle(true)),
            (&number(0.0, 1.0, 0.1), Value::Number(f64::NAN)),
            (&KnobKind::Table { columns: 2, max_rows: 1, default: Vec::new() }, Value::Table(vec![vec!["a".into()]])),
            (&KnobKind::Order { default: vec!["a".into()] }, Value::Order(Vec::new())),
        ] {
            assert_eq!(write(&mut Writer::default(), kind, &value), None, "{value:?}");
        }
    }
}
