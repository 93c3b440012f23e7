//! What people think: answers that differ from each other, and what is said to each.

use super::dice::Dice;
use super::sheet::Sheet;
use crate::assess::{Body, Choice, Numeric};

/// Most wrong options of a choice.
const MOST: usize = 4;

/// What an idea comes to, right or wrong, and in which word it is answered.
#[derive(Clone, Copy)]
pub(super) struct Idea {
    /// What it computes.
    value: u32,
    /// What else its words speak of.
    more: [u32; 3],
    /// What is said to it: the misconception and its arithmetic.
    why: u8,
}

impl Idea {
    pub(super) const fn new(value: u32, why: u8) -> Self {
        Self::with(value, [0; 3], why)
    }

    pub(super) const fn with(value: u32, more: [u32; 3], why: u8) -> Self {
        Self { value, more, why }
    }

    fn said(&self, sheet: &mut Sheet<'_>) -> String {
        let [first, second, third] = self.more;
        sheet.turn_to(&[self.value, first, second, third]);
        sheet.say(self.why)
    }
}

/// The wrong ideas, the first of them first, whose values differ from the right one and from each
/// other; nothing when fewer than `least` are left, or when the first is not among them. A value
/// may be off by a part in `slack`.
fn different(right: Idea, wrong: &[Idea], least: usize, slack: u32) -> Option<Vec<Idea>> {
    let mut kept = vec![right];
    for (place, idea) in wrong.iter().enumerate() {
        let near = |other: &Idea| idea.value.abs_diff(other.value) <= idea.value / slack + other.value / slack;
        if !kept.iter().any(near) {
            kept.push(*idea);
        } else if place == 0 {
            return None;
        }
    }
    kept.remove(0);
    kept.truncate(MOST);
    (kept.len() >= least).then_some(kept)
}

/// How an option shows its value.
pub(super) type Named = fn(&mut Sheet<'_>, u32) -> String;

/// A choice of one. The place of the right option is drawn, so that its id gives nothing away.
pub(super) fn single(dice: &mut Dice<'_>, sheet: &mut Sheet<'_>, right: Idea, wrong: &[Idea], least: usize, name: Named) -> Option<Body> {
    // Exactly: no value of a choice is as great as this.
    let mut all = different(right, wrong, least, u32::MAX)?;
    let place = dice.below(all.len() as u32 + 1) as usize;
    all.insert(place, right);
    let mut choices = Vec::new();
    for (id, idea) in (b'a'..).zip(&all) {
        let why = idea.said(sheet);
        let text = name(sheet, idea.value);
        choices.push(Choice { id: char::from(id).to_string(), text, why, correct: idea.value == right.value });
    }
    Some(Body::Single(choices))
}

/// A part in so many that a number may be off.
const SLACK: u32 = 50;

/// A number with the numbers that misconceptions lead to. What is within two percent is right.
///
/// The number is below a thousand: a comma is a decimal mark to whoever reads the answer.
pub(super) fn number(sheet: &mut Sheet<'_>, right: Idea, unit: u8, wrong: &[Idea], otherwise: u8) -> Option<Body> {
    if !(1..1_000).contains(&right.value) {
        return None;
    }
    let within = |value: u32| (f64::from(value), f64::from(value / SLACK));
    let mut foreseen = Vec::new();
    for idea in different(right, wrong, 3, SLACK)? {
        let (value, tolerance) = within(idea.value);
        foreseen.push((value, tolerance, idea.said(sheet)));
    }
    let (answer, tolerance) = within(right.value);
    let why = right.said(sheet);
    Some(Body::Numeric(Numeric { answer, tolerance, unit: sheet.say(unit), why, wrong: foreseen, otherwise: sheet.say(otherwise) }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(right: u32, values: &[u32], least: usize, slack: u32, expect: Option<&[u32]>) {
        let ideas: Vec<Idea> = values.iter().map(|&value| Idea::new(value, 0)).collect();
        let kept = different(Idea::new(right, 0), &ideas, least, slack);
        let kept = kept.map(|kept| kept.iter().map(|idea| idea.value).collect::<Vec<_>>());
        assert_eq!(kept.as_deref(), expect, "{right} {values:?}");
    }

    #[test]
    fn what_coincides_is_left_out_and_too_few_are_drawn_again() {
        check(1, &[2, 1, 2, 3], 2, u32::MAX, Some(&[2, 3]));
        check(1, &[1, 2, 3], 2, u32::MAX, None);
        check(1, &[2, 2], 2, u32::MAX, None);
        check(0, &[1, 2, 3, 4, 5], 3, u32::MAX, Some(&[1, 2, 3, 4]));
        check(100, &[104, 105, 200], 1, SLACK, None);
        check(100, &[105, 107, 200], 1, SLACK, Some(&[105, 200]));
    }
}
