//! What has to hold for any bytes at all; shared by the fuzz target and a property test.

use std::rc::Rc;

use hopscope_core::certificate::{Certificate, Verification, verify};
use hopscope_core::lesson::Lesson;
use hopscope_core::timeline::Progress;
use hopscope_core::wire;

/// Bytes with a check that fits, as somebody would make them who knows the format.
pub fn mended(body: &[u8]) -> String {
    let check = wire::check(body);
    let seal = ((check ^ check >> 32) as u32).to_le_bytes();
    format!("v1.{}", wire::to_letters(&[body, &seal].concat()))
}

/// Reads the bytes as a text, as the inside of a text, and as a proof of the lesson.
pub fn judge(data: &[u8], lesson: &Rc<Lesson>) {
    judge_text(&String::from_utf8_lossy(data), lesson);
    judge_text(&format!("v1.{}", String::from_utf8_lossy(data)), lesson);
    judge_text(&mended(data), lesson);
    let slug = lesson.slug.as_bytes();
    let head = [&[0, 3][..], b"Ada", &[0, slug.len() as u8], slug, &[1, 2]].concat();
    let proof = &data[..data.len().min(127)];
    judge_text(&mended(&[&head, &[proof.len() as u8][..], proof].concat()), lesson);
}

/// A text is refused in words, or judged; what is judged has one spelling and one verdict.
fn judge_text(text: &str, lesson: &Rc<Lesson>) {
    let lessons = |slug: &str| (slug == lesson.slug).then(|| Rc::clone(lesson));
    let report = match verify(text, &lessons) {
        Ok(report) => report,
        Err(why) => return assert!(why.to_string().ends_with('.'), "{why}"),
    };
    assert!(report.to_string().ends_with(".\n"), "{report}");
    assert_eq!(report.holds(), !report.lessons.is_empty() && report.lessons.iter().all(|l| l.lacks.is_empty()));
    if let Ok(certificate) = Certificate::from_text(text, &lessons) {
        // The outline that a text carries is that of its maker's lesson; all else is its only spelling.
        let again = certificate.to_text(&lessons).unwrap_or_else(|why| panic!("{why}: {text}"));
        assert_eq!(Certificate::from_text(&again, &lessons).as_ref(), Ok(&certificate), "{text}");
        assert_eq!(again.len(), text.len(), "{text}");
    }
    let mut sliced = Verification::new(text, &lessons).unwrap_or_else(|why| panic!("{why}"));
    let mut slices = 0;
    while sliced.work(700) == Progress::More {
        slices += 1;
        assert!(slices < 100_000, "the work never ends: {text}");
    }
    assert_eq!(*sliced.report(), report, "{text}");
}
