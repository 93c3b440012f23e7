//! Keeping progress in a file, reading it back, and deleting it.

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, Element, File, HtmlAnchorElement, HtmlDialogElement, HtmlInputElement, Url};

use crate::progress::{self, Tally, Unreadable};
use crate::quiz::first;

/// A file that is longer than this is none of ours; a year of every day's reviews is a hundredth of it.
const LONGEST: f64 = 4_000_000.0;

/// A button of the part was pushed. Whether it was one of its own.
pub(super) fn clicked(page: &Element, button: &Element) -> bool {
    if button.has_attribute("data-export") {
        let words = if export().is_some() {
            "The file is on its way to your downloads."
        } else {
            "This browser does not let the page save a file."
        };
        say(button.closest("dialog, section").ok().flatten().as_ref().unwrap_or(page), words);
    } else if button.has_attribute("data-reset") {
        open(page);
    } else if button.has_attribute("data-reset-close") {
        close(page);
    } else if button.has_attribute("data-reset-now") {
        progress::reset();
        close(page);
        say(page, "Everything is deleted. A file that you have kept can still be imported.");
    } else {
        return false;
    }
    true
}

/// A file was chosen. Whether the field was the one for it.
pub(super) fn changed(page: &Element, input: &HtmlInputElement) -> bool {
    if !input.has_attribute("data-import") {
        return false;
    }
    if let Some(file) = input.files().and_then(|files| files.get(0)) {
        let (page, input) = (page.clone(), input.clone());
        spawn_local(async move {
            say(&page, &read(&file).await);
            // The same file chosen again is a change again.
            input.set_value("");
        });
    }
    true
}

async fn read(file: &File) -> String {
    if file.size() > LONGEST {
        return "This is not a file of Hopscope's progress: it is far too long. Choose one that was exported here.".to_owned();
    }
    match JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string()) {
        Some(text) => told(progress::import(&text)),
        None => "The file could not be read. Choose it again, or copy it to this device first.".to_owned(),
    }
}

/// What an import came to, in words.
fn told(result: Result<Tally, Unreadable>) -> String {
    match result {
        Ok(added) if added == Tally::default() => "Everything in this file was here already.".to_owned(),
        Ok(added) => format!("Added from the file: {}. Nothing that was here has been lost.", added.in_words()),
        Err(Unreadable::Newer(_)) => {
            "This file comes from a newer version of this site. Reload the page to get that version, then import it again.".to_owned()
        }
        Err(Unreadable::Damaged) => {
            "This file is not Hopscope's progress, or it is damaged. Choose a file that was exported here; nothing has been changed."
                .to_owned()
        }
    }
}

fn export() -> Option<()> {
    let document = web_sys::window()?.document()?;
    let blob = Blob::new_with_str_sequence(&Array::of1(&progress::export().into())).ok()?;
    let address = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&address);
    let day = js_sys::Date::new_0().to_iso_string().as_string().unwrap_or_default();
    link.set_download(&format!("hopscope-progress-{}.txt", day.split('T').next().unwrap_or_default()));
    link.click();
    // The download holds the blob from here on.
    let _ = Url::revoke_object_url(&address);
    Some(())
}

fn dialog(page: &Element) -> Option<HtmlDialogElement> {
    first(page, "#reset-dialog")?.dyn_into().ok()
}

fn open(page: &Element) {
    let Some(dialog) = dialog(page) else { return };
    let there = progress::tally();
    if let Some(what) = first(&dialog, "[data-reset-what]").filter(|_| there != Tally::default()) {
        what.set_text_content(Some(&format!("That is {}, in this browser and in every open tab.", there.in_words())));
    }
    say(&dialog, "");
    let _ = dialog.show_modal();
}

fn close(page: &Element) {
    if let Some(dialog) = dialog(page) {
        dialog.close();
    }
}

/// Says something in the status line of a part.
fn say(part: &Element, words: &str) {
    if let Some(line) = first(part, "[data-kept]") {
        line.set_text_content(Some(words));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_says_what_it_came_to() {
        let some = Tally { answers: 3, reviews: 1, ..Tally::default() };
        assert_eq!(told(Ok(some)), "Added from the file: 3 answers, 1 review. Nothing that was here has been lost.");
        assert!(told(Ok(Tally::default())).contains("here already"));
        assert!(told(Err(Unreadable::Newer(9))).contains("newer version"));
        assert!(told(Err(Unreadable::Damaged)).contains("nothing has been changed"));
    }
}
