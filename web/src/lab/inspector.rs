//! Why the last decision fell as it did, what one request goes through, and what just happened.

use hopscope_core::world::{NO_ROOT, NodeId};
use maud::{PreEscaped, html};

use super::run::State;
use crate::views;
use crate::views::request::Trace;

/// Events shown at once, and in the long list.
const EVENTS: (usize, usize) = (12, 200);
/// Lines of access logs shown for each node.
const LINES: usize = 8;

/// The decision panel.
pub fn why(s: &State) -> String {
    views::decision::panel(s.timeline(), &s.lab, s.selected)
}

/// Traces the request that is followed, unless it has been.
pub fn trace(s: &mut State) {
    let Some(root) = s.request() else {
        s.traced = None;
        return;
    };
    let (run, actions) = (s.shown, s.timeline().actions().len());
    let holds = s.traced.as_ref().is_some_and(|t| (t.0, t.1, t.2) == (root, run, actions));
    if !holds {
        s.traced = Trace::of(s.timeline(), root).map(|trace| (root, run, actions, trace));
    }
}

/// The request panel, with buttons to go from one request to another.
pub fn request(s: &State) -> String {
    let id = &s.lab.id;
    html! {
        @match &s.traced {
            Some((.., trace)) => (PreEscaped(views::request::panel(trace, s.timeline(), &s.lab))),
            None => p.panel-empty { "No request has been sent yet. Step or play to send the first one." },
        }
        div.panel-buttons role="group" aria-label="Choose a request" {
            button.quiet-button type="button" id={ (id) "-earlier" } data-do="earlier" { "Earlier request" }
            button.quiet-button type="button" id={ (id) "-later" } data-do="later" { "Later request" }
            @if s.selected.is_some() { button.quiet-button type="button" id={ (id) "-follow" } data-do="follow" { "Follow the latest" } }
        }
    }
    .into_string()
}

/// The user's request before or after the one that is followed, among those that have been sent.
pub fn neighbour(s: &State, later: bool) -> Option<u32> {
    let arrived = s.timeline().log().arrived_until(s.timeline().position());
    let here = s.request().map_or(arrived.len(), |here| arrived.partition_point(|&(root, _)| root < here));
    let place = if later { here + 1 } else { here.checked_sub(1)? };
    arrived.get(place).map(|&(root, _)| root)
}

/// What just happened; each line leads to its event.
pub fn events(s: &State) -> String {
    let limit = if s.many_events { EVENTS.1 } else { EVENTS.0 };
    html! {
        div.panel-head {
            h4.panel-title { "What just happened" }
            button.link-button type="button" id={ (s.lab.id) "-many" } data-do="many" { (if s.many_events { "Show fewer" } else { "Show more" }) }
        }
        (PreEscaped(views::events::list(s.timeline(), &s.lab, limit)))
    }
    .into_string()
}

/// The request that an event belongs to.
pub fn root_of(s: &State, ordinal: u32) -> Option<u32> {
    let all = s.timeline().log().records();
    let first = all.partition_point(|r| r.ordinal < ordinal);
    let own = all[first..].iter().take_while(|r| r.ordinal == ordinal);
    own.map(|r| r.root).find(|&root| root != NO_ROOT)
}

/// Whether any node keeps an access log.
pub fn has_access_log(s: &State) -> bool {
    (0..s.spec.nodes.len()).any(|i| s.timeline().world().log_format(NodeId::new(i)).is_some())
}

/// The access logs.
pub fn access(s: &State) -> String {
    views::access::lines(s.timeline().log(), s.timeline().world(), &s.lab, s.timeline().position(), LINES)
}

/// One sentence for those who cannot see the stage, when time stands still.
pub fn status(s: &State) -> String {
    if s.playing || s.seeking.is_some() || !s.touched {
        return String::new();
    }
    let say = |r| views::names::say(r, s.timeline().world(), s.timeline().log(), &s.lab);
    html! { (s.records().last().map(say).unwrap_or_default()) }.into_string()
}
