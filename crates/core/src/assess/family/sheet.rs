//! The facts of one question, and words with facts in them.
//!
//! A family is arithmetic and the numbers of its words. That is a third of the code that making
//! each sentence by itself would be.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use crate::decimal::Decimal;

/// Where the facts of the case begin; the places before belong to the idea or row that is shown.
const CASE: usize = 4;
const PLACES: usize = 16;

/// Facts and texts, and the words that refer to them.
///
/// `{n4}` is the fact in place 4 as a number with commas between thousands. Places are hexadecimal
/// digits: 0 is the value of the idea that is spoken of, 1 to 3 are what else it has, 4 to f are
/// the case's. Kinds: `n` number, `i` signed number, `d` thousandths, `b` a member by its index,
/// `a` an IPv4 address, `c` a time of the day in seconds, `w` the word of that number, `s` the text
/// of that place. Words and texts may have facts in them as well.
pub(super) struct Sheet<'a> {
    words: &'a [String],
    facts: [u32; PLACES],
    texts: Vec<String>,
}

impl<'a> Sheet<'a> {
    /// A sheet with the facts of the case, from place 4 on.
    pub(super) fn new(words: &'a [String], case: &[u32]) -> Self {
        let mut facts = [0; PLACES];
        for (place, fact) in facts[CASE..].iter_mut().zip(case) {
            *place = *fact;
        }
        Self { words, facts, texts: Vec::new() }
    }

    /// Adds a text; the first is `{s0}`.
    pub(super) fn text(&mut self, text: String) {
        self.texts.push(text);
    }

    /// Puts the facts of an idea or a row into the first places.
    pub(super) fn turn_to(&mut self, facts: &[u32; CASE]) {
        self.facts[..CASE].copy_from_slice(facts);
    }

    /// The parts of a word; none when the lesson's data has too few words.
    pub(super) fn parts(&self, word: u8) -> impl Iterator<Item = &'a str> + use<'a> {
        self.words.get(usize::from(word)).map_or("", String::as_str).split('|')
    }

    /// A word with its facts.
    pub(super) fn say(&self, word: u8) -> String {
        self.fill(self.parts(word).next().unwrap_or_default())
    }

    /// A template with its facts.
    pub(super) fn fill(&self, template: &str) -> String {
        let mut said = String::new();
        self.push(&mut said, template);
        said
    }

    /// The facts in place 0, one after the other, each said in that word: `1, 2 and 3`.
    pub(super) fn listed(&mut self, word: u8, between: u8, last: u8, rows: &[[u32; CASE]]) -> String {
        let mut list = String::new();
        for (place, row) in rows.iter().enumerate() {
            if place > 0 {
                list += &self.say(if place + 1 == rows.len() { last } else { between });
            }
            self.turn_to(row);
            list += &self.say(word);
        }
        list
    }

    /// A list of facts: a name and a value in each row.
    pub(super) fn list(&self, rows: &[u8]) -> String {
        let mut html = String::from("<table><tbody>");
        for &row in rows {
            self.push_row(&mut html, self.parts(row));
        }
        html + "</tbody></table>"
    }

    /// A table whose first column names the rows. Each row has the facts for its cells.
    pub(super) fn table(&mut self, columns: &[u8], rows: &[[u32; CASE]]) -> String {
        let mut html = String::from("<table><thead><tr>");
        for &column in columns {
            html.push_str("<th scope=\"col\">");
            html.push_str(self.parts(column).next().unwrap_or_default());
            html.push_str("</th>");
        }
        html.push_str("</tr></thead><tbody>");
        for row in rows {
            self.turn_to(row);
            self.push_row(&mut html, columns.iter().map(|&column| self.parts(column).nth(1).unwrap_or_default()));
        }
        html + "</tbody></table>"
    }

