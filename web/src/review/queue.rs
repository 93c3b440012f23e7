//! Which cards come back, when, and in which order.
//!
//! A card is a quiz question that was answered, or a recall question. Its address is its lesson
//! and its id; that of a recall question begins with [`RECALL`].

use hopscope_core::order::sorted;
use hopscope_core::rng::{Draw, Purpose};

use super::calendar::day_of;
use super::schedule::{Day, Standing};
use crate::progress::Progress;

/// What the ids of recall cards begin with; ids of questions have no slash.
pub(crate) const RECALL: &str = "recall/";

/// How many cards a day has at most, so that coming back is never a heap.
pub(crate) const A_DAY: usize = 20;

/// A card that was met at least once.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Card {
    /// The lesson's slug.
    pub(crate) lesson: String,
    /// The id within the lesson.
    pub(crate) id: String,
    /// Where it stands; none when nobody knows when it was met.
    pub(crate) standing: Option<Standing>,
    /// How often it was reviewed.
    pub(crate) reviews: u32,
    /// The day on which it is due.
    pub(crate) due: Day,
}

impl Card {
    /// The recall question's id, if it is one.
    pub(crate) fn recall(&self) -> Option<&str> {
        self.id.strip_prefix(RECALL)
    }

    /// The probability that it is known, in millionths. What was never reviewed comes last.
    fn known(&self, today: Day) -> u64 {
        self.standing.map_or(1_000_001, |standing| (standing.retrievability(today) * 1e6) as u64)
    }
}

/// Every card that a learner has, as their clock has the days. `has` says whether a lesson still
/// has that card.
pub(crate) fn cards(progress: &Progress, behind_utc: i32, has: &dyn Fn(&str, &str) -> bool) -> Vec<Card> {
    let mut all = Vec::new();
    for (lesson, record) in progress.lessons.iter() {
        // Answers from before reviews were kept: due at once, because nobody knows since when.
        let reviewed = |id: &str| progress.study.get(lesson).is_some_and(|study| study.cards.get(id).is_some());
        for (id, _) in record.answers.iter().filter(|(id, _)| !reviewed(id) && has(lesson, id)) {
            all.push(Card { lesson: lesson.clone(), id: id.clone(), standing: None, reviews: 0, due: 0 });
        }
    }
    for (lesson, study) in progress.study.iter() {
        for (id, reviews) in study.cards.iter().filter(|(id, _)| has(lesson, id)) {
            let standing = Standing::after(reviews.all().iter().map(|review| (day_of(review.minute, behind_utc), review.grade)));
            let due = standing.map_or(0, Standing::due);
            all.push(Card { lesson: lesson.clone(), id: id.clone(), standing, reviews: reviews.all().len() as u32, due });
        }
    }
    all
}

/// How many cards come due on each of the next days; what is overdue counts today.
pub(crate) fn forecast<const DAYS: usize>(cards: &[Card], today: Day) -> [u32; DAYS] {
    let mut days = [0; DAYS];
    for card in cards {
        if let Some(day) = days.get_mut(card.due.saturating_sub(today) as usize) {
            *day += 1;
        }
    }
    days
}

/// How many cards were reviewed today because they came back, or because they are for reviewing only.
pub(crate) fn done_on(progress: &Progress, today: Day, behind_utc: i32) -> usize {
    let cards = progress.study.iter().flat_map(|(_, study)| study.cards.iter());
    let reviews = cards.flat_map(|(id, reviews)| reviews.all().iter().map(move |review| (id, review)));
    reviews.filter(|(id, review)| (review.sure.is_some() || id.starts_with(RECALL)) && day_of(review.minute, behind_utc) == today).count()
}

/// The cards of one sitting: those that are due, the least known first, then as many of the
/// `fresh` ones as there is room for, all mixed across lessons.
pub(crate) fn sitting(cards: &[Card], fresh: &[Card], today: Day, room: usize) -> Vec<Card> {
    let due: Vec<&Card> = cards.iter().filter(|card| card.due <= today).collect();
    let mut chosen = sorted(&due, |card| [card.known(today), u64::from(card.due), 0, 0]);
    chosen.extend(fresh);
    chosen.truncate(room);
    mixed(&chosen)
}

/// Puts cards in an order in which neighbours are of different lessons wherever that can be:
/// always one of the lesson that has most left, unless the last one was of it.
fn mixed(cards: &[&Card]) -> Vec<Card> {
    let mut left: Vec<&Card> = cards.to_vec();
    let mut order: Vec<Card> = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let last = order.last().map(|card| card.lesson.as_str());
        let count = |lesson: &str| left.iter().filter(|card| card.lesson == lesson).count();
        let mut best: Option<(usize, usize)> = None;
        for (place, card) in left.iter().enumerate() {
            let weight = if last == Some(&card.lesson) { 0 } else { count(&card.lesson) };
            if best.is_none_or(|(_, most)| weight > most) {
                best = Some((place, weight));
            }
        }
        let Some((place, _)) = best else { break };
        order.push(left.remove(place).clone());
    }
    order
}

/// The seed of a question that is made anew each time: another one after every review, and the
/// same one for as long as the card waits.
pub(crate) fn seed(lesson: &str, card: &str, reviews: u32) -> u64 {
    // FNV-1a (Fowler, Noll and Vo) of the address.
    let address = lesson.bytes().chain([b'/']).chain(card.bytes());
    let key = address.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    Draw::new(0, Purpose::Generate, key, reviews).bits()
}

#[cfg(test)]
mod tests;
