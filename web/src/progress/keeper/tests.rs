use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use hopscope_core::assess::Answer;

use super::*;
use crate::progress::record::AnswerRecord;

/// A shelf in memory that several tabs can share.
#[derive(Clone, Default)]
struct Stand {
    texts: Rc<RefCell<BTreeMap<String, String>>>,
    refusal: Rc<Cell<Option<Refusal>>>,
}

impl Shelf for Stand {
    fn get(&self, key: &str) -> Result<Option<String>, Refusal> {
        match self.refusal.get() {
            Some(Refusal::Blocked) => Err(Refusal::Blocked),
            _ => Ok(self.at(key)),
        }
    }

    fn set(&self, key: &str, text: &str) -> Result<(), Refusal> {
        match self.refusal.get() {
            Some(refusal) => Err(refusal),
            None => {
                self.texts.borrow_mut().insert(key.to_owned(), text.to_owned());
                Ok(())
            }
        }
    }

    fn remove(&self, key: &str) {
        self.texts.borrow_mut().remove(key);
    }
}

impl Stand {
    fn at(&self, key: &str) -> Option<String> {
        self.texts.borrow().get(key).cloned()
    }

    fn with(key: &str, text: &str) -> Self {
        let stand = Self::default();
        stand.texts.borrow_mut().insert(key.to_owned(), text.to_owned());
        stand
    }
}

fn answer(keeper: &mut Keeper<Stand>, question: &str, correct: bool) {
    keeper.change(&mut |progress| {
        let lesson = progress.touch("lesson");
        let record = AnswerRecord { stamp: lesson.touched, answer: Answer::Number("1".into()), correct, ever_right: correct, tries: 1 };
        lesson.answers.insert(question.to_owned(), record);
    });
}

fn answered(keeper: &Keeper<Stand>) -> Vec<String> {
    keeper.held().lessons.get("lesson").map(|lesson| lesson.answers.iter().map(|(id, _)| id.clone()).collect()).unwrap_or_default()
}

#[test]
fn what_was_done_is_there_after_a_reload() {
    let stand = Stand::default();
    answer(&mut Keeper::open(stand.clone()), "q1", true);
    let again = Keeper::open(stand);
    assert_eq!(answered(&again), ["q1"]);
    assert_eq!(again.trouble(), None);
}

#[test]
fn damaged_progress_is_set_aside_and_said() {
    let stand = Stand::with(KEY, "1.rubbish");
    let mut keeper = Keeper::open(stand.clone());
    assert!(keeper.trouble().is_some_and(|words| words.contains("hopscope.progress.damaged-1")));
    answer(&mut keeper, "q1", true);
    assert_eq!(stand.at("hopscope.progress.damaged-1").as_deref(), Some("1.rubbish"));
    assert_eq!(answered(&Keeper::open(stand.clone())), ["q1"]);
    // A second mishap does not push out the first.
    stand.texts.borrow_mut().insert(KEY.into(), "more rubbish".into());
    drop(Keeper::open(stand.clone()));
    assert_eq!(stand.at("hopscope.progress.damaged-1").as_deref(), Some("1.rubbish"));
    assert_eq!(stand.at("hopscope.progress.damaged-2").as_deref(), Some("more rubbish"));
}

#[test]
fn newer_progress_is_set_aside_until_a_page_can_read_it() {
    let stand = Stand::with(KEY, "7.later");
    let mut keeper = Keeper::open(stand.clone());
    assert!(keeper.trouble().is_some_and(|words| words.contains("newer version")));
    answer(&mut keeper, "q1", true);
    assert_eq!(stand.at("hopscope.progress.version-7").as_deref(), Some("7.later"));

    // The page that knows that version takes it back; here it is version 1's own.
    let other = Stand::default();
    answer(&mut Keeper::open(other.clone()), "q2", false);
    let text = other.at(KEY).unwrap_or_default();
    stand.texts.borrow_mut().insert(kept_for(1), text);
    let whole = Keeper::open(stand.clone());
    assert_eq!(answered(&whole), ["q1", "q2"]);
    assert_eq!(stand.at(&kept_for(1)), None);
    assert_eq!(answered(&Keeper::open(stand)), ["q1", "q2"]);
}

