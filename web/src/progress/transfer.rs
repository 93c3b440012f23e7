//! What an import brings, counted.

use super::record::Progress;

/// How much is remembered, by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Lessons that were begun.
    pub(crate) lessons: u32,
    /// Questions that were answered.
    pub(crate) answers: u32,
    /// Predictions that were made.
    pub(crate) predictions: u32,
    /// Challenges that were met.
    pub(crate) challenges: u32,
    /// Reviews of all cards.
    pub(crate) reviews: u32,
}

impl Tally {
    /// Counts what is remembered.
    pub(crate) fn of(progress: &Progress) -> Self {
        let mut tally = Self::default();
        for (_, lesson) in progress.lessons.iter() {
            tally.lessons += u32::from(lesson.touched > 0);
            tally.answers += lesson.answers.iter().len() as u32;
            for (_, lab) in lesson.labs.iter() {
                tally.predictions += lab.predictions.iter().len() as u32;
                tally.challenges += u32::from(lab.best.is_some());
            }
        }
        for (_, study) in progress.study.iter() {
            tally.predictions += study.commitments.len() as u32;
            tally.reviews += study.cards.iter().map(|(_, reviews)| reviews.all().len() as u32).sum::<u32>();
        }
        tally
    }

    /// What is there now and was not before.
    pub(crate) const fn since(self, before: Self) -> Self {
        Self {
            lessons: self.lessons.saturating_sub(before.lessons),
            answers: self.answers.saturating_sub(before.answers),
            predictions: self.predictions.saturating_sub(before.predictions),
            challenges: self.challenges.saturating_sub(before.challenges),
            reviews: self.reviews.saturating_sub(before.reviews),
        }
    }

    /// What there is of each kind, in words: `3 answers, 1 prediction`. Empty when there is nothing.
    pub(crate) fn in_words(self) -> String {
        let kinds = [
            (self.lessons, "lesson"),
            (self.answers, "answer"),
            (self.predictions, "prediction"),
            (self.challenges, "challenge"),
            (self.reviews, "review"),
        ];
        let mut words = String::new();
        for (count, name) in kinds.into_iter().filter(|(count, _)| *count > 0) {
            if !words.is_empty() {
                words.push_str(", ");
            }
            words.push_str(&count.to_string());
            words.push(' ');
            words.push_str(name);
            if count > 1 {
                words.push('s');
            }
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_said_by_kind() {
        let some = Tally { lessons: 0, answers: 3, predictions: 1, challenges: 0, reviews: 12 };
        assert_eq!(some.in_words(), "3 answers, 1 prediction, 12 reviews");
        assert_eq!(Tally::default().in_words(), "");
        let more = Tally { answers: 4, lessons: 1, ..some };
        assert_eq!(more.since(some).in_words(), "1 lesson, 1 answer");
    }
}
