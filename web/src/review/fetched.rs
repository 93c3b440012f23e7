//! What a sitting needs of the lessons that its cards are of.

use std::rc::Rc;

use hopscope_core::lesson::Lesson;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, DomParser, Response, SupportedType};

use super::queue::{self, Card};
use crate::lesson::load;
use crate::quiz::first;

/// A lesson, as far as the sitting needs it.
pub(super) struct Fetched {
    /// The lesson's slug.
    pub(super) slug: String,
    /// Its data, when one of the cards is a question.
    lesson: Option<Rc<Lesson>>,
    /// Its page, when one of the cards is for recall: the page is where recall questions stand.
    page: Option<Document>,
}

/// A recall question.
pub(super) struct Recall {
    /// What is asked, HTML.
    pub(super) ask: String,
    /// A model answer, HTML.
    pub(super) answer: String,
}

impl Fetched {
    /// Fetches what these cards of one lesson need.
    pub(super) async fn of(root: &str, slug: &str, cards: &[Card]) -> Result<Self, String> {
        let own = || cards.iter().filter(|card| card.lesson == slug);
        let folder = format!("{root}lessons/{slug}/");
        let lesson = match own().any(|card| card.recall().is_none()) {
            true => Some(Rc::new(load(&format!("{folder}lesson.bin")).await?)),
            false => None,
        };
        let page = match own().any(|card| card.recall().is_some()) {
            true => {
                Some(document(&folder).await.ok_or("The lesson's page could not be fetched. Check the connection and reload the page.")?)
            }
            false => None,
        };
        Ok(Self { slug: slug.to_owned(), lesson, page })
    }

    /// The question of a card, as a lesson that has no other. A generated one is made anew for every review.
    pub(super) fn question(&self, card: &Card) -> Option<Rc<Lesson>> {
        let lesson = self.lesson.as_deref()?;
        let question = lesson.questions.iter().find(|question| question.id == card.id)?;
        let asked = question.posed(queue::seed(&card.lesson, &card.id, card.reviews)).unwrap_or_else(|| question.clone());
        Some(Rc::new(Lesson { questions: vec![asked], ..lesson.clone() }))
    }

    /// The recall question of that id.
    pub(super) fn recall(&self, id: &str) -> Option<Recall> {
        let card = self.page.as_ref()?.get_element_by_id(&format!("recall-{id}"))?;
        Some(Recall { ask: first(&card, ".ask")?.inner_html(), answer: first(&card, ".answer")?.inner_html() })
    }
}

async fn document(address: &str) -> Option<Document> {
    let response: Response = JsFuture::from(web_sys::window()?.fetch_with_str(address)).await.ok()?.dyn_into().ok()?;
    let text = JsFuture::from(response.ok().then(|| response.text().ok())??).await.ok()?.as_string()?;
    DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()
}
