//! The parameters of one question.

use super::{Level, Recipe};
use crate::rng::{Draw, Purpose};

/// Draws parameters one after the other, all from (seed, family, attempt).
pub(super) struct Dice {
    draw: Draw,
    drawn: u32,
    form: Option<u8>,
    level: Level,
}

impl Dice {
    pub(super) const fn new(recipe: &Recipe, seed: u64, attempt: u32) -> Self {
        // Families do not share numbers, nor with generated scenarios, which have small ids.
        let id = 0x9e00 + recipe.family as u64;
        Self { draw: Draw::new(seed, Purpose::Generate, id, attempt), drawn: 0, form: recipe.form, level: recipe.level }
    }

    /// The form that the recipe names, or one of so many.
    pub(super) fn form(&mut self, count: u64) -> u64 {
        let drawn = self.below(count);
        self.form.map_or(drawn, |form| u64::from(form) % count)
    }

    pub(super) const fn is_tricky(&self) -> bool {
        matches!(self.level, Level::Tricky)
    }

    /// One of `0..bound`.
    pub(super) const fn below(&mut self, bound: u64) -> u64 {
        self.drawn += 1;
        self.draw.nth(self.drawn).below(bound)
    }

    /// One of `from..=to`.
    pub(super) const fn within(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    pub(super) const fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    /// One of those listed.
    pub(super) fn of(&mut self, values: &[u64]) -> u64 {
        let place = self.below(values.len() as u64) as usize;
        values.get(place).copied().unwrap_or_default()
    }

    /// So many different numbers of `from..=to`, in any order.
    pub(super) fn different(&mut self, count: usize, from: u64, to: u64) -> Vec<u64> {
        let mut drawn = Vec::new();
        while drawn.len() < count {
            let next = self.within(from, to);
            if !drawn.contains(&next) {
                drawn.push(next);
            }
        }
        drawn
    }
}
