//! What is kept for each key: a hash table that never stops to grow, and that is cheap to copy.
//!
//! A directory points at pages by the first bits of a key; a page that is full is split in two, so
//! that no insertion costs more than one page and, now and then, a directory twice as long
//! (extendible hashing: Fagin, Nievergelt, Pippenger and Strong, 1979). A run keeps a copy of its
//! world every so many events: copies share every page that nobody has written to since.

use std::rc::Rc;

use super::key::Key;

/// Places on one page. A copy that is written to pays for one page, so pages are short.
const PLACES: usize = 32;

/// So many values on a page, and it is split.
const FULL: u32 = 22;

/// The longest the bits of the directory get: some 200 million keys.
const DEEPEST: u8 = 24;

#[derive(Clone, Debug)]
struct Place<V> {
    key: u64,
    value: Option<V>,
}

#[derive(Clone, Debug)]
struct Page<V> {
    places: [Place<V>; PLACES],
    /// Which were looked up since the hand last passed, one bit each.
    used: u32,
    len: u32,
    /// How many first bits all of its keys share.
    depth: u8,
}

/// Where a value is looked for first. The directory uses the first bits, this the last.
const fn home(key: u64) -> usize {
    key as usize % PLACES
}

impl<V> Page<V> {
    fn new(depth: u8) -> Self {
        Self { places: core::array::from_fn(|_| Place { key: 0, value: None }), used: 0, len: 0, depth }
    }

    /// Where a key stands, or the free place where it would.
    fn find(&self, key: u64) -> Result<usize, usize> {
        let mut at = home(key);
        // There is a free place on every page.
        loop {
            let place = &self.places[at % PLACES];
            match place.value {
                None => return Err(at % PLACES),
                Some(_) if place.key == key => return Ok(at % PLACES),
                Some(_) => at += 1,
            }
        }
    }

    fn put(&mut self, key: u64, value: V) -> usize {
        let (Ok(at) | Err(at)) = self.find(key);
        self.len += u32::from(self.places[at].value.is_none());
        self.places[at] = Place { key, value: Some(value) };
        self.used &= !(1 << at);
        at
    }

    /// Takes a value out, and moves up those that stood behind their place because of it.
    fn take(&mut self, at: usize) -> Option<V> {
        let value = self.places[at].value.take();
        self.len -= u32::from(value.is_some());
        let (mut hole, mut next) = (at, (at + 1) % PLACES);
        self.used &= !(1 << hole);
        while self.places[next].value.is_some() {
            let from = |start: usize| (next + PLACES - start) % PLACES;
            if from(home(self.places[next].key)) >= from(hole) {
                self.places.swap(hole, next);
                self.used |= (self.used >> next & 1) << hole;
                self.used &= !(1 << next);
                hole = next;
            }
            next = (next + 1) % PLACES;
        }
        value
    }
}

/// Values by key, at most so many.
#[derive(Clone, Debug)]
pub(super) struct Table<V> {
    /// Numbers of pages, by the first bits of a key.
    directory: Vec<u32>,
    /// How many first bits the directory looks at.
    depth: u8,
    pages: Vec<Rc<Page<V>>>,
    len: u32,
    most: u32,
    /// Where the next eviction begins: a page, and a place on it.
    hand: (usize, usize),
}

impl<V: Clone> Table<V> {
    /// An empty table that never holds more than `most`.
    pub(super) fn new(most: u32) -> Self {
        Self { directory: vec![0], depth: 0, pages: vec![Rc::new(Page::new(0))], len: 0, most, hand: (0, 0) }
    }

    /// How many keys it holds.
    pub(super) const fn len(&self) -> u32 {
        self.len
    }

    /// The number of a key's page.
    fn number(&self, key: u64) -> usize {
        // A shift by all 64 bits leaves nothing.
        let place = key.checked_shr(64 - u32::from(self.depth)).unwrap_or(0);
        self.directory[place as usize] as usize
    }

    /// The value of a key.
    pub(super) fn get(&self, key: Key) -> Option<&V> {
        let page = &self.pages[self.number(key.bits())];
        page.find(key.bits()).ok().and_then(|at| page.places[at].value.as_ref())
    }

    /// The value of a key, for writing.
    pub(super) fn get_mut(&mut self, key: Key) -> Option<&mut V> {
        let number = self.number(key.bits());
        let at = self.pages[number].find(key.bits()).ok()?;
        let page = Rc::make_mut(&mut self.pages[number]);
        page.used |= 1 << at;
        page.places[at].value.as_mut()
    }

    /// The value of a key, made if there is none. In a full table somebody loses theirs for it: the first
    /// that the hand finds whom nobody looked up since it passed last (the clock algorithm: Corbató,
    /// 1968). `None` when it is full and nobody may.
    pub(super) fn entry(&mut self, key: Key, evict: bool, make: impl FnOnce() -> V) -> Option<&mut V> {
        let number = self.number(key.bits());
        let (number, at) = match self.pages[number].find(key.bits()) {
            Ok(at) => (number, at),
            Err(_) => self.admit(key.bits(), evict, make)?,
        };
        let page = Rc::make_mut(&mut self.pages[number]);
        page.used |= 1 << at;
        page.places[at].value.as_mut()
    }

    #[cold]
    fn admit(&mut self, key: u64, evict: bool, make: impl FnOnce() -> V) -> Option<(usize, usize)> {
        let room = self.len < self.most || (evict && self.evict());
        room.then(|| self.insert(key, make()))
    }

    /// Takes a key out.
    pub(super) fn remove(&mut self, key: Key) -> Option<V> {
        let number = self.number(key.bits());
        let at = self.pages[number].find(key.bits()).ok()?;
        self.len -= 1;
        Rc::make_mut(&mut self.pages[number]).take(at)
    }

