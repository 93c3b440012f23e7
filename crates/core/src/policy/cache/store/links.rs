//! Doubly linked lists over places, so that any of them can be taken out at once.

use super::index::NONE;

/// The two ends of a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ends {
    pub(super) first: u32,
    pub(super) last: u32,
}

impl Default for Ends {
    fn default() -> Self {
        Self { first: NONE, last: NONE }
    }
}

/// Who stands before and after each place. A place is in one list at most.
#[derive(Clone, Debug, Default)]
pub(super) struct Links(Vec<(u32, u32)>);

impl Links {
    /// Who stands after a place; [`NONE`] after the last.
    pub(super) fn next(&self, place: u32) -> u32 {
        self.0.get(place as usize).map_or(NONE, |&(_, next)| next)
    }

    fn set_next(&mut self, place: u32, next: u32) {
        if let Some(links) = self.0.get_mut(place as usize) {
            links.1 = next;
        }
    }

    fn set_before(&mut self, place: u32, before: u32) {
        if let Some(links) = self.0.get_mut(place as usize) {
            links.0 = before;
        }
    }

    fn put(&mut self, place: u32, before: u32, next: u32) {
        if self.0.len() <= place as usize {
            self.0.resize(place as usize + 1, (NONE, NONE));
        }
        self.0[place as usize] = (before, next);
    }

    /// Puts a place at the end.
    pub(super) fn push_last(&mut self, ends: &mut Ends, place: u32) {
        self.put(place, ends.last, NONE);
        self.set_next(ends.last, place);
        ends.last = place;
        if ends.first == NONE {
            ends.first = place;
        }
    }

    /// Puts a place at the front.
    pub(super) fn push_first(&mut self, ends: &mut Ends, place: u32) {
        self.put(place, NONE, ends.first);
        self.set_before(ends.first, place);
        ends.first = place;
        if ends.last == NONE {
            ends.last = place;
        }
    }

    /// Takes a place out of its list.
    pub(super) fn remove(&mut self, ends: &mut Ends, place: u32) {
        let Some(&(before, next)) = self.0.get(place as usize) else { return };
        self.set_next(before, next);
        self.set_before(next, before);
        if ends.first == place {
            ends.first = next;
        }
        if ends.last == place {
            ends.last = before;
        }
    }
}
