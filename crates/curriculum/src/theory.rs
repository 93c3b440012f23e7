//! `theory.md` taken apart: topics (one per `##` heading), prose, and the places where labs and the quiz mount.

use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};

use crate::file::SourceFile;
use crate::markdown;
use crate::problem::Problem;

/// The theory of a lesson, ready to be laid out.
#[derive(Clone, Debug, Default)]
pub struct Theory {
    /// Topics in their order; the first may have no heading.
    pub topics: Vec<Topic>,
    /// Words of prose, code blocks not counted.
    pub words: usize,
}

/// What stands under one `##` heading.
#[derive(Clone, Debug, Default)]
pub struct Topic {
    /// Heading as HTML and its id; none for text before the first heading.
    pub heading: Option<Heading>,
    /// Prose and mounts in their order.
    pub parts: Vec<Part>,
    /// Terms set in bold, in their order.
    pub terms: Vec<BoldTerm>,
}

/// A heading.
#[derive(Clone, Debug)]
pub struct Heading {
    /// Id within the page.
    pub id: String,
    /// Rendered text.
    pub html: String,
}

/// A piece of a topic.
#[derive(Clone, Debug)]
pub enum Part {
    /// Rendered paragraphs, tables and code.
    Prose(String),
    /// The lab of this id mounts here.
    Lab {
        /// Lab id.
        id: String,
        /// Byte offset in the file.
        offset: usize,
    },
    /// The quiz mounts here.
    Quiz {
        /// Byte offset in the file.
        offset: usize,
    },
}

/// A phrase in bold.
#[derive(Clone, Debug)]
pub struct BoldTerm {
    /// The phrase.
    pub text: String,
    /// Byte offset in the file.
    pub offset: usize,
}

/// Finds the glossary id of a phrase set in bold.
pub trait TermIds {
    /// The id, if the glossary has the term.
    fn id_of(&self, phrase: &str) -> Option<&str>;
}

/// Compares terms without case, doubled blanks and kinds of apostrophe.
pub fn normalise_term(phrase: &str) -> String {
    let words: Vec<String> = phrase.split_whitespace().map(|w| w.replace('’', "'").to_lowercase()).collect();
    words.join(" ")
}

/// Takes a theory file apart; mistakes in it are added to `problems`.
pub fn parse(file: &SourceFile, terms: &dyn TermIds, problems: &mut Vec<Problem>) -> Theory {
    let mut builder = Builder { file, terms, problems, theory: Theory::default() };
    for chunk in chunks(&file.text) {
        builder.add(chunk);
    }
    builder.theory.topics.retain(|topic| topic.heading.is_some() || !topic.parts.is_empty());
    builder.theory
}

/// Consecutive text, or a line that starts with `::`.
#[derive(Clone, Copy)]
enum Chunk<'a> {
    Text(&'a str, usize),
    Directive(&'a str, usize),
}

/// Splits at `::` lines, which count only outside code fences.
fn chunks(text: &str) -> Vec<Chunk<'_>> {
    let mut out = Vec::new();
    let (mut start, mut at, mut fenced) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if !fenced && line.starts_with("::") {
            out.push(Chunk::Text(&text[start..at], start));
            out.push(Chunk::Directive(line.trim(), at));
            start = at + line.len();
        }
        at += line.len();
    }
    out.push(Chunk::Text(&text[start..], start));
    out
}

struct Builder<'a> {
    file: &'a SourceFile,
    terms: &'a dyn TermIds,
    problems: &'a mut Vec<Problem>,
    theory: Theory,
}

