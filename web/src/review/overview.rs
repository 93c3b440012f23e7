//! What is due, as HTML.

use maud::{Markup, html};

use super::calendar::{weekday, when};
use super::queue::{self, A_DAY, Card};
use super::schedule::Day;

/// How many recall cards that were never asked a day brings at most.
pub(crate) const FRESH_A_DAY: usize = 5;

/// The days of the strip.
const WEEK: usize = 7;

/// What a day has to offer.
pub(crate) struct Overview {
    /// Every card that was met.
    pub(crate) cards: Vec<Card>,
    /// Recall cards of lessons that were begun, which were never asked.
    pub(crate) fresh: Vec<Card>,
    /// How many cards have been reviewed today.
    pub(crate) done: usize,
    /// The day.
    pub(crate) today: Day,
}

impl Overview {
    /// The next sitting: what is left of the day's set, or, when the day is done, one set more.
    pub(crate) fn sitting(&self) -> Vec<Card> {
        let room = A_DAY.checked_sub(self.done).filter(|room| *room > 0).unwrap_or(A_DAY);
        let fresh = &self.fresh[..self.fresh.len().min(FRESH_A_DAY)];
        queue::sitting(&self.cards, fresh, self.today, room)
    }

    fn due(&self) -> usize {
        self.cards.iter().filter(|card| card.due <= self.today).count()
    }

    /// The whole overview.
    pub(crate) fn html(&self) -> String {
        let set = self.sitting().len();
        html! {
            @if self.cards.is_empty() && self.fresh.is_empty() {
                p {
                    "Nothing comes back yet. Answer a lesson\u{2019}s quiz, and its questions return here shortly before you would forget them: \
                     first after a day or two, then after weeks, then after months."
                }
                p { a.primary-button href="../#core" { "To the course" } }
            } @else {
                p.due-line { (self.line()) }
                @if set > 0 { p { button.primary-button.large type="button" data-start { (self.label(set)) } } }
                (self.week())
            }
        }
        .into_string()
    }

    fn line(&self) -> Markup {
        let due = self.due();
        let rest = due + self.fresh.len().min(FRESH_A_DAY);
        html! {
            @if self.done >= A_DAY && due > 0 {
                strong { "Today\u{2019}s " (A_DAY) " are done." } " " (due) " more are due. They keep; or go on now."
            } @else if due > 0 {
                strong.due-number { (due) } " " (if due == 1 { "card is due" } else { "cards are due" }) (self.lessons()) "."
                @if due > A_DAY { " A day takes " (A_DAY) ", the least known first." }
                @else if rest > due { " " (self.never_asked(rest - due)) }
            } @else {
                strong { @if self.done > 0 { "Done for today." } @else { "Nothing is due today." } }
                @if let Some(next) = self.cards.iter().map(|card| card.due).min() {
                    @let count = self.cards.iter().filter(|card| card.due == next).count();
                    " Next: " (count) (if count == 1 { " card " } else { " cards " }) (when(next, self.today)) "."
                }
                @if rest > 0 { " " (self.never_asked(rest)) }
            }
        }
    }

    /// Recall cards come along with the others the first time, unasked.
    fn never_asked(&self, count: usize) -> String {
        let along = if self.due() > 0 { "come along" } else { "are new" };
        match count {
            1 => format!("1 recall question {}.", if self.due() > 0 { "comes along" } else { "is new" }),
            _ => format!("{count} recall questions {along}."),
        }
    }

    fn lessons(&self) -> String {
        let mut lessons: Vec<&str> = Vec::new();
        for card in self.cards.iter().filter(|card| card.due <= self.today) {
            if !lessons.contains(&card.lesson.as_str()) {
                lessons.push(&card.lesson);
            }
        }
        if lessons.len() > 1 { format!(", from {} lessons", lessons.len()) } else { String::new() }
    }

    fn label(&self, set: usize) -> String {
        match (self.due(), set) {
            (0, 1) => "Try the recall question".to_owned(),
            (0, _) => format!("Try {set} recall questions"),
            (_, 1) => "Review the card".to_owned(),
            _ => format!("Review {set} cards"),
        }
    }

    /// The next seven days, a bar each.
    fn week(&self) -> Markup {
        let days = queue::forecast::<WEEK>(&self.cards, self.today);
        let most = days.iter().copied().max().unwrap_or(0).max(8);
        html! {
            ol.week aria-label="Due in the next seven days" {
                @for (place, count) in days.iter().enumerate() {
                    @let day = self.today + place as u32;
                    // A bar is 40 units high; what is there at all shows at least as a line.
                    @let height = (count * 40).div_ceil(most);
                    li {
                        span.week-count { (count) }
                        svg viewBox="0 0 24 41" aria-hidden="true" focusable="false" {
                            rect.week-bar x="2" width="20" y=(40 - height) height=(height) {}
                            path.week-ground d="M0 40.5h24" {}
                        }
                        span.week-day { @if place == 0 { "Today" } @else { abbr title=(weekday(day)) { (&weekday(day)[..3]) } } }
                    }
                }
            }
        }
    }
}

/// `1 card is due for review`, `12 cards are due for review`.
pub(crate) fn due_in_words(due: u32) -> String {
    if due == 1 { "1 card is due for review".to_owned() } else { format!("{due} cards are due for review") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::schedule::{Grade, Standing};

    const TODAY: Day = 20_777;

    fn card(lesson: &str, id: &str, due: Day) -> Card {
        let standing = Standing::after([(due - 2, Grade::Good)]);
        Card { lesson: lesson.into(), id: id.into(), standing, reviews: 1, due }
    }

    fn words(html: &str) -> String {
        let mut text = String::new();
        let mut inside = true;
        for c in html.chars() {
            match c {
                '<' => inside = false,
                '>' => inside = true,
                c if inside => text.push(c),
                _ => {}
            }
        }
        text
    }

    fn check(cards: &[Card], fresh: usize, done: usize, expect: &str) {
        let fresh = (0..fresh).map(|n| Card { standing: None, reviews: 0, ..card("l", &format!("recall/{n}"), TODAY + 9) }).collect();
        let html = Overview { cards: cards.to_vec(), fresh, done, today: TODAY }.html();
        assert!(words(&html).contains(expect), "{}", words(&html));
    }

    #[test]
    fn a_day_says_what_it_has() {
        check(&[], 0, 0, "Nothing comes back yet.");
        check(&[card("l", "a", TODAY)], 0, 0, "1 card is due.Review the card");
        check(
            &[card("l", "a", TODAY), card("m", "b", TODAY - 3)],
            3,
            0,
            "2 cards are due, from 2 lessons. 3 recall questions come along.Review 5 cards",
        );
        let many: Vec<Card> = (0..30).map(|n| card("l", &n.to_string(), TODAY - n)).collect();
        check(&many, 0, 0, "30 cards are due. A day takes 20, the least known first.Review 20 cards");
        check(&many, 0, 15, "Review 5 cards");
        check(&many[..10], 0, 20, "Today\u{2019}s 20 are done. 10 more are due. They keep; or go on now.Review 10 cards");
        let later = [card("l", "a", TODAY + 2), card("l", "b", TODAY + 2)];
        check(&later, 0, 0, "Nothing is due today. Next: 2 cards on Sunday.");
        check(&later, 7, 4, "Done for today. Next: 2 cards on Sunday. 5 recall questions are new.Try 5 recall questions");
        check(&later, 0, 0, "0Today0Sat2Sun0Mon");
    }
}
