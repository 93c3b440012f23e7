//! Joining is a least upper bound: order, grouping and repetition do not matter, and nothing is lost.

use hopscope_core::assess::Answer;
use proptest::collection::btree_map;
use proptest::prelude::*;

use super::named::Named;
use super::record::{AnswerRecord, LabRecord, LessonRecord, Outline, PredictionRecord, Progress, SavedRun, Sure};

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

fn prediction() -> impl Strategy<Value = PredictionRecord> {
    let sure = prop_oneof![Just(Sure::Guess), Just(Sure::Think), Just(Sure::Sure)];
    (0u64..4, id(), sure, any::<bool>()).prop_map(|(stamp, option, sure, right)| PredictionRecord { stamp, option, sure, right })
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
    (0u64..4, named(lesson())).prop_map(|(clock, lessons)| Progress { clock, lessons })
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
    fn joining_loses_nothing(a in progress(), b in progress()) {
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
        }
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
