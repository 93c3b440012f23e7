use hopscope_core::assess::Answer;
use serde::{Deserialize, Serialize};

use super::*;
use crate::progress::named::Named;
use crate::progress::record::{AnswerRecord, LessonRecord, PredictionRecord, Sure};
use crate::progress::study::{Commitment, Review, Study, Win};
use crate::review::schedule::Grade;

/// What version 1 could hold.
fn old() -> Progress {
    let mut progress = Progress::default();
    let lesson = progress.touch("l4-vs-l7");
    let answer = Answer::Chosen(vec!["pinned".into()]);
    lesson.answers.insert("scale-out".into(), AnswerRecord { stamp: 1, answer, correct: true, ever_right: true, tries: 2 });
    let lab = lesson.labs.or_default("even-out");
    lab.best = Some(2);
    lab.predictions.insert("p".into(), PredictionRecord { stamp: 1, option: "half".into(), sure: Sure::Think, right: true });
    progress
}

/// The same with what version 2 added.
fn some() -> Progress {
    let mut progress = old();
    let study = progress.study.or_default("l4-vs-l7");
    study.cards.or_default("scale-out").add(Review { minute: 29_900_000, grade: Grade::Easy, sure: Some(Sure::Sure) });
    study.cards.or_default("recall/udp").add(Review { minute: 29_900_010, grade: Grade::Hard, sure: None });
    study.commit(Commitment {
        lab: "even-out".into(),
        prediction: "p".into(),
        seed: 7,
        minute: 29_900_020,
        option: "half".into(),
        sure: Sure::Guess,
        right: false,
    });
    study.win("even-out", Win { actions: 2, text: "run".into() });
    progress.resets = 3;
    progress
}

/// What version 1 wrote for [`old`]. It has to be read for ever: never change this line.
const WRITTEN_BY_VERSION_1: &str = "1.AQEIbDQtdnMtbDcBAAAAAAEIZXZlbi1vdXQAAQIAAAEBcAEEaGFsZgEBAQlzY2FsZS1vdXQBAAEGcGlubmVkAQEC3ddevg";

/// What version 1 left in a browser after a visit: one prediction and twelve answers, three of them right.
const LEFT_BY_VERSION_1: &str = include_str!("../samples/version-1.txt");

/// What version 2 wrote for [`some`]. It has to be read for ever: never change this line.
const WRITTEN_BY_VERSION_2: &str = "2.AQEIbDQtdnMtbDcBAAAAAAEIZXZlbi1vdXQAAQIAAAEBcAEEaGFsZgEBAQlzY2FsZS1vdXQBAAEGcGlubmVkAQECAQhsNC12cy1sNwIKcmVjYWxsL3VkcAHq-aAOAQAJc2NhbGUtb3V0AeD5oA4DAQIBCGV2ZW4tb3V0AXAH9PmgDgRoYWxmAAABCGV2ZW4tb3V0AgNydW4D_vfm7A";

#[test]
fn a_text_gives_back_what_was_written() {
    assert_eq!(decode(&encode(&some())), Ok(some()));
    assert_eq!(decode(&encode(&Progress::default())), Ok(Progress::default()));
}

#[test]
fn what_earlier_versions_wrote_is_read_for_ever() {
    assert_eq!(decode(WRITTEN_BY_VERSION_1), Ok(old()));
    assert_eq!(decode(WRITTEN_BY_VERSION_2), Ok(some()), "version 2 writes {}", encode(&some()));
}

#[test]
fn a_visit_with_version_1_is_not_lost() {
    let progress = decode(LEFT_BY_VERSION_1).expect("the sample is whole");
    let lesson = progress.lessons.get("l4-vs-l7").expect("the lesson was visited");
    assert_eq!(lesson.answers.iter().count(), 12);
    let right: Vec<&str> = lesson.answers.iter().filter(|(_, answer)| answer.ever_right).map(|(id, _)| id.as_str()).collect();
    assert_eq!(right.len(), 3, "{right:?}");
    let predicted = lesson.labs.get("side-by-side").and_then(|lab| lab.predictions.get("skew"));
    assert_eq!(predicted.map(|p| (p.option.as_str(), p.sure)), Some(("fair", Sure::Sure)));
    assert_eq!(progress.study, Named::default());
    assert_eq!(decode(&encode(&progress)), Ok(progress), "and it is kept by version 2");
}

#[test]
fn every_change_to_a_text_shows() {
    let text = encode(&some());
    for place in 0..text.len() {
        for other in ["A", "B", ".", "é"] {
            let mangled = format!("{}{other}{}", &text[..place], &text[place + 1..]);
            if mangled != text {
                assert!(decode(&mangled).is_err(), "{mangled}");
            }
        }
        assert_eq!(decode(&text[..place]), Err(Unreadable::Damaged));
    }
    for text in ["", "{}", "null", "1", "1.", "0.AAAA", "x.AAAA", "-1.AAAA"] {
        assert_eq!(decode(text), Err(Unreadable::Damaged), "{text}");
    }
}

#[test]
fn a_newer_text_is_known_as_such() {
    assert_eq!(decode("3.whatever it may be"), Err(Unreadable::Newer(3)));
    assert_eq!(decode("4000000000."), Err(Unreadable::Newer(4_000_000_000)));
}

/// What version 3 might look like: the records of version 2 with a number of days in a row between.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Next {
    clock: u64,
    streak: u32,
    lessons: Named<LessonRecord>,
    study: Named<Study>,
    resets: u64,
}

fn to_next(bytes: &[u8]) -> Option<Vec<u8>> {
    let Progress { clock, lessons, study, resets } = postcard::from_bytes(bytes).ok()?;
    postcard::to_allocvec(&Next { clock, streak: 0, lessons, study, resets }).ok()
}

#[test]
fn a_text_is_brought_up_step_by_step() {
    let read = |text: &str| {
        let bytes = bring_up(text, VERSION + 1, &[to_version_2, to_next]);
        bytes.ok().and_then(|bytes| postcard::from_bytes::<Next>(&bytes).ok())
    };
    let as_next = |Progress { clock, lessons, study, resets }| Next { clock, streak: 0, lessons, study, resets };
    assert_eq!(read(&encode(&some())), Some(as_next(some())));
    assert_eq!(read(WRITTEN_BY_VERSION_1), Some(as_next(old())), "two steps");
    // A text of the later version passes through as it is, and one without a step is refused.
    let written = wrap(3, vec![1, 2, 3]);
    assert_eq!(bring_up(&written, 3, &[to_version_2, to_next]), Ok(vec![1, 2, 3]));
    assert_eq!(bring_up(&encode(&some()), 3, &[to_version_2]), Err(Unreadable::Damaged));
}

#[test]
fn there_is_a_step_from_every_earlier_version() {
    assert_eq!(STEPS.len() as u32, VERSION - 1);
}
