//! Controls for knobs of every kind, made from the scenario's schema.

use hopscope_core::describe::en;
use hopscope_core::lesson::KnobWords;
use hopscope_core::scenario::{Knob, KnobKind, Value};
use maud::{Markup, html};

use super::super::run::State;

/// A knob, its words, and the id from which those of its inputs are made.
struct Dial<'a> {
    knob: &'a Knob,
    words: Option<&'a KnobWords>,
    name: String,
}

impl Dial<'_> {
    fn label(&self) -> &str {
        self.words.map_or(&self.knob.id, |w| &w.label)
    }

    fn shown(&self, choice: &str) -> String {
        let named = self.words.and_then(|w| w.choices.iter().find(|(id, _)| id == choice));
        named.map_or_else(|| choice.replace('_', " "), |(_, shown)| shown.clone())
    }

    fn column(&self, index: usize) -> &str {
        self.words.and_then(|w| w.columns.get(index)).map_or("", String::as_str)
    }
}

/// Knobs and faults.
pub fn settings(s: &State) -> String {
    html! {
        div.settings-grid {
            @for knob in &s.spec.scenario.knobs { (setting(s, knob)) }
            (super::faults(s))
        }
    }
    .into_string()
}

fn setting(s: &State, knob: &Knob) -> Markup {
    let dial = Dial { knob, words: s.lab.knobs.iter().find(|w| w.id == knob.id), name: format!("{}-{}", s.lab.id, knob.id) };
    let value = s.knob_value(knob);
    html! {
        div.setting data-knob=(knob.id) {
            @match (&knob.kind, value) {
                (KnobKind::Number { min, max, step, unit, default }, Value::Number(n)) => (number(&dial, [*min, *max, *step, *default, n], unit)),
                (KnobKind::Choice { of, .. }, Value::Choice(now)) => (choice(&dial, of, &now)),
                (KnobKind::Toggle { .. }, Value::Toggle(on)) => {
                    label.setting-toggle { input type="checkbox" id=(dial.name) data-set="toggle" checked[on]; span.setting-name { (dial.label()) } }
                },
                (KnobKind::Text { max, .. }, Value::Text(text)) => {
                    label.setting-text { span.setting-name { (dial.label()) } input.mono type="text" id=(dial.name) data-set="text" maxlength=(max) autocomplete="off" spellcheck="false" value=(text); }
                },
                (KnobKind::Table { columns, max_rows, .. }, Value::Table(rows)) => {
                    @let draft = s.drafts.iter().find(|(id, _)| *id == knob.id).map(|(_, rows)| rows);
                    (table(&dial, draft.unwrap_or(&rows), *columns as usize, *max_rows as usize))
                },
                (_, Value::Order(names)) => (order(&dial, &names)),
                _ => {},
            }
            @if let Some(words) = dial.words { @if !words.help.is_empty() { p.setting-help { (words.help) } } }
            @if knob.at_start { p.setting-help { "Holds from the start: the run begins anew." } }
        }
    }
}

fn plain(n: f64) -> String {
    en::value(&Value::Number(n))
}

fn number(dial: &Dial<'_>, [min, max, step, default, now]: [f64; 5], unit: &str) -> Markup {
    let shown = format!("{} {unit}", plain(now));
    html! {
        // An output is labelable too, so the label says which of the two it names.
        label.setting-number for=(dial.name) {
            span.setting-name { (dial.label()) }
            output.setting-value data-unit=(unit) { (shown.trim_end()) }
            input type="range" id=(dial.name) data-set="number" min=(plain(min)) max=(plain(max)) step=(plain(step)) value=(plain(now)) aria-valuetext=(shown);
            span.setting-ends { span { (plain(min)) } @if now != default { span.setting-was { "was " (plain(default)) } } span { (plain(max)) } }
        }
    }
}

fn choice(dial: &Dial<'_>, of: &[String], now: &str) -> Markup {
    html! {
        fieldset.segments {
            legend.setting-name { (dial.label()) }
            @for id in of {
                label.segment { input type="radio" id={ (dial.name) "-" (id) } name=(dial.name) data-set="choice" value=(id) checked[id == now]; span { (dial.shown(id)) } }
            }
        }
    }
}

/// A table is taken over as a whole, by a button, because a half-written rule is no rule.
fn table(dial: &Dial<'_>, rows: &[Vec<String>], columns: usize, max_rows: usize) -> Markup {
    html! {
        fieldset.setting-table {
            legend.setting-name { (dial.label()) }
            table {
                thead { tr { th scope="col" { "Order" } @for i in 0..columns { th scope="col" { (dial.column(i)) } } th scope="col" { span.visually-hidden { "Change" } } } }
                tbody {
                    @for (i, row) in rows.iter().enumerate() {
                        tr data-row {
                            td.row-order { (i + 1) }
                            @for (j, text) in row.iter().enumerate() {
                                td { input.mono type="text" id={ (dial.name) "-" (i) "-" (j) } aria-label={ (dial.column(j)) ", row " (i + 1) } autocomplete="off" spellcheck="false" value=(text); }
                            }
                            td.row-buttons { (movers(dial, i, rows.len(), &format!("row {}", i + 1))) (mini(dial, "row-remove", i, "✕", &format!("Remove row {}", i + 1), false)) }
                        }
                    }
                }
            }
            div.panel-buttons {
                button.quiet-button type="button" id={ (dial.name) "-add" } data-do="row-add" data-columns=(columns) disabled[rows.len() >= max_rows] { "Add a row" }
                button.outline-button type="button" id={ (dial.name) "-apply" } data-do="row-apply" { "Apply" }
            }
        }
    }
}

fn movers(dial: &Dial<'_>, i: usize, len: usize, what: &str) -> Markup {
    html! { (mini(dial, "row-up", i, "↑", &format!("Move {what} up"), i == 0)) (mini(dial, "row-down", i, "↓", &format!("Move {what} down"), i + 1 == len)) }
}

fn mini(dial: &Dial<'_>, act: &str, i: usize, sign: &str, label: &str, disabled: bool) -> Markup {
    html! { button.mini-button type="button" id={ (dial.name) "-" (act) "-" (i) } data-do=(act) data-id=(i) aria-label=(label) disabled[disabled] { (sign) } }
}

fn order(dial: &Dial<'_>, names: &[String]) -> Markup {
    html! {
        fieldset.setting-order {
            legend.setting-name { (dial.label()) }
            ol { @for (i, name) in names.iter().enumerate() { li { span { (dial.shown(name)) } (movers(dial, i, names.len(), &dial.shown(name))) } } }
        }
    }
}
