//! Options that differ from each other, and what goes with each.

use super::dice::Dice;
use crate::assess::{Body, Choice, Numeric};

/// Most wrong options of a choice.
const MOST: usize = 4;

/// What a misconception comes to, and in which words it is answered.
pub(super) struct Idea {
    /// What it would compute.
    pub(super) value: u64,
    /// What is said to it, inline HTML: the misconception and its arithmetic.
    pub(super) why: String,
}

impl Idea {
    pub(super) const fn new(value: u64, why: String) -> Self {
        Self { value, why }
    }
}

/// The ideas, the first of them first, whose values differ from the truth and from each other;
/// nothing when fewer than `least` are left, or when the first is not among them.
fn different(truth: u64, ideas: Vec<Idea>, least: usize, slack: fn(u64) -> u64) -> Option<Vec<Idea>> {
    let near = |a: u64, b: u64| a.abs_diff(b) <= slack(a) + slack(b);
    let mut kept: Vec<Idea> = Vec::new();
    for (place, idea) in ideas.into_iter().enumerate() {
        if !near(idea.value, truth) && !kept.iter().any(|other| near(idea.value, other.value)) {
            kept.push(idea);
        } else if place == 0 {
            return None;
        }
    }
    kept.truncate(MOST);
    (kept.len() >= least).then_some(kept)
}

/// A choice of one; `name` writes a value as an option. The place of the right one is drawn, so
/// that its id gives nothing away.
pub(super) fn single(dice: &mut Dice, right: Idea, wrong: Vec<Idea>, least: usize, name: &dyn Fn(u64) -> String) -> Option<Body> {
    let truth = right.value;
    let mut all = different(truth, wrong, least, |_| 0)?;
    let place = dice.below(all.len() as u64 + 1) as usize;
    all.insert(place, right);
    let choice = |(place, idea): (usize, Idea)| Choice {
        id: char::from(b'a' + place as u8).to_string(),
        text: name(idea.value),
        correct: idea.value == truth,
        why: idea.why,
    };
    Some(Body::Single(all.into_iter().enumerate().map(choice).collect()))
}

/// A number with the numbers that misconceptions lead to. What is within two percent is right.
///
/// The number is below a thousand: a comma is a decimal mark to whoever reads the answer.
pub(super) fn number(right: Idea, unit: &str, wrong: Vec<Idea>, least: usize, otherwise: String) -> Option<Body> {
    if right.value == 0 || right.value >= 1_000 {
        return None;
    }
    let wrong = different(right.value, wrong, least, slack)?;
    let wrong = wrong.into_iter().map(|idea| (idea.value as f64, slack(idea.value) as f64, idea.why)).collect();
    Some(Body::Numeric(Numeric {
        answer: right.value as f64,
        tolerance: slack(right.value) as f64,
        unit: unit.to_owned(),
        why: right.why,
        wrong,
        otherwise,
    }))
}

/// How far off a number may be: two percent, in whole units.
const fn slack(value: u64) -> u64 {
    value / 50
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(truth: u64, values: &[u64], least: usize, slack: fn(u64) -> u64, expect: Option<&[u64]>) {
        let ideas = values.iter().map(|&value| Idea::new(value, String::new())).collect();
        let kept = different(truth, ideas, least, slack).map(|kept| kept.iter().map(|idea| idea.value).collect::<Vec<_>>());
        assert_eq!(kept.as_deref(), expect, "{truth} {values:?}");
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
