//! Where something with a name is kept: a hash table of places.
//!
//! The names themselves stay with the things; nobody ever walks the table, so its order cannot show.

/// No place.
pub(super) const NONE: u32 = u32::MAX;

/// An open table with linear probing. What is removed leaves no mark: those behind it move up.
#[derive(Clone, Debug, Default)]
pub(super) struct Index {
    /// Part of the hash, and the place or [`NONE`]. As many as a power of two, or none at all.
    cells: Vec<(u32, u32)>,
    filled: usize,
}

/// The half of a hash that the table keeps.
const fn half(hash: u64) -> u32 {
    (hash ^ (hash >> 32)) as u32
}

impl Index {
    const fn mask(&self) -> usize {
        self.cells.len().wrapping_sub(1)
    }

    /// The place under that hash for which `is` holds.
    #[inline]
    pub(super) fn find(&self, hash: u64, is: impl Fn(u32) -> bool) -> Option<u32> {
        let wanted = half(hash);
        let mut at = wanted as usize & self.mask();
        loop {
            let &(hash, place) = self.cells.get(at)?;
            if place == NONE {
                return None;
            }
            if hash == wanted && is(place) {
                return Some(place);
            }
            at = (at + 1) & self.mask();
        }
    }

    /// Keeps a place that is not there yet.
    pub(super) fn insert(&mut self, hash: u64, place: u32) {
        if (self.filled + 1) * 4 > self.cells.len() * 3 {
            let wider = vec![(0, NONE); (self.cells.len() * 2).max(8)];
            for (hash, place) in core::mem::replace(&mut self.cells, wider) {
                if place != NONE {
                    self.set(hash, place);
                }
            }
        }
        self.filled += 1;
        self.set(half(hash), place);
    }

    fn set(&mut self, hash: u32, place: u32) {
        let mut at = hash as usize & self.mask();
        while self.cells[at].1 != NONE {
            at = (at + 1) & self.mask();
        }
        self.cells[at] = (hash, place);
    }

    fn cell_of(&self, hash: u64, place: u32) -> Option<usize> {
        let mut at = half(hash) as usize & self.mask();
        while self.cells.get(at)?.1 != place {
            if self.cells[at].1 == NONE {
                return None;
            }
            at = (at + 1) & self.mask();
        }
        Some(at)
    }

    /// Keeps another place instead of one.
    pub(super) fn replace(&mut self, hash: u64, place: u32, by: u32) {
        if let Some(at) = self.cell_of(hash, place) {
            self.cells[at].1 = by;
        }
    }

    /// Forgets a place.
    pub(super) fn remove(&mut self, hash: u64, place: u32) {
        let Some(mut hole) = self.cell_of(hash, place) else { return };
        self.filled -= 1;
        let mut at = hole;
        loop {
            at = (at + 1) & self.mask();
            let (hash, place) = self.cells[at];
            if place == NONE {
                break;
            }
            // Whoever would be found sooner in the hole moves there.
            let home = hash as usize & self.mask();
            if (at.wrapping_sub(home) & self.mask()) >= (at.wrapping_sub(hole) & self.mask()) {
                self.cells[hole] = (hash, place);
                hole = at;
            }
        }
        self.cells[hole] = (0, NONE);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::rng::{Draw, Purpose};

    #[test]
    fn a_place_is_found_until_it_is_removed() {
        let (mut index, mut told) = (Index::default(), BTreeMap::new());
        for n in 0..4_000u32 {
            let draw = Draw::new(1, Purpose::Generate, u64::from(n), 0);
            // Few hashes, so that many share a cell.
            let hash = draw.below(300);
            match told.get(&hash) {
                None => {
                    index.insert(hash, n);
                    told.insert(hash, n);
                }
                Some(&place) if draw.nth(1).below(3) == 0 => {
                    index.replace(hash, place, n);
                    told.insert(hash, n);
                }
                Some(&place) => {
                    index.remove(hash, place);
                    told.remove(&hash);
                }
            }
            for hash in 0..300 {
                let found = index.find(hash, |place| told.get(&hash) == Some(&place));
                assert_eq!(found, told.get(&hash).copied(), "{hash} after {n}");
            }
        }
    }
}
