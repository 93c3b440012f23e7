//! Joining is a least upper bound: order, grouping and repetition do not matter, and nothing is lost.

use hopscope_core::assess::Answer;
use proptest::collection::btree_map;
use proptest::prelude::*;

use super::record::{AnswerRecord, LabRecord, LessonRecord, Outline, PredictionRecord, Progress, SavedRun, Sure};

fn id() -> impl Strategy<Value = String> {
    "[a-c]"
}

fn ids() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(id(), 0..3)
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
    (any::<bool>(), proptest::option::of(0u32..4), 0u64..4, id(), btree_map(id(), prediction(), 0..3))
        .prop_map(|(seen, best, stamp, text, predictions)| LabRecord { seen, best, saved: SavedRun { stamp, text }, predictions })
}

fn lesson() -> impl Strategy<Value = LessonRecord> {
    let outline =
        (0u64..4, ids(), ids(), ids()).prop_map(|(stamp, questions, labs, challenges)| Outline { stamp, questions, labs, challenges });
    (0u64..4, outline, btree_map(id(), lab(), 0..3), btree_map(id(), answer(), 0..3))
        .prop_map(|(touched, outline, labs, answers)| LessonRecord { touched, outline, labs, answers })
}

fn progress() -> impl Strategy<Value = Progress> {
    (0u64..4, btree_map(id(), lesson(), 0..3)).prop_map(|(clock, lessons)| Progress { clock, lessons })
}

fn joined(a: &Progress, b: &Progress) -> Progress {
    let mut whole = a.clone();
    whole.join(b.clone());
    whole
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
            for (slug, lesson) in &part.lessons {
                let after = &whole.lessons[slug];
                for (id, answer) in &lesson.answers {
                    prop_assert!(after.answers[id].ever_right >= answer.ever_right);
                    prop_assert!(after.answers[id].tries >= answer.tries);
                }
                for (id, lab) in &lesson.labs {
                    let kept = &after.labs[id];
                    prop_assert!(kept.seen >= lab.seen);
                    prop_assert!(lab.best.is_none_or(|best| kept.best.is_some_and(|kept| kept <= best)));
                    prop_assert!(lab.predictions.keys().all(|p| kept.predictions.contains_key(p)));
                    prop_assert!(kept.saved >= lab.saved);
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
