//! Answers by what the question leaves to choose: options by their index, an order by places,
//! a text by which of the known ones it is.

use std::borrow::Cow;

use super::bits::{Reader, Writer};
use super::digits::Digits;
use super::order;
use crate::assess::{Answer, Blank, Body, Question};
use crate::decimal;
use crate::lesson::Lesson;

/// The most bytes of a text that a question does not know.
const MOST_TEXT: usize = 80;

/// A question as a certificate asks it, from the seed that the certificate has for it.
///
/// A question of the quiz is asked as it stands. One that is made from a seed is made here, so that
/// writing, reading and grading all see the same one.
pub fn posed(question: &Question, seed: u64) -> Cow<'_, Question> {
    question.posed(seed).map_or(Cow::Borrowed(question), Cow::Owned)
}

/// What there is to choose.
enum Shape<'q> {
    One(Vec<&'q str>),
    Any(Vec<&'q str>),
    Order(Vec<&'q str>),
    Pairs(Vec<&'q str>),
    Blanks(&'q [Blank]),
    Number,
}

fn shape<'q>(question: &'q Question, lesson: &'q Lesson) -> Shape<'q> {
    match &question.body {
        Body::Single(choices) => Shape::One(choices.iter().map(|c| c.id.as_str()).collect()),
        Body::Multiple(choices) => Shape::Any(choices.iter().map(|c| c.id.as_str()).collect()),
        Body::Order(items) => Shape::Order(items.iter().map(|i| i.id.as_str()).collect()),
        Body::Match(pairs) => Shape::Pairs(pairs.iter().map(|p| p.id.as_str()).collect()),
        Body::Fill { blanks, .. } => Shape::Blanks(blanks),
        Body::Numeric(_) => Shape::Number,
        other => Shape::One(options(lesson, other)),
    }
}

/// The options of a lab's prediction; none when the lesson does not have it, or for a question
/// that should have been made from its seed and was not.
fn options<'l>(lesson: &'l Lesson, body: &Body) -> Vec<&'l str> {
    let Body::Predict { lab, prediction } = body else { return Vec::new() };
    let predictions = lesson.lab(lab).map_or(&[][..], |lab| &lab.scenario.predictions);
    let found = predictions.iter().find(|p| p.id == *prediction);
    found.map_or(Vec::new(), |p| p.options.iter().map(|o| o.id.as_str()).collect())
}

/// Every text that a blank knows, right or wrong.
fn forms(blank: &Blank) -> Vec<&str> {
    blank.accept.iter().chain(blank.wrong.iter().flat_map(|(accept, _)| accept)).map(String::as_str).collect()
}

/// Part of an answer.
enum Piece<'a> {
    /// One of so many.
    Index(usize, usize),
    Text(&'a str),
    Digits(Digits),
}

/// Writes an answer, or that there is none. One that cannot be right, such as half an order, is none.
pub(super) fn write(w: &mut Writer, question: &Question, lesson: &Lesson, answer: Option<&Answer>) {
    let pieces = answer.and_then(|answer| pieces(&shape(question, lesson), answer));
    w.flag(pieces.is_some());
    for piece in pieces.into_iter().flatten() {
        match piece {
            Piece::Index(index, of) => w.index(index, of),
            Piece::Text(text) => w.text(text),
            Piece::Digits(digits) => digits.write(w),
        }
    }
}

fn pieces<'a>(shape: &Shape<'_>, answer: &'a Answer) -> Option<Vec<Piece<'a>>> {
    let place = |ids: &[&str], id: &String| ids.iter().position(|known| known == id);
    Some(match (shape, answer) {
        (Shape::One(ids), Answer::Chosen(chosen)) => match chosen.as_slice() {
            [id] => vec![Piece::Index(place(ids, id)?, ids.len())],
            _ => return None,
        },
        (Shape::Any(ids), Answer::Chosen(chosen)) => {
            chosen.iter().all(|id| place(ids, id).is_some()).then_some(())?;
            ids.iter().map(|id| Piece::Index(usize::from(chosen.iter().any(|c| c == id)), 2)).collect()
        }
        (Shape::Order(ids), Answer::Ordered(order)) => {
            let places = order::places(order, ids)?;
            let left = (1..=places.len()).rev();
            places.into_iter().zip(left).map(|(place, left)| Piece::Index(place, left)).collect()
        }
        (Shape::Pairs(ids), Answer::Matched(joined)) if joined.len() == ids.len() => {
            joined.iter().map(|id| Some(Piece::Index(place(ids, id)?, ids.len()))).collect::<Option<_>>()?
        }
        (Shape::Blanks(blanks), Answer::Filled(texts)) => {
            let mut pieces = Vec::new();
            for (i, blank) in blanks.iter().enumerate() {
                fill(&mut pieces, &forms(blank), texts.get(i).map_or("", |text| text.trim()))?;
            }
            pieces
        }
        // As the grader reads it.
        (Shape::Number, Answer::Number(text)) => vec![Piece::Digits(Digits::of(decimal::parse(&text.trim().replace(',', "."))?)?)],
        _ => return None,
    })
}

/// A text by its place among the known ones, or after them all as it stands.
fn fill<'a>(pieces: &mut Vec<Piece<'a>>, forms: &[&str], text: &'a str) -> Option<()> {
    let known = forms.iter().position(|form| form.trim().eq_ignore_ascii_case(text));
    pieces.push(Piece::Index(known.unwrap_or(forms.len()), forms.len() + 1));
    if known.is_none() {
        (text.len() <= MOST_TEXT).then_some(())?;
        pieces.push(Piece::Text(text));
    }
    Some(())
}

/// Reads what [`write`] wrote.
pub(super) fn read(r: &mut Reader<'_>, question: &Question, lesson: &Lesson) -> Option<Answer> {
    if !r.flag() {
        return None;
    }
    let pick = |r: &mut Reader<'_>, ids: &[&str]| ids.get(r.index(ids.len())).map_or_else(String::new, |&id| id.to_owned());
    Some(match shape(question, lesson) {
        Shape::One(ids) => Answer::Chosen(vec![pick(r, &ids)]),
        Shape::Any(ids) => Answer::Chosen(ids.iter().filter(|_| r.flag()).map(|&id| id.to_owned()).collect()),
        Shape::Order(ids) => Answer::Ordered(order::read(r, &ids)),
        Shape::Pairs(ids) => Answer::Matched(ids.iter().map(|_| pick(r, &ids)).collect()),
        Shape::Blanks(blanks) => Answer::Filled(blanks.iter().map(|blank| filled(r, &forms(blank))).collect()),
        Shape::Number => Answer::Number(Digits::read(r).to_string()),
    })
}

fn filled(r: &mut Reader<'_>, forms: &[&str]) -> String {
    match forms.get(r.index(forms.len() + 1)) {
        Some(form) => (*form).to_owned(),
        None => r.text(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assess::{Choice, Item, Numeric, Pair};

    fn round(body: Body, answer: &Answer) -> Option<Answer> {
        let question = crate::certificate::outline::question("q", body);
        let lesson = Lesson::default();
        let mut w = Writer::default();
        write(&mut w, &question, &lesson, Some(answer));
        let bytes = w.into_bytes();
        let mut r = Reader::new(&bytes);
        let read = read(&mut r, &question, &lesson);
        assert!(!r.failed());
        read
    }

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|&id| id.to_owned()).collect()
    }

    fn check(body: Body, answer: &Answer, expect: Option<&Answer>) {
        assert_eq!(round(body, answer).as_ref(), expect, "{answer:?}");
    }

    fn choices(of: &[&str]) -> Vec<Choice> {
        of.iter().map(|&id| Choice { id: id.into(), text: String::new(), why: String::new(), correct: false }).collect()
    }

    #[test]
    fn choices_read_back_in_the_order_of_the_options() {
        let one = || Body::Single(choices(&["a", "b", "c"]));
        check(one(), &Answer::Chosen(ids(&["c"])), Some(&Answer::Chosen(ids(&["c"]))));
        check(one(), &Answer::Chosen(ids(&["a", "b"])), None);
        check(one(), &Answer::Chosen(ids(&["x"])), None);
        check(one(), &Answer::Number("1".into()), None);
        let any = || Body::Multiple(choices(&["a", "b", "c"]));
        check(any(), &Answer::Chosen(ids(&["c", "a", "c"])), Some(&Answer::Chosen(ids(&["a", "c"]))));
        check(any(), &Answer::Chosen(vec![]), Some(&Answer::Chosen(vec![])));
        check(any(), &Answer::Chosen(ids(&["a", "x"])), None);
    }

    #[test]
    fn orders_and_pairs_read_back() {
        let item = |id: &str| Item { id: id.into(), text: String::new(), why: String::new() };
        let order = || Body::Order(["a", "b", "c"].map(item).to_vec());
        check(order(), &Answer::Ordered(ids(&["c", "a", "b"])), Some(&Answer::Ordered(ids(&["c", "a", "b"]))));
        check(order(), &Answer::Ordered(ids(&["c", "a"])), None);
        let pair = |id: &str| Pair { id: id.into(), left: String::new(), right: String::new(), why: String::new() };
        let pairs = || Body::Match(["a", "b", "c"].map(pair).to_vec());
        check(pairs(), &Answer::Matched(ids(&["c", "a", "a"])), Some(&Answer::Matched(ids(&["c", "a", "a"]))));
        check(pairs(), &Answer::Matched(ids(&["c", "a"])), None);
    }

    #[test]
    fn texts_are_those_that_are_known_or_stand_as_they_are() {
        let blank = |accept: &[&str]| Blank {
            id: "x".into(),
            accept: ids(accept),
            why: String::new(),
            wrong: vec![(ids(&["1", "One"]), String::new())],
            otherwise: String::new(),
        };
        let fill = || Body::Fill { pieces: ids(&["", "", ""]), blanks: vec![blank(&["3", "Three"]), blank(&["4"])] };
        let filled = |texts: &[&str]| Answer::Filled(ids(texts));
        check(fill(), &filled(&[" three ", "4"]), Some(&filled(&["Three", "4"])));
        check(fill(), &filled(&["one", "sieben"]), Some(&filled(&["One", "sieben"])));
        check(fill(), &filled(&["3"]), Some(&filled(&["3", ""])));
        check(fill(), &Answer::Filled(vec!["3".into(), "x".repeat(81)]), None);
    }

    #[test]
    fn numbers_are_kept_as_short_decimals() {
        let numeric = || {
            Body::Numeric(Numeric {
                answer: 0.0,
                tolerance: 0.0,
                unit: String::new(),
                why: String::new(),
                wrong: vec![],
                otherwise: String::new(),
            })
        };
        check(numeric(), &Answer::Number(" 0,420 ".into()), Some(&Answer::Number("0.42".into())));
        check(numeric(), &Answer::Number("abc".into()), None);
    }
}
