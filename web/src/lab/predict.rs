//! Predict, then see: the lab stops, the learner commits, the run decides.

use hopscope_core::assess::{Truth, truth};
use hopscope_core::describe::en;
use hopscope_core::lesson::PredictionWords;
use hopscope_core::scenario::{Ask, Prediction, Value};
use hopscope_core::time::{Duration, Instant};
use maud::{PreEscaped, html};

use super::player;
use super::run::{Handle, State};
use crate::progress::{self, Sure};

/// An answer that was given.
#[derive(Clone, Debug)]
pub struct Given {
    /// The option's id.
    pub option: String,
    /// How sure the learner was.
    pub sure: Sure,
    /// What the run says.
    pub truth: Truth,
    /// Whether the run has got so far that it may be told.
    pub revealed: bool,
}

impl Given {
    fn right(&self) -> bool {
        self.truth.option.as_deref() == Some(self.option.as_str())
    }
}

const SURE: [(Sure, &str); 3] = [(Sure::Guess, "Guessing"), (Sure::Think, "Fairly sure"), (Sure::Sure, "Certain")];

/// Where a run must stop because a question is due before `goal`, and which.
pub fn stop_before(s: &State, goal: Instant) -> (Instant, Option<usize>) {
    let due = |(i, p): &(usize, &Prediction)| {
        s.runs.len() == 1 && !s.showing && s.answers[*i].is_none() && Instant::START + p.at > s.clock && Instant::START + p.at <= goal
    };
    let first = s.spec.scenario.predictions.iter().enumerate().filter(due).min_by_key(|(_, p)| p.at);
    match first {
        Some((index, p)) => (Instant::START + p.at, Some(index)),
        None => (goal, None),
    }
}

/// Tells every answer whose moment has come; `true` when there was one.
pub fn reveal_due(s: &mut State) -> bool {
    let mut told = false;
    for index in 0..s.answers.len() {
        let prediction = &s.spec.scenario.predictions[index];
        let due = s.clock >= told_at(prediction);
        if let Some(given) = s.answers[index].as_mut().filter(|g| due && !g.revealed) {
            given.revealed = true;
            told = true;
        }
    }
    told
}

fn told_at(prediction: &Prediction) -> Instant {
    match &prediction.ask {
        Ask::Value { until, .. } => Instant::START + *until,
        Ask::NextPick { .. } => Instant::START + prediction.at + Duration(1),
    }
}

/// Answers that were given on an earlier visit, about the run with this seed.
pub fn recall(s: &mut State) {
    let seed = s.timeline().seed();
    for index in 0..s.answers.len() {
        let prediction = s.spec.scenario.predictions[index].clone();
        let early = || progress::early_prediction(s.key(), &prediction.id).filter(|_| seed == s.spec.scenario.seed);
        let given = progress::prediction(s.key(), &prediction.id, seed).or_else(early);
        s.answers[index] = given.map(|(option, sure)| Given { option, sure, truth: read(s, &prediction), revealed: true });
    }
    s.asking = asked_at(s);
}

/// The question that is asked right where the lab stands, if one is.
pub fn asked_at(s: &State) -> Option<usize> {
    s.spec.scenario.predictions.iter().position(|p| Instant::START + p.at == s.clock)
}

/// What the inspected run says to a prediction.
fn read(s: &State, prediction: &Prediction) -> Truth {
    let mut run = s.timeline().clone();
    run.seek_time(Instant::START + prediction.at);
    truth(&run, prediction)
}

/// Takes the learner's answer and lets the run decide.
pub fn commit(handle: Handle, option: String, sure: Sure) {
    handle.change(|s| {
        let Some(index) = s.asking else { return };
        let prediction = s.spec.scenario.predictions[index].clone();
        let at = Instant::START + prediction.at;
        let truth = read(s, &prediction);
        let given = Given { option, sure, truth, revealed: false };
        // What is committed to counts at once: leaving before the answer is told changes nothing.
        progress::record_prediction(s.key(), &prediction.id, s.timeline().seed(), (given.option.clone(), sure), given.right());
        s.answers[index] = Some(given);
        s.touched = true;
        if s.clock != at {
            s.seek_time(at);
        }
        for kind in &prediction.with {
            s.act(kind);
        }
        // Slow enough to be watched, fast enough to be done in some seconds.
        let seconds = (told_at(&prediction) - at).as_secs_f64();
        let pace = [10, 100, 1_000].into_iter().find(|&pace| seconds * 100.0 / f64::from(pace) <= 10.0);
        s.speed = s.speed.max(pace.unwrap_or(1_000));
    });
    player::play(handle);
}

