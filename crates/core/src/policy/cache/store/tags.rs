//! Surrogate keys: names under which objects are found besides their own.
//!
//! A tag has a list of entries and an object knows its own, so neither a tag that a million objects
//! share nor an object that leaves takes long.

use std::rc::Rc;

use xxhash_rust::xxh64::xxh64;

use super::index::{Index, NONE};
use super::links::{Ends, Links};

#[derive(Clone, Debug)]
struct Tag {
    name: Rc<str>,
    ends: Ends,
}

/// Which objects are tagged with what.
#[derive(Clone, Debug, Default)]
pub(super) struct Tags {
    index: Index,
    tags: Vec<Tag>,
    free_tags: Vec<u32>,
    /// For each entry its tag and its object, by their places.
    entries: Vec<(u32, u32)>,
    free_entries: Vec<u32>,
    links: Links,
}

fn hash_of(name: &str) -> u64 {
    xxh64(name.as_bytes(), 1)
}

impl Tags {
    fn find(&self, name: &str) -> Option<u32> {
        self.index.find(hash_of(name), |tag| self.tags.get(tag as usize).is_some_and(|tag| &*tag.name == name))
    }

    fn find_or_make(&mut self, name: &str) -> u32 {
        self.find(name).unwrap_or_else(|| {
            let tag = Tag { name: name.into(), ends: Ends::default() };
            let place = match self.free_tags.pop() {
                Some(place) => {
                    self.tags[place as usize] = tag;
                    place
                }
                None => {
                    self.tags.push(tag);
                    self.tags.len() as u32 - 1
                }
            };
            self.index.insert(hash_of(name), place);
            place
        })
    }

    /// Tags an object; its entries are to be given back to [`Tags::remove`].
    pub(super) fn add(&mut self, object: u32, names: &[&str]) -> Vec<u32> {
        let entry = |&name: &&str| {
            let tag = self.find_or_make(name);
            let entry = match self.free_entries.pop() {
                Some(entry) => {
                    self.entries[entry as usize] = (tag, object);
                    entry
                }
                None => {
                    self.entries.push((tag, object));
                    self.entries.len() as u32 - 1
                }
            };
            self.links.push_last(&mut self.tags[tag as usize].ends, entry);
            entry
        };
        names.iter().map(entry).collect()
    }

    /// Removes entries; a tag without any is forgotten.
    pub(super) fn remove(&mut self, entries: &[u32]) {
        for &entry in entries {
            let Some(&(tag, _)) = self.entries.get(entry as usize) else { continue };
            self.links.remove(&mut self.tags[tag as usize].ends, entry);
            self.free_entries.push(entry);
            if self.tags[tag as usize].ends.first == NONE {
                self.index.remove(hash_of(&self.tags[tag as usize].name), tag);
                self.free_tags.push(tag);
            }
        }
    }

    /// The names of entries.
    pub(super) fn names<'a>(&'a self, entries: &'a [u32]) -> impl Iterator<Item = &'a str> {
        let name = |&entry: &u32| self.tags.get(self.entries.get(entry as usize)?.0 as usize).map(|tag| &*tag.name);
        entries.iter().filter_map(name)
    }

    /// The objects of a tag in the order in which they came, one that has it twice twice.
    pub(super) fn objects(&self, name: &str) -> Vec<u32> {
        let some = |entry: u32| (entry != NONE).then_some(entry);
        let first = self.find(name).and_then(|tag| some(self.tags[tag as usize].ends.first));
        let entries = core::iter::successors(first, |&entry| some(self.links.next(entry)));
        entries.map(|entry| self.entries[entry as usize].1).collect()
    }
}
