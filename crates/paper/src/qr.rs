//! A link as a QR code (ISO/IEC 18004).

use core::fmt::Write as _;

use fast_qr::{ECL, QRBuilder};

/// Light modules around the code, which readers need (ISO/IEC 18004 section 6.3.8).
const QUIET: usize = 4;

/// The most modules a side: on a certificate a module is then a third of a millimetre, about the
/// least that a telephone's camera makes out.
const MOST: usize = 117;

/// A code to draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Qr {
    /// The dark modules as the data of an SVG path; a module is one unit.
    pub path: String,
    /// Modules a side, with the light ones around.
    pub side: usize,
}

/// The code of a text; `None` when it would be too fine to be read from paper, which is at some
/// 1,270 characters. Then the text has to be copied.
pub fn qr(text: &str) -> Option<Qr> {
    // Paper does not get dirty before it is scanned: the least correction gives the coarsest code.
    let code = QRBuilder::new(text).ecl(ECL::L).build().ok().filter(|code| code.size <= MOST)?;
    let mut path = String::new();
    for y in 0..code.size {
        let row = &code[y][..code.size];
        let mut x = 0;
        while x < row.len() {
            let run = row[x..].iter().take_while(|module| module.value()).count();
            if run > 0 {
                // Writing to a string cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
            }
            x += run.max(1);
        }
    }
    Some(Qr { path, side: code.size + 2 * QUIET })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The dark modules of a path.
    fn modules(qr: &Qr) -> Vec<Vec<bool>> {
        let mut dark = vec![vec![false; qr.side]; qr.side];
        for run in qr.path.split_terminator('z') {
            let numbers: Vec<usize> = run.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
            let [x, y, len, 1, back] = numbers[..] else { panic!("{run}") };
            assert_eq!(len, back, "{run}");
            dark[y][x..x + len].fill(true);
        }
        dark
    }

    /// What a reader that is not ours sees, with a module five points wide.
    fn read(qr: &Qr) -> String {
        let dark = modules(qr);
        let mut image =
            rqrr::PreparedImage::prepare_from_greyscale(qr.side * 5, qr.side * 5, |x, y| if dark[y / 5][x / 5] { 20 } else { 250 });
        let grids = image.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap_or_else(|why| panic!("{why}")).1
    }

    #[test]
    fn a_reader_sees_the_link() {
        let short = "https://hopscope.example/verify/#v1.AAxBZGEgTG92ZWxhY2UCVo4PGnNU8Ym50Ej1mT0BSia6WQ-TgQ";
        let long = format!("https://hopscope.example/verify/#v1.{}", "AZaz09-_".repeat(60));
        for link in [short, &long] {
            let qr = qr(link).expect("it is short enough");
            assert_eq!(read(&qr), link);
        }
    }

    #[test]
    fn a_quiet_zone_is_around_it() {
        let qr = qr("https://hopscope.example/").expect("it is short enough");
        let dark = modules(&qr);
        let last = qr.side - 1;
        let is_quiet = |i: usize| (0..4).all(|edge| !dark[edge][i] && !dark[last - edge][i] && !dark[i][edge] && !dark[i][last - edge]);
        assert!((0..qr.side).all(is_quiet) && dark[4][4] && dark[4][last - 4]);
    }

    #[test]
    fn what_is_too_fine_for_paper_has_none() {
        assert!(qr(&"a".repeat(1_270)).is_some_and(|qr| qr.side <= MOST + 8));
        assert_eq!(qr(&"a".repeat(1_300)), None);
        assert_eq!(qr(&"a".repeat(5_000)), None);
    }
}
