//! The progress page: what comes back today, how sure against how right, every lesson with its
//! objectives, and how to keep it all. It stands whole in the page; the script fills in the learner's own.

use maud::{Markup, PreEscaped, html};

use crate::load::{Curriculum, Lesson};
use crate::markdown;
use crate::pages::frame::Page;
use crate::pages::icon;
use crate::source::quiz::Question;

/// The progress page.
pub fn page(curriculum: &Curriculum) -> Page<'static> {
    Page {
        kind: "progress",
        panels: Vec::new(),
        root: "../",
        slug: None,
        title: format!("Your progress · {}", curriculum.course.value.title),
        description: "What you have learned, what comes back today, and how sure you are against how often you are right.".into(),
        needs: Vec::new(),
        main: html! {
            article.progress-page data-progress-page {
                header.progress-head {
                    h1 { "Your progress" }
                    p.lead { "It is kept in this browser and nowhere else. Nothing is sent anywhere." }
                    p.progress-trouble data-trouble role="status" hidden {}
                    (notice())
                }
                div.progress-top {
                    (reviews())
                    (calibration())
                }
                (lessons(curriculum))
                (keep())
            }
        },
    }
}

/// What to say when scripts or WebAssembly do not run; the stylesheet shows it only then.
fn notice() -> Markup {
    html! {
        div.lab-notice {
            p {
                strong { "Your progress is there, but it cannot be shown." }
                " A script reads it, and the script did not start. Switch on JavaScript and WebAssembly for this site and reload the page."
            }
        }
        noscript { p.lab-noscript { "JavaScript is off, so your progress cannot be shown. Switch it on for this site and reload the page." } }
    }
}

fn reviews() -> Markup {
    html! {
        section.card.reviews #review aria-labelledby="review-title" {
            h2 #review-title tabindex="-1" { "Today\u{2019}s reviews" }
            div data-reviews {
                p {
                    "What you have answered in a lesson comes back here, as a question, shortly before you would forget it: \
                     first after a day or two, then after weeks, then after months. What you miss comes back tomorrow."
                }
                p.quiet { "Answer a lesson\u{2019}s quiz, and its questions take their place in the row." }
            }
        }
    }
}

fn calibration() -> Markup {
    html! {
        section.card.calibration #calibration aria-labelledby="calibration-title" {
            h2 #calibration-title { "How sure, and how right" }
            div data-calibration {
                p {
                    "Before a lab runs, you say what will happen and how sure you are; reviews ask the same. \
                     Here stands how often you were right when you guessed, when you were fairly sure, and when you were certain."
                }
            }
        }
    }
}

fn lessons(curriculum: &Curriculum) -> Markup {
    let (written, all) = (curriculum.lessons.len(), curriculum.course.value.lesson.len());
    html! {
        section.progress-lessons #lessons aria-labelledby="lessons-title" {
            div.section-head {
                h2 #lessons-title { "Lessons and objectives" }
                @if written < all { p { (written) " of " (all) " lessons are written" } }
            }
            div.progress-list { @for lesson in &curriculum.lessons { (card(curriculum, lesson)) } }
        }
    }
}

fn card(curriculum: &Curriculum, lesson: &Lesson) -> Markup {
    let title = &lesson.words.value.title;
    let ids = |ids: Vec<&str>| ids.join(" ");
    let questions = ids(lesson.quiz.value.question.iter().map(|question| question.id.as_str()).collect());
    let recall = ids(lesson.recall.value.question.iter().map(|question| question.id.as_str()).collect());
    html! {
        section.card.lesson-card aria-labelledby={ "lesson-" (lesson.slug) }
            data-lesson-card=(lesson.slug) data-title=(title) data-questions=(questions) data-recall=(recall) data-progress-of=(lesson.slug) {
            div.lesson-card-head {
                h3 id={ "lesson-" (lesson.slug) } {
                    @if let Some((place, _)) = curriculum.entry(&lesson.slug) { span.place { (place) } " " }
                    a href={ "../lessons/" (lesson.slug) "/" } { (title) }
                }
                span.status data-progress-text { "Not started" }
            }
            (objectives(lesson))
            (challenges(lesson))
        }
    }
}

/// Each objective with the questions that examine it, so that it shows what is still missing.
fn objectives(lesson: &Lesson) -> Markup {
    let words = &lesson.words.value.objectives;
    html! {
        ol.examined {
            @for id in &lesson.outline.value.objectives {
                @if let Some(text) = words.get(id) {
                    @let by = examiners(lesson, id);
                    li data-examined {
                        span.examined-text { (PreEscaped(markdown::inline(text))) }
                        span.examined-by {
                            @if by.is_empty() { "No question examines this yet." }
                            @else {
                                @if by.len() == 1 { "Question " } @else { "Questions " }
                                @for (place, question) in by { (examiner(lesson, place, question)) " " }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The questions about an objective, with their places in the quiz.
fn examiners<'a>(lesson: &'a Lesson, objective: &str) -> Vec<(usize, &'a Question)> {
    let numbered = lesson.quiz.value.question.iter().enumerate().map(|(index, question)| (index + 1, question));
    numbered.filter(|(_, question)| *question.objective == objective).collect()
}

fn examiner(lesson: &Lesson, place: usize, question: &Question) -> Markup {
    html! {
        a.examiner data-question=(*question.id) href={ "../lessons/" (lesson.slug) "/#question-" (*question.id) } {
            span.visually-hidden { "Question " } (place) span.visually-hidden data-answered {}
        }
    }
}

fn challenges(lesson: &Lesson) -> Markup {
    let met = lesson.labs.iter().filter_map(|lab| Some((lab, lab.scenario.challenge.as_ref()?, lesson.words_of(&lab.id)?)));
    html! {
        @for (lab, challenge, words) in met {
            p.challenge-line data-challenge=(lab.id) {
                (icon::flask())
                span { "Challenge: " a href={ "../lessons/" (lesson.slug) "/#lab-" (lab.id) } { (words.title) } ", par " (challenge.par) }
                span.status data-best { "not met yet" }
            }
        }
    }
}

fn keep() -> Markup {
    html! {
        section.card.keep #keep aria-labelledby="keep-title" {
            h2 #keep-title { "Keep it, move it, delete it" }
            p {
                "A file takes your progress to another browser or device. There it is added to what is there already: \
                 nothing is overwritten, and the same file can be read twice."
            }
            div.keep-actions {
                button.outline-button type="button" data-export { (icon::download()) "Export to a file" }
                label.outline-button.file-button {
                    input.visually-hidden type="file" accept=".txt,text/plain" data-import;
                    (icon::upload()) "Import a file"
                }
                button.outline-button.delete-button type="button" data-reset { (icon::bin()) "Delete everything" }
            }
            p.keep-said data-kept role="status" {}
            (dialog())
        }
    }
}

fn dialog() -> Markup {
    html! {
        dialog.keep-dialog #reset-dialog aria-labelledby="reset-title" aria-describedby="reset-what" {
            h3 #reset-title { "Delete all of your progress?" }
            p #reset-what data-reset-what { "Answers, predictions, challenges and reviews of all lessons, in this browser and in every open tab." }
            p { "There is no way back, unless you keep a file." }
            div.keep-dialog-actions {
                button.primary-button type="button" data-reset-close autofocus { "Keep it" }
                button.outline-button type="button" data-export { (icon::download()) "Export first" }
                button.outline-button.delete-button type="button" data-reset-now { (icon::bin()) "Delete everything" }
            }
            p.keep-said data-kept role="status" {}
        }
    }
}
