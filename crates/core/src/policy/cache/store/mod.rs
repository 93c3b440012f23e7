//! The store of a cache: objects by key and variant, within a bound, and who goes when it is full.
//!
//! Objects have places. A place stays an object's own for as long as it is stored, so a table of
//! them does not jump; lists, heap and tags know objects by their places, and everything but
//! walking over all of them takes no longer in a large store than in a small one.

pub mod ban;
mod heap;
mod index;
mod links;
mod object;
mod order;
mod pattern;
mod purge;
mod room;
mod rules;
mod size;
mod tags;
#[cfg(test)]
mod tests;

use std::rc::Rc;

use xxhash_rust::xxh64::xxh64;

use crate::time::Instant;

use ban::Bans;
use index::{Index, NONE};
use links::{Ends, Links};
use order::{Queue, Use};
use tags::Tags;

pub use object::{Fate, Gone, New, Object, Put, Spared, Why};
pub use order::{Order, Score};
pub use pattern::{Pattern, PatternError};
pub use purge::{Purged, keys_of};
pub use rules::{Room, Rules};
pub use size::{SQUID_ICONS, SQUID_PAGE, Size, Unit, varnish_head};

/// How many of those who would go next are named with an eviction.
pub const KEPT: usize = 8;

/// Objects by key and variant, within the bound of its [`Rules`].
#[derive(Clone, Debug)]
pub struct Store<T> {
    rules: Rules,
    objects: Vec<Option<Object<T>>>,
    free: Vec<u32>,
    /// By key and variant.
    index: Index,
    /// The newest variant by key, the others linked behind it.
    newest: Index,
    variants: Links,
    queue: Queue,
    tags: Tags,
    bans: Bans,
    used: u64,
    count: u32,
    /// The second of the clock in which room was last made, and one more; Squid's `lastWalk`.
    walked: u64,
    explains: bool,
    /// The name of a variant that has none, shared by all.
    nameless: Rc<str>,
}

/// What an object is found by in the two tables.
#[derive(Clone, Copy, Debug)]
struct Hashes {
    key: u64,
    /// Of key and variant.
    both: u64,
}

impl Hashes {
    fn of(key: &str, variant: &str) -> Self {
        let key = xxh64(key.as_bytes(), 0);
        // Most objects have one variant; their hash need not be computed twice.
        Self { key, both: if variant.is_empty() { key } else { xxh64(variant.as_bytes(), key) } }
    }
}

impl<T> Store<T> {
    /// An empty store.
    pub fn new(rules: Rules) -> Self {
        Self {
            rules,
            objects: Vec::new(),
            free: Vec::new(),
            index: Index::default(),
            newest: Index::default(),
            variants: Links::default(),
            queue: Queue::new(rules.order),
            tags: Tags::default(),
            bans: Bans::default(),
            used: rules.resident,
            count: 0,
            walked: 0,
            explains: false,
            nameless: Rc::from(""),
        }
    }

    /// Whether an eviction names those who would have gone next. Off at first: it costs a little.
    pub const fn explain(&mut self, on: bool) {
        self.explains = on;
    }

    /// Its rules.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// How many objects it has.
    pub const fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether it has no object.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// What its objects count, with what never goes, in bytes.
    pub const fn used(&self) -> u64 {
        self.used
    }

    /// Its bans.
    pub const fn bans(&self) -> &Bans {
        &self.bans
    }

    fn at(&self, place: u32) -> Option<&Object<T>> {
        self.objects.get(place as usize)?.as_ref()
    }

    fn at_mut(&mut self, place: u32) -> Option<&mut Object<T>> {
        self.objects.get_mut(place as usize)?.as_mut()
    }

    fn place_of(&self, key: &str, variant: &str) -> Option<u32> {
        self.place_by(Hashes::of(key, variant), key, variant)
    }

    fn place_by(&self, hashes: Hashes, key: &str, variant: &str) -> Option<u32> {
        // All of the hash is as good as sure, and spares most looks at texts that lie elsewhere.
        let is = |place: u32| {
            self.at(place).is_some_and(|object| object.hashes.both == hashes.both && &*object.key == key && &*object.variant == variant)
        };
        self.index.find(hashes.both, is)
    }

    /// The newest variant of a key.
    fn newest_by(&self, hashes: Hashes, key: &str) -> u32 {
        self.newest.find(hashes.key, |place| self.at(place).is_some_and(|object| &*object.key == key)).unwrap_or(NONE)
    }

    /// An object, without a use being noted.
    pub fn peek(&self, key: &str, variant: &str) -> Option<&Object<T>> {
        self.at(self.place_of(key, variant)?)
    }

