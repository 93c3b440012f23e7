//! The two pages about certificates: one makes them, one checks them. Both run in the browser
//! alone; a link carries everything, and nothing is sent anywhere.

mod again;
mod desk;
mod fetch;
mod own;
mod paper;
mod verdict;
mod verify;
mod work;

use web_sys::HtmlElement;

/// Brings a page about certificates to life: the one that checks them, or the one that makes them.
pub(crate) fn mount(place: &HtmlElement) {
    for notice in [".lab-loading", ".lab-notice", "noscript"] {
        if let Ok(Some(notice)) = place.query_selector(notice) {
            notice.remove();
        }
    }
    if place.has_attribute("data-verify-only") { verify::mount(place) } else { desk::mount(place) }
}
