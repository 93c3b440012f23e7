//! What a learner has done, kept on this device and shared between tabs.
//!
//! The first use reads it; every change writes it. Whatever goes wrong with the storage, the
//! page goes on with what it has in memory, and [`trouble`] says so.

mod format;
mod keeper;
#[cfg(test)]
mod merge_tests;
mod named;
mod record;
mod storage;
mod study;
mod transfer;

use std::cell::{OnceCell, RefCell};

use hopscope_core::assess::Answer;
use hopscope_core::lesson::Lesson;
use hopscope_core::order::sorted;
use wasm_bindgen::JsCast;

use crate::signal::{announce, listen};
use keeper::{KEY, Keeper};
use record::{LabRecord, Outline, SavedRun};
use storage::LocalStorage;

use crate::review::schedule::Grade;

pub(crate) use format::Unreadable;
pub(crate) use record::{AnswerRecord, LessonProgress, Progress, Sure};
#[cfg(test)]
pub(crate) use study::Reviews;
use study::Win;
pub(crate) use study::{Commitment, Review};
pub(crate) use transfer::Tally;

/// Dispatched on the document when progress has changed, here or in another tab.
pub(crate) const CHANGED: &str = "hopscope:progress";

/// Which lab something belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LabKey<'a> {
    /// The lesson's slug.
    pub(crate) lesson: &'a str,
    /// The lab's id.
    pub(crate) lab: &'a str,
}

type PageKeeper = RefCell<Keeper<LocalStorage>>;

thread_local! {
    static KEEPER: OnceCell<&'static PageKeeper> = const { OnceCell::new() };
}

/// The keeper of this page, for as long as the page lives.
fn keeper() -> &'static PageKeeper {
    KEEPER.with(|slot| {
        *slot.get_or_init(|| {
            hear_other_tabs();
            Box::leak(Box::new(RefCell::new(Keeper::open(LocalStorage::new()))))
        })
    })
}

fn with<R>(use_it: impl FnOnce(&mut Keeper<LocalStorage>) -> R) -> R {
    use_it(&mut keeper().borrow_mut())
}

fn hear_other_tabs() {
    let Some(window) = web_sys::window() else { return };
    listen(&window, "storage", |event| {
        let Some(event) = event.dyn_ref::<web_sys::StorageEvent>() else { return };
        // No key at all means that everything was cleared.
        if event.key().is_none_or(|key| key == KEY) && with(|keeper| keeper.hear(event.new_value())) {
            announce(CHANGED, &[]);
        }
    });
}

fn change(mut change: impl FnMut(&mut Progress)) {
    with(|keeper| keeper.change(&mut change));
}

fn change_lab(key: LabKey<'_>, mut change_it: impl FnMut(&mut LabRecord, u64)) {
    change(|progress| {
        let lesson = progress.touch(key.lesson);
        let now = lesson.touched;
        change_it(lesson.labs.or_default(key.lab), now);
    });
}

fn read_lab<R>(key: LabKey<'_>, read: impl FnOnce(&LabRecord) -> Option<R>) -> Option<R> {
    with(|keeper| read(keeper.held().lessons.get(key.lesson)?.labs.get(key.lab)?))
}

/// Keeps where a run stands, as the timeline writes it, so that a reload stands there again.
pub(crate) fn remember_lab(key: LabKey<'_>, saved: &str) {
    if read_lab(key, |lab| Some(lab.saved.text == saved)) != Some(true) {
        change_lab(key, |lab, stamp| lab.saved = SavedRun { stamp, text: saved.to_owned() });
    }
}

/// Where the run stood.
pub(crate) fn remembered_lab(key: LabKey<'_>) -> Option<String> {
    read_lab(key, |lab| Some(lab.saved.text.clone())).filter(|text| !text.is_empty())
}

/// The minute that it is, counted from 1 January 1970, UTC.
pub(crate) fn minute() -> u32 {
    (js_sys::Date::now() / 60_000.0) as u32
}

/// Looks at everything that is remembered.
pub(crate) fn read<R>(look: impl FnOnce(&Progress) -> R) -> R {
    with(|keeper| look(keeper.held()))
}

/// A prediction as it was first made: the option's id, and how sure the learner was.
pub(crate) type Predicted = (String, Sure);

/// Keeps a prediction about the run with that seed; the first one counts.
pub(crate) fn record_prediction(key: LabKey<'_>, prediction: &str, seed: u64, (option, sure): Predicted, right: bool) {
    let made = Commitment { lab: key.lab.to_owned(), prediction: prediction.to_owned(), seed, minute: minute(), option, sure, right };
    change(|progress| {
        progress.touch(key.lesson);
        progress.study.or_default(key.lesson).commit(made.clone());
    });
    announce(CHANGED, &[]);
}

/// The first prediction about the run with that seed.
pub(crate) fn prediction(key: LabKey<'_>, prediction: &str, seed: u64) -> Option<Predicted> {
    read(|progress| {
        let made = progress.study.get(key.lesson)?.committed(key.lab, prediction, seed)?;
        Some((made.option.clone(), made.sure))
    })
}

/// The prediction as version 1 kept it, which was about the run with the lab's own seed.
pub(crate) fn early_prediction(key: LabKey<'_>, prediction: &str) -> Option<Predicted> {
    read_lab(key, |lab| lab.predictions.get(prediction).map(|made| (made.option.clone(), made.sure)))
}

