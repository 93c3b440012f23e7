//! How wide text is, near enough to lay it out where nothing can be measured.

/// The width of a character in hundredths of the font size; Liberation Sans and its kin.
const fn advance(c: char, bold: bool) -> i32 {
    match c {
        'i' | 'j' | 'l' | '\'' => {
            if bold {
                28
            } else {
                23
            }
        }
        'f' | 't' | 'r' | 'I' | ' ' | '.' | ',' | ':' | ';' | '/' | '(' | ')' | '-' | '|' | '!' | '·' => {
            if bold {
                35
            } else {
                31
            }
        }
        'm' | 'M' | '%' => 86,
        'w' | 'W' | '→' | '÷' => 78,
        '…' => 100,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => {
            if bold {
                56
            } else {
                50
            }
        }
        'A'..='Z' => {
            if bold {
                71
            } else {
                67
            }
        }
        _ => {
            if bold {
                61
            } else {
                56
            }
        }
    }
}

/// The width of a text at a size, in px.
pub fn width(text: &str, size: i32, bold: bool) -> i32 {
    (text.chars().map(|c| advance(c, bold)).sum::<i32>() * size + 99) / 100
}

/// The text, or as much of it as fits with an ellipsis.
pub fn fit(text: &str, size: i32, bold: bool, room: i32) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let mut cut = text.to_owned();
    loop {
        cut.pop();
        cut.truncate(cut.trim_end().len());
        let is_least = cut.chars().nth(1).is_none();
        cut.push('…');
        if is_least || width(&cut, size, bold) <= room {
            return cut;
        }
        cut.pop();
    }
}

/// The first of several wordings that fits; the last one is cut.
pub fn first_fit(wordings: &[String], size: i32, bold: bool, room: i32) -> String {
    let fits = wordings.iter().find(|text| width(text, size, bold) <= room);
    fits.cloned().unwrap_or_else(|| wordings.last().map_or_else(String::new, |last| fit(last, size, bold, room)))
}

/// `1 of`, `2 ofs`: a count with its noun.
pub fn count(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_with_an_ellipsis() {
        assert_eq!(fit("b1", 15, true, 60), "b1");
        let cut = fit("An uncommonly long name", 15, true, 90);
        assert!(cut.ends_with('…') && width(&cut, 15, true) <= 90, "{cut}");
        assert_eq!(first_fit(&["a long wording".into(), "short".into()], 13, false, 40), "short");
    }
}
