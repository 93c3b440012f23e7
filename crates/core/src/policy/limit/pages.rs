//! A long list that is cheap to copy.
//!
//! A run keeps a copy of its world every so many events. A list of a million states would be
//! copied whole each time; here a copy shares every page that nobody has written to since.

use std::rc::Rc;

/// Values on one page. A copy that is written to pays for one page, so pages are short.
const PAGE: usize = 32;

/// A list in pages that copies share until one of them writes.
#[derive(Clone, Debug)]
pub(super) struct Pages<T> {
    pages: Vec<Rc<[T; PAGE]>>,
}

impl<T> Default for Pages<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T: Clone> Pages<T> {
    /// The value at that place, if the list is so long.
    pub(super) fn get(&self, at: u32) -> Option<&T> {
        let page = self.pages.get(at as usize / PAGE)?;
        Some(&page[at as usize % PAGE])
    }

    /// The value at that place, for writing.
    pub(super) fn get_mut(&mut self, at: u32) -> Option<&mut T> {
        let page = self.pages.get_mut(at as usize / PAGE)?;
        Some(&mut Rc::make_mut(page)[at as usize % PAGE])
    }

    /// Writes a value, after making the list long enough with copies of it.
    pub(super) fn put(&mut self, at: u32, value: T) {
        while self.pages.len() <= at as usize / PAGE {
            self.pages.push(Rc::new(core::array::from_fn(|_| value.clone())));
        }
        if let Some(place) = self.get_mut(at) {
            *place = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_shares_what_nobody_wrote_to() {
        let mut list = Pages::default();
        (0..100).for_each(|i| list.put(i, i));
        let copy = list.clone();
        list.put(40, 7);
        assert_eq!((copy.get(40), list.get(40)), (Some(&40), Some(&7)));
        let shared = (0..list.pages.len()).filter(|&i| Rc::ptr_eq(&list.pages[i], &copy.pages[i])).count();
        assert_eq!(shared, list.pages.len() - 1);
        assert_eq!(copy.get(PAGE as u32 * 4), None);
    }
}
