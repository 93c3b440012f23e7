//! When a card comes back: FSRS-6, the Free Spaced Repetition Scheduler.
//!
//! Formulas and weights are those that the Open Spaced Repetition project publishes ("The
//! Algorithm", version 6); the model is Ye, Su and Cao, KDD 2022. The project's own crate is held
//! against this module in the tests. It is not in the page because it would weigh nine times as
//! much there, and because the standard library's powers differ between a browser and a server.
//!
//! The unit of time is the day. A card is known by its reviews alone: its memory and the day on
//! which it is due follow from them, so two histories that are joined give one schedule.

use serde::{Deserialize, Serialize};

use crate::progress::Sure;

/// A day, counted from 1 January 1970 as the learner's calendar has it.
pub(crate) type Day = u32;

/// How a review went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Grade {
    /// Not known.
    Again,
    /// Known with trouble, or guessed.
    Hard,
    /// Known.
    Good,
    /// Known without a doubt.
    Easy,
}

impl Grade {
    /// All of them, the worst first.
    #[cfg(test)]
    pub(crate) const ALL: [Self; 4] = [Self::Again, Self::Hard, Self::Good, Self::Easy];

    /// What an answer comes to. A right answer that was a guess is worth little; one that was
    /// not asked how sure it was counts as plainly known.
    pub(crate) const fn of(right: bool, sure: Option<Sure>) -> Self {
        match (right, sure) {
            (false, _) => Self::Again,
            (true, Some(Sure::Guess)) => Self::Hard,
            (true, Some(Sure::Think) | None) => Self::Good,
            (true, Some(Sure::Sure)) => Self::Easy,
        }
    }
}

/// The longest that a card stays away, in days: after a year even a firm memory is worth a look.
const LONGEST: f64 = 365.0;

/// The default weights of FSRS-6, fitted to several hundred million reviews.
const W: [f64; 21] = [
    0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194, 0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629, 1.6483, 0.6014, 1.8729,
    0.5425, 0.0912, 0.0658, 0.1542,
];

/// What is thought to be left of a card in the learner's memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Memory {
    /// Days after which the card is still known with a probability of nine in ten.
    stability: f64,
    /// How hard it is to make it last, from 1 to 10.
    difficulty: f64,
}

impl Memory {
    /// After the first review.
    fn first(grade: Grade) -> Self {
        Self { stability: W[grade as usize], difficulty: first_difficulty(grade) }
    }

    /// After a further review, so many days after the one before.
    fn after(self, grade: Grade, days: u32) -> Self {
        let stability = match (days, grade) {
            (0, _) => self.same_day(grade),
            (_, Grade::Again) => self.forgotten(days),
            _ => self.recalled(grade, days),
        };
        let step = W[6] * (2.0 - rank(grade)) * (10.0 - self.difficulty) / 9.0;
        let harder = self.difficulty + step;
        // Difficulty leans back towards that of an easy card, so that it does not get stuck high.
        let difficulty = W[7] * (plain_difficulty(3.0) - harder) + harder;
        Self { stability: stability.clamp(0.001, 36_500.0), difficulty: difficulty.clamp(1.0, 10.0) }
    }

    /// The probability that the card is still known, so many days after the last review.
    pub(crate) fn retrievability(self, days: u32) -> f64 {
        let factor = libm::pow(0.9, -1.0 / W[20]) - 1.0;
        libm::pow(1.0 + factor * f64::from(days) / self.stability, -W[20])
    }

    fn same_day(self, grade: Grade) -> f64 {
        let growth = libm::exp(W[17] * (rank(grade) - 2.0 + W[18])) * libm::pow(self.stability, -W[19]);
        self.stability * if grade == Grade::Again { growth } else { growth.max(1.0) }
    }

    fn forgotten(self, days: u32) -> f64 {
        let left = W[11]
            * libm::pow(self.difficulty, -W[12])
            * (libm::pow(self.stability + 1.0, W[13]) - 1.0)
            * libm::exp(W[14] * (1.0 - self.retrievability(days)));
        left.min(self.stability / libm::exp(W[17] * W[18]))
    }

    fn recalled(self, grade: Grade, days: u32) -> f64 {
        let favour = match grade {
            Grade::Hard => W[15],
            Grade::Easy => W[16],
            _ => 1.0,
        };
        let growth = libm::exp(W[8])
            * (11.0 - self.difficulty)
            * libm::pow(self.stability, -W[9])
            * (libm::exp(W[10] * (1.0 - self.retrievability(days))) - 1.0);
        self.stability * (1.0 + growth * favour)
    }

    /// Days until the card is due: when it is known with a probability of nine in ten, which is
    /// how stability is measured. Never the same day.
    fn interval(self) -> u32 {
        (self.stability.clamp(1.0, LONGEST) + 0.5) as u32
    }
}

/// The grade as a number from 0 to 3; the published formulas count from 1.
const fn rank(grade: Grade) -> f64 {
    grade as u32 as f64
}

fn plain_difficulty(rank: f64) -> f64 {
    W[4] - libm::exp(W[5] * rank) + 1.0
}

fn first_difficulty(grade: Grade) -> f64 {
    plain_difficulty(rank(grade)).clamp(1.0, 10.0)
}

/// Where a card stands after its reviews.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Standing {
    /// The day of the last review.
    pub(crate) last: Day,
    /// What is left in memory.
    pub(crate) memory: Memory,
}

