//! What a name seeds: the runs of a certificate, and the order of its bits.

use crate::rng::{Draw, Purpose};
use crate::wire;

/// A draw that nobody else has: what it is for, the name, the lesson, and what of it.
fn draw(what: &str, name: &str, lesson: &str, part: &str, nonce: u64) -> Draw {
    // A name holds no control characters and slugs and ids neither, so zero parts them for sure.
    let key = [what, name, lesson, part].join("\0");
    Draw::new(wire::check(key.as_bytes()), Purpose::Generate, nonce, 0)
}

/// The seed on which a lab runs in the certificate of that (tidy) name. The nonce that counts is
/// the first whose seed serves; [`super::Report`] says which seed that is.
pub fn seed_for(name: &str, lesson: &str, lab: &str, nonce: u64) -> u64 {
    draw("lab", name, lesson, lab, nonce).bits()
}

/// The seed of a question that is made anew for each certificate.
pub fn question_seed(name: &str, lesson: &str, question: &str) -> u64 {
    draw("question", name, lesson, question, 0).bits()
}

/// Turns the bits of a proof over in a pattern that belongs to the name, or back again.
///
/// Under another name the bits are noise, so a name that is swapped in leaves no proof behind. This
/// is no secret, and no more is needed: whoever writes a proof anew for another name has to make
/// it hold under that name's seeds.
pub(super) fn veil(bytes: &mut [u8], name: &str, lesson: &str) {
    let draw = draw("proof", name, lesson, "", 0);
    for (group, bytes) in bytes.chunks_mut(8).enumerate() {
        let pattern = draw.nth(group as u32).bits().to_le_bytes();
        bytes.iter_mut().zip(pattern).for_each(|(byte, turn)| *byte ^= turn);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_key_counts() {
        let seeds = [
            seed_for("Ada", "l4-vs-l7", "even-out", 0),
            seed_for("Ada", "l4-vs-l7", "even-out", 1),
            seed_for("Ada", "l4-vs-l7", "other", 0),
            seed_for("Ada", "other", "even-out", 0),
            seed_for("ada", "l4-vs-l7", "even-out", 0),
            question_seed("Ada", "l4-vs-l7", "even-out"),
        ];
        for (i, seed) in seeds.iter().enumerate() {
            assert!(!seeds[..i].contains(seed), "{i}");
        }
    }

    #[test]
    fn a_veil_lifts_under_its_name_only() {
        let plain: Vec<u8> = (0..50).collect();
        let mut veiled = plain.clone();
        veil(&mut veiled, "Ada", "l4-vs-l7");
        assert_ne!(veiled, plain);
        let mut other = veiled.clone();
        veil(&mut other, "Bob", "l4-vs-l7");
        assert_ne!(other, plain);
        veil(&mut veiled, "Ada", "l4-vs-l7");
        assert_eq!(veiled, plain);
    }
}
