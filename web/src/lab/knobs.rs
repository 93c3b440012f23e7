//! Controls for knobs of every kind, made from the scenario's schema.

mod rows;

use hopscope_core::describe::en;
use hopscope_core::lesson::KnobWords;
use hopscope_core::scenario::{ActionKind, Knob, KnobKind, Value};
use leptos::prelude::*;

use super::run::Handle;

/// The control of a knob.
pub fn view(handle: Handle, knob: Knob) -> impl IntoView {
    let mut words = handle.with(|s| s.lab.knobs.iter().find(|w| w.id == knob.id).cloned()).unwrap_or_default();
    if words.label.is_empty() {
        words.label.clone_from(&knob.id);
    }
    let watched = knob.clone();
    let value = Memo::new(move |_| handle.watch(|s| s.knob_value(&watched)));
    let dial = Dial { handle, id: StoredValue::new(knob.id.clone()), value };
    let help = words.help.clone();
    let at_start = knob.at_start;
    let control = match knob.kind {
        KnobKind::Number { min, max, step, unit, default } => number(dial, &words, [min, max, step, default], unit).into_any(),
        KnobKind::Choice { of, .. } => choice(dial, &words, of).into_any(),
        KnobKind::Toggle { .. } => toggle(dial, &words).into_any(),
        KnobKind::Text { max, .. } => text(dial, &words, max).into_any(),
        KnobKind::Table { columns, max_rows, .. } => rows::table(dial, &words, columns as usize, max_rows as usize).into_any(),
        KnobKind::Order { .. } => rows::order(dial, &words).into_any(),
    };
    view! {
        <div class="setting">
            {control}
            {(!help.is_empty()).then(|| view! { <p class="setting-help">{help}</p> })}
            {at_start.then(|| view! { <p class="setting-help">"Holds from the start: the run begins anew."</p> })}
        </div>
    }
}

/// A knob's value and the means to turn it.
#[derive(Clone, Copy)]
struct Dial {
    handle: Handle,
    id: StoredValue<String>,
    value: Memo<Value>,
}

impl Dial {
    fn set(self, to: Value) {
        if self.value.get_untracked() == to {
            return;
        }
        let kind = ActionKind::Set { knob: self.id.get_value(), to };
        self.handle.change(|s| s.act(&kind));
    }

    fn name(self) -> String {
        self.handle.with(|s| format!("{}-{}", s.lab.id, self.id.get_value()))
    }
}

fn number(dial: Dial, words: &KnobWords, [min, max, step, default]: [f64; 4], unit: String) -> impl IntoView + use<> {
    let drag = RwSignal::new(None::<f64>);
    let value = move || match dial.value.get() {
        Value::Number(n) => n,
        _ => default,
    };
    let suffix = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let shown = move || format!("{}{suffix}", en::value(&Value::Number(drag.get().unwrap_or_else(value))));
    let spoken = shown.clone();
    let was = move || (value() != default).then(|| format!("was {}", en::value(&Value::Number(default))));
    let read = |event: &web_sys::Event| event_target_value(event).parse::<f64>().ok();
    let done = move |event: web_sys::Event| {
        drag.set(None);
        if let Some(n) = read(&event) {
            dial.set(Value::Number(n));
        }
    };
    view! {
        <label class="setting-number">
            <span class="setting-name">{words.label.clone()}</span>
            <output class="setting-value">{shown}</output>
            <input type="range" min=min.to_string() max=max.to_string() step=step.to_string() prop:value=move || value().to_string() aria-valuetext=spoken
                on:input=move |event| drag.set(read(&event)) on:change=done />
            <span class="setting-ends"><span>{min.to_string()}</span><span class="setting-was">{was}</span><span>{max.to_string()}</span></span>
        </label>
    }
}

fn choice(dial: Dial, words: &KnobWords, of: Vec<String>) -> impl IntoView + use<> {
    let name = dial.name();
    let choices = words.choices.clone();
    let one = move |id: String| {
        let shown = choices.iter().find(|(c, _)| *c == id).map_or_else(|| id.replace('_', " "), |(_, shown)| shown.clone());
        let (own, picked) = (id.clone(), id);
        view! {
            <label class="segment">
                <input type="radio" name=name.clone() prop:checked=move || dial.value.with(|v| matches!(v, Value::Choice(c) if *c == own)) on:change=move |_| dial.set(Value::Choice(picked.clone())) />
                <span>{shown}</span>
            </label>
        }
    };
    view! { <fieldset class="segments"><legend class="setting-name">{words.label.clone()}</legend>{of.into_iter().map(one).collect_view()}</fieldset> }
}

fn toggle(dial: Dial, words: &KnobWords) -> impl IntoView + use<> {
    let on = move || dial.value.with(|v| matches!(v, Value::Toggle(true)));
    view! {
        <label class="setting-toggle">
            <input type="checkbox" prop:checked=on on:change=move |event| dial.set(Value::Toggle(event_target_checked(&event))) />
            <span class="setting-name">{words.label.clone()}</span>
        </label>
    }
}

fn text(dial: Dial, words: &KnobWords, max: u32) -> impl IntoView + use<> {
    let value = move || match dial.value.get() {
        Value::Text(text) => text,
        _ => String::new(),
    };
    view! {
        <label class="setting-text">
            <span class="setting-name">{words.label.clone()}</span>
            <input type="text" class="mono" maxlength=max.to_string() autocomplete="off" spellcheck="false" prop:value=value on:change=move |event| dial.set(Value::Text(event_target_value(&event))) />
        </label>
    }
}
