//! Markdown to HTML: CommonMark with tables, no raw HTML, no inline styles.
//!
//! The pages forbid `style` attributes, and pulldown-cmark aligns table cells with them, so tables are written here.

use std::ops::Range;

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

/// An event with the byte range it came from.
pub(crate) type Spanned<'a> = (Event<'a>, Range<usize>);

/// The events of a text; smart punctuation is on, so straight quotes may be typed.
pub(crate) fn events(text: &str) -> impl Iterator<Item = Spanned<'_>> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_SMART_PUNCTUATION).into_offset_iter()
}

/// Renders one or several paragraphs.
pub fn block(text: &str) -> String {
    render(events(text).map(|(event, _)| event), "")
}

/// The same, with a name (as HTML or text) for the regions around its tables, and headings one level lower.
pub(crate) fn block_named(text: &str, name: &str) -> String {
    render(events(text).map(|(event, _)| lower_headings(event)), &without_tags(name))
}

/// Text of a rendered phrase.
pub(crate) fn without_tags(html: &str) -> String {
    let mut out = String::new();
    let mut in_tag = false;
    for c in html.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag => out.push(c),
            _ => {}
        }
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// Renders a phrase: the same without the paragraph around it.
pub fn inline(text: &str) -> String {
    let inner =
        events(text).map(|(event, _)| event).filter(|event| !matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph)));
    let html = render(inner, "");
    html.trim_end().to_owned()
}

/// The text alone, for titles and descriptions.
pub fn plain(text: &str) -> String {
    let mut out = String::new();
    for (event, _) in events(text) {
        match event {
            Event::Text(t) | Event::Code(t) => out.push_str(&t),
            Event::SoftBreak | Event::HardBreak => out.push(' '),
            _ => {}
        }
    }
    out
}

/// Renders events; `label` names the region around a wide table for screen readers.
pub(crate) fn render<'a>(events: impl Iterator<Item = Event<'a>>, label: &str) -> String {
    let mut writer = Writer { label: escape(label), ..Writer::default() };
    let mut out = String::new();
    html::push_html(&mut out, events.map(|event| writer.rewrite(event)));
    // A heading without text would be announced as one.
    out.replace("<th scope=\"col\"></th>", "<td></td>")
}

/// Escapes text for HTML content and double-quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}

/// An id made from a heading: lower case, words joined by hyphens.
pub(crate) fn slug(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.ends_with('-') && c != '’' && c != '\'' {
            out.push('-');
        }
    }
    out.trim_matches('-').to_owned()
}

#[derive(Default)]
struct Writer {
    label: String,
    alignments: Vec<Alignment>,
    column: usize,
    in_head: bool,
}

impl Writer {
    /// Replaces tables and code blocks by markup that reflows and scrolls by keyboard.
    fn rewrite<'a>(&mut self, event: Event<'a>) -> Event<'a> {
        match event {
            Event::Start(Tag::Table(alignments)) => {
                self.alignments = alignments;
                let label = if self.label.is_empty() { "Table".to_owned() } else { format!("Table: {}", self.label) };
                raw(format!("<div class=\"table-wrap\" role=\"group\" tabindex=\"0\" aria-label=\"{label}\"><table>\n"))
            }
            Event::End(TagEnd::Table) => raw("</tbody></table></div>\n"),
            Event::Start(Tag::TableHead) => {
                self.in_head = true;
                self.column = 0;
                raw("<thead><tr>")
            }
            Event::End(TagEnd::TableHead) => {
                self.in_head = false;
                raw("</tr></thead><tbody>\n")
            }
            Event::Start(Tag::TableRow) => {
                self.column = 0;
                raw("<tr>")
            }
            Event::End(TagEnd::TableRow) => raw("</tr>\n"),
            Event::Start(Tag::TableCell) => raw(self.open_cell()),
            Event::End(TagEnd::TableCell) => raw(self.close_cell()),
            Event::Start(Tag::CodeBlock(kind)) => raw(open_code(&kind)),
            Event::End(TagEnd::CodeBlock) => raw("</code></pre>\n"),
            other => other,
        }
    }

    /// The first cell of a body row names the row.
    fn is_heading_cell(&self) -> bool {
        self.in_head || self.column == 0
    }

    fn open_cell(&self) -> String {
        let class = match self.alignments.get(self.column) {
            Some(Alignment::Right) => " class=\"right\"",
            Some(Alignment::Center) => " class=\"center\"",
            _ => "",
        };
        match (self.in_head, self.is_heading_cell()) {
            (true, _) => format!("<th scope=\"col\"{class}>"),
            (false, true) => format!("<th scope=\"row\"{class}>"),
            (false, false) => format!("<td{class}>"),
        }
    }

    fn close_cell(&mut self) -> &'static str {
        let close = if self.is_heading_cell() { "</th>" } else { "</td>" };
        self.column += 1;
        close
    }
}

fn open_code(kind: &pulldown_cmark::CodeBlockKind<'_>) -> String {
    match kind {
        pulldown_cmark::CodeBlockKind::Fenced(lang) if !lang.is_empty() => {
            format!("<pre tabindex=\"0\"><code class=\"language-{}\">", escape(lang))
        }
        _ => "<pre tabindex=\"0\"><code>".to_owned(),
    }
}

fn raw<'a>(html: impl Into<CowStr<'a>>) -> Event<'a> {
    Event::Html(html.into())
}

/// Moves headings of a text that is shown below a heading of the page down by one level.
pub(crate) fn lower_headings(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Heading { level, id, classes, attrs }) => Event::Start(Tag::Heading { level: below(level), id, classes, attrs }),
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(below(level))),
        other => other,
    }
}

fn below(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H2,
        HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 => HeadingLevel::H4,
        HeadingLevel::H4 => HeadingLevel::H5,
        HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_have_no_paragraph() {
        assert_eq!(inline("a `b` *c*"), "a <code>b</code> <em>c</em>");
        assert_eq!(block("a"), "<p>a</p>\n");
        assert_eq!(plain("a `b` **c**"), "a b c");
    }

    #[test]
    fn tables_carry_classes_instead_of_styles() {
        let html = block("| A | B |\n|---|--:|\n| x | 1 |\n");
        assert!(html.contains("<th scope=\"col\" class=\"right\">B</th>"), "{html}");
        assert!(html.contains("<th scope=\"row\">x</th><td class=\"right\">1</td>"), "{html}");
        assert!(!html.contains("style="), "{html}");
    }

    #[test]
    fn code_blocks_keep_their_language() {
        let html = block("```nginx\na < b;\n```\n");
        assert!(html.contains("<code class=\"language-nginx\">a &lt; b;\n</code></pre>"), "{html}");
    }

    #[test]
    fn slugs_are_plain() {
        assert_eq!(slug("What’s in a packet, really?"), "whats-in-a-packet-really");
    }
}
