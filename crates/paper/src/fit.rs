//! How wide words are, near enough: nothing here can ask a font.

/// The width of a text in a bold sans serif, in ems.
pub(crate) fn ems(text: &str) -> f64 {
    text.chars().map(em).sum()
}

fn em(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'I' | '.' | ',' | '\'' | '’' | ' ' | 'f' | 't' | 'r' | '-' => 0.34,
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.92,
        // East Asian scripts and pictures fill a square.
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' => {
            1.0
        }
        '\u{ff00}'..='\u{ff60}' | '\u{1f000}'.. => 1.05,
        // Latin, Greek and Cyrillic capitals; the table of all capitals is longer than this crate.
        'A'..='Z' | 'À'..='Þ' | 'Α'..='Ω' | 'А'..='Я' => 0.72,
        _ => 0.58,
    }
}

/// The size at which a text is at most so wide, and no greater than `most`.
pub(crate) fn size(text: &str, width: f64, most: f64) -> f64 {
    most.min(width / ems(text).max(0.1))
}

/// A text in lines of at most so many ems where words allow, and in at most two lines.
pub(crate) fn two_lines(text: &str, most: f64) -> Vec<String> {
    if ems(text) <= most {
        return vec![text.to_owned()];
    }
    // The break that makes the longer line shortest.
    let breaks = text.match_indices(' ').filter_map(|(place, _)| Some((text.get(..place)?, text.get(place + 1..)?)));
    let longer = |(first, second): &(&str, &str)| ems(first).max(ems(second));
    match breaks.min_by(|a, b| longer(a).total_cmp(&longer(b))) {
        Some((first, second)) => vec![first.to_owned(), second.to_owned()],
        None => vec![text.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_where_they_come_out_even() {
        assert_eq!(two_lines("CDN edge", 9.0), ["CDN edge"]);
        assert_eq!(two_lines("Anycast and delivery modes", 9.0), ["Anycast and", "delivery modes"]);
        assert_eq!(two_lines("Donaudampfschifffahrt", 9.0), ["Donaudampfschifffahrt"]);
    }

    #[test]
    fn long_names_are_set_smaller() {
        assert_eq!(size("Ada", 600.0, 60.0), 60.0);
        let long = "Wolfeschlegelsteinhausenbergerdorff";
        assert!(size(long, 600.0, 60.0) < 40.0 && ems(long) * size(long, 600.0, 60.0) <= 600.1);
        assert!(ems("山田太郎") > ems("Anna"));
    }
}
