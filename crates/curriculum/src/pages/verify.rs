//! The page that checks a certificate by replaying it.

use maud::{Markup, html};

use crate::load::Curriculum;
use crate::pages::frame::Page;
use crate::pages::lab::notice;

/// The page; a link to it carries the certificate in its fragment.
pub fn page(curriculum: &Curriculum) -> Page<'static> {
    Page {
        kind: "verify",
        panels: Vec::new(),
        root: "../",
        slug: None,
        title: format!("Check a certificate · {}", curriculum.course.value.title),
        description: "Replays the work behind a Hopscope certificate in the browser and says, lesson by lesson, whether it holds.".into(),
        needs: Vec::new(),
        main: main(),
    }
}

fn main() -> Markup {
    html! {
        article.certificate-page data-certificate="../lessons/" data-verify-only {
            h1 { "Check a certificate" }
            p.lead {
                "A certificate is the work itself: what was done in each challenge and answered to each question. "
                "This page does it all again, here in your browser, and grades it again. Nobody is asked and nothing is sent."
            }
            (notice("check", None))
            form.verify-form {
                label for="certificate-link" { "The link or text of a certificate" }
                textarea #certificate-link rows="3" spellcheck="false" autocomplete="off" {}
                button.primary-button type="submit" { "Check it" }
            }
            div data-result role="status" {}
            section.prose.verify-words aria-labelledby="what-it-proves" {
                h2 #what-it-proves { "What it proves, and what not" }
                p {
                    "It proves that these actions and answers pass: the challenges are won on seeds that come from the name, "
                    "so another name needs work of its own, and the answers are right. "
                    "It does not prove who sat at the keyboard. No certificate without an examiner does."
                }
                p {
                    "Change one letter of the link and it is refused. Write a proof anew with a score that was not reached, "
                    "and the replay says so: no score is in it, only what was done."
                }
            }
        }
    }
}
