//! The facts of one question, and words with facts in them.
//!
//! Templates name facts by kind and place, so that a family is mostly arithmetic and tables of
//! words: that is a third of the code that building each sentence by itself would be.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

use crate::decimal::Decimal;

/// Where the facts of the case begin; the places before belong to the idea or row that is shown.
const CASE: usize = 4;
const PLACES: usize = 16;

/// Facts and texts that templates refer to.
///
/// `{n4}` is the fact in place 4 as a number with commas between thousands. Places are hexadecimal
/// digits: 0 is the value of the idea that is spoken of, 1 to 3 are what else it has, 4 to f are
/// the case's. Kinds: `n` number, `i` signed number, `d` thousandths, `b` a member by its index,
/// `a` an IPv4 address, `c` a time of the day in seconds, `t` the text that the fact is the number
/// of, `s` the text of that place itself. Texts may be templates.
pub(super) struct Sheet {
    facts: [u64; PLACES],
    texts: Vec<String>,
}

impl Sheet {
    /// A sheet with the facts of the case, from place 4 on.
    pub(super) fn new(case: &[u64]) -> Self {
        let mut facts = [0; PLACES];
        for (place, fact) in facts[CASE..].iter_mut().zip(case) {
            *place = *fact;
        }
        Self { facts, texts: Vec::new() }
    }

    /// Adds a text; the first is `{s0}`. It names no text.
    pub(super) fn text(&mut self, text: String) {
        self.texts.push(text);
    }

    /// Puts the facts of an idea or a row into the first places.
    pub(super) fn turn_to(&mut self, facts: &[u64; CASE]) {
        self.facts[..CASE].copy_from_slice(facts);
    }

    /// The template with its facts.
    pub(super) fn say(&self, template: &str) -> String {
        let mut said = String::new();
        self.push(&mut said, template);
        said
    }

    fn push(&self, into: &mut String, template: &str) {
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            into.push_str(before);
            let (hole, after) = after.split_once('}').unwrap_or((after, ""));
            if let [kind, place] = *hole.as_bytes() {
                let place = usize::from(if place < b'a' { place.wrapping_sub(b'0') } else { place - b'a' + 10 });
                self.push_fact(into, kind, place);
            }
            rest = after;
        }
        into.push_str(rest);
    }

    fn push_fact(&self, into: &mut String, kind: u8, place: usize) {
        let fact = self.facts.get(place).copied().unwrap_or_default();
        if matches!(kind, b's' | b't') {
            let place = if kind == b's' { place } else { fact as usize };
            return self.push(into, self.texts.get(place).map_or("", String::as_str));
        }
        // Writing into a string has no way to fail.
        let _ = match kind {
            b'a' => write!(into, "{}", Ipv4Addr::from(fact as u32)),
            b'c' => write!(into, "{:02}:{:02}:{:02}", fact / 3_600, fact / 60 % 60, fact % 60),
            b'd' => write!(into, "{}", Decimal(fact as f64 / 1_000.0)),
            _ => {
                match kind {
                    b'b' => into.push('b'),
                    b'i' if (fact as i64) < 0 => into.push('−'),
                    _ => {}
                }
                number(into, if kind == b'i' { (fact as i64).unsigned_abs() } else { fact + u64::from(kind == b'b') });
                Ok(())
            }
        };
    }

    /// A list of facts: a name and a value in each row.
    pub(super) fn list(&self, rows: &[[&str; 2]]) -> String {
        let mut html = String::from("<table><tbody>");
        for row in rows {
            self.push_row(&mut html, row);
        }
        html + "</tbody></table>"
    }

    /// A table whose first column names the rows. Each column has a head and a template, and each
    /// row the facts for them.
    pub(super) fn table(&mut self, columns: &[[&str; 2]], rows: &[[u64; CASE]]) -> String {
        let mut html = String::from("<table><thead><tr>");
        for [head, _] in columns {
            html.push_str("<th scope=\"col\">");
            html.push_str(head);
            html.push_str("</th>");
        }
        html.push_str("</tr></thead><tbody>");
        let cells: Vec<&str> = columns.iter().map(|[_, cell]| *cell).collect();
        for row in rows {
            self.turn_to(row);
            self.push_row(&mut html, &cells);
        }
        html + "</tbody></table>"
    }

    fn push_row(&self, html: &mut String, cells: &[&str]) {
        let (mut open, mut close) = ("<tr><th scope=\"row\">", "</th>");
        for cell in cells {
            html.push_str(open);
            self.push(html, cell);
            html.push_str(close);
            (open, close) = ("<td>", "</td>");
        }
        html.push_str("</tr>");
    }
}

/// `1`, `1 and 2`, `1, 2 and 3`.
pub(super) fn listed(names: &[String], and: &str) -> String {
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, before)) => before.join(", ") + and + last,
        None => String::new(),
    }
}

fn number(into: &mut String, value: u64) {
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

    fn check(facts: &[u64], template: &str, expect: &str) {
        let mut sheet = Sheet::new(facts);
        sheet.text("words of {n4}".to_owned());
        assert_eq!(sheet.say(template), expect, "{template}");
    }

    #[test]
    fn facts_go_where_the_template_has_them() {
        check(&[2, 1], "{n5} before {n4}, {n4} again", "1 before 2, 2 again");
        check(&[0, 0xcb00_7107, 43_300], "{b4} {a5} {c6} {s0}", "b1 203.0.113.7 12:01:40 words of 0");
        check(&[(-3i64) as u64, 4, 1_500, 1_666], "{i4} {i5} {d6} {d7}", "−3 4 1.5 1.666");
        check(&[0, 1, 2, 3, 4, 5, 6, 7], "{nb} {t4}{t5}", "7 words of 0");
        for (value, expect) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_045_006, "12,045,006")] {
            check(&[value], "{n4}", expect);
        }
        check(&[7], "{nz}{s9}{}{longer} cut {n4", "0 cut 7");
    }

    #[test]
    fn lists_have_an_and() {
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!([0, 1, 2, 3].map(|n| listed(&names[..n], " and ")), ["", "a", "a and b", "a, b and c"]);
    }

    #[test]
    fn tables_name_their_rows_and_columns() {
        let mut sheet = Sheet::new(&[9]);
        assert_eq!(
            sheet.list(&[["Burst", "{n4} tokens"]]),
            "<table><tbody><tr><th scope=\"row\">Burst</th><td>9 tokens</td></tr></tbody></table>"
        );
        assert_eq!(
            sheet.table(&[["Member", "{b0}"], ["Open", "{n1}"]], &[[0, 3, 0, 0]]),
            "<table><thead><tr><th scope=\"col\">Member</th><th scope=\"col\">Open</th></tr></thead>\
             <tbody><tr><th scope=\"row\">b1</th><td>3</td></tr></tbody></table>"
        );
    }
}
