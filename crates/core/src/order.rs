//! Putting things in order by whole numbers.
//!
//! The standard library's sorts are compiled anew for every type, at five kilobytes each in a
//! browser. What is sorted here is short, so one heap sort of keys serves all.

use std::collections::BinaryHeap;

/// Numbers to sort by, the first counting most.
pub type Key = [u64; 4];

/// The items by their keys; equal keys stay in the order in which they came.
pub fn sorted<T: Copy>(items: &[T], key: impl Fn(&T) -> Key) -> Vec<T> {
    let keys = items.iter().enumerate().map(|(i, item)| (key(item), i)).collect();
    places(keys).into_iter().map(|(_, i)| items[i]).collect()
}

#[inline(never)]
fn places(keys: Vec<(Key, usize)>) -> Vec<(Key, usize)> {
    BinaryHeap::from(keys).into_sorted_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_count_from_the_left_and_equals_keep_their_order() {
        let items = [(2, 1, 'a'), (1, 9, 'b'), (2, 0, 'c'), (1, 9, 'd'), (0, 5, 'e')];
        let order: String = sorted(&items, |&(a, b, _)| [a, b, 0, 0]).iter().map(|&(.., name)| name).collect();
        assert_eq!(order, "ebdca");
    }
}