    fn push_row<'c>(&self, html: &mut String, cells: impl Iterator<Item = &'c str>) {
        let (mut open, mut close) = ("<tr><th scope=\"row\">", "</th>");
        for cell in cells {
            html.push_str(open);
            self.push(html, cell);
            html.push_str(close);
            (open, close) = ("<td>", "</td>");
        }
        html.push_str("</tr>");
    }

    fn push(&self, into: &mut String, template: &str) {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            into.push_str(before);
            let (hole, after) = after.split_once('}').unwrap_or((after, ""));
            if let [kind, place] = *hole.as_bytes() {
                let place = if place < b'a' { place.wrapping_sub(b'0') } else { place - b'a' + 10 };
                self.push_fact(into, kind, usize::from(place));
            }
            rest = after;
        }
        into.push_str(rest);
    }

    fn push_fact(&self, into: &mut String, kind: u8, place: usize) {
        let mut fact = self.facts.get(place).copied().unwrap_or_default();
        // Writing into a string has no way to fail.
        let _ = match kind {
            b's' => return self.push(into, self.texts.get(place).map_or("", String::as_str)),
            b'w' => return self.push(into, self.parts(fact as u8).next().unwrap_or_default()),
            b'a' => write!(into, "{}", Ipv4Addr::from(fact)),
            b'c' => write!(into, "{:02}:{:02}:{:02}", fact / 3_600, fact / 60 % 60, fact % 60),
            b'd' => write!(into, "{}", Decimal(f64::from(fact) / 1_000.0)),
            _ => {
                if kind == b'b' {
                    into.push('b');
                    fact += 1;
                } else if kind == b'i' && (fact as i32) < 0 {
                    into.push('−');
                    fact = fact.wrapping_neg();
                }
                number(into, fact);
                return;
            }
        };
    }
}

fn number(into: &mut String, value: u32) {
    if value < 1_000 {
        let _ = write!(into, "{value}");
    } else {
        number(into, value / 1_000);
        let _ = write!(into, ",{:03}", value % 1_000);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: [&str; 5] = ["Burst|{n4} tokens", "Member|{b0}", "Open|{n1}", ", ", " and "];

    fn words() -> Vec<String> {
        WORDS.map(str::to_owned).to_vec()
    }

    fn check(facts: &[u32], template: &str, expect: &str) {
        let words = words();
        let mut sheet = Sheet::new(&words, facts);
        sheet.text("words of {n4}".to_owned());
        assert_eq!(sheet.fill(template), expect, "{template}");
    }

    #[test]
    fn facts_go_where_the_template_has_them() {
        check(&[2, 1], "{n5} before {n4}, {n4} again", "1 before 2, 2 again");
        check(&[0, 0xcb00_7107, 43_300], "{b4} {a5} {c6} {s0}", "b1 203.0.113.7 12:01:40 words of 0");
        check(&[(-3i32) as u32, 4, 1_500, 1_666], "{i4} {i5} {d6} {d7}", "−3 4 1.5 1.666");
        check(&[0, 4, 2, 3, 4, 5, 6, 7], "{nb}{w5}{w9}{wb}", "7 and ");
        for (value, expect) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_045_006, "12,045,006")] {
            check(&[value], "{n4}", expect);
        }
        check(&[7], "{nz}{s9}{}{longer} cut {n4", "0 cut 7");
    }

    #[test]
    fn lists_have_an_and() {
        let words = words();
        let list = |count: u32| Sheet::new(&words, &[]).listed(2, 3, 4, &(0..count).map(|n| [0, n, 0, 0]).collect::<Vec<_>>());
        assert_eq!([0, 1, 2, 3].map(list), ["", "Open", "Open and Open", "Open, Open and Open"]);
    }

    #[test]
    fn tables_name_their_rows_and_columns() {
        let words = words();
        let mut sheet = Sheet::new(&words, &[9]);
        assert_eq!(sheet.list(&[0]), "<table><tbody><tr><th scope=\"row\">Burst</th><td>9 tokens</td></tr></tbody></table>");
        assert_eq!(
            sheet.table(&[1, 2], &[[0, 3, 0, 0]]),
            "<table><thead><tr><th scope=\"col\">Member</th><th scope=\"col\">Open</th></tr></thead>\
             <tbody><tr><th scope=\"row\">b1</th><td>3</td></tr></tbody></table>"
        );
        assert_eq!(sheet.say(200), "", "data that lacks a word");
    }
}
