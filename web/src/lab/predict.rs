//! Predict, then see: the lab stops, the learner commits, the run decides.

use hopscope_core::assess::{Truth, truth};
use hopscope_core::describe::en;
use hopscope_core::lesson::PredictionWords;
use hopscope_core::scenario::{Ask, Prediction};
use hopscope_core::time::{Duration, Instant};
use leptos::prelude::*;

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
    let due = |(i, p): &(usize, &Prediction)| s.runs.len() == 1 && s.answers[*i].is_none() && Instant::START + p.at > s.clock && Instant::START + p.at <= goal;
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
            let (id, option, sure, right) = (prediction.id.clone(), given.option.clone(), given.sure, given.right());
            progress::record_prediction(s.key(), &id, &option, sure, right);
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

/// Answers that were given on an earlier visit.
pub fn recall(s: &mut State) {
    for index in 0..s.answers.len() {
        let prediction = s.spec.scenario.predictions[index].clone();
        let Some(record) = progress::prediction(s.key(), &prediction.id) else { continue };
        let truth = read(s, &prediction);
        s.answers[index] = Some(Given { option: record.option, sure: record.sure, truth, revealed: true });
    }
    s.asking = s.spec.scenario.predictions.iter().position(|p| Instant::START + p.at == s.clock);
}

/// What the inspected run says to a prediction.
fn read(s: &State, prediction: &Prediction) -> Truth {
    let mut run = s.timeline().clone();
    run.seek_time(Instant::START + prediction.at);
    truth(&run, prediction)
}

fn commit(handle: Handle, index: usize, option: String, sure: Sure) {
    let mut pace = 10;
    handle.change(|s| {
        let prediction = s.spec.scenario.predictions[index].clone();
        let at = Instant::START + prediction.at;
        let truth = read(s, &prediction);
        s.answers[index] = Some(Given { option, sure, truth, revealed: false });
        s.touched = true;
        if s.clock != at {
            s.seek_time(at);
        }
        for kind in &prediction.with {
            s.act(kind);
        }
        // Slow enough to be watched, fast enough to be done in some seconds.
        let seconds = (told_at(&prediction) - at).as_secs_f64();
        pace = [10, 100, 1_000].into_iter().find(|&pace| seconds * 100.0 / f64::from(pace) <= 10.0).unwrap_or(1_000);
    });
    handle.speed.update(|speed| *speed = (*speed).max(pace));
    player::play(handle);
}

/// Goes to where a prediction is asked, such as from a quiz that refers to it.
pub fn open(handle: Handle, id: &str) {
    handle.change(|s| {
        if let Some(index) = s.spec.scenario.predictions.iter().position(|p| p.id == id) {
            let at = Instant::START + s.spec.scenario.predictions[index].at;
            s.asking = Some(index);
            s.seek_time(at);
        }
    });
}

/// The card with the question at which the lab stands.
pub fn card(handle: Handle) -> impl IntoView {
    let asking = Memo::new(move |_| handle.watch(|s| s.asking));
    let answered = Memo::new(move |_| handle.watch(|s| s.asking.is_some_and(|i| s.answers[i].is_some())));
    move || {
        let index = asking.get()?;
        let words = handle.with(|s| words_of(s, index))?;
        Some(if answered.get() { verdict(handle, index).into_any() } else { question(handle, index, words).into_any() })
    }
}

fn words_of(s: &State, index: usize) -> Option<PredictionWords> {
    let id = &s.spec.scenario.predictions.get(index)?.id;
    s.lab.predictions.iter().find(|w| w.id == *id).cloned()
}

