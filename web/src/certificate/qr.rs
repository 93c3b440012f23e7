//! A link as a QR code (ISO/IEC 18004).

use fast_qr::{ECL, QRBuilder};

/// Longer links make codes that a phone cannot read off a printed page.
const MOST: usize = 700;

/// The dark modules as an SVG path, and the side of the square in modules. `None` for a link that
/// is too long to be read.
pub(super) fn path(link: &str) -> Option<(String, usize)> {
    if link.len() > MOST {
        return None;
    }
    let code = QRBuilder::new(link).ecl(ECL::L).build().ok()?;
    let mut path = String::new();
    for y in 0..code.size {
        let row = &code[y];
        let mut x = 0;
        while x < code.size {
            let run = (x..code.size).take_while(|&x| row[x].value()).count();
            if run > 0 {
                path.push_str(&format!("M{x} {y}h{run}v1h-{run}z"));
            }
            x += run.max(1);
        }
    }
    Some((path, code.size))
}

#[cfg(test)]
mod tests {
    use super::{MOST, path};

    #[test]
    fn a_short_link_is_a_code_with_three_finders() {
        let (path, side) = path("https://example.org/verify/#v1.AAAA").expect("short");
        assert!(side >= 25 && side % 4 == 1, "{side}");
        // The upper edge of a finder is seven modules wide.
        assert!(path.starts_with("M0 0h7v1h-7z"), "{path}");
        assert!(path.contains(&format!("M{} 0h7v1h-7z", side - 7)));
        assert!(path.contains(&format!("M0 {}h7v1h-7z", side - 7)));
    }

    #[test]
    fn a_long_link_is_left_to_the_check_code() {
        assert_eq!(path(&"a".repeat(MOST + 1)), None);
    }
}
