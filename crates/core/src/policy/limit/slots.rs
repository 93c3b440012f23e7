//! Which slot each key has: a hash table that never stops to grow.
//!
//! A directory points at pages by the first bits of a key; a page that is full is split in two, so
//! that no insertion costs more than one page and, now and then, a directory twice as long
//! (extendible hashing: Fagin, Nievergelt, Pippenger and Strong, 1979). Copies share pages.

use std::rc::Rc;

use super::key::Key;
use super::pages::Pages;

/// Entries on one page.
const ENTRIES: usize = 32;

/// So many entries on a page, and it is split.
const FULL: u8 = 26;

/// The longest the bits of the directory get: some 200 million keys.
const DEEPEST: u8 = 24;

/// No slot.
const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Entry {
    key: u64,
    slot: u32,
    /// Whether it was looked up since the hand last passed.
    used: bool,
}

const EMPTY: Entry = Entry { key: 0, slot: NONE, used: false };

#[derive(Clone, Debug)]
struct Page {
    entries: [Entry; ENTRIES],
    len: u8,
    /// How many first bits all of its keys share.
    depth: u8,
}

/// Where an entry is looked for first. The directory uses the first bits, this the last.
const fn home(key: u64) -> usize {
    key as usize % ENTRIES
}

impl Page {
    const fn new(depth: u8) -> Self {
        Self { entries: [EMPTY; ENTRIES], len: 0, depth }
    }

    /// The place of a key, or the free one where it would go.
    fn place(&self, key: u64) -> Result<usize, usize> {
        let mut at = home(key);
        // There is a free entry on every page.
        loop {
            let entry = &self.entries[at];
            match entry.slot {
                NONE => return Err(at),
                _ if entry.key == key => return Ok(at),
                _ => at = (at + 1) % ENTRIES,
            }
        }
    }

    fn insert(&mut self, entry: Entry) {
        if let Err(at) = self.place(entry.key) {
            self.entries[at] = entry;
            self.len += 1;
        }
    }

    /// Takes an entry out and moves up those that stood behind their place because of it.
    fn remove(&mut self, mut hole: usize) {
        self.len -= 1;
        let mut at = hole;
        loop {
            self.entries[hole] = EMPTY;
            loop {
                at = (at + 1) % ENTRIES;
                let entry = self.entries[at];
                if entry.slot == NONE {
                    return;
                }
                let far = (at + ENTRIES - home(entry.key)) % ENTRIES;
                if far >= (at + ENTRIES - hole) % ENTRIES {
                    self.entries[hole] = entry;
                    break;
                }
            }
            hole = at;
        }
    }
}

/// What became of a key that was looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It has this slot.
    Known(u32),
    /// It is new and got this slot, which may have been another's.
    New(u32),
    /// There is no room for it.
    Full,
}

/// Slots by key, at most so many.
#[derive(Clone, Debug)]
pub(super) struct Slots {
    /// Numbers of pages, by the first bits of a key.
    directory: Vec<u32>,
    /// How many first bits the directory looks at.
    depth: u8,
    pages: Vec<Rc<Page>>,
    most: u32,
    /// Whose slot each one is.
    keys: Pages<u64>,
    /// Slots ever used, and those that are free again.
    made: u32,
    free: Vec<u32>,
    hand: u32,
}

impl Slots {
    /// No slots yet, and never more than `most`.
    pub(super) fn new(most: u32) -> Self {
        let (directory, pages) = (vec![0], vec![Rc::new(Page::new(0))]);
        Self { directory, depth: 0, pages, most: most.min(NONE - 1), keys: Pages::default(), made: 0, free: Vec::new(), hand: 0 }
    }

    /// How many keys have a slot.
    pub(super) fn len(&self) -> u32 {
        self.made - self.free.len() as u32
    }

    /// The place of a key in the directory, and its page there.
    fn page_of(&self, key: u64) -> (usize, usize) {
        // A shift by all 64 bits leaves nothing.
        let place = key.checked_shr(64 - u32::from(self.depth)).unwrap_or(0) as usize;
        (place, self.directory[place] as usize)
    }

    /// The slot of a key, if it has one.
    pub(super) fn get(&self, key: Key) -> Option<u32> {
        let page = &self.pages[self.page_of(key.bits()).1];
        page.place(key.bits()).ok().map(|at| page.entries[at].slot)
    }

