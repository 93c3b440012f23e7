//! How sure a learner was against how often they were right.

use crate::progress::{Progress, Sure};
use crate::review::schedule::Grade;

/// Minutes of the last thirty days.
const LATELY: u32 = 30 * 24 * 60;

/// The degrees, as the learner picks them, with what each promises: right in at least so many of a hundred.
pub(crate) const DEGREES: [(Sure, &str, u32); 3] =
    [(Sure::Guess, "Guessing", 25), (Sure::Think, "Fairly sure", 70), (Sure::Sure, "Certain", 95)];

/// Answers of one degree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    /// How many.
    pub(crate) all: u32,
    /// How many of them were right.
    pub(crate) right: u32,
}

impl Count {
    fn add(&mut self, right: bool) {
        self.all += 1;
        self.right += u32::from(right);
    }

    /// The share that was right, in percent; none of nothing.
    pub(crate) fn percent(self) -> Option<u32> {
        (self.right * 200 + self.all).checked_div(self.all * 2)
    }
}

/// What was counted for each of [`DEGREES`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Calibration {
    /// Since the beginning.
    pub(crate) ever: [Count; 3],
    /// In the last thirty days.
    pub(crate) lately: [Count; 3],
}

/// Counts every prediction in a lab and every review that was asked how sure it was.
pub(crate) fn calibration(progress: &Progress, now: u32) -> Calibration {
    let mut counted = Calibration::default();
    let mut count = |sure: Sure, right: bool, minute: u32| {
        counted.ever[sure as usize].add(right);
        if now.saturating_sub(minute) < LATELY {
            counted.lately[sure as usize].add(right);
        }
    };
    for (_, lesson) in progress.lessons.iter() {
        for (_, lab) in lesson.labs.iter() {
            lab.predictions.iter().for_each(|(_, early)| count(early.sure, early.right, 0));
        }
    }
    for (_, study) in progress.study.iter() {
        study.commitments.iter().for_each(|made| count(made.sure, made.right, made.minute));
        for review in study.cards.iter().flat_map(|(_, reviews)| reviews.all()) {
            if let Some(sure) = review.sure {
                count(sure, review.grade > Grade::Again, review.minute);
            }
        }
    }
    counted
}

/// How many answers of a degree it takes before something can be said about it.
const ENOUGH: u32 = 5;

impl Calibration {
    /// How many answers were counted.
    pub(crate) fn total(&self) -> u32 {
        self.ever.iter().map(|count| count.all).sum()
    }

    /// What the counts come to, in a sentence or two.
    pub(crate) fn verdict(&self) -> String {
        let [guess, think, certain] = self.ever.map(|count| count.percent().filter(|_| count.all >= ENOUGH));
        let promise = |degree: usize| DEGREES[degree].2;
        if let Some(percent) = certain.filter(|percent| *percent + 10 < promise(2)) {
            return format!(
                "When you were certain, you were right {percent} % of the time. Certain should mean nearly always: ask yourself what would prove you wrong before you commit."
            );
        }
        if let Some(percent) = think.filter(|percent| *percent + 20 < promise(1)) {
            return format!(
                "When you were fairly sure, you were right {percent} % of the time, hardly better than a guess. Say \u{201c}guessing\u{201d} sooner, and see what you miss."
            );
        }
        if let Some(percent) = guess.filter(|percent| *percent >= promise(1)) {
            return format!("Your guesses were right {percent} % of the time. You know more than you think.");
        }
        if [guess, think, certain].iter().flatten().count() >= 2 {
            return "How sure you are matches how often you are right.".to_owned();
        }
        format!("Too few answers to say. From {ENOUGH} of a kind on, this says whether you know what you know.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::progress::{Commitment, Review};

    fn counts(all: u32, right: u32) -> Count {
        Count { all, right }
    }

    fn check(ever: [(u32, u32); 3], expect: &str) {
        let verdict = Calibration { ever: ever.map(|(all, right)| counts(all, right)), ..Calibration::default() }.verdict();
        assert!(verdict.contains(expect), "{verdict}");
    }

    #[test]
    fn the_verdict_names_what_is_furthest_off() {
        check([(0, 0), (0, 0), (0, 0)], "Too few");
        check([(4, 0), (4, 4), (4, 0)], "Too few");
        check([(20, 6), (20, 15), (20, 12)], "certain, you were right 60 %");
        check([(20, 6), (20, 6), (20, 19)], "fairly sure, you were right 30 %");
        check([(20, 18), (20, 16), (20, 20)], "Your guesses were right 90 %");
        check([(20, 6), (20, 15), (20, 19)], "matches");
        check([(0, 0), (8, 6), (0, 0)], "Too few");
    }

    #[test]
    fn shares_are_rounded_and_nothing_has_none() {
        assert_eq!(
            [(3, 2), (3, 1), (1, 1), (0, 0)].map(|(all, right)| counts(all, right).percent()),
            [Some(67), Some(33), Some(100), None]
        );
    }

    #[test]
    fn predictions_and_reviews_count_and_lessons_answers_do_not() {
        let mut progress = Progress::default();
        let study = progress.study.or_default("l");
        let made = |seed, minute, right| Commitment {
            lab: "x".into(),
            prediction: "p".into(),
            seed,
            minute,
            option: "o".into(),
            sure: Sure::Sure,
            right,
        };
        study.commit(made(1, 0, true));
        study.commit(made(2, LATELY, false));
        study.commit(made(2, LATELY + 5, true));
        let review = |minute, grade, sure| Review { minute, grade, sure };
        study.cards.or_default("q").add(review(LATELY, Grade::Again, Some(Sure::Guess)));
        study.cards.or_default("q").add(review(LATELY * 2 - 1, Grade::Hard, Some(Sure::Guess)));
        study.cards.or_default("r").add(review(LATELY, Grade::Easy, None));
        let counted = calibration(&progress, LATELY * 2 - 1);
        assert_eq!(counted.ever, [counts(2, 1), counts(0, 0), counts(2, 1)]);
        assert_eq!(counted.lately, [counts(2, 1), counts(0, 0), counts(1, 0)]);
        assert_eq!(counted.total(), 4);
    }
}