impl Builder<'_> {
    fn add(&mut self, chunk: Chunk<'_>) {
        match chunk {
            Chunk::Text(text, base) => self.add_text(text, base),
            Chunk::Directive(line, offset) => self.add_directive(line, offset),
        }
    }

    fn topic(&mut self) -> &mut Topic {
        if self.theory.topics.is_empty() {
            self.theory.topics.push(Topic::default());
        }
        let last = self.theory.topics.len() - 1;
        &mut self.theory.topics[last]
    }

    fn add_directive(&mut self, line: &str, offset: usize) {
        let mut words = line.trim_start_matches(':').split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("lab"), Some(id), None) => self.topic().parts.push(Part::Lab { id: id.to_owned(), offset }),
            (Some("quiz"), None, None) => self.topic().parts.push(Part::Quiz { offset }),
            _ => self.problems.push(self.file.problem(
                offset,
                format!("The line `{line}` mounts nothing."),
                "Write `::lab <id>` or `::quiz`, alone on the line.",
            )),
        }
    }

    fn add_text(&mut self, text: &str, base: usize) {
        let mut prose: Vec<Event<'_>> = Vec::new();
        let mut events = markdown::events(text).peekable();
        while let Some((event, range)) = events.next() {
            let offset = base + range.start;
            match event {
                Event::Start(Tag::Heading { level: HeadingLevel::H2, .. }) => {
                    self.flush(&mut prose);
                    let inner = take_until(&mut events, &TagEnd::Heading(HeadingLevel::H2));
                    self.start_topic(&inner);
                }
                Event::Start(Tag::Heading { level: HeadingLevel::H1, .. }) => self.problems.push(self.file.problem(
                    offset,
                    "The theory has a heading of the first level; the page already has one, the lesson's title.",
                    "Write `##` for a section.",
                )),
                Event::End(TagEnd::Heading(HeadingLevel::H1)) => {}
                Event::Start(Tag::Strong) => {
                    let inner = take_until(&mut events, &TagEnd::Strong);
                    self.add_term(&mut prose, inner, offset);
                }
                Event::Html(_) | Event::InlineHtml(_) => self.problems.push(self.file.problem(
                    offset,
                    "Raw HTML does not belong in lesson text.",
                    "Write it as Markdown, or in backticks if it is meant to be read.",
                )),
                event => {
                    self.count(&event, &prose);
                    prose.push(event);
                }
            }
        }
        self.flush(&mut prose);
    }

    fn count(&mut self, event: &Event<'_>, before: &[Event<'_>]) {
        let in_code = matches!(before.last(), Some(Event::Start(Tag::CodeBlock(_))));
        match event {
            Event::Text(text) if !in_code => self.theory.words += text.split_whitespace().count(),
            Event::Code(text) => self.theory.words += text.split_whitespace().count(),
            _ => {}
        }
    }

    fn start_topic(&mut self, inner: &[Event<'_>]) {
        let text = text_of(inner);
        self.theory.words += text.split_whitespace().count();
        let html = markdown::render(inner.iter().cloned(), "");
        let heading = Heading { id: markdown::slug(&text), html };
        self.theory.topics.push(Topic { heading: Some(heading), ..Topic::default() });
    }

    /// A bold phrase becomes a definition that opens on a tap, if the glossary knows it.
    fn add_term<'e>(&mut self, prose: &mut Vec<Event<'e>>, inner: Vec<Event<'e>>, offset: usize) {
        let text = text_of(&inner);
        self.theory.words += text.split_whitespace().count();
        let (open, close) = match self.terms.id_of(&text) {
            Some(id) => {
                let id = markdown::escape(id);
                (format!("<dfn><button type=\"button\" class=\"term\" popovertarget=\"term-{id}\">"), "</button></dfn>")
            }
            None => ("<strong>".to_owned(), "</strong>"),
        };
        prose.push(Event::InlineHtml(open.into()));
        prose.extend(inner);
        prose.push(Event::InlineHtml(close.into()));
        self.topic().terms.push(BoldTerm { text, offset });
    }

    fn flush(&mut self, prose: &mut Vec<Event<'_>>) {
        if prose.is_empty() {
            return;
        }
        let label = self.topic().heading.as_ref().map(|h| markdown::without_tags(&h.html)).unwrap_or_default();
        let html = markdown::render(prose.drain(..), &label);
        if !html.trim().is_empty() {
            self.topic().parts.push(Part::Prose(html));
        }
    }
}

fn take_until<'a>(events: &mut impl Iterator<Item = markdown::Spanned<'a>>, end: &TagEnd) -> Vec<Event<'a>> {
    events.map(|(event, _)| event).take_while(|event| !matches!(event, Event::End(e) if e == end)).collect()
}

fn text_of(events: &[Event<'_>]) -> String {
    let mut out = String::new();
    for event in events {
        match event {
            Event::Text(t) | Event::Code(t) => out.push_str(t),
            Event::SoftBreak => out.push(' '),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    struct OneTerm;

    impl TermIds for OneTerm {
        fn id_of(&self, phrase: &str) -> Option<&str> {
            (normalise_term(phrase) == "backend").then_some("backend")
        }
    }

    fn read(text: &str) -> (Theory, Vec<Problem>) {
        let mut problems = Vec::new();
        let theory = parse(&SourceFile::new("lessons/x/en/theory.md", text), &OneTerm, &mut problems);
        (theory, problems)
    }

    #[test]
    fn topics_and_mounts_keep_their_order() {
        let (theory, problems) = read("Intro.\n\n## One\n\nA **backend** works.\n\n::lab a\n\nMore.\n\n## Two\n\n::quiz\n");
        assert!(problems.is_empty(), "{problems:?}");
        let shape: Vec<(Option<&str>, usize)> =
            theory.topics.iter().map(|t| (t.heading.as_ref().map(|h| h.id.as_str()), t.parts.len())).collect();
        assert_eq!(shape, [(None, 1), (Some("one"), 3), (Some("two"), 1)]);
        assert!(matches!(&theory.topics[1].parts[1], Part::Lab { id, .. } if id == "a"));
        assert_eq!(theory.topics[1].terms[0].text, "backend");
        assert_eq!(theory.words, 7);
    }

    #[test]
    fn a_known_term_opens_its_definition() {
        let (theory, _) = read("## One\n\nA **Backend** and **nothing**.\n");
        let Part::Prose(html) = &theory.topics[0].parts[0] else { panic!("prose expected") };
        assert!(html.contains("popovertarget=\"term-backend\">Backend</button></dfn>"), "{html}");
        assert!(html.contains("<strong>nothing</strong>"), "{html}");
    }

    fn check(text: &str, expect: &str) {
        let (_, problems) = read(text);
        assert_eq!(problems.first().map(ToString::to_string).as_deref(), Some(expect));
    }

    #[test]
    fn mistakes_name_their_line() {
        check(
            "## A\n\n::labs a\n",
            "lessons/x/en/theory.md:3: The line `::labs a` mounts nothing. Fix: Write `::lab <id>` or `::quiz`, alone on the line.",
        );
        check(
            "# A\n",
            "lessons/x/en/theory.md:1: The theory has a heading of the first level; the page already has one, the lesson's title. Fix: Write `##` for a section.",
        );
        check(
            "a\n\n<b>x</b>\n",
            "lessons/x/en/theory.md:3: Raw HTML does not belong in lesson text. Fix: Write it as Markdown, or in backticks if it is meant to be read.",
        );
    }

    #[test]
    fn directives_inside_code_are_text() {
        let (theory, problems) = read("```\n::lab a\n```\n");
        assert!(problems.is_empty());
        assert!(matches!(theory.topics[0].parts[0], Part::Prose(_)));
    }
}
