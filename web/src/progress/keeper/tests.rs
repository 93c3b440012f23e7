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
    /// How many texts it takes; any number unless said.
    room: Option<usize>,
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
            None if self.at(key).is_none() && self.room == Some(self.texts.borrow().len()) => Err(Refusal::Full),
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

    // The page that knows that version takes it back; here it is this version's own.
    let other = Stand::default();
    answer(&mut Keeper::open(other.clone()), "q2", false);
    let text = other.at(KEY).unwrap_or_default();
    stand.texts.borrow_mut().insert(kept_for(VERSION), text);
    let whole = Keeper::open(stand.clone());
    assert_eq!(answered(&whole), ["q1", "q2"]);
    assert_eq!(stand.at(&kept_for(VERSION)), None);
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
    stand.texts.borrow_mut().insert(KEY.into(), "3.newer".into());
    assert!(!keeper.hear(Some("3.newer".into())));
    answer(&mut keeper, "q2", true);
    assert_eq!(stand.at(KEY).as_deref(), Some("3.newer"));
    assert_eq!(keeper.trouble().as_deref(), Some(OVERTAKEN));
    assert_eq!(answered(&keeper), ["q1", "q2"]);
}

/// What version 1 left in a browser after a visit.
const LEFT_BY_VERSION_1: &str = include_str!("../samples/version-1.txt");

fn answers_of(keeper: &Keeper<Stand>, lesson: &str) -> usize {
    keeper.held().lessons.get(lesson).map_or(0, |lesson| lesson.answers.iter().len())
}

#[test]
fn what_version_1_left_is_taken_over_and_kept() {
    let stand = Stand::with(KEY, LEFT_BY_VERSION_1);
    let mut keeper = Keeper::open(stand.clone());
    assert_eq!((answers_of(&keeper, "l4-vs-l7"), keeper.trouble()), (12, None));
    assert_eq!(stand.at(KEY).as_deref(), Some(LEFT_BY_VERSION_1), "looking changes nothing");
    answer(&mut keeper, "q1", true);
    let after = Keeper::open(stand.clone());
    assert_eq!((answers_of(&after, "l4-vs-l7"), answered(&after).len()), (12, 1));
    assert!(stand.at(KEY).is_some_and(|text| text.starts_with("2.")));
    // A page of version 1 that is still open writes its own text again: nothing of either is lost.
    stand.texts.borrow_mut().insert(KEY.into(), LEFT_BY_VERSION_1.into());
    assert_eq!(answered(&Keeper::open(stand)), ["q1"]);
}

#[test]
fn a_half_written_text_is_made_up_for_by_its_copy() {
    let stand = Stand::default();
    let mut keeper = Keeper::open(stand.clone());
    answer(&mut keeper, "q1", true);
    answer(&mut keeper, "q2", false);
    let whole = stand.at(KEY).unwrap_or_default();
    for cut in 0..whole.len() {
        for broken in [KEY, COPY] {
            let stand = Stand { texts: Rc::new(RefCell::new(stand.texts.borrow().clone())), ..Stand::default() };
            stand.texts.borrow_mut().insert(broken.into(), whole[..cut].into());
            let again = Keeper::open(stand.clone());
            assert_eq!(answered(&again), ["q1", "q2"], "{broken} cut at {cut}");
            assert_eq!(again.trouble().as_deref(), (broken == KEY).then_some(RESTORED));
            assert_eq!(stand.at(KEY), Some(whole.clone()));
        }
    }
}

#[test]
fn a_change_that_reached_only_the_copy_is_not_lost() {
    let stand = Stand::default();
    let mut keeper = Keeper::open(stand.clone());
    answer(&mut keeper, "q1", true);
    let before = stand.at(KEY).unwrap_or_default();
    answer(&mut keeper, "q2", true);
    // The browser died between the two.
    stand.texts.borrow_mut().insert(KEY.into(), before);
    assert_eq!(answered(&Keeper::open(stand)), ["q1", "q2"]);
}

#[test]
fn a_shelf_with_room_for_one_text_keeps_the_one() {
    let stand = Stand { room: Some(1), ..Stand::default() };
    let mut keeper = Keeper::open(stand.clone());
    answer(&mut keeper, "q1", true);
    answer(&mut keeper, "q2", true);
    assert_eq!((keeper.trouble(), stand.at(COPY)), (None, None));
    assert_eq!(answered(&Keeper::open(stand)), ["q1", "q2"]);
}

#[test]
fn what_is_deleted_is_gone_from_every_tab_and_stays_gone() {
    let stand = Stand::default();
    let (mut one, mut two) = (Keeper::open(stand.clone()), Keeper::open(stand.clone()));
    answer(&mut one, "q1", true);
    assert!(two.hear(stand.at(KEY)));
    let exported = one.held().clone();
    one.reset();
    assert!(answered(&one).is_empty());
    // The other tab does something before it has heard of it.
    answer(&mut two, "q2", true);
    assert!(one.hear(stand.at(KEY)));
    for keeper in [&one, &two, &Keeper::open(stand.clone())] {
        assert_eq!(answered(keeper), ["q2"]);
    }
    // What was exported before comes back when the learner wants it to.
    one.import(exported);
    assert_eq!(answered(&one), ["q1", "q2"]);
    assert!(two.hear(stand.at(KEY)));
    assert_eq!(answered(&two), ["q1", "q2"]);
    assert_eq!(answered(&Keeper::open(stand)), ["q1", "q2"]);
}

#[test]
fn an_import_into_a_full_shelf_stays_in_memory_and_is_stored_later() {
    let other = Stand::default();
    answer(&mut Keeper::open(other.clone()), "q1", true);
    let exported = Keeper::open(other).held().clone();
    let stand = Stand::default();
    let mut keeper = Keeper::open(stand.clone());
    stand.refusal.set(Some(Refusal::Full));
    keeper.import(exported);
    assert_eq!((answered(&keeper).len(), keeper.trouble().as_deref()), (1, Some(FULL)));
    stand.refusal.set(None);
    answer(&mut keeper, "q2", true);
    assert_eq!(answered(&Keeper::open(stand)), ["q1", "q2"]);
}
