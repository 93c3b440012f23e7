//! Where entries lie: by key, and under each key the variants in the order in which they came.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::entry::Entry;

/// The stored entries.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf(BTreeMap<String, Vec<Rc<Entry>>>);

impl Shelf {
    /// Everything under a key, the oldest first.
    pub fn get(&self, key: &str) -> &[Rc<Entry>] {
        self.0.get(key).map_or(&[], Vec::as_slice)
    }

    /// Adds an entry, behind the others.
    pub fn put(&mut self, key: &str, entry: Rc<Entry>) {
        self.0.entry(key.to_owned()).or_default().push(entry);
    }

    /// Puts an entry in the place of the one with its number; nothing happens without one.
    pub fn replace(&mut self, key: &str, entry: Rc<Entry>) {
        let place = self.0.get_mut(key).and_then(|list| list.iter_mut().find(|e| e.id == entry.id));
        if let Some(place) = place {
            *place = entry;
        }
    }

    /// Keeps what passes, under one key.
    pub fn retain(&mut self, key: &str, keep: impl Fn(&Entry) -> bool) {
        if let Some(list) = self.0.get_mut(key) {
            list.retain(|entry| keep(entry));
            if list.is_empty() {
                self.0.remove(key);
            }
        }
    }

    /// Takes out everything under this key, and under keys that add request fields to it.
    /// Says how many entries that were.
    pub fn remove(&mut self, key: &str) -> usize {
        let with = [key, "\n"].concat();
        let under: Vec<String> = self.0.range(key.to_owned()..).map(|(k, _)| k).take_while(|k| k.starts_with(key)).cloned().collect();
        under.iter().filter(|k| *k == key || k.starts_with(&with)).filter_map(|k| self.0.remove(k)).map(|list| list.len()).sum()
    }

    /// Takes out what belongs to a group on this origin. Says how many entries that were.
    pub fn remove_group(&mut self, group: &str) -> usize {
        let mut gone = 0;
        self.0.retain(|_, list| {
            let before = list.len();
            list.retain(|entry| !entry.groups.iter().any(|g| g == group));
            gone += before - list.len();
            !list.is_empty()
        });
        gone
    }

    /// Every entry with its key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.0.iter().flat_map(|(key, list)| list.iter().map(move |entry| (key.as_str(), &**entry)))
    }
}
