//! On a narrow page the panels of a lab share one place; this chooses which is seen.

use leptos::prelude::*;

use super::run::Handle;

/// A panel of a narrow lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// Why a decision fell as it did.
    Why,
    /// One request on its way.
    Request,
    /// Rates and latencies over time.
    Charts,
    /// Knobs and faults.
    Settings,
    /// What happened.
    Log,
}

impl Tab {
    /// The tab's name in class names and on its button.
    pub const fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Why => ("why", "Why"),
            Self::Request => ("request", "Request"),
            Self::Charts => ("charts", "Charts"),
            Self::Settings => ("settings", "Settings"),
            Self::Log => ("log", "Log"),
        }
    }
}

/// The row of buttons that a narrow page shows.
pub fn view(handle: Handle) -> impl IntoView {
    let button = move |tab: Tab| {
        view! {
            <button type="button" class="tab" aria-pressed=move || (handle.tab.get() == tab).to_string() on:click=move |_| handle.tab.set(tab)>{tab.names().1}</button>
        }
    };
    let all = [Tab::Why, Tab::Request, Tab::Charts, Tab::Settings, Tab::Log];
    view! { <div class="tabs" role="group" aria-label="Panels">{all.into_iter().map(button).collect_view()}</div> }
}