#[test]
fn blocked_storage_keeps_progress_in_memory_and_says_so() {
    let stand = Stand::default();
    stand.refusal.set(Some(Refusal::Blocked));
    let mut keeper = Keeper::open(stand);
    answer(&mut keeper, "q1", true);
    assert_eq!(answered(&keeper), ["q1"]);
    assert_eq!(keeper.trouble().as_deref(), Some(BLOCKED));
}

#[test]
fn full_storage_is_said_and_tried_again() {
    let stand = Stand::default();
    let mut keeper = Keeper::open(stand.clone());
    stand.refusal.set(Some(Refusal::Full));
    answer(&mut keeper, "q1", true);
    assert_eq!(keeper.trouble().as_deref(), Some(FULL));
    stand.refusal.set(None);
    answer(&mut keeper, "q2", true);
    assert_eq!(keeper.trouble(), None);
    assert_eq!(answered(&Keeper::open(stand)), ["q1", "q2"]);
}

#[test]
fn what_cannot_be_set_aside_is_not_written_over() {
    let stand = Stand::with(KEY, "1.rubbish");
    stand.refusal.set(Some(Refusal::Full));
    // A full shelf still takes what was just removed from it; this one is as hostile as can be.
    let mut keeper = Keeper::open(stand.clone());
    stand.refusal.set(None);
    answer(&mut keeper, "q1", true);
    assert_eq!(answered(&keeper), ["q1"]);
    assert_eq!(stand.at(KEY), None, "hands off");
    assert!(keeper.trouble().is_some());
}

#[test]
fn two_tabs_never_lose_each_others_work() {
    let stand = Stand::default();
    let (mut one, mut two) = (Keeper::open(stand.clone()), Keeper::open(stand.clone()));
    answer(&mut one, "q1", true);
    answer(&mut two, "q2", true);
    assert_eq!(answered(&two), ["q1", "q2"], "a change takes in what is on the shelf");
    assert!(one.hear(stand.at(KEY)));
    assert_eq!(answered(&one), ["q1", "q2"]);
    assert!(!one.hear(stand.at(KEY)), "nothing new the second time");
}

#[test]
fn a_tab_that_was_overwritten_says_it_again() {
    let stand = Stand::default();
    let mut one = Keeper::open(stand.clone());
    let before = Stand::default();
    let mut two = Keeper::open(before.clone());
    answer(&mut one, "q1", true);
    answer(&mut two, "q2", true);
    // Both wrote in the same moment, and the second text is what stayed.
    let text = before.at(KEY);
    stand.texts.borrow_mut().insert(KEY.into(), text.clone().unwrap_or_default());
    assert!(one.hear(text));
    assert_eq!(answered(&Keeper::open(stand)), ["q1", "q2"]);
}

#[test]
fn emptied_storage_does_not_empty_an_open_page() {
    let stand = Stand::default();
    let mut keeper = Keeper::open(stand.clone());
    answer(&mut keeper, "q1", true);
    stand.remove(KEY);
    assert!(!keeper.hear(None));
    answer(&mut keeper, "q2", true);
    assert_eq!(answered(&Keeper::open(stand)), ["q1", "q2"]);
}

#[test]
fn a_page_that_was_overtaken_leaves_the_newer_one_alone() {
    let stand = Stand::default();
    let mut keeper = Keeper::open(stand.clone());
    answer(&mut keeper, "q1", true);
    stand.texts.borrow_mut().insert(KEY.into(), "2.newer".into());
    assert!(!keeper.hear(Some("2.newer".into())));
    answer(&mut keeper, "q2", true);
    assert_eq!(stand.at(KEY).as_deref(), Some("2.newer"));
    assert_eq!(keeper.trouble().as_deref(), Some(OVERTAKEN));
    assert_eq!(answered(&keeper), ["q1", "q2"]);
}