/// Goes to where the answer is told.
pub fn finish(s: &mut State) {
    if let Some(index) = s.asking {
        let at = told_at(&s.spec.scenario.predictions[index]);
        s.seek_time(at);
        reveal_due(s);
    }
}

/// Goes to where a prediction is asked, such as from a quiz that refers to it.
pub fn open(s: &mut State, id: &str) {
    if let Some(index) = s.spec.scenario.predictions.iter().position(|p| p.id == id) {
        s.asking = Some(index);
        s.seek_time(Instant::START + s.spec.scenario.predictions[index].at);
    }
}

/// The card with the question at which the lab stands; empty when it stands at none.
pub fn card(s: &State) -> String {
    let Some(index) = s.asking else { return String::new() };
    let Some(words) = words_of(s, index) else { return String::new() };
    match &s.answers[index] {
        Some(given) => verdict(given, words, &s.spec.scenario.predictions[index]),
        None => question(s, words),
    }
}

fn words_of(s: &State, index: usize) -> Option<&PredictionWords> {
    let id = &s.spec.scenario.predictions.get(index)?.id;
    s.lab.predictions.iter().find(|w| w.id == *id)
}

fn question(s: &State, words: &PredictionWords) -> String {
    let name = format!("{}-{}", s.lab.id, words.id);
    html! {
        div.predict.card {
            fieldset.predict-options {
                legend { span.kicker { "Predict" } span.predict-ask { (PreEscaped(&words.ask)) } }
                @for option in &words.options {
                    label.predict-option {
                        input type="radio" name=(name) value=(option.id) data-predict;
                        span { (PreEscaped(&option.text)) }
                    }
                }
            }
            div.predict-foot {
                fieldset.segments {
                    legend.segments-legend { "How sure are you?" }
                    @for (i, (_, label)) in SURE.iter().enumerate() {
                        label.segment { input type="radio" name={ (name) "-sure" } value=(i) data-sure checked[i == 1]; span { (label) } }
                    }
                }
                button.primary-button type="button" data-do="lock" disabled { "Lock it in and run" }
            }
        }
    }
    .into_string()
}

/// How sure the learner said to be, by the place of the choice.
pub fn sureness(place: usize) -> Sure {
    SURE.get(place).map_or(Sure::Think, |(sure, _)| *sure)
}

fn verdict(given: &Given, words: &PredictionWords, prediction: &Prediction) -> String {
    let sure = SURE.iter().find(|(degree, _)| *degree == given.sure).map_or("", |(_, label)| label);
    let right = given.truth.option.as_deref();
    let class = |id: &str| match (given.revealed, right == Some(id), given.option == id) {
        (true, true, _) => "predict-option is-right",
        (true, false, true) => "predict-option is-wrong",
        (false, _, true) => "predict-option is-chosen",
        _ => "predict-option",
    };
    html! {
        div.predict.card {
            p.kicker { "Predict · " (if given.revealed { "scored" } else { "locked in" }) " · " (sure) }
            p.predict-ask { (PreEscaped(&words.ask)) }
            ul.predict-options {
                @for option in &words.options {
                    li class=(class(&option.id)) {
                        span.predict-text { (PreEscaped(&option.text)) }
                        @if given.revealed && right == Some(option.id.as_str()) { span.verdict-word { "✓ What happened" } }
                        @if given.option == option.id { span.verdict-word { (if !given.revealed || given.right() { "Your answer" } else { "✕ Your answer" }) } }
                        @if given.revealed { span.predict-why { (PreEscaped(&option.why)) } }
                    }
                }
            }
            p.predict-result { @if given.revealed { (result(given, prediction)) } @else { "The run decides. Watch it, or skip to the answer." } }
            @if !given.revealed { button.outline-button type="button" data-do="finish" { "Skip to the answer" } }
        }
    }
    .into_string()
}

fn result(given: &Given, prediction: &Prediction) -> String {
    match (&prediction.ask, given.truth.value, &given.truth.picked) {
        (Ask::Value { until, .. }, Some(value), _) => {
            format!("At {until} the run says {}.", en::value(&Value::Number((value * 10.0).round() / 10.0)))
        }
        (_, _, Some(picked)) => format!("{picked} was picked."),
        _ => "The run gave no answer.".to_owned(),
    }
}
