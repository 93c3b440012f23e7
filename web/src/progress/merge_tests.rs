//! Joining is a least upper bound: order, grouping and repetition do not matter, and nothing is lost.

use hopscope_core::assess::Answer;
use proptest::collection::btree_map;
use proptest::prelude::*;

use super::named::Named;
use super::record::{AnswerRecord, LabRecord, LessonRecord, Outline, PredictionRecord, Progress, SavedRun, Sure};
use super::study::{Commitment, Review, Reviews, Study, Win};
use crate::review::schedule::Grade;

fn id() -> impl Strategy<Value = String> {
    "[a-c]"
}

fn ids() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(id(), 0..3)
}

fn named<T: Clone + std::fmt::Debug>(record: impl Strategy<Value = T>) -> impl Strategy<Value = Named<T>> {
    btree_map(id(), record, 0..3).prop_map(|records| {
        let mut named = Named::default();
        records.into_iter().for_each(|(name, record)| named.insert(name, record));
        named
    })
}

fn answer() -> impl Strategy<Value = AnswerRecord> {
    (0u64..4, ids(), any::<bool>(), any::<bool>(), 1u32..4).prop_map(|(stamp, chosen, correct, before, tries)| AnswerRecord {
        stamp,
        answer: Answer::Chosen(chosen),
        correct,
        ever_right: correct || before,
        tries,
    })
}

fn sure() -> impl Strategy<Value = Sure> {
    prop_oneof![Just(Sure::Guess), Just(Sure::Think), Just(Sure::Sure)]
}

fn prediction() -> impl Strategy<Value = PredictionRecord> {
    (0u64..4, id(), sure(), any::<bool>()).prop_map(|(stamp, option, sure, right)| PredictionRecord { stamp, option, sure, right })
}

fn review() -> impl Strategy<Value = Review> {
    let grade = prop::sample::select(Grade::ALL.to_vec());
    (0u32..1_000, grade, proptest::option::of(sure())).prop_map(|(minute, grade, sure)| Review { minute, grade, sure })
}

/// Reviews as they come about: taken in one by one.
fn reviews() -> impl Strategy<Value = Reviews> {
    proptest::collection::vec(review(), 0..5).prop_map(|all| {
        let mut reviews = Reviews::default();
        for review in all {
            reviews.add(review);
        }
        reviews
    })
}

fn commitment() -> impl Strategy<Value = Commitment> {
    (id(), id(), 0u64..3, 0u32..4, id(), sure(), any::<bool>())
        .prop_map(|(lab, prediction, seed, minute, option, sure, right)| Commitment { lab, prediction, seed, minute, option, sure, right })
}

fn study() -> impl Strategy<Value = Study> {
    let win = (0u32..3, id()).prop_map(|(actions, text)| Win { actions, text });
    (named(reviews()), proptest::collection::vec(commitment(), 0..4), named(win)).prop_map(|(cards, made, wins)| {
        let mut study = Study { cards, wins, ..Study::default() };
        made.into_iter().for_each(|made| study.commit(made));
        study
    })
}

fn lab() -> impl Strategy<Value = LabRecord> {
    (any::<bool>(), proptest::option::of(0u32..4), 0u64..4, id(), named(prediction()))
        .prop_map(|(seen, best, stamp, text, predictions)| LabRecord { seen, best, saved: SavedRun { stamp, text }, predictions })
}

fn lesson() -> impl Strategy<Value = LessonRecord> {
    let outline =
        (0u64..4, ids(), ids(), ids()).prop_map(|(stamp, questions, labs, challenges)| Outline { stamp, questions, labs, challenges });
    (0u64..4, outline, named(lab()), named(answer())).prop_map(|(touched, outline, labs, answers)| LessonRecord {
        touched,
        outline,
        labs,
        answers,
    })
}

fn progress() -> impl Strategy<Value = Progress> {
    (0u64..4, named(lesson()), named(study()), 0u64..2).prop_map(|(clock, lessons, study, resets)| Progress {
        clock,
        lessons,
        study,
        resets,
    })
}

fn joined(a: &Progress, b: &Progress) -> Progress {
    let mut whole = a.clone();
    whole.join(b.clone());
    whole
}

