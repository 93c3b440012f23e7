//! The page that makes a certificate: out of the learner's progress, by replaying it under their
//! name. What does not hold under the name is asked again, on the spot.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use hopscope_core::certificate::{CURRENT, Certificate, Issued, LessonProof, Report, Verification, tidy};
use hopscope_core::timeline::Progress;
use leptos::prelude::{document, set_timeout, window};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, HtmlElement, HtmlInputElement};

use super::fetch::Lessons;
use super::{again, paper, work};
use crate::progress;
use crate::signal::listen;

/// Where the name is kept for the next visit.
const NAME: &str = "hopscope.certificate-name";

/// Events replayed between two looks at the clock: some twenty milliseconds.
const SLICE: u32 = 10_000;

/// The page and what it has found out.
pub(super) struct Desk {
    field: HtmlInputElement,
    trouble: Element,
    result: Element,
    pub(super) again: HtmlElement,
    pub(super) paper: Element,
    /// The folder of the lessons, as this page reaches it.
    pub(super) folder: String,
    /// The page that checks certificates, as this page reaches it.
    pub(super) verify: String,
    /// The lessons that are written.
    written: Vec<String>,
    /// Every lesson of the course.
    pub(super) course: Vec<String>,
    pub(super) lessons: RefCell<Lessons>,
    name: RefCell<String>,
    /// Counts what was begun, so that a slow replay does not replace a later one.
    turn: Cell<u32>,
    /// What is asked again at present, so that it is not built anew under the learner's hands.
    pub(super) asked: RefCell<String>,
    /// The certificate that is shown, as text.
    pub(super) shown: RefCell<String>,
    /// What stands on it.
    pub(super) issued: RefCell<Option<Issued>>,
}

/// Listens to the form, and goes on where the learner left.
pub(super) fn mount(place: &HtmlElement) {
    let Some(desk) = Desk::find(place).map(Rc::new) else { return };
    let _ = place.set_attribute("data-ready", "");
    let own = Rc::clone(&desk);
    listen(place, "submit", move |event| {
        // Questions that are asked again have forms of their own.
        if event.target().and_then(|t| t.dyn_into::<Element>().ok()).is_some_and(|form| form.class_list().contains("name-form")) {
            event.prevent_default();
            own.take_name();
        }
    });
    let own = Rc::clone(&desk);
    listen(&document(), progress::CHANGED, move |_| {
        if !own.name.borrow().is_empty() {
            own.make();
        }
    });
    let own = Rc::clone(&desk);
    listen(place, "click", move |event| paper::clicked(&own, &event));
    if let Some(name) = stored_name() {
        desk.field.set_value(&name);
        desk.take_name();
    }
}

fn stored_name() -> Option<String> {
    window().local_storage().ok().flatten()?.get_item(NAME).ok().flatten().filter(|name| !name.is_empty())
}

impl Desk {
    fn find(place: &HtmlElement) -> Option<Self> {
        let find = |selector: &str| place.query_selector(selector).ok().flatten();
        let slugs = |name: &str| place.get_attribute(name).map(|text| text.split_whitespace().map(str::to_owned).collect());
        Some(Self {
            field: find("input")?.dyn_into().ok()?,
            trouble: find("[data-trouble]")?,
            result: find("[data-result]")?,
            again: find("[data-again]")?.dyn_into().ok()?,
            paper: find("[data-paper]")?,
            folder: place.get_attribute("data-certificate")?,
            verify: place.get_attribute("data-verify")?,
            written: slugs("data-lessons")?,
            course: slugs("data-course")?,
            lessons: RefCell::default(),
            name: RefCell::default(),
            turn: Cell::new(0),
            asked: RefCell::default(),
            shown: RefCell::default(),
            issued: RefCell::default(),
        })
    }

    /// The name that the certificate is made out to.
    pub(super) fn name(&self) -> String {
        self.name.borrow().clone()
    }

