//! A checked lesson as the data that the browser loads: scenarios, words rendered to HTML, questions.

use hopscope_core::assess::{Blank, Body, Choice, Item, Numeric, Pair, Question, Recipe, generate};
use hopscope_core::lesson::{self as data, KnobWords, ModelCard, OptionWords, PredictionWords, Words};
use hopscope_core::scenario::{Prediction, Scenario};
use xxhash_rust::xxh3::xxh3_64;

use crate::load::{Lab, Lesson};
use crate::markdown::inline;
use crate::source::At;
use crate::source::labs::{self, LabWords};
use crate::source::quiz;

/// Compiles a lesson that passed the checks; what the checks would refuse is left out.
pub fn lesson(source: &Lesson) -> data::Lesson {
    data::Lesson {
        slug: source.slug.clone(),
        title: source.words.value.title.clone(),
        labs: source.labs.iter().filter_map(|lab| Some(compile_lab(lab, source.words_of(&lab.id)?))).collect(),
        questions: source.quiz.value.question.iter().filter_map(|q| question(q, source)).collect(),
    }
}

fn compile_lab(lab: &Lab, words: &LabWords) -> data::Lab {
    data::Lab {
        id: lab.id.clone(),
        digest: digest(&lab.scenario),
        scenario: lab.scenario.clone().into(),
        title: words.title.clone(),
        question: words.question.clone(),
        lead: inline(&words.lead),
        knobs: words.knobs.iter().map(|(id, knob)| knob_words(id, knob)).collect(),
        faults: words.faults.iter().map(|(id, fault)| action_words(id, fault)).collect(),
        goals: words.goals.iter().map(|(id, goal)| action_words(id, goal)).collect(),
        predictions: lab.scenario.predictions.iter().filter_map(|p| prediction_words(p, words)).collect(),
        nodes: words.nodes.iter().map(|(name, shown)| (name.to_string(), shown.clone())).collect(),
        variants: words.variants.iter().map(|(id, shown)| (id.to_string(), shown.clone())).collect(),
        hints: words.hints.iter().map(|hint| inline(&hint.text)).collect(),
        model: model_card(&words.model),
    }
}

/// Eight hex digits that change when the scenario does, so that an old link can be told from a new one.
fn digest(scenario: &Scenario) -> String {
    // Plain data into a growing vector: serialising cannot fail.
    let bytes = postcard::to_allocvec(scenario).unwrap_or_default();
    format!("{:08x}", xxh3_64(&bytes) >> 32)
}

fn knob_words(id: &str, words: &labs::KnobWords) -> KnobWords {
    KnobWords {
        id: id.to_owned(),
        label: words.label.clone(),
        help: words.help.clone().unwrap_or_default(),
        choices: words.choices.iter().map(|(id, shown)| (id.to_string(), shown.clone())).collect(),
        columns: words.columns.clone(),
    }
}

fn action_words(id: &str, words: &labs::ActionWords) -> Words {
    Words { id: id.to_owned(), label: words.label.clone(), help: words.help.clone().unwrap_or_default() }
}

fn prediction_words(prediction: &Prediction, words: &LabWords) -> Option<PredictionWords> {
    let words = words.predictions.get(prediction.id.as_str())?;
    let option = |id: &String| {
        let option = words.options.get(id.as_str())?;
        Some(OptionWords { id: id.clone(), text: inline(&option.text), why: reason(option.why.as_ref()) })
    };
    let options = prediction.options.iter().filter_map(|o| option(&o.id)).collect();
    Some(PredictionWords { id: prediction.id.clone(), ask: inline(&words.ask), options })
}

fn model_card(card: &labs::ModelCard) -> ModelCard {
    let lines = |list: &[String]| list.iter().map(|line| inline(line)).collect();
    ModelCard { real: lines(&card.real), simplified: lines(&card.simplified), held_against: lines(&card.held_against) }
}

fn reason(why: Option<&String>) -> String {
    why.map(|text| inline(text)).unwrap_or_default()
}

fn question(source: &quiz::Question, lesson: &Lesson) -> Option<Question> {
    Some(Question {
        id: source.id.to_string(),
        objective: source.objective.to_string(),
        // A generated question gets both of these when it is made.
        ask: if *source.kind == quiz::Kind::Generated { String::new() } else { ask(source, lesson) },
        given: String::new(),
        keep: reason(source.keep.as_ref()),
        body: body(source)?,
    })
}

/// What is asked; a predict question may leave it to the lab's prediction, and for a generated one
/// an example stands.
pub(crate) fn ask(source: &quiz::Question, lesson: &Lesson) -> String {
    if let Some(recipe) = recipe(source) {
        let example = generate(recipe, EXAMPLE);
        return format!("{} For example: {}", example.ask, example.given);
    }
    let of_lab = || {
        let words = lesson.words_of(source.lab.as_ref()?)?;
        Some(&words.predictions.get(source.prediction.as_ref()?.as_str())?.ask)
    };
    source.ask.as_ref().or_else(of_lab).map(|text| inline(text)).unwrap_or_default()
}

