//! Goals with their meters, and what makes a challenge of them: par, hints, a solution to watch.

use hopscope_core::scenario::Challenge;
use leptos::prelude::*;

use super::player;
use super::run::{Handle, State};
use crate::progress;
use crate::views;

/// The goals, if the lab has any.
pub fn view(handle: Handle) -> impl IntoView {
    let has_goals = handle.with(|s| !s.spec.scenario.goals.is_empty());
    has_goals.then(|| card(handle))
}

fn card(handle: Handle) -> impl IntoView {
    let challenge = handle.with(|s| s.spec.scenario.challenge.clone());
    let meters = move || handle.watch_slowly(|s| meters(s));
    let outcome = Memo::new(move |_| handle.watch_slowly(outcome));
    Effect::new(move |_| {
        if outcome.get() == Outcome::Won {
            handle.with(|s| progress::record_challenge(s.key(), s.timeline().actions().len() as u32));
        }
    });
    let word = move || match outcome.get() {
        Outcome::Won => "Every goal is met. Done.",
        Outcome::Lost => "The run is over and a goal is not met. Change something and run again.",
        Outcome::Open => "What counts is the end of the run.",
    };
    view! {
        <section class="panel panel-goals" aria-label="Goals">
            {challenge.as_ref().map(|c| heading(handle, c))}
            <div inner_html=meters></div>
            <p class="goal-word" role="status" data-outcome=move || format!("{:?}", outcome.get()).to_lowercase()>{word}</p>
            {challenge.map(|c| help(handle, c))}
        </section>
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Open,
    Won,
    Lost,
}

fn outcome(s: &State) -> Outcome {
    if !s.timeline().is_over() || s.runs.len() > 1 {
        return Outcome::Open;
    }
    let world = s.timeline().world();
    if s.spec.scenario.goals.iter().all(|g| g.holds(world.measure(&g.measure))) { Outcome::Won } else { Outcome::Lost }
}

fn meters(s: &State) -> String {
    let (world, over) = (s.timeline().world(), s.timeline().is_over());
    let meter = |goal: &hopscope_core::scenario::Goal| {
        let words = s.lab.goals.iter().find(|w| w.id == goal.id);
        views::goals::meter(goal, world.measure(&goal.measure), words, over)
    };
    s.spec.scenario.goals.iter().map(meter).collect()
}

fn heading(handle: Handle, challenge: &Challenge) -> impl IntoView + use<> {
    let par = challenge.par;
    let score = move || {
        handle.watch(|s| {
            let best = progress::challenge_best(s.key()).map(|n| format!(" · best: {n}")).unwrap_or_default();
            format!("Par {par} changes · you: {}{best}", s.timeline().actions().len())
        })
    };
    view! { <div class="panel-head"><h4 class="panel-title">"Challenge"</h4><p class="panel-note">{score}</p></div> }
}

fn help(handle: Handle, challenge: Challenge) -> impl IntoView {
    let hints = handle.with(|s| s.lab.hints.clone());
    let count = hints.len();
    let shown = Memo::new(move |_| handle.watch(|s| s.hints));
    let list = move || hints.iter().take(shown.get()).map(|hint| view! { <li inner_html=hint.clone()></li> }).collect_view();
    let label = move || format!("Hint, {} of {count}", (shown.get() + 1).min(count));
    let solve = move |_| {
        player::pause(handle);
        handle.change(|s| {
            s.start_over();
            s.seek_event(0);
            for kind in &challenge.solution {
                s.act(kind);
            }
        });
        handle.speed.set(1_000);
        player::play(handle);
    };
    view! {
        <ol class="hints" aria-live="polite">{list}</ol>
        <div class="panel-buttons">
            <Show when={move || shown.get() < count}>
                <button type="button" class="outline-button" on:click=move |_| handle.change(|s| s.hints += 1)>{label}</button>
            </Show>
            <Show when={move || shown.get() >= count}>
                <button type="button" class="quiet-button" on:click=solve.clone()>"Watch a solution"</button>
            </Show>
        </div>
    }
}
