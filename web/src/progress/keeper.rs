//! Keeps progress on a shelf that may be missing, full, damaged or shared with other tabs.

use super::format::{self, Unreadable, VERSION};
use super::record::Progress;

/// Where progress is stored.
pub(crate) const KEY: &str = "hopscope.progress";
/// Where it is stored a second time, before the first: if one of the two is cut short, the other is whole.
const COPY: &str = "hopscope.progress.copy";

/// Why a shelf does not take or give something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no shelf, or it may not be touched.
    Blocked,
    /// There is no room.
    Full,
}

/// Texts under names; the browser's storage, or a stand-in.
pub(crate) trait Shelf {
    /// The text of that name, if there is one.
    fn get(&self, key: &str) -> Result<Option<String>, Refusal>;
    /// Puts a text there.
    fn set(&self, key: &str, text: &str) -> Result<(), Refusal>;
    /// Takes it away.
    fn remove(&self, key: &str);
}

/// Progress in memory, and as much of it on the shelf as the shelf takes.
pub(crate) struct Keeper<S> {
    shelf: S,
    held: Progress,
    /// The text on the shelf as this keeper knows it.
    known: Option<String>,
    /// What was found damaged, in words.
    aside: Option<String>,
    /// Why the last write did not succeed, in words.
    failing: Option<&'static str>,
    /// A page must not write over what a newer one keeps, nor over what could not be set aside.
    hands_off: bool,
}

const BLOCKED: &str = "This browser does not let the site store anything, so your progress lasts only until this page is closed. Allow site data for this address to keep it.";
const FULL: &str = "The browser's storage for this site is full, so what you do from now on lasts only until this page is closed. Free some space: the next thing you do is then stored, and all before it.";
const OVERTAKEN: &str = "A newer version of this site is open in another tab, so what you do here lasts only until this page is closed. Reload the page to go on with the newer version.";

const RESTORED: &str = "The progress stored in this browser was damaged. It has been restored from the copy that is kept beside it.";

impl<S: Shelf> Keeper<S> {
    /// Reads what is on the shelf.
    pub(crate) fn open(shelf: S) -> Self {
        let mut keeper = Self { shelf, held: Progress::default(), known: None, aside: None, failing: None, hands_off: false };
        let mut damaged = false;
        match keeper.shelf.get(KEY) {
            Err(_) => keeper.failing = Some(BLOCKED),
            Ok(None) => {}
            Ok(Some(text)) => match format::decode(&text) {
                Ok(progress) => keeper.take_in(progress, text),
                Err(why) => {
                    keeper.set_aside(&text, why);
                    damaged = why == Unreadable::Damaged;
                }
            },
        }
        keeper.take_copy(damaged);
        keeper.take_back();
        keeper
    }

    /// The copy has what the first text lost when it was cut short, or did not come to have.
    fn take_copy(&mut self, damaged: bool) {
        if self.hands_off {
            return;
        }
        if let Ok(Some(text)) = self.shelf.get(COPY)
            && let Ok(progress) = format::decode(&text)
        {
            self.held.join(progress);
            if damaged {
                self.aside = Some(RESTORED.to_owned());
            }
            self.store();
        }
    }

    /// What is known.
    pub(crate) const fn held(&self) -> &Progress {
        &self.held
    }