fn question(handle: Handle, index: usize, words: PredictionWords) -> impl IntoView {
    let picked = RwSignal::new(None::<String>);
    let sure = RwSignal::new(Sure::Think);
    let name = format!("predict-{}", words.id);
    let (options_name, sure_name) = (name.clone(), format!("{name}-sure"));
    let option = move |w: hopscope_core::lesson::OptionWords| {
        let (id, chosen) = (w.id.clone(), w.id.clone());
        view! {
            <label class="predict-option">
                <input type="radio" name=options_name.clone() value=w.id.clone() prop:checked=move || picked.with(|p| p.as_deref() == Some(chosen.as_str())) on:change=move |_| picked.set(Some(id.clone())) />
                <span inner_html=w.text></span>
            </label>
        }
    };
    let degree = move |(degree, label): (Sure, &'static str)| {
        view! {
            <label class="segment">
                <input type="radio" name=sure_name.clone() prop:checked=move || sure.get() == degree on:change=move |_| sure.set(degree) />
                <span>{label}</span>
            </label>
        }
    };
    let lock = move |_| {
        if let Some(option) = picked.get_untracked() {
            commit(handle, index, option, sure.get_untracked());
        }
    };
    view! {
        <div class="predict card">
            <fieldset class="predict-options">
                <legend><span class="kicker">"Predict"</span><span class="predict-ask" inner_html=words.ask></span></legend>
                {words.options.into_iter().map(option).collect_view()}
            </fieldset>
            <div class="predict-foot">
                <fieldset class="segments"><legend class="segments-legend">"How sure are you?"</legend>{SURE.into_iter().map(degree).collect_view()}</fieldset>
                <button type="button" class="primary-button" prop:disabled=move || picked.with(Option::is_none) on:click=lock>"Lock it in and run"</button>
            </div>
        </div>
    }
}

fn verdict(handle: Handle, index: usize) -> impl IntoView {
    let html = move || handle.watch(|s| verdict_html(s, index));
    let waiting = Memo::new(move |_| handle.watch(|s| s.answers[index].as_ref().is_some_and(|g| !g.revealed)));
    let finish = move |_| {
        player::pause(handle);
        handle.change(|s| {
            let at = told_at(&s.spec.scenario.predictions[index]);
            s.seek_time(at);
            reveal_due(s);
        });
    };
    view! {
        <div class="predict card">
            <div inner_html=html aria-live="polite"></div>
            <Show when=move || waiting.get()>
                <button type="button" class="outline-button" on:click=finish>"Skip to the answer"</button>
            </Show>
        </div>
    }
}

fn verdict_html(s: &State, index: usize) -> String {
    let (Some(given), Some(words)) = (s.answers[index].as_ref(), words_of(s, index)) else { return String::new() };
    let prediction = &s.spec.scenario.predictions[index];
    let sure = SURE.iter().find(|(degree, _)| *degree == given.sure).map_or("", |(_, label)| label);
    let right = given.truth.option.clone();
    let class = |id: &str| match (given.revealed, right.as_deref() == Some(id), given.option == id) {
        (true, true, _) => "predict-option is-right",
        (true, false, true) => "predict-option is-wrong",
        (false, _, true) => "predict-option is-chosen",
        _ => "predict-option",
    };
    maud::html! {
        p.kicker { "Predict · " (if given.revealed { "scored" } else { "locked in" }) " · you were " (sure.to_lowercase()) }
        p.predict-ask { (maud::PreEscaped(&words.ask)) }
        ul.predict-options {
            @for option in &words.options {
                li class=(class(&option.id)) {
                    span.predict-text { (maud::PreEscaped(&option.text)) }
                    @if given.revealed && right.as_deref() == Some(option.id.as_str()) { span.verdict-word.ok { "✓ What happened" } }
                    @if given.option == option.id { span.verdict-word { (if !given.revealed { "Your answer" } else if given.right() { "Your answer" } else { "✕ Your answer" }) } }
                    @if given.revealed { span.predict-why { (maud::PreEscaped(&option.why)) } }
                }
            }
        }
        p.predict-result {
            @if given.revealed { (result(given, prediction)) } @else { "The run decides. Watch it, or skip to the answer." }
        }
    }
    .into_string()
}

fn result(given: &Given, prediction: &Prediction) -> String {
    match (&prediction.ask, given.truth.value, &given.truth.picked) {
        (Ask::Value { until, .. }, Some(value), _) => format!("At {until} the run says {}.", number(value)),
        (_, _, Some(picked)) => format!("{picked} was picked."),
        _ => "The run gave no answer.".to_owned(),
    }
}

fn number(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    en::value(&hopscope_core::scenario::Value::Number(rounded))
}
