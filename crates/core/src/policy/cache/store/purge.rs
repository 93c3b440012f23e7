//! Taking out what is no longer right: by key, by variant, by surrogate key; for good or softly.
//!
//! How a purge travels from one cache to the next is no matter of a store.

use super::Store;
use super::object::Object;

/// What a purge took out.
#[derive(Clone, Debug)]
pub struct Purged<T> {
    /// How many it says. An object with two of the keys counts for each, as xkey counts it.
    pub count: u32,
    /// What it took out.
    pub objects: Vec<Object<T>>,
}

/// The surrogate keys of a field, parted by blanks and commas (`xkey_tok` in Varnish's vmod xkey).
pub fn keys_of(field: &str) -> impl Iterator<Item = &str> {
    field.split([',', ' ', '\t']).filter(|key| !key.is_empty())
}

impl<T> Store<T> {
    fn take_all(&mut self, places: &[u32]) -> Purged<T> {
        let objects = places.iter().filter_map(|&place| self.take(place)).collect();
        Purged { count: places.len() as u32, objects }
    }

    fn soften(&mut self, places: &[u32], mut soften: impl FnMut(&mut T) -> bool) -> u32 {
        let softened = places.iter().filter(|&&place| self.at_mut(place).is_some_and(|object| soften(&mut object.value)));
        softened.count() as u32
    }

    /// Takes out all variants of a key (Varnish `return (purge)`).
    pub fn purge(&mut self, key: &str) -> Purged<T> {
        let places: Vec<u32> = self.places_of(key).collect();
        self.take_all(&places)
    }

    /// Takes out one variant of a key. Whoever asks without the fields by which it varies names
    /// another, finds nothing, and the variants stay (Squid's PURGE, which answers 404 then).
    pub fn purge_variant(&mut self, key: &str, variant: &str) -> Purged<T> {
        let place: Vec<u32> = self.place_of(key, variant).into_iter().collect();
        self.take_all(&place)
    }

    /// Lets all variants of a key run out and keeps them: `soften` ends the freshness of one and
    /// leaves its grace, and says whether there was any to end. Answers how many there were.
    pub fn soft_purge(&mut self, key: &str, soften: impl FnMut(&mut T) -> bool) -> u32 {
        let places: Vec<u32> = self.places_of(key).collect();
        self.soften(&places, soften)
    }

    fn tagged_places<'k>(&self, keys: impl Iterator<Item = &'k str>) -> Vec<u32> {
        keys.flat_map(|key| self.tags.objects(key)).collect()
    }

    /// Takes out what is tagged with any of the keys (`xkey.purge`).
    pub fn purge_keys<'k>(&mut self, keys: impl Iterator<Item = &'k str>) -> Purged<T> {
        let places = self.tagged_places(keys);
        self.take_all(&places)
    }

    /// Lets what is tagged with any of the keys run out and keeps it (`xkey.softpurge`); see
    /// [`Store::soft_purge`].
    pub fn soft_purge_keys<'k>(&mut self, keys: impl Iterator<Item = &'k str>, soften: impl FnMut(&mut T) -> bool) -> u32 {
        let places = self.tagged_places(keys);
        self.soften(&places, soften)
    }

    /// What is tagged with a key.
    pub fn tagged(&self, key: &str) -> impl Iterator<Item = &Object<T>> {
        self.tags.objects(key).into_iter().filter_map(|place| self.at(place))
    }

    /// The surrogate keys of an object of this store.
    pub fn tags<'a>(&'a self, object: &'a Object<T>) -> impl Iterator<Item = &'a str> {
        self.tags.names(&object.tags)
    }
}