    /// Takes somebody out who was not looked up of late; `false` when there is nobody.
    fn evict(&mut self) -> bool {
        // Whoever was looked up is passed over once, so two rounds find somebody.
        for _ in 0..self.pages.len() * 2 + 1 {
            let (number, from) = self.hand;
            let page = &self.pages[number];
            for at in from..PLACES {
                if page.places[at].value.is_none() {
                    continue;
                }
                if page.used >> at & 1 == 0 {
                    self.hand = (number, at);
                    self.len -= 1;
                    return Rc::make_mut(&mut self.pages[number]).take(at).is_some();
                }
            }
            if page.used >> from != 0 {
                Rc::make_mut(&mut self.pages[number]).used &= !(u32::MAX << from);
            }
            self.hand = ((number + 1) % self.pages.len(), 0);
        }
        false
    }

    fn insert(&mut self, key: u64, value: V) -> (usize, usize) {
        loop {
            let number = self.number(key);
            let page = &self.pages[number];
            if page.len >= FULL && page.depth < DEEPEST {
                self.split(key, number);
                continue;
            }
            let page = Rc::make_mut(&mut self.pages[number]);
            if page.len >= FULL {
                // So many keys with the same first bits come from nobody by chance. One of them goes.
                self.len -= u32::from((0..PLACES).find_map(|at| page.take(at)).is_some());
            }
            self.len += 1;
            return (number, page.put(key, value));
        }
    }

    fn split(&mut self, key: u64, number: usize) {
        let old = self.pages[number].clone();
        if old.depth == self.depth {
            self.directory = self.directory.iter().flat_map(|&page| [page, page]).collect();
            self.depth += 1;
        }
        let depth = old.depth + 1;
        let mut halves = [Page::new(depth), Page::new(depth)];
        for (at, place) in old.places.iter().enumerate() {
            if let Some(value) = &place.value {
                let half = &mut halves[(place.key >> (64 - depth)) as usize % 2];
                let there = half.put(place.key, value.clone());
                half.used |= (old.used >> at & 1) << there;
            }
        }
        let [low, high] = halves.map(Rc::new);
        self.pages[number] = low;
        // All who pointed at the page stand in one row; the second half of them gets the new one.
        let half = 1 << (self.depth - depth);
        let place = (key >> (64 - self.depth)) as usize;
        let upper = (place & !(half * 2 - 1)) + half;
        self.directory[upper..upper + half].fill(self.pages.len() as u32);
        self.pages.push(high);
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn key(n: u32) -> Key {
        // A hash, as by its bytes.
        Key::from_bits(xxhash_rust::xxh3::xxh3_64(&n.to_le_bytes()))
    }

    proptest! {
        #[test]
        fn it_does_as_a_map_does(steps in prop::collection::vec((0u32..400, 0u32..3), 1..2_000)) {
            let (mut table, mut map) = (Table::new(u32::MAX), BTreeMap::new());
            let mut copy = None;
            for (time, (n, what)) in steps.into_iter().enumerate() {
                match what {
                    0 => prop_assert_eq!(table.remove(key(n)), map.remove(&n)),
                    1 => prop_assert_eq!(table.get_mut(key(n)), map.get_mut(&n)),
                    _ => {
                        let value = table.entry(key(n), false, || time);
                        let known = map.entry(n).or_insert(time);
                        prop_assert_eq!(value, Some(&mut *known));
                    }
                }
                prop_assert_eq!(table.len() as usize, map.len());
                if time == 300 {
                    copy = Some((table.clone(), map.clone()));
                }
            }
            for (table, map) in copy.into_iter().chain([(table, map)]) {
                prop_assert!((0..400).all(|n| table.get(key(n)) == map.get(&n)), "a copy keeps what it had");
            }
        }
    }

    #[test]
    fn a_hundred_thousand_keys_are_found_again() {
        let mut table = Table::new(u32::MAX);
        (0..100_000).for_each(|n| _ = table.entry(key(n), false, || n));
        assert!((0..100_000).all(|n| table.get(key(n)) == Some(&n)));
    }

    #[test]
    fn a_copy_shares_what_nobody_wrote_to() {
        let mut table = Table::new(u32::MAX);
        (0..1_000).for_each(|n| _ = table.entry(key(n), false, || n));
        let copy = table.clone();
        table.get_mut(key(7)).into_iter().for_each(|value| *value = 0);
        assert_eq!((copy.get(key(7)), table.get(key(7))), (Some(&7), Some(&0)));
        let shared = table.pages.iter().zip(&copy.pages).filter(|(one, other)| Rc::ptr_eq(one, other)).count();
        assert_eq!(shared, table.pages.len() - 1);
    }

    #[test]
    fn who_is_used_stays_and_who_is_not_makes_room() {
        let mut table = Table::new(100);
        (0..100).for_each(|n| _ = table.entry(key(n), true, || n));
        assert_eq!(table.entry(key(200), false, || 0), None, "it is full");
        for n in 100..150 {
            // Half of the first ones are used all the time.
            (0..50).for_each(|used| assert_eq!(table.get_mut(key(used)), Some(&mut used.clone()), "after {n}"));
            assert!(table.entry(key(n), true, || n).is_some());
            assert_eq!(table.len(), 100);
        }
    }

    #[test]
    fn keys_that_all_begin_alike_push_each_other_out_and_nothing_breaks() {
        let mut table = Table::new(1_000);
        (0..500).for_each(|n| _ = table.entry(Key::from_bits(n), true, || n));
        assert_eq!(table.len(), FULL);
        assert_eq!(table.get(Key::from_bits(499)), Some(&499));
    }
}