fn body(source: &quiz::Question) -> Option<Body> {
    Some(match *source.kind {
        quiz::Kind::Single => Body::Single(choices(source.options.as_ref()?)),
        quiz::Kind::Multiple => Body::Multiple(choices(source.options.as_ref()?)),
        quiz::Kind::Order => Body::Order(source.items.as_ref()?.iter().map(item).collect()),
        quiz::Kind::Match => Body::Match(source.pairs.as_ref()?.iter().map(pair).collect()),
        quiz::Kind::Fill => fill(source.text.as_ref()?, source.blank.as_ref()?),
        quiz::Kind::Numeric => Body::Numeric(numeric(source)?),
        quiz::Kind::Generated => {
            let recipe = recipe(source)?;
            Body::Generated { recipe, words: recipe.family.words() }
        }
        quiz::Kind::Predict => Body::Predict { lab: source.lab.as_ref()?.to_string(), prediction: source.prediction.as_ref()?.to_string() },
    })
}

/// The seed of the example that a page without scripts shows.
const EXAMPLE: u64 = 1;

/// What a generated question is made by; nothing when it is of another kind or names an unknown form.
pub(crate) fn recipe(source: &quiz::Question) -> Option<Recipe> {
    let family = **source.family.as_ref()?;
    let place = |form: &At<String>| family.forms().iter().position(|known| *known == form.as_str());
    let form = match &source.form {
        Some(form) => Some(u8::try_from(place(form)?).ok()?),
        None => None,
    };
    Some(Recipe { family, form, level: source.level.unwrap_or_default() })
}

fn choices(source: &[quiz::Choice]) -> Vec<Choice> {
    let compile = |choice: &quiz::Choice| Choice {
        id: choice.id.to_string(),
        text: inline(&choice.text),
        why: reason(choice.why.as_ref()),
        correct: choice.correct,
    };
    source.iter().map(compile).collect()
}

fn item(source: &quiz::Item) -> Item {
    Item { id: source.id.to_string(), text: inline(&source.text), why: reason(source.why.as_ref()) }
}

fn pair(source: &quiz::Pair) -> Pair {
    Pair { id: source.id.to_string(), left: inline(&source.left), right: inline(&source.right), why: reason(source.why.as_ref()) }
}

/// Cuts the sentence at its `{id}` marks; the blanks come in the order of the marks.
fn fill(text: &str, blanks: &[quiz::Blank]) -> Body {
    let mut pieces = Vec::new();
    let mut ordered = Vec::new();
    let mut rest = text;
    while let Some((before, id, after)) = next_mark(rest) {
        if let Some(found) = blanks.iter().find(|b| *b.id == id) {
            pieces.push(piece(before));
            ordered.push(blank(found));
        }
        rest = after;
    }
    pieces.push(piece(rest));
    Body::Fill { pieces, blanks: ordered }
}

/// The next `{id}` of a text: what stands before it, the id, what follows.
pub(crate) fn next_mark(text: &str) -> Option<(&str, &str, &str)> {
    let open = text.find('{')?;
    let close = open + text[open..].find('}')?;
    Some((&text[..open], &text[open + 1..close], &text[close + 1..]))
}

/// A piece keeps its outer blanks, which Markdown would drop.
fn piece(text: &str) -> String {
    let core = text.trim();
    if core.is_empty() {
        return text.to_owned();
    }
    let lead = if text.starts_with(char::is_whitespace) { " " } else { "" };
    let tail = if text.ends_with(char::is_whitespace) { " " } else { "" };
    format!("{lead}{}{tail}", inline(core))
}

fn blank(source: &quiz::Blank) -> Blank {
    Blank {
        id: source.id.to_string(),
        accept: source.accept.clone(),
        why: reason(source.why.as_ref()),
        wrong: source.wrong.iter().map(|w| (w.accept.clone(), inline(&w.why))).collect(),
        otherwise: reason(source.otherwise.as_ref()),
    }
}

fn numeric(source: &quiz::Question) -> Option<Numeric> {
    let wrong = source.wrong.iter().flatten().map(|w| (w.value, w.tolerance, inline(&w.why))).collect();
    Some(Numeric {
        answer: source.answer?,
        tolerance: source.tolerance.unwrap_or_default(),
        unit: source.unit.clone().unwrap_or_default(),
        why: reason(source.why.as_ref()),
        wrong,
        otherwise: reason(source.otherwise.as_ref()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_cut_at_its_blanks() {
        let (before, id, after) = next_mark("With {a} s, at most {b}.").expect("a mark stands there");
        assert_eq!((before, id, after), ("With ", "a", " s, at most {b}."));
        assert_eq!(next_mark("no mark"), None);
        assert_eq!(piece(" s, *at* most "), " s, <em>at</em> most ");
        assert_eq!(piece(" "), " ");
    }
}