    /// What the cache keeps of an object, to be changed, without a use being noted.
    pub fn peek_mut(&mut self, key: &str, variant: &str) -> Option<&mut T> {
        let place = self.place_of(key, variant)?;
        self.at_mut(place).map(|object| &mut object.value)
    }

    /// An object that is being used: it may go later for it.
    pub fn get(&mut self, key: &str, variant: &str, now: Instant) -> Option<&mut T> {
        let place = self.place_of(key, variant)?;
        let second = self.second(now);
        let object = self.objects.get_mut(place as usize)?.as_mut()?;
        object.asked = object.asked.saturating_add(1);
        object.used = now;
        let used = Use { count: object.asked, bytes: object.size.head + object.size.body, asked: second, second };
        if self.queue.touch(place, now.since(object.moved), used) {
            object.moved = now;
        }
        Some(&mut object.value)
    }

    /// The variants of a key, the newest first, as Varnish looks through them.
    pub fn variants(&self, key: &str) -> impl Iterator<Item = &Object<T>> {
        self.places_of(key).filter_map(|place| self.at(place))
    }

    fn places_of(&self, key: &str) -> impl Iterator<Item = u32> {
        let some = |place: u32| (place != NONE).then_some(place);
        core::iter::successors(some(self.newest_by(Hashes::of(key, ""), key)), move |&place| some(self.variants.next(place)))
    }

    /// Takes an object out.
    pub fn remove(&mut self, key: &str, variant: &str) -> Option<Object<T>> {
        let place = self.place_of(key, variant)?;
        self.take(place)
    }

    /// All objects by their places: each keeps its own for as long as it is stored.
    pub fn iter(&self) -> impl Iterator<Item = &Object<T>> {
        self.objects.iter().flatten()
    }

    /// Who would go first, so many at most, with how each stands.
    pub fn next_to_go(&self, count: usize) -> Vec<(&Object<T>, Score)> {
        let with_score = |place| Some((self.at(place)?, self.score(place)?));
        self.queue.next_to_go(count).into_iter().filter_map(with_score).collect()
    }

    fn score(&self, place: u32) -> Option<Score> {
        let object = self.at(place)?;
        Some(match (self.queue.key(place), self.queue.order) {
            (Some(key), _) => Score::Key(key),
            (None, Order::Fifo) => Score::Came(object.stored),
            (None, _) => Score::Moved(object.moved),
        })
    }

    /// The whole second that the clock shows.
    const fn second(&self, now: Instant) -> u64 {
        self.rules.wall.saturating_add(now.as_micros()) / 1_000_000
    }

    /// Puts an object into an own place and into every list.
    fn keep(&mut self, new: New<'_, T>, hashes: Hashes, cost: u64, now: Instant) {
        let place = self.free.pop().unwrap_or(self.objects.len() as u32);
        let newest = self.newest_by(hashes, new.key);
        // The variants of a key share its text.
        let key = self.at(newest).map_or_else(|| Rc::from(new.key), |other| Rc::clone(&other.key));
        let used = Use { count: 1, bytes: new.size.head + new.size.body, asked: self.second(new.asked), second: self.second(now) };
        let object = Object {
            key,
            variant: if new.variant.is_empty() { Rc::clone(&self.nameless) } else { Rc::from(new.variant) },
            size: new.size,
            cost,
            asked: 1,
            stored: now,
            used: now,
            moved: now,
            ban: self.bans.hold_newest(),
            tags: self.tags.add(place, new.tags),
            hashes,
            value: new.value,
        };
        self.index.insert(hashes.both, place);
        let mut ends = Ends { first: newest, last: newest };
        self.variants.push_first(&mut ends, place);
        if newest == NONE {
            self.newest.insert(hashes.key, place);
        } else {
            self.newest.replace(hashes.key, newest, place);
        }
        self.queue.add(place, used);
        if self.objects.len() == place as usize {
            self.objects.push(Some(object));
        } else {
            self.objects[place as usize] = Some(object);
        }
        self.used += cost;
        self.count += 1;
    }

    /// Takes the object of a place out of everything.
    fn take(&mut self, place: u32) -> Option<Object<T>> {
        let object = self.objects.get_mut(place as usize)?.take()?;
        let of_key = object.hashes.key;
        self.index.remove(object.hashes.both, place);
        let newest = self.newest.find(of_key, |other| other == place);
        let next = self.variants.next(place);
        self.variants.remove(&mut Ends { first: NONE, last: NONE }, place);
        match newest {
            Some(_) if next != NONE => self.newest.replace(of_key, place, next),
            Some(_) => self.newest.remove(of_key, place),
            None => {}
        }
        self.queue.remove(place);
        self.tags.remove(&object.tags);
        self.bans.release(object.ban);
        self.free.push(place);
        self.used -= object.cost;
        self.count -= 1;
        Some(object)
    }
}