/// Keeps that a challenge was met with so many actions, and the run as the timeline writes it; the
/// fewest count.
pub(crate) fn record_challenge(key: LabKey<'_>, actions: u32, run: &str) {
    change(|progress| {
        let lab = progress.touch(key.lesson).labs.or_default(key.lab);
        lab.best = Some(lab.best.map_or(actions, |best| best.min(actions)));
        progress.study.or_default(key.lesson).win(key.lab, Win { actions, text: run.to_owned() });
    });
    announce(CHANGED, &[]);
}

/// The run that met a challenge with the fewest actions, as the timeline writes it.
pub(crate) fn challenge_run(key: LabKey<'_>) -> Option<String> {
    read(|progress| Some(progress.study.get(key.lesson)?.wins.get(key.lab)?.text.clone()))
}

/// The fewest actions with which a challenge was met.
pub(crate) fn challenge_best(key: LabKey<'_>) -> Option<u32> {
    read_lab(key, |lab| lab.best)
}

/// Keeps that a lab was worked in.
pub(crate) fn record_lab_seen(key: LabKey<'_>) {
    if read_lab(key, |lab| Some(lab.seen)) != Some(true) {
        change_lab(key, |lab, _| lab.seen = true);
        announce(CHANGED, &[]);
    }
}

/// Keeps an answer to a quiz question.
pub(crate) fn record_answer(lesson: &str, question: &str, answer: &Answer, correct: bool) {
    let review = Review { minute: minute(), grade: Grade::of(correct, None), sure: None };
    change(|progress| {
        let record = progress.touch(lesson);
        let stamp = record.touched;
        let before = record.answers.get(question);
        let ever_right = correct || before.is_some_and(|record| record.ever_right);
        let tries = before.map_or(0, |record| record.tries) + 1;
        record.answers.insert(question.to_owned(), AnswerRecord { stamp, answer: answer.clone(), correct, ever_right, tries });
        progress.study.or_default(lesson).cards.or_default(question).add(review);
    });
    announce(CHANGED, &[]);
}

/// Keeps how a card went when it came back. The lesson's own quiz stays as it was left, but what
/// was known now has been known once.
pub(crate) fn record_review(lesson: &str, card: &str, grade: Grade, sure: Option<Sure>) {
    let review = Review { minute: minute(), grade, sure };
    change(|progress| {
        progress.tick();
        if let Some(answer) = progress.lessons.get_mut(lesson).and_then(|record| record.answers.get_mut(card)) {
            answer.ever_right |= grade > Grade::Again;
        }
        progress.study.or_default(lesson).cards.or_default(card).add(review);
    });
    announce(CHANGED, &[]);
}

/// Everything that is remembered, as a text for [`import`].
pub(crate) fn export() -> String {
    read(format::encode)
}

/// Takes in what [`export`] wrote, here or on another device, and says what that added.
///
/// # Errors
/// [`Unreadable`] when the text is no export, or one of a newer version.
pub(crate) fn import(text: &str) -> Result<Tally, Unreadable> {
    let theirs = format::decode(text.trim())?;
    let added = with(|keeper| {
        let before = Tally::of(keeper.held());
        keeper.import(theirs);
        Tally::of(keeper.held()).since(before)
    });
    announce(CHANGED, &[]);
    Ok(added)
}

/// How much is remembered.
pub(crate) fn tally() -> Tally {
    read(Tally::of)
}

/// Deletes everything that is remembered, here and in every other tab.
pub(crate) fn reset() {
    with(Keeper::reset);
    announce(CHANGED, &[]);
}

/// The answers to a quiz question.
pub(crate) fn answer(lesson: &str, question: &str) -> Option<AnswerRecord> {
    with(|keeper| keeper.held().lessons.get(lesson)?.answers.get(question).cloned())
}

/// Notes what a lesson consists of, so that shares of it can be told on pages without its data.
pub(crate) fn note_outline(lesson: &Lesson) {
    let questions = lesson.questions.iter().map(|question| question.id.clone()).collect();
    let labs = lesson.labs.iter().map(|lab| lab.id.clone()).collect();
    let challenges = lesson.labs.iter().filter(|lab| lab.scenario.challenge.is_some()).map(|lab| lab.id.clone()).collect();
    let outline = Outline { stamp: 0, questions, labs, challenges };
    let is_known =
        |known: &Outline| known.questions == outline.questions && known.labs == outline.labs && known.challenges == outline.challenges;
    if !with(|keeper| keeper.held().lessons.get(&lesson.slug).is_some_and(|record| is_known(&record.outline))) {
        change(|progress| {
            let stamp = progress.tick();
            progress.lessons.or_default(&lesson.slug).outline = Outline { stamp, ..outline.clone() };
        });
    }
}

/// How far a lesson has come.
pub(crate) fn lesson_progress(lesson: &str) -> LessonProgress {
    with(|keeper| keeper.held().of(lesson))
}

/// The lessons that were begun, the last touched first.
pub(crate) fn begun_lessons() -> Vec<String> {
    with(|keeper| {
        let begun: Vec<_> = keeper.held().lessons.iter().rev().filter(|(_, record)| record.touched > 0).collect();
        sorted(&begun, |(_, record)| [!record.touched, 0, 0, 0]).into_iter().map(|(slug, _)| slug.clone()).collect()
    })
}

/// A sentence to show when progress is not stored as it should be.
pub(crate) fn trouble() -> Option<String> {
    with(|keeper| keeper.trouble())
}
