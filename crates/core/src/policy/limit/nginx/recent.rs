//! In which order slots were used.

use super::super::pages::Pages;

const NONE: u32 = u32::MAX;

/// Slots from the one used last to the one not used for longest: a list with links in both directions.
#[derive(Clone, Debug)]
pub(super) struct Recent {
    /// The one used after it, the one used before it.
    links: Pages<(u32, u32)>,
    newest: u32,
    oldest: u32,
}

impl Recent {
    pub(super) fn new() -> Self {
        Self { links: Pages::default(), newest: NONE, oldest: NONE }
    }

    /// The one not used for longest.
    pub(super) fn oldest(&self) -> Option<u32> {
        (self.oldest != NONE).then_some(self.oldest)
    }

    /// A new one, used now.
    pub(super) fn add(&mut self, slot: u32) {
        self.links.put(slot, (NONE, self.newest));
        match self.links.get_mut(self.newest) {
            Some(before) if self.newest != NONE => before.0 = slot,
            _ => self.oldest = slot,
        }
        self.newest = slot;
    }

    /// One that is there is used now.
    pub(super) fn touch(&mut self, slot: u32) {
        if self.newest != slot {
            self.remove(slot);
            self.add(slot);
        }
    }

    /// One is gone.
    pub(super) fn remove(&mut self, slot: u32) {
        let (after, before) = self.links.get(slot).copied().unwrap_or((NONE, NONE));
        match self.links.get_mut(after) {
            Some(link) if after != NONE => link.1 = before,
            _ => self.newest = before,
        }
        match self.links.get_mut(before) {
            Some(link) if before != NONE => link.0 = after,
            _ => self.oldest = after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_not_used_for_longest_goes_first() {
        let mut recent = Recent::new();
        (0..4).for_each(|slot| recent.add(slot));
        recent.touch(0);
        recent.touch(2);
        recent.remove(3);
        let order: Vec<u32> = core::iter::from_fn(|| {
            let oldest = recent.oldest()?;
            recent.remove(oldest);
            Some(oldest)
        })
        .collect();
        assert_eq!(order, [1, 0, 2]);
    }
}
