use hopscope_core::assess::Answer;
use proptest::prelude::*;

use super::*;
use crate::progress::{AnswerRecord, Review, Reviews, Sure};
use crate::review::schedule::Grade;

const TODAY: Day = 20_777;

fn card(lesson: &str, id: &str, due: Day) -> Card {
    let standing = Standing::after([(due.saturating_sub(2), Grade::Good)]);
    Card { lesson: lesson.to_owned(), id: id.to_owned(), standing, reviews: 1, due }
}

fn names(cards: &[Card]) -> Vec<String> {
    cards.iter().map(|card| format!("{}/{}", card.lesson, card.id)).collect()
}

/// A review at noon of a day.
fn on(day: Day, grade: Grade, sure: Option<Sure>) -> Review {
    Review { minute: day * 1_440 + 720, grade, sure }
}

fn progress() -> Progress {
    let mut progress = Progress::default();
    let answer = AnswerRecord { stamp: 1, answer: Answer::Number("1".into()), correct: true, ever_right: true, tries: 1 };
    let lesson = progress.touch("a");
    for id in ["early", "known", "gone"] {
        lesson.answers.insert(id.into(), answer.clone());
    }
    let add = |reviews: &mut Reviews, all: &[Review]| all.iter().for_each(|review| assert!(reviews.add(*review)));
    let cards = &mut progress.study.or_default("a").cards;
    add(cards.or_default("known"), &[on(TODAY - 2, Grade::Good, None), on(TODAY, Grade::Easy, Some(Sure::Sure))]);
    add(cards.or_default("gone"), &[on(TODAY - 9, Grade::Good, None)]);
    add(cards.or_default("recall/why"), &[on(TODAY, Grade::Again, None)]);
    add(cards.or_default("first"), &[on(TODAY, Grade::Again, None)]);
    progress
}

fn not_gone(_: &str, card: &str) -> bool {
    card != "gone"
}

#[test]
fn cards_are_what_was_answered_or_recalled() {
    let all = cards(&progress(), 0, &not_gone);
    let shape: Vec<(&str, u32, u32)> = all.iter().map(|card| (card.id.as_str(), card.reviews, card.due.saturating_sub(TODAY))).collect();
    assert_eq!(shape, [("early", 0, 0), ("first", 1, 1), ("known", 2, 19), ("recall/why", 1, 1)]);
    assert_eq!(all[3].recall(), Some("why"));
    assert_eq!(all[0].recall(), None);
    assert_eq!(forecast::<3>(&all, TODAY), [1, 2, 0]);
    assert_eq!(forecast::<1>(&all, TODAY + 40), [4]);
}

#[test]
fn answers_in_a_lesson_are_not_the_days_reviews() {
    assert_eq!(done_on(&progress(), TODAY, 0), 2, "one that came back, one recall card");
    assert_eq!(done_on(&progress(), TODAY - 2, 0), 0);
}

#[test]
fn the_least_known_come_first_and_fresh_ones_fill_up() {
    let cards = [card("a", "late", TODAY - 30), card("a", "due", TODAY), card("a", "early", TODAY + 1), card("a", "later", TODAY - 3)];
    let fresh = [Card { standing: None, reviews: 0, ..card("a", "recall/new", 0) }, card("a", "recall/newer", 0)];
    assert_eq!(names(&sitting(&cards, &fresh, TODAY, 4)), ["a/late", "a/later", "a/due", "a/recall/new"]);
    assert_eq!(names(&sitting(&cards, &fresh, TODAY, 2)), ["a/late", "a/later"]);
    assert_eq!(sitting(&cards, &fresh, TODAY, 0), []);
}

#[test]
fn lessons_are_mixed() {
    let cards =
        ["a", "a", "a", "b", "b", "c"].iter().enumerate().map(|(n, lesson)| card(lesson, &n.to_string(), TODAY)).collect::<Vec<_>>();
    let lessons: String = sitting(&cards, &[], TODAY, 20).iter().map(|card| card.lesson.as_str()).collect();
    assert_eq!(lessons, "ababac");
}

#[test]
fn a_question_is_made_anew_after_every_review() {
    let seeds: Vec<u64> = (0..5).map(|n| seed("l", "q", n)).collect();
    let mut distinct = seeds.clone();
    distinct.sort_unstable();
    distinct.dedup();
    assert_eq!(distinct.len(), 5);
    assert_eq!(seed("l", "q", 3), seeds[3]);
    assert_ne!(seed("l", "q", 0), seed("lq", "", 0));
}

proptest! {
    #[test]
    fn a_sitting_has_each_card_once_and_no_neighbours_that_can_be_parted(lessons in proptest::collection::vec("[a-d]", 0..30)) {
        let cards: Vec<Card> = lessons.iter().enumerate().map(|(n, lesson)| card(lesson, &n.to_string(), TODAY - n as u32)).collect();
        let set = sitting(&cards, &[], TODAY, A_DAY);
        prop_assert_eq!(set.len(), cards.len().min(A_DAY));
        let mut seen = names(&set);
        seen.sort();
        seen.dedup();
        prop_assert_eq!(seen.len(), set.len());
        // Neighbours of one lesson stand side by side only when it has more than half of the cards.
        let most = set.iter().map(|card| set.iter().filter(|other| other.lesson == card.lesson).count()).max().unwrap_or(0);
        let touching = set.windows(2).filter(|pair| pair[0].lesson == pair[1].lesson).count();
        prop_assert!(touching == 0 || most > set.len().div_ceil(2), "{:?}", names(&set));
    }
}
