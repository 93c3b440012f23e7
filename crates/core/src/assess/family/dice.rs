//! The parameters of one question.

use super::{Level, Recipe};
use crate::rng::{Draw, Purpose};

/// Draws parameters one after the other, all from (seed, family, attempt).
pub(super) struct Dice<'a> {
    /// The words of the family.
    pub(super) words: &'a [String],
    draw: Draw,
    drawn: u32,
    recipe: Recipe,
}

impl<'a> Dice<'a> {
    pub(super) const fn new(recipe: Recipe, words: &'a [String], seed: u64, attempt: u32) -> Self {
        // Families do not share numbers, nor with generated scenarios, which have small ids.
        let id = 0x9e00 + recipe.family as u64;
        Self { words, draw: Draw::new(seed, Purpose::Generate, id, attempt), drawn: 0, recipe }
    }

    /// The form that the recipe names, or one of so many.
    pub(super) fn form(&mut self, count: u32) -> u32 {
        let drawn = self.below(count);
        self.recipe.form.map_or(drawn, |form| u32::from(form) % count)
    }

    pub(super) const fn is_tricky(&self) -> bool {
        matches!(self.recipe.level, Level::Tricky)
    }

    /// One of `0..bound`.
    #[inline(never)]
    pub(super) const fn below(&mut self, bound: u32) -> u32 {
        self.drawn += 1;
        self.draw.nth(self.drawn).below(bound as u64) as u32
    }

    /// One of `from..=to`.
    pub(super) const fn within(&mut self, from: u32, to: u32) -> u32 {
        from + self.below(to - from + 1)
    }

    pub(super) const fn coin(&mut self) -> bool {
        self.below(2) == 1
    }

    /// One of those listed.
    #[inline(never)]
    pub(super) fn of(&mut self, values: &[u16]) -> u32 {
        let place = self.below(values.len() as u32) as usize;
        values.get(place).copied().unwrap_or_default().into()
    }

    /// So many different numbers of `from..=to`, in any order.
    #[inline(never)]
    pub(super) fn different(&mut self, count: usize, from: u32, to: u32) -> Vec<u32> {
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
