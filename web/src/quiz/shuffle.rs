//! The order in which a question shows its parts: the same after every reload, another with
//! every further try, so that the place of an answer is nothing to remember.

use hopscope_core::rng::{Draw, Purpose};

/// The places of `count` parts, mixed.
pub(crate) fn mixed(question: &str, tries: u32, count: usize) -> Vec<usize> {
    let draw = Draw::new(0, Purpose::Shuffle, key(question), tries);
    let mut order: Vec<usize> = (0..count).collect();
    // Fisher and Yates, from the end.
    for last in (1..count).rev() {
        let other = draw.nth(last as u32).below(last as u64 + 1);
        order.swap(last, other as usize);
    }
    order
}

/// Like [`mixed`], but never as listed: the listed order is the answer.
pub(crate) fn disordered(question: &str, tries: u32, count: usize) -> Vec<usize> {
    let mut order = mixed(question, tries, count);
    if order.is_sorted() && count > 1 {
        order.rotate_left(1);
    }
    order
}

/// FNV-1a of the id: the number that stands for the question in a draw.
fn key(question: &str) -> u64 {
    question.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> impl Iterator<Item = String> {
        (0..500).map(|n| format!("question-{n}"))
    }

    #[test]
    fn every_part_is_shown_once_and_reloads_agree() {
        for id in ids() {
            let order = mixed(&id, 0, 5);
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2, 3, 4]);
            assert_eq!(order, mixed(&id, 0, 5));
        }
        assert!(mixed("q", 0, 0).is_empty());
    }

    #[test]
    fn the_right_order_is_never_shown_first() {
        for id in ids() {
            for tries in 0..3 {
                for count in 2..6 {
                    assert!(!disordered(&id, tries, count).is_sorted(), "{id} {tries} {count}");
                }
            }
        }
        assert_eq!(disordered("q", 0, 1), [0]);
    }

    #[test]
    fn every_place_is_as_likely() {
        let mut firsts = [0; 4];
        for id in ids() {
            firsts[mixed(&id, 0, 4)[0]] += 1;
        }
        assert!(firsts.iter().all(|&n| (90..160).contains(&n)), "{firsts:?}");
    }

    #[test]
    fn a_further_try_is_mixed_anew() {
        assert!(ids().any(|id| mixed(&id, 0, 4) != mixed(&id, 1, 4)));
    }
}
