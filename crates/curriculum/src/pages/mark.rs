//! The marks of the course: shape carries the meaning, colour repeats it.

use maud::{Markup, html};

/// What a mark stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// A request or response that is fine.
    Request,
    /// Answered from a cache.
    CacheHit,
    /// Sent again.
    Retry,
    /// A health probe that is under way.
    Probe,
    /// A health probe that failed.
    FailedProbe,
    /// A question to the resolver.
    Lookup,
}

/// The mark's shape around the origin.
pub(crate) fn shape(mark: Mark) -> Markup {
    match mark {
        Mark::Request => html! { circle.mark.f-ok r="5" {} },
        Mark::CacheHit => html! { rect.mark.f-cache x="-5" y="-5" width="10" height="10" rx="1" {} },
        Mark::Retry => html! { path.mark.f-cache d="M0 -6.5 6.5 5.5 -6.5 5.5Z" {} },
        Mark::Probe => html! { path.mark.hollow.s-ink2 d="M0 -6.5 6.5 0 0 6.5 -6.5 0Z" {} },
        Mark::FailedProbe => html! {
            path.mark.f-error d="M0 -8.5 8.5 0 0 8.5 -8.5 0Z" {}
            path.cross d="M-2.6 -2.6 2.6 2.6M2.6 -2.6 -2.6 2.6" {}
        },
        Mark::Lookup => html! { circle.mark.f-edge r="4.5" {} },
    }
}

/// A legend entry: the mark and its word.
pub(crate) fn legend(mark: Mark, word: &str) -> Markup {
    html! {
        li {
            svg.legend-mark viewBox="-9 -9 18 18" width="18" height="18" aria-hidden="true" focusable="false" { (shape(mark)) }
            (word)
        }
    }
}
