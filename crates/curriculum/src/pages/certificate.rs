//! The page on which a learner makes a certificate of what they did.

use maud::{Markup, html};

use crate::load::Curriculum;
use crate::pages::frame::Page;
use crate::pages::lab::notice;

/// The page.
pub fn page(curriculum: &Curriculum) -> Page<'static> {
    Page {
        kind: "certificate",
        panels: Vec::new(),
        root: "../",
        slug: None,
        title: format!("Certificate · {}", curriculum.course.value.title),
        description: "Makes a certificate of finished lessons in the browser, as a link that anyone can check by replaying the work."
            .into(),
        needs: Vec::new(),
        main: main(curriculum),
    }
}

fn main(curriculum: &Curriculum) -> Markup {
    let slugs: Vec<&str> = curriculum.lessons.iter().map(|lesson| lesson.slug.as_str()).collect();
    let course: Vec<&str> = curriculum.course.value.lesson.iter().map(|lesson| lesson.slug.as_str()).collect();
    html! {
        article.certificate-page data-certificate="../lessons/" data-lessons=(slugs.join(" ")) data-course=(course.join(" ")) data-verify="../verify/" {
            h1 { "Certificate" }
            p.lead {
                "Made on this device out of what you did: the challenges you won and the questions you answered. "
                "It is a link that anyone can check, because the link is the work, and checking is doing it again."
            }
            (notice("certificate", None))
            form.name-form {
                label for="certificate-name" { "Your name, as it should stand on it" }
                div.name-row {
                    input #certificate-name type="text" name="name" maxlength="64" autocomplete="name" required aria-describedby="certificate-name-help";
                    button.primary-button type="submit" { "Make it" }
                }
                p #certificate-name-help {
                    "The challenges are run on seeds that come from this name. Another name has other seeds, and what then fails is asked again."
                }
                p.name-trouble data-trouble role="alert" {}
            }
            div data-result role="status" {}
            div data-again {}
            div data-paper {}
            p.certificate-other { "Somebody gave you one? " a href="../verify/" { "Check it here" } "." }
        }
    }
}
