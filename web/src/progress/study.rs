//! What was studied: every review of every card, and every prediction that was committed to.
//!
//! Both are kept as they happened and nothing is worked out from them here. Two histories are
//! joined by taking all of both, so nothing is lost, and the schedule follows from what is there.

use serde::{Deserialize, Serialize};

use super::named::Named;
use super::record::Sure;
use crate::review::schedule::Grade;

/// Answers to a card within this many minutes of the last review are the same sitting: they say
/// nothing new about how long it is remembered.
const SITTING: u32 = 4 * 60;

/// What was studied of a lesson.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Study {
    /// Reviews by card: the question's id, or `recall/` and the id of a recall card.
    pub(crate) cards: Named<Reviews>,
    /// Predictions in labs, in the order of [`Commitment`], one for each prediction and seed.
    pub(crate) commitments: Vec<Commitment>,
    /// The best win of each challenge, by the lab's id.
    pub(crate) wins: Named<Win>,
}

/// The reviews of a card, the earliest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Reviews(Vec<Review>);

/// One review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Review {
    /// When, in minutes since 1 January 1970, UTC. First, because the order goes by it.
    pub(crate) minute: u32,
    /// How it went.
    pub(crate) grade: Grade,
    /// How sure the learner was; none when they were not asked.
    pub(crate) sure: Option<Sure>,
}

impl Reviews {
    /// Takes a review in, unless it belongs to the sitting of the last one. Whether it was taken in.
    pub(crate) fn add(&mut self, review: Review) -> bool {
        // A clock that was put back must not bring all reviewing to a halt, so only the time between counts.
        let again = self.0.last().is_some_and(|last| review.minute.abs_diff(last.minute) < SITTING);
        if !again {
            self.put(review);
        }
        !again
    }

    /// Every review, the earliest first.
    pub(crate) fn all(&self) -> &[Review] {
        &self.0
    }

    fn join(&mut self, other: Self) {
        for review in other.0 {
            self.put(review);
        }
    }

    fn put(&mut self, review: Review) {
        let place = self.0.partition_point(|known| *known < review);
        if self.0.get(place) != Some(&review) {
            self.0.insert(place, review);
        }
    }
}

/// A prediction that was committed to. The order is that of what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Commitment {
    /// The lab's id.
    pub(crate) lab: String,
    /// The prediction's id.
    pub(crate) prediction: String,
    /// The seed of the run that it was about.
    pub(crate) seed: u64,
    /// When, in minutes since 1 January 1970, UTC. Of two about the same run the first counts.
    pub(crate) minute: u32,
    /// The id of the option.
    pub(crate) option: String,
    /// How sure the learner was.
    pub(crate) sure: Sure,
    /// Whether the run agreed.
    pub(crate) right: bool,
}

impl Commitment {
    fn about(&self) -> (&str, &str, u64) {
        (&self.lab, &self.prediction, self.seed)
    }
}

/// A run that won a challenge. Of two the one with fewer actions is the better.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Win {
    /// How many actions it took. First, because the order goes by it.
    pub(crate) actions: u32,
    /// The run, as the timeline writes it.
    pub(crate) text: String,
}

impl Study {
    /// Keeps a win, if it is the best so far.
    pub(crate) fn win(&mut self, lab: &str, won: Win) {
        if self.wins.get(lab).is_none_or(|best| won < *best) {
            self.wins.insert(lab.to_owned(), won);
        }
    }

    /// Keeps a prediction; the first about a run counts.
    pub(crate) fn commit(&mut self, made: Commitment) {
        let place = self.commitments.partition_point(|known| known.about() < made.about());
        match self.commitments.get_mut(place) {
            Some(known) if known.about() == made.about() => {
                if made < *known {
                    *known = made;
                }
            }
            _ => self.commitments.insert(place, made),
        }
    }

    /// The prediction about that run, if one was committed to.
    pub(crate) fn committed(&self, lab: &str, prediction: &str, seed: u64) -> Option<&Commitment> {
        self.commitments.iter().find(|known| known.about() == (lab, prediction, seed))
    }

    pub(super) fn join(&mut self, other: Self) {
        for (id, reviews) in other.cards {
            self.cards.or_default(&id).join(reviews);
        }
        for made in other.commitments {
            self.commit(made);
        }
        for (lab, won) in other.wins {
            self.win(&lab, won);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn review(minute: u32, grade: Grade) -> Review {
        Review { minute, grade, sure: None }
    }

    #[test]
    fn a_second_answer_of_the_same_sitting_is_no_review() {
        let mut reviews = Reviews::default();
        assert!(reviews.add(review(1_000, Grade::Again)));
        assert!(!reviews.add(review(1_001, Grade::Good)), "the answer had just been read");
        assert!(!reviews.add(review(1_000 + SITTING - 1, Grade::Good)));
        assert!(reviews.add(review(1_000 + SITTING, Grade::Good)));
        assert_eq!(reviews.all().len(), 2);
        assert!(reviews.add(review(3, Grade::Hard)), "a clock that was put back");
        assert_eq!(reviews.all()[0].minute, 3);
    }

    #[test]
    fn the_first_prediction_about_a_run_counts() {
        let made = |seed, minute, right| Commitment {
            lab: "l".into(),
            prediction: "p".into(),
            seed,
            minute,
            option: "o".into(),
            sure: Sure::Think,
            right,
        };
        let mut study = Study::default();
        study.commit(made(1, 20, true));
        study.commit(made(1, 30, false));
        study.commit(made(2, 40, false));
        study.commit(made(1, 10, false));
        assert_eq!(study.commitments.iter().map(|c| (c.seed, c.minute, c.right)).collect::<Vec<_>>(), [(1, 10, false), (2, 40, false)]);
        assert_eq!(study.committed("l", "p", 2).map(|c| c.minute), Some(40));
        assert_eq!(study.committed("l", "p", 3), None);
    }
}