    fn take_name(self: &Rc<Self>) {
        let name = match tidy(&self.field.value()) {
            Ok(name) => name,
            Err(why) => return self.trouble.set_text_content(Some(&why.to_string())),
        };
        self.trouble.set_text_content(None);
        if let Some(storage) = window().local_storage().ok().flatten() {
            // Without a storage the name holds for this visit.
            let _ = storage.set_item(NAME, &name);
        }
        self.name.replace(name);
        self.make();
    }

    /// Replays everything that was done, under the name.
    fn make(self: &Rc<Self>) {
        self.turn.set(self.turn.get() + 1);
        let turn = self.turn.get();
        let name = self.name();
        let begun: Vec<String> = self.written.iter().filter(|slug| progress::lesson_progress(slug).begun).cloned().collect();
        let desk = Rc::clone(self);
        spawn_local(async move {
            let mut lessons = desk.lessons.borrow().clone();
            lessons.fetch(&desk.folder, &begun).await;
            desk.lessons.replace(lessons.clone());
            let proofs = lessons.all().iter().filter_map(|lesson| work::proof(lesson, &name)).collect();
            desk.judge(&proofs_of(&name, proofs), turn, Rc::new(|desk, certificate, report| desk.settle(certificate, report)));
        });
    }

    /// Replays a certificate a slice at a time and hands on what came of it.
    fn judge(self: &Rc<Self>, certificate: &Certificate, turn: u32, then: Then) {
        if certificate.lessons.is_empty() {
            return self.say("Nothing to prove yet. Win a lesson's challenge and answer its quiz, then come back.");
        }
        let lessons = self.lessons.borrow().clone();
        let find = |slug: &str| lessons.get(slug);
        let text = match certificate.to_text(&find) {
            Ok(text) => text,
            Err(why) => return self.say(&why.to_string()),
        };
        match Verification::new(&text, &find) {
            Ok(verification) => self.work(Job { certificate: certificate.clone(), text, verification, turn, then }),
            Err(why) => self.say(&why.to_string()),
        }
    }

    fn work(self: &Rc<Self>, mut job: Job) {
        if self.turn.get() != job.turn {
            return;
        }
        if job.verification.work(SLICE) == Progress::More {
            let desk = Rc::clone(self);
            set_timeout(move || desk.work(job), core::time::Duration::ZERO);
            return;
        }
        let Job { certificate, text, verification, then, .. } = job;
        self.shown.replace(text);
        then(self, &certificate, verification.report());
    }

    /// Says what is lacking, asks it again, and issues what is passed.
    fn settle(self: &Rc<Self>, certificate: &Certificate, report: &Report) {
        self.result.set_inner_html(&again::lacking(report, &self.folder));
        again::ask(self, report);
        let is_passed = |slug: &str| report.lessons.iter().any(|lesson| lesson.lesson == slug && lesson.is_passed());
        let passed: Vec<_> = certificate.lessons.iter().filter(|proof| is_passed(&proof.lesson)).cloned().collect();
        match passed.len() {
            0 => self.paper.set_inner_html(""),
            count if count == certificate.lessons.len() => paper::show(self, report),
            _ => {
                let passed = proofs_of(&certificate.name, passed);
                self.judge(&passed, self.turn.get(), Rc::new(|desk, _, report| paper::show(desk, report)));
            }
        }
    }

    fn say(&self, what: &str) {
        self.result.set_inner_html(&maud::html! { p.panel-empty { (what) } }.into_string());
        self.paper.set_inner_html("");
        self.again.set_inner_html("");
        self.asked.take();
    }
}

/// What is done with a certificate that was judged.
type Then = Rc<dyn Fn(&Rc<Desk>, &Certificate, &Report)>;

/// A replay that is under way.
struct Job {
    certificate: Certificate,
    text: String,
    verification: Verification,
    turn: u32,
    then: Then,
}

fn proofs_of(name: &str, lessons: Vec<LessonProof>) -> Certificate {
    Certificate { rules: CURRENT.version, name: name.to_owned(), lessons }
}