    /// What to tell the learner, if anything is wrong.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.failing.map(str::to_owned).or_else(|| self.aside.clone())
    }

    /// Makes a change and stores it, together with what other tabs have stored meanwhile.
    pub(crate) fn change(&mut self, change: &mut dyn FnMut(&mut Progress)) {
        self.refresh();
        change(&mut self.held);
        self.store();
    }

    /// Deletes everything, here and in every other tab.
    pub(crate) fn reset(&mut self) {
        self.change(&mut |progress| *progress = progress.emptied());
        self.aside = None;
    }

    /// Takes in what was exported, however often this memory was deleted since.
    pub(crate) fn import(&mut self, mut progress: Progress) {
        self.change(&mut |held| {
            progress.resets = held.resets;
            held.join(progress.clone());
        });
    }

    /// Another tab has written this text, or has emptied the shelf. Returns whether anything is new.
    pub(crate) fn hear(&mut self, text: Option<String>) -> bool {
        let Some(text) = text else {
            // What is held here stays held, and is written again with the next change.
            self.known = None;
            return false;
        };
        match format::decode(&text) {
            Ok(theirs) => {
                let before = format::encode(&self.held);
                self.take_in(theirs, text);
                // Two tabs may write in the same moment; the one that was overwritten says it again.
                self.store();
                before != format::encode(&self.held)
            }
            Err(Unreadable::Newer(_)) => {
                self.hands_off = true;
                self.failing = Some(OVERTAKEN);
                false
            }
            // The next change sets it aside.
            Err(Unreadable::Damaged) => false,
        }
    }

    fn refresh(&mut self) {
        if self.hands_off {
            return;
        }
        match self.shelf.get(KEY) {
            Ok(Some(text)) if self.known.as_ref() != Some(&text) => match format::decode(&text) {
                Ok(progress) => self.take_in(progress, text),
                Err(Unreadable::Newer(_)) => {
                    self.hands_off = true;
                    self.failing = Some(OVERTAKEN);
                }
                Err(why) => self.set_aside(&text, why),
            },
            _ => {}
        }
    }

    fn take_in(&mut self, progress: Progress, text: String) {
        self.held.join(progress);
        self.known = Some(text);
    }

    fn store(&mut self) {
        if self.hands_off {
            return;
        }
        let text = format::encode(&self.held);
        if self.known.as_ref() == Some(&text) {
            return;
        }
        match self.put(&text) {
            Ok(()) => {
                self.known = Some(text);
                self.failing = None;
            }
            Err(Refusal::Blocked) => self.failing = Some(BLOCKED),
            Err(Refusal::Full) => self.failing = Some(FULL),
        }
    }

    /// The copy first. Where there is room for one of them only, it is not the copy's.
    fn put(&self, text: &str) -> Result<(), Refusal> {
        let copied = self.shelf.set(COPY, text);
        match self.shelf.set(KEY, text) {
            Err(Refusal::Full) => {
                self.shelf.remove(COPY);
                self.shelf.set(KEY, text)
            }
            done => {
                if copied.is_err() {
                    self.shelf.remove(COPY);
                }
                done
            }
        }
    }

    /// Renames what cannot be read, so that nothing writes over it.
    fn set_aside(&mut self, text: &str, why: Unreadable) {
        let name = self.free_name(text, why);
        // The room of the one is what the other needs.
        self.shelf.remove(KEY);
        if self.shelf.set(&name, text).is_err() {
            // It was there a moment ago, so there is room for it.
            let _ = self.shelf.set(KEY, text);
            self.hands_off = true;
            self.failing = Some(FULL);
            return;
        }
        self.known = None;
        self.aside = Some(match why {
            Unreadable::Damaged => format!("The progress stored in this browser was damaged, so it starts anew. The old data is kept in the browser's storage under \u{201c}{name}\u{201d}."),
            Unreadable::Newer(_) => "The progress stored in this browser comes from a newer version of this site than this page. It is kept and will be back: reload the page to get the newer version. Until then progress starts anew.".to_owned(),
        });
    }

    fn free_name(&self, text: &str, why: Unreadable) -> String {
        if let Unreadable::Newer(version) = why {
            return kept_for(version);
        }
        let is_free = |name: &String| self.shelf.get(name).is_ok_and(|there| there.is_none_or(|there| there == text));
        let mut numbered = (1..10).map(|n| format!("{KEY}.damaged-{n}"));
        numbered.find(is_free).unwrap_or_else(|| format!("{KEY}.damaged-1"))
    }

    /// An older page may have set progress aside that this one can read: it joins the rest.
    fn take_back(&mut self) {
        for version in 1..=VERSION {
            let name = kept_for(version);
            if let Ok(Some(text)) = self.shelf.get(&name)
                && let Ok(progress) = format::decode(&text)
            {
                self.held.join(progress);
                self.store();
                if self.failing.is_none() {
                    self.shelf.remove(&name);
                }
            }
        }
    }
}

/// The name under which a page that cannot read this version puts it.
fn kept_for(version: u32) -> String {
    format!("{KEY}.version-{version}")
}

#[cfg(test)]
mod tests;
