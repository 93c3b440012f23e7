//! Words with values in them.

use std::fmt::Write as _;
use std::net::Ipv4Addr;

/// A value to put into a sentence.
#[derive(Clone, Copy)]
pub(super) enum Part<'a> {
    /// A number, with commas between thousands.
    N(u64),
    /// A text.
    S(&'a str),
    /// A member of a pool by its index: `b1` for the first.
    B(usize),
    /// An IPv4 address.
    A(u32),
    /// A time of the day, given in seconds: `12:01:40`.
    C(u64),
}

/// A template with its `{0}`, `{1}`, … filled in, so that a translation may put them in another order.
pub(super) fn say(template: &str, parts: &[Part<'_>]) -> String {
    let mut said = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        said.push_str(before);
        let place = after.as_bytes().first().map_or(u8::MAX, |digit| digit.wrapping_sub(b'0'));
        if let Some(part) = parts.get(usize::from(place)) {
            part.write(&mut said);
        }
        rest = after.get(2..).unwrap_or_default();
    }
    said.push_str(rest);
    said
}

impl Part<'_> {
    fn write(self, into: &mut String) {
        match self {
            Self::N(value) => number(value, into),
            Self::S(text) => into.push_str(text),
            Self::B(index) => {
                into.push('b');
                number(index as u64 + 1, into);
            }
            Self::A(address) => {
                // Writing into a string has no way to fail.
                let _ = write!(into, "{}", Ipv4Addr::from(address));
            }
            Self::C(seconds) => {
                let _ = write!(into, "{:02}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60);
            }
        }
    }
}

fn number(value: u64, into: &mut String) {
    if value < 1_000 {
        let _ = write!(into, "{value}");
    } else {
        number(value / 1_000, into);
        let _ = write!(into, ",{:03}", value % 1_000);
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

/// A table of values: its first column names the rows. Without heads it is a list of facts.
pub(super) fn table(heads: &[&str], columns: usize, cells: &[String]) -> String {
    let mut html = String::from("<table>");
    if !heads.is_empty() {
        html.push_str("<thead><tr>");
        for head in heads {
            push_cell(&mut html, "<th scope=\"col\">", head, "</th>");
        }
        html.push_str("</tr></thead>");
    }
    html.push_str("<tbody>");
    for row in cells.chunks(columns.max(1)) {
        html.push_str("<tr>");
        for (place, cell) in row.iter().enumerate() {
            if place == 0 {
                push_cell(&mut html, "<th scope=\"row\">", cell, "</th>");
            } else {
                push_cell(&mut html, "<td>", cell, "</td>");
            }
        }
        html.push_str("</tr>");
    }
    html.push_str("</tbody></table>");
    html
}

fn push_cell(html: &mut String, open: &str, text: &str, close: &str) {
    html.push_str(open);
    html.push_str(text);
    html.push_str(close);
}

#[cfg(test)]
mod tests {
    use super::Part::{A, B, C, N, S};
    use super::*;

    #[test]
    fn values_go_where_the_template_has_them() {
        assert_eq!(say("{1} before {0}, {0} again", &[N(2), S("one")]), "one before 2, 2 again");
        assert_eq!(say("{0} {1} {2}", &[B(0), A(0xcb00_7107), C(43_300)]), "b1 203.0.113.7 12:01:40");
        assert_eq!(say("{9}nothing", &[]), "nothing");
        assert_eq!(say("cut {", &[N(1)]), "cut ");
        for (value, expect) in [(0, "0"), (999, "999"), (1_000, "1,000"), (12_045_006, "12,045,006")] {
            assert_eq!(say("{0}", &[N(value)]), expect);
        }
    }

    #[test]
    fn lists_and_tables_can_be_read_aloud() {
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!([0, 1, 2, 3].map(|n| listed(&names[..n], " and ")), ["", "a", "a and b", "a, b and c"]);
        assert_eq!(
            table(&["Member", "Open"], 2, &["b1".into(), "3".into()]),
            "<table><thead><tr><th scope=\"col\">Member</th><th scope=\"col\">Open</th></tr></thead>\
             <tbody><tr><th scope=\"row\">b1</th><td>3</td></tr></tbody></table>"
        );
    }
}