impl Standing {
    /// Where a card stands after these reviews, the earliest first; nothing when there are none.
    pub(crate) fn after(reviews: impl IntoIterator<Item = (Day, Grade)>) -> Option<Self> {
        let review = |before: Option<Self>, (day, grade): (Day, Grade)| {
            let memory = before.map_or_else(|| Memory::first(grade), |b| b.memory.after(grade, day.saturating_sub(b.last)));
            Some(Self { last: day, memory })
        };
        reviews.into_iter().fold(None, review)
    }

    /// The day on which the card is due.
    pub(crate) fn due(self) -> Day {
        self.last + self.memory.interval()
    }

    /// The probability that it is still known on a day.
    pub(crate) fn retrievability(self, day: Day) -> f64 {
        self.memory.retrievability(day.saturating_sub(self.last))
    }
}

/// The day on which a card would be due if it were reviewed today with this grade.
pub(crate) fn next_due(standing: Option<Standing>, grade: Grade, today: Day) -> Day {
    let memory = standing.map_or_else(|| Memory::first(grade), |s| s.memory.after(grade, today.saturating_sub(s.last)));
    today + memory.interval()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn dues(reviews: &[(Day, Grade)]) -> Vec<Day> {
        (1..=reviews.len()).filter_map(|n| Standing::after(reviews[..n].iter().copied())).map(Standing::due).collect()
    }

    fn check(reviews: &[(Day, Grade)], expect: &[Day]) {
        assert_eq!(dues(reviews), expect, "{reviews:?}");
    }

    #[test]
    fn cards_come_back_later_and_later_until_they_are_forgotten() {
        use Grade::{Again, Easy, Good, Hard};
        for (grade, due) in [(Again, 101), (Hard, 101), (Good, 102), (Easy, 108)] {
            check(&[(100, grade)], &[due]);
            assert_eq!(next_due(None, grade, 100), due);
        }
        // Reviewed when due: two days, then eleven, then seven weeks.
        check(&[(0, Good), (2, Good), (13, Good), (59, Good)], &[2, 13, 59, 222]);
        check(&[(0, Good), (2, Good), (13, Again), (15, Good)], &[2, 13, 15, 20]);
        // Nothing stays away for more than a year.
        check(&[(0, Easy), (400, Easy), (4_000, Easy)], &[8, 714, 4_365]);
    }

    #[test]
    fn a_grade_comes_from_the_answer_and_from_how_sure_it_was() {
        for sure in [None, Some(Sure::Guess), Some(Sure::Think), Some(Sure::Sure)] {
            assert_eq!(Grade::of(false, sure), Grade::Again);
        }
        assert_eq!(Grade::of(true, Some(Sure::Guess)), Grade::Hard);
        assert_eq!(Grade::of(true, Some(Sure::Think)), Grade::Good);
        assert_eq!(Grade::of(true, None), Grade::Good);
        assert_eq!(Grade::of(true, Some(Sure::Sure)), Grade::Easy);
    }

    fn reviews() -> impl Strategy<Value = Vec<(u32, Grade)>> {
        let grade = prop::sample::select(Grade::ALL.to_vec());
        proptest::collection::vec((0u32..200, grade), 1..12)
    }

    /// Days between reviews as days of a calendar.
    fn on_days(gaps: &[(u32, Grade)]) -> Vec<(Day, Grade)> {
        let mut day = 20_000;
        gaps.iter()
            .map(|&(gap, grade)| {
                day += gap;
                (day, grade)
            })
            .collect()
    }

    proptest! {
        #[test]
        fn it_agrees_with_the_crate_of_those_who_published_it(gaps in reviews()) {
            let theirs = fsrs::FSRS::default();
            let mut state: Option<fsrs::MemoryState> = None;
            let days = on_days(&gaps);
            for n in 1..=days.len() {
                let gap = if n == 1 { 0 } else { gaps[n - 1].0 };
                let next = theirs.next_states(state, 0.9, gap).expect("a sound state");
                let next = [next.again, next.hard, next.good, next.easy][gaps[n - 1].1 as usize].clone();
                let ours = Standing::after(days[..n].iter().copied()).expect("it was reviewed").memory;
                let near = |a: f64, b: f32| (a - f64::from(b)).abs() <= 2e-3 * a.max(1.0);
                prop_assert!(near(ours.stability, next.memory.stability), "{ours:?} {:?}", next.memory);
                prop_assert!(near(ours.difficulty, next.memory.difficulty), "{ours:?} {:?}", next.memory);
                // Theirs is the interval before it is rounded and kept within bounds.
                prop_assert!(near(ours.stability, next.interval), "{ours:?} {}", next.interval);
                state = Some(next.memory);
            }
        }

        #[test]
        fn a_card_is_due_within_a_year_and_never_today(gaps in reviews()) {
            let days = on_days(&gaps);
            for n in 1..=days.len() {
                let standing = Standing::after(days[..n].iter().copied()).expect("it was reviewed");
                let wait = standing.due() - days[n - 1].0;
                prop_assert!((1..=365).contains(&wait));
                let known = standing.retrievability(days[n - 1].0 + 400);
                prop_assert!((0.0..1.0).contains(&known));
            }
        }

        #[test]
        fn a_better_grade_never_brings_a_card_back_sooner(gaps in reviews(), later in 1u32..100) {
            let days = on_days(&gaps);
            let standing = Standing::after(days.iter().copied());
            let today = days[days.len() - 1].0 + later;
            let dues = Grade::ALL.map(|grade| next_due(standing, grade, today));
            prop_assert!(dues.is_sorted(), "{dues:?}");
        }
    }

    #[test]
    fn what_was_not_reviewed_stands_nowhere() {
        assert_eq!(Standing::after([]), None);
    }
}
