//! Light or dark: as the system wishes, until the reader chooses.

use web_sys::{Document, Element, MediaQueryList, Window};

use crate::signal::{announce, listen};

/// Where the choice is stored, as plain text; a script in the head reads it before the first paint.
const KEY: &str = "hopscope.theme";

/// Dispatched on the document when what is drawn by hand has to take other colours.
pub(crate) const CHANGED: &str = "hopscope:theme";

/// The page's background in light and dark, for the browser's own bars.
const BARS: [&str; 2] = ["#F5F3EE", "#11141A"];

/// Whether the page is dark now.
pub(crate) fn is_dark() -> bool {
    let chosen = root().and_then(|root| root.get_attribute("data-theme"));
    match chosen.as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => system().is_some_and(|query| query.matches()),
    }
}

/// Makes the button switch, and follows the system and other tabs.
pub(crate) fn wire() {
    let (Some(window), Some(document)) = (web_sys::window(), document()) else { return };
    if chosen(&document).is_some() {
        colour_bars(&document);
    }
    if let Some(button) = document.get_element_by_id("theme-toggle") {
        listen(&button, "click", |_| {
            let theme = if is_dark() { "light" } else { "dark" };
            if let Some(storage) = storage() {
                // A choice that cannot be stored still holds on this page.
                let _ = storage.set_item(KEY, theme);
            }
            show(Some(theme));
        });
    }
    if let Some(query) = system() {
        listen(&query, "change", |_| announce(CHANGED, &[]));
    }
    follow_other_tabs(&window);
}

fn follow_other_tabs(window: &Window) {
    listen(window, "storage", |event| {
        use wasm_bindgen::JsCast;
        let Some(event) = event.dyn_ref::<web_sys::StorageEvent>() else { return };
        if event.key().as_deref() == Some(KEY) {
            show(event.new_value().as_deref().filter(|theme| matches!(*theme, "light" | "dark")));
        }
    });
}

/// Shows a theme; none follows the system.
fn show(theme: Option<&str>) {
    let Some(document) = document() else { return };
    if let Some(root) = root() {
        let _ = match theme {
            Some(theme) => root.set_attribute("data-theme", theme),
            None => root.remove_attribute("data-theme"),
        };
    }
    colour_bars(&document);
    announce(CHANGED, &[]);
}

fn chosen(document: &Document) -> Option<String> {
    document.document_element()?.get_attribute("data-theme")
}

/// Two entries in the head stand for the system's two wishes. A choice overrides both.
fn colour_bars(document: &Document) {
    let is_chosen = chosen(document).is_some();
    for (index, wish) in ["light", "dark"].into_iter().enumerate() {
        let selector = format!("meta[name=\"theme-color\"][media*=\"{wish}\"]");
        if let Ok(Some(bar)) = document.query_selector(&selector) {
            let _ = bar.set_attribute("content", BARS[if is_chosen { usize::from(is_dark()) } else { index }]);
        }
    }
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}

fn root() -> Option<Element> {
    document()?.document_element()
}

fn system() -> Option<MediaQueryList> {
    web_sys::window()?.match_media("(prefers-color-scheme: dark)").ok().flatten()
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok().flatten()
}
