//! Checks that everything in a scenario has words, and that no words are left over.

use hopscope_core::scenario::{KnobKind, Scenario};

use crate::check::names::Pairing;
use crate::load::{Lab, Lesson};
use crate::problem::Problems;
use crate::source::At;
use crate::source::labs::{KnobWords, LabWords, PredictionWords};

pub(crate) fn note(lesson: &Lesson, problems: &mut Problems) {
    let file = &lesson.lab_words.file;
    let known: Vec<&str> = lesson.labs.iter().map(|lab| lab.id.as_str()).collect();
    let given: Vec<&str> = lesson.lab_words.value.keys().map(|id| id.as_str()).collect();
    let home = lesson.outline.file.path.clone();
    let pairing = Pairing { file, kind: "lab", home: &home, table: "", anchor: 0 };
    pairing.note_unknown(lesson.lab_words.value.keys(), &known, problems);
    for id in known.iter().filter(|id| !given.contains(id)) {
        problems.push(file.problem(file.text.len(), format!("The lab `{id}` has no words."), format!("Add `[{id}]`.")));
    }
    for lab in &lesson.labs {
        if let Some((id, words)) = lesson.lab_words.value.get_key_value(lab.id.as_str()) {
            LabCheck { lesson, lab, words, anchor: id.offset(), problems }.note();
        }
    }
}

struct LabCheck<'a> {
    lesson: &'a Lesson,
    lab: &'a Lab,
    words: &'a LabWords,
    anchor: usize,
    problems: &'a mut Problems,
}

impl LabCheck<'_> {
    fn note(mut self) {
        let (scenario, words) = (&self.lab.scenario, self.words);
        let ids = |list: Vec<&'_ String>| -> Vec<String> { list.into_iter().cloned().collect() };
        self.pair("knob", "knobs", words.knobs.keys(), &ids(scenario.knobs.iter().map(|k| &k.id).collect()), true);
        self.pair("fault", "faults", words.faults.keys(), &ids(scenario.faults.iter().map(|f| &f.id).collect()), true);
        self.pair("goal", "goals", words.goals.keys(), &ids(scenario.goals.iter().map(|g| &g.id).collect()), true);
        let predictions = ids(scenario.predictions.iter().map(|p| &p.id).collect());
        self.pair("prediction", "predictions", words.predictions.keys(), &predictions, true);
        let variants = ids(scenario.variants.iter().map(|v| &v.id).collect());
        self.pair("variant", "variants", words.variants.keys(), &variants, false);
        self.pair("node", "nodes", words.nodes.keys(), &node_names(scenario), false);
        self.note_knobs();
        self.note_predictions();
    }

    /// Compares words with what exists; `required` says whether each thing needs words.
    fn pair<'k>(&mut self, kind: &str, table: &str, given: impl Iterator<Item = &'k At<String>> + Clone, known: &[String], required: bool) {
        let home = format!("the scenario of `{}`", self.lab.id);
        let table = format!("{}.{table}", self.lab.id);
        let pairing = Pairing { file: &self.lesson.lab_words.file, kind, home: &home, table: &table, anchor: self.anchor };
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        pairing.note_unknown(given.clone(), &known, self.problems);
        if required {
            let given: Vec<&str> = given.map(|id| id.as_str()).collect();
            pairing.note_missing(&given, &known, self.problems);
        }
    }

    fn note_knobs(&mut self) {
        let (scenario, words) = (&self.lab.scenario, self.words);
        for knob in &scenario.knobs {
            let Some((id, knob_words)) = words.knobs.get_key_value(knob.id.as_str()) else { continue };
            match &knob.kind {
                KnobKind::Choice { of, .. } => self.note_choices(id, knob_words, of, true),
                KnobKind::Order { default } => self.note_choices(id, knob_words, default, false),
                KnobKind::Table { columns, .. } => self.note_columns(id, knob_words, *columns as usize),
                KnobKind::Number { .. } | KnobKind::Toggle { .. } | KnobKind::Text { .. } => {}
            }
        }
    }

    fn note_choices(&mut self, id: &At<String>, words: &KnobWords, of: &[String], required: bool) {
        let home = format!("the knob `{}`", **id);
        let table = format!("{}.knobs.{}.choices", self.lab.id, **id);
        let file = &self.lesson.lab_words.file;
        let pairing = Pairing { file, kind: "choice", home: &home, table: &table, anchor: id.offset() };
        let known: Vec<&str> = of.iter().map(String::as_str).collect();
        pairing.note_unknown(words.choices.keys(), &known, self.problems);
        for missing in known.iter().filter(|name| required && !words.choices.contains_key(**name)) {
            self.problems.push(file.problem(
                id.offset(),
                format!("The choice `{missing}` of the knob `{}` has no name to show.", **id),
                format!("Add `{missing} = \"…\"` to its `choices`."),
            ));
        }
    }

    fn note_columns(&mut self, id: &At<String>, words: &KnobWords, columns: usize) {
        if words.columns.len() != columns {
            self.problems.push(self.lesson.lab_words.file.problem(
                id.offset(),
                format!("The table knob `{}` has {columns} columns and {} headings.", **id, words.columns.len()),
                format!("Write {columns} headings in `columns`."),
            ));
        }
    }

    fn note_predictions(&mut self) {
        let (scenario, words) = (&self.lab.scenario, self.words);
        for prediction in &scenario.predictions {
            let Some((id, said)) = words.predictions.get_key_value(prediction.id.as_str()) else { continue };
            let known: Vec<&str> = prediction.options.iter().map(|o| o.id.as_str()).collect();
            self.note_options(id, said, &known);
        }
    }

    fn note_options(&mut self, id: &At<String>, said: &PredictionWords, known: &[&str]) {
        let home = format!("the prediction `{}`", **id);
        let table = format!("{}.predictions.{}.options", self.lab.id, **id);
        let file = &self.lesson.lab_words.file;
        let pairing = Pairing { file, kind: "option", home: &home, table: &table, anchor: id.offset() };
        let given: Vec<&str> = said.options.keys().map(|id| id.as_str()).collect();
        pairing.note_unknown(said.options.keys(), known, self.problems);
        pairing.note_missing(&given, known, self.problems);
        for (option, words) in &said.options {
            if words.why.as_ref().is_none_or(|why| why.trim().is_empty()) {
                self.problems.push(file.problem(
                    option.offset(),
                    format!("The option `{}` has no `why`.", **option),
                    "Say what who picks it believes, and what really happens.",
                ));
            }
        }
    }
}

/// Everything in a scenario that has a name on the stage.
fn node_names(scenario: &Scenario) -> Vec<String> {
    let clients = scenario.clients.iter().map(|c| &c.name);
    let proxies = scenario.proxies.iter().map(|p| &p.name);
    let forwarders = scenario.forwarders.iter().map(|f| &f.name);
    let backends = scenario.backends.iter().map(|b| &b.name);
    let switches = scenario.switches.iter().map(|s| &s.name);
    clients.chain(proxies).chain(forwarders).chain(backends).chain(switches).cloned().collect()
}
