//! Knobs with rows: tables such as routing rules, and things in an order.

use hopscope_core::lesson::KnobWords;
use hopscope_core::scenario::Value;
use leptos::prelude::*;

use super::Dial;

type Cells = Vec<Vec<String>>;

/// A table of cells with rows to add, remove and move. It is taken over as a whole, by a button,
/// because a half-written rule is no rule.
pub(super) fn table(dial: Dial, words: &KnobWords, columns: usize, max_rows: usize) -> impl IntoView + use<> {
    let current = move || match dial.value.get() {
        Value::Table(rows) => rows,
        _ => Vec::new(),
    };
    let draft = RwSignal::new(untrack(current));
    // Whatever else sets the knob, such as a seek, shows here too.
    Effect::new(move |_| draft.set(current()));
    let heads: Vec<String> = (0..columns).map(|i| words.columns.get(i).cloned().unwrap_or_default()).collect();
    let labels = StoredValue::new(heads.clone());
    let changed = move || draft.get() != current();
    let body = move || {
        let rows = draft.get();
        let last = rows.len().saturating_sub(1);
        rows.into_iter().enumerate().map(|(i, row)| row_view(draft, labels, i, last, row)).collect_view()
    };
    view! {
        <fieldset class="setting-table">
            <legend class="setting-name">{words.label.clone()}</legend>
            <table>
                <thead><tr><th scope="col">"Order"</th>{heads.into_iter().map(|head| view! { <th scope="col">{head}</th> }).collect_view()}<th scope="col"><span class="visually-hidden">"Change"</span></th></tr></thead>
                <tbody>{body}</tbody>
            </table>
            <div class="panel-buttons">
                <button type="button" class="quiet-button" prop:disabled={move || draft.with(Vec::len) >= max_rows} on:click=move |_| draft.update(|rows| rows.push(vec![String::new(); columns]))>"Add a row"</button>
                <button type="button" class="outline-button" prop:disabled=move || !changed() on:click=move |_| dial.set(Value::Table(draft.get_untracked()))>"Apply"</button>
            </div>
        </fieldset>
    }
}

fn row_view(draft: RwSignal<Cells>, labels: StoredValue<Vec<String>>, i: usize, last: usize, row: Vec<String>) -> impl IntoView {
    let cell = move |(j, text): (usize, String)| {
        let label = labels.with_value(|l| format!("{}, row {}", l[j], i + 1));
        view! { <td><input type="text" class="mono" autocomplete="off" spellcheck="false" aria-label=label prop:value=text on:change=move |event| draft.update(|rows| rows[i][j] = event_target_value(&event)) /></td> }
    };
    view! {
        <tr>
            <td class="row-order">{i + 1}</td>
            {row.into_iter().enumerate().map(cell).collect_view()}
            <td class="row-buttons">
                <button type="button" class="mini-button" aria-label=format!("Move row {} up", i + 1) prop:disabled=i == 0 on:click=move |_| draft.update(|rows| rows.swap(i, i - 1))>"↑"</button>
                <button type="button" class="mini-button" aria-label=format!("Move row {} down", i + 1) prop:disabled=i == last on:click=move |_| draft.update(|rows| rows.swap(i, i + 1))>"↓"</button>
                <button type="button" class="mini-button" aria-label=format!("Remove row {}", i + 1) on:click=move |_| draft.update(|rows| { rows.remove(i); })>"✕"</button>
            </td>
        </tr>
    }
}

/// Names in an order, each with buttons to move it.
pub(super) fn order(dial: Dial, words: &KnobWords) -> impl IntoView + use<> {
    let current = move || match dial.value.get() {
        Value::Order(names) => names,
        _ => Vec::new(),
    };
    let choices = StoredValue::new(words.choices.clone());
    let swap = move |i: usize, j: usize| {
        let mut names = current();
        names.swap(i, j);
        dial.set(Value::Order(names));
    };
    let items = move || {
        let names = current();
        let last = names.len().saturating_sub(1);
        let item = move |(i, name): (usize, String)| {
            let shown = choices.with_value(|c| c.iter().find(|(id, _)| *id == name).map_or(name.clone(), |(_, shown)| shown.clone()));
            let (up, down) = (format!("Move {shown} earlier"), format!("Move {shown} later"));
            view! {
                <li><span>{shown}</span>
                    <button type="button" class="mini-button" aria-label=up prop:disabled=i == 0 on:click=move |_| swap(i, i - 1)>"↑"</button>
                    <button type="button" class="mini-button" aria-label=down prop:disabled=i == last on:click=move |_| swap(i, i + 1)>"↓"</button>
                </li>
            }
        };
        names.into_iter().enumerate().map(item).collect_view()
    };
    view! { <fieldset class="setting-order"><legend class="setting-name">{words.label.clone()}</legend><ol>{items}</ol></fieldset> }
}
