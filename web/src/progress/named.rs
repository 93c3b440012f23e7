//! Records by name.
//!
//! A tree would be compiled anew for each kind of record, at five kilobytes each in a browser.
//! There are some dozens of records at most, so a list does.

use serde::{Deserialize, Serialize};

/// Records in the order of their names. It is written as a map is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Named<T>(Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Named<T> {
    /// The record of that name, if there is one.
    pub(crate) fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, record)| record)
    }

    /// The same, to change it.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.0.iter_mut().find(|(known, _)| known == name).map(|(_, record)| record)
    }

    /// Puts a record there, in place of the one that there was.
    pub(crate) fn insert(&mut self, name: String, record: T) {
        let place = self.0.iter().position(|(known, _)| *known >= name).unwrap_or(self.0.len());
        match self.0.get_mut(place) {
            Some((known, there)) if *known == name => *there = record,
            _ => self.0.insert(place, (name, record)),
        }
    }

    /// The record of that name, which is made if there is none.
    pub(crate) fn or_default(&mut self, name: &str) -> &mut T
    where
        T: Default,
    {
        let place = self.0.iter().position(|(known, _)| known.as_str() >= name).unwrap_or(self.0.len());
        if self.0.get(place).is_none_or(|(known, _)| known != name) {
            self.0.insert(place, (name.to_owned(), T::default()));
        }
        &mut self.0[place].1
    }

    /// Every record with its name.
    pub(crate) fn iter(&self) -> core::slice::Iter<'_, (String, T)> {
        self.0.iter()
    }
}

impl<T> IntoIterator for Named<T> {
    type Item = (String, T);
    type IntoIter = std::vec::IntoIter<(String, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_once() {
        let mut named = Named::default();
        for (name, n) in [("b", 1), ("a", 2), ("c", 3), ("b", 4)] {
            named.insert(name.to_owned(), n);
        }
        *named.or_default("aa") += 5;
        *named.or_default("c") += 6;
        let all: Vec<(&str, i32)> = named.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        assert_eq!(all, [("a", 2), ("aa", 5), ("b", 4), ("c", 9)]);
        assert_eq!(named.get("b"), Some(&4));
        assert_eq!(named.get_mut("d"), None);
    }

    #[test]
    fn it_is_written_as_a_map_is() {
        let entries = [("b".to_owned(), 1u32), ("a".to_owned(), 2)];
        let mut named = Named::default();
        entries.iter().for_each(|(name, n)| named.insert(name.clone(), *n));
        let map: std::collections::BTreeMap<String, u32> = entries.into();
        assert_eq!(postcard::to_allocvec(&named), postcard::to_allocvec(&map));
    }
}