    /// The slot of a key, which it keeps or gets. When there is none left, `evict` says whether a key
    /// that was not used of late loses its own: the first that the hand finds which nobody looked up
    /// since it passed last (the clock algorithm: Corbató, 1968).
    pub(super) fn find(&mut self, key: Key, evict: bool) -> Found {
        let number = self.page_of(key.bits()).1;
        let page = &self.pages[number];
        if let Ok(at) = page.place(key.bits()) {
            let Entry { slot, used, .. } = page.entries[at];
            if !used && self.most < NONE - 1 {
                self.write(number).entries[at].used = true;
            }
            return Found::Known(slot);
        }
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None if self.made < self.most => {
                self.made += 1;
                self.made - 1
            }
            None if evict && self.made > 0 => self.evict(),
            None => return Found::Full,
        };
        self.keys.put(slot, key.bits());
        self.insert(Entry { key: key.bits(), slot, used: false });
        Found::New(slot)
    }

    /// Takes the slot of a key away; who comes next gets it.
    pub(super) fn remove(&mut self, key: Key) {
        let slot = self.take_out(key.bits());
        self.free.extend(slot);
    }

    fn write(&mut self, number: usize) -> &mut Page {
        Rc::make_mut(&mut self.pages[number])
    }

    fn take_out(&mut self, key: u64) -> Option<u32> {
        let number = self.page_of(key).1;
        let at = self.pages[number].place(key).ok()?;
        let slot = self.pages[number].entries[at].slot;
        self.write(number).remove(at);
        Some(slot)
    }

    fn evict(&mut self) -> u32 {
        loop {
            let slot = self.hand;
            self.hand = (self.hand + 1) % self.made;
            let key = self.keys.get(slot).copied().unwrap_or(0);
            let number = self.page_of(key).1;
            match self.pages[number].place(key) {
                Ok(at) if self.pages[number].entries[at].used => self.write(number).entries[at].used = false,
                Ok(at) => {
                    self.write(number).remove(at);
                    return slot;
                }
                Err(_) => {}
            }
        }
    }

    fn insert(&mut self, entry: Entry) {
        loop {
            let (place, number) = self.page_of(entry.key);
            let page = &self.pages[number];
            if page.len < FULL {
                return self.write(number).insert(entry);
            }
            if page.depth < DEEPEST {
                self.split(place, number);
            } else if let Some(victim) = page.entries.iter().find(|entry| entry.slot != NONE).copied() {
                // So many keys with the same first bits come from nobody by chance. One of them goes.
                self.take_out(victim.key);
                self.free.push(victim.slot);
            }
        }
    }

    fn split(&mut self, place: usize, number: usize) {
        let (mut place, old) = (place, self.pages[number].clone());
        if old.depth == self.depth {
            self.directory = self.directory.iter().flat_map(|&page| [page, page]).collect();
            self.depth += 1;
            place *= 2;
        }
        let depth = old.depth + 1;
        let mut halves = [Page::new(depth), Page::new(depth)];
        for entry in old.entries.iter().filter(|entry| entry.slot != NONE) {
            halves[(entry.key >> (64 - depth)) as usize % 2].insert(*entry);
        }
        let [low, high] = halves.map(Rc::new);
        self.pages[number] = low;
        // Every place that pointed at the page stands in one row; the second half gets the new one.
        let half = 1 << (self.depth - depth);
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
        Key::of(&n.to_le_bytes()).expect("four bytes are a key")
    }

    proptest! {
        #[test]
        fn it_does_as_a_map_does(steps in prop::collection::vec((0u32..400, any::<bool>()), 1..2_000)) {
            let (mut slots, mut map) = (Slots::new(u32::MAX), BTreeMap::new());
            for (n, put) in steps {
                match (put, map.get(&n).copied()) {
                    (true, Some(slot)) => prop_assert_eq!(slots.find(key(n), false), Found::Known(slot)),
                    (true, None) => {
                        let Found::New(slot) = slots.find(key(n), false) else { return Err(TestCaseError::fail("it is new")) };
                        prop_assert!(map.values().all(|&other| other != slot), "nobody else has its slot");
                        map.insert(n, slot);
                    }
                    (false, known) => {
                        prop_assert_eq!(slots.get(key(n)), known);
                        slots.remove(key(n));
                        map.remove(&n);
                    }
                }
                prop_assert_eq!(slots.len() as usize, map.len());
            }
            for (&n, &slot) in &map {
                prop_assert_eq!(slots.get(key(n)), Some(slot));
            }
        }
    }

    #[test]
    fn a_hundred_thousand_keys_find_their_slots_again() {
        let mut slots = Slots::new(u32::MAX);
        for n in 0..100_000 {
            assert_eq!(slots.find(key(n), false), Found::New(n));
        }
        assert!((0..100_000).all(|n| slots.get(key(n)) == Some(n)));
    }

    #[test]
    fn who_is_used_stays_and_who_is_not_makes_room() {
        let mut slots = Slots::new(3);
        (0..3).for_each(|n| _ = slots.find(key(n), true));
        assert_eq!(slots.find(key(9), false), Found::Full);
        slots.find(key(0), true);
        slots.find(key(2), true);
        assert_eq!(slots.find(key(9), true), Found::New(1), "1 was not looked up again");
        assert_eq!([0, 1, 2, 9].map(|n| slots.get(key(n)).is_some()), [true, false, true, true]);
    }

    #[test]
    fn keys_that_all_begin_alike_push_each_other_out_and_nothing_breaks() {
        let mut slots = Slots::new(1_000);
        for n in 0..500 {
            slots.find(Key::from_bits(n), true);
        }
        assert_eq!(slots.len(), u32::from(FULL));
    }
}
