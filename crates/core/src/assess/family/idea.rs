//! What people think: answers that differ from each other, and what is said to each.

use super::dice::Dice;
use super::sheet::Sheet;
use crate::assess::{Body, Choice, Numeric};

/// Most wrong options of a choice.
const MOST: usize = 4;

/// What an idea comes to, right or wrong, and in which words it is answered.
#[derive(Clone, Copy)]
pub(super) struct Idea {
    /// What it computes.
    value: u64,
    /// What else its words speak of.
    more: [u64; 3],
    /// What is said to it, a template: the misconception and its arithmetic.
    why: &'static str,
}

impl Idea {
    pub(super) const fn new(value: u64, why: &'static str) -> Self {
        Self::with(value, [0; 3], why)
    }

    pub(super) const fn with(value: u64, more: [u64; 3], why: &'static str) -> Self {
        Self { value, more, why }
    }

    fn said(&self, sheet: &mut Sheet) -> String {
        let [first, second, third] = self.more;
        sheet.turn_to(&[self.value, first, second, third]);
        sheet.say(self.why)
    }
}

/// The wrong ideas, the first of them first, whose values differ from the right one and from each
/// other; nothing when fewer than `least` are left, or when the first is not among them.
fn different(right: &Idea, wrong: &[Idea], least: usize, slack: fn(u64) -> u64) -> Option<Vec<Idea>> {
    let near = |a: u64, b: u64| a.abs_diff(b) <= slack(a) + slack(b);
    let mut kept = vec![*right];
    for (place, idea) in wrong.iter().enumerate() {
        if !kept.iter().any(|other| near(idea.value, other.value)) {
            kept.push(*idea);
        } else if place == 0 {
            return None;
        }
    }
    kept.remove(0);
    kept.truncate(MOST);
    (kept.len() >= least).then_some(kept)
}

/// A choice of one; `name` shows the value of an option. The place of the right one is drawn, so
/// that its id gives nothing away.
pub(super) fn single(
    dice: &mut Dice,
    sheet: &mut Sheet,
    right: Idea,
    wrong: &[Idea],
    least: usize,
    name: fn(&mut Sheet, u64) -> String,
) -> Option<Body> {
    let mut all = different(&right, wrong, least, |_| 0)?;
    let place = dice.below(all.len() as u64 + 1) as usize;
    all.insert(place, right);
    let mut choices = Vec::new();
    for (id, idea) in (b'a'..).zip(&all) {
        let why = idea.said(sheet);
        let text = name(sheet, idea.value);
        choices.push(Choice { id: char::from(id).to_string(), text, why, correct: idea.value == right.value });
    }
    Some(Body::Single(choices))
}

/// A number with the numbers that misconceptions lead to. What is within two percent is right.
///
/// The number is below a thousand: a comma is a decimal mark to whoever reads the answer.
pub(super) fn number(sheet: &mut Sheet, right: Idea, unit: &str, wrong: &[Idea], otherwise: &str) -> Option<Body> {
    if right.value == 0 || right.value >= 1_000 {
        return None;
    }
    let mut foreseen = Vec::new();
    for idea in different(&right, wrong, 3, slack)? {
        foreseen.push((idea.value as f64, slack(idea.value) as f64, idea.said(sheet)));
    }
    let why = right.said(sheet);
    Some(Body::Numeric(Numeric {
        answer: right.value as f64,
        tolerance: slack(right.value) as f64,
        unit: unit.to_owned(),
        why,
        wrong: foreseen,
        otherwise: sheet.say(otherwise),
    }))
}

/// How far off a number may be: two percent, in whole units.
const fn slack(value: u64) -> u64 {
    value / 50
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(right: u64, values: &[u64], least: usize, slack: fn(u64) -> u64, expect: Option<&[u64]>) {
        let ideas: Vec<Idea> = values.iter().map(|&value| Idea::new(value, "")).collect();
        let kept = different(&Idea::new(right, ""), &ideas, least, slack);
        let kept = kept.map(|kept| kept.iter().map(|idea| idea.value).collect::<Vec<_>>());
        assert_eq!(kept.as_deref(), expect, "{right} {values:?}");
    }

    #[test]
    fn what_coincides_is_left_out_and_too_few_are_drawn_again() {
        let exact: fn(u64) -> u64 = |_| 0;
        check(1, &[2, 1, 2, 3], 2, exact, Some(&[2, 3]));
        check(1, &[1, 2, 3], 2, exact, None);
        check(1, &[2, 2], 2, exact, None);
        check(0, &[1, 2, 3, 4, 5], 3, exact, Some(&[1, 2, 3, 4]));
        check(100, &[104, 105, 200], 1, slack, None);
        check(100, &[105, 107, 200], 1, slack, Some(&[105, 200]));
    }
}