fn kept<'a, T>(named: &'a Named<T>, name: &str) -> &'a T {
    named.get(name).unwrap_or_else(|| panic!("{name} is lost"))
}

proptest! {
    #[test]
    fn the_order_of_joining_does_not_matter(a in progress(), b in progress(), c in progress()) {
        prop_assert_eq!(joined(&a, &b), joined(&b, &a));
        prop_assert_eq!(joined(&joined(&a, &b), &c), joined(&a, &joined(&b, &c)));
        prop_assert_eq!(joined(&a, &a), a);
    }

    #[test]
    fn joining_loses_nothing(a in progress(), mut b in progress()) {
        // What was deleted on purpose is the one thing that may go.
        b.resets = a.resets;
        let whole = joined(&a, &b);
        for part in [&a, &b] {
            for (slug, lesson) in part.lessons.iter() {
                let after = kept(&whole.lessons, slug);
                for (id, answer) in lesson.answers.iter() {
                    prop_assert!(kept(&after.answers, id).ever_right >= answer.ever_right);
                    prop_assert!(kept(&after.answers, id).tries >= answer.tries);
                }
                for (id, lab) in lesson.labs.iter() {
                    let after = kept(&after.labs, id);
                    prop_assert!(after.seen >= lab.seen);
                    prop_assert!(lab.best.is_none_or(|best| after.best.is_some_and(|after| after <= best)));
                    prop_assert!(lab.predictions.iter().all(|(p, _)| after.predictions.get(p).is_some()));
                    prop_assert!(after.saved >= lab.saved);
                }
            }
            for (slug, study) in part.study.iter() {
                let after = kept(&whole.study, slug);
                for (id, reviews) in study.cards.iter() {
                    let kept = kept(&after.cards, id).all();
                    prop_assert!(reviews.all().iter().all(|review| kept.contains(review)));
                    prop_assert!(kept.is_sorted());
                }
                for made in &study.commitments {
                    let first = after.committed(&made.lab, &made.prediction, made.seed);
                    prop_assert!(first.is_some_and(|first| first <= made));
                }
                for (lab, won) in study.wins.iter() {
                    prop_assert!(kept(&after.wins, lab) <= won);
                }
            }
        }
    }

    #[test]
    fn what_was_deleted_stays_deleted(a in progress(), b in progress()) {
        let emptied = a.emptied();
        prop_assert_eq!(joined(&emptied, &a), emptied.clone());
        prop_assert_eq!(joined(&a, &emptied), emptied.clone());
        // And what is done after it is kept, in whichever tab.
        let mut after = b;
        after.resets = emptied.resets;
        prop_assert_eq!(joined(&a, &after), after);
    }

    #[test]
    fn a_text_gives_back_any_progress(a in progress()) {
        prop_assert_eq!(super::format::decode(&super::format::encode(&a)), Ok(a));
    }

    #[test]
    fn no_text_makes_the_reader_fall_over(text in "\\PC*", body in "[A-Za-z0-9_-]{0,40}") {
        let _ = super::format::decode(&text);
        let _ = super::format::decode(&format!("1.{body}"));
    }
}

#[test]
fn the_share_counts_questions_labs_and_challenges_of_the_lesson() {
    let mut progress = Progress::default();
    assert!(!progress.of("l").begun);
    let lesson = progress.touch("l");
    lesson.outline = Outline { stamp: 1, questions: vec!["a".into(), "b".into()], labs: vec!["c".into()], challenges: vec!["c".into()] };
    let answer = |right| AnswerRecord { stamp: 1, answer: Answer::Number(String::new()), correct: false, ever_right: right, tries: 1 };
    lesson.answers.insert("a".into(), answer(true));
    lesson.answers.insert("b".into(), answer(false));
    lesson.answers.insert("gone".into(), answer(true));
    lesson.labs.insert("c".into(), LabRecord { seen: true, ..LabRecord::default() });
    let now = progress.of("l");
    assert_eq!((now.share, now.right, now.answered, now.labs_seen, now.challenge_done, now.begun), (50, 1, 2, 1, false, true));
}
