//! Prints the right answers of a compiled lesson as JSON, by the questions' ids: for the questions
//! as the lesson's page poses them, or as the certificate of a name does.
//! `answers dist/lessons/l4-vs-l7/lesson.bin ["Ada Lovelace"]`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::rc::Rc;

use hopscope_core::assess::{Answer, Body, Question, key, truth};
use hopscope_core::certificate::reference;
use hopscope_core::lesson::Lesson;
use hopscope_core::scenario::Parts;
use hopscope_core::time::Instant;
use hopscope_core::timeline::Timeline;
use hopscope_core::wire;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match answers(&arguments) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn answers(arguments: &[String]) -> Result<String, String> {
    let path = arguments.first().ok_or("Say which lesson's data is meant: answers <lesson.bin> [name]")?;
    let bytes = std::fs::read(path).map_err(|why| format!("{path} cannot be read: {why}"))?;
    let lesson = Rc::new(Lesson::from_bytes(&bytes).map_err(|why| why.to_string())?);
    let all: BTreeMap<String, Answer> = match arguments.get(1) {
        Some(name) => reference(name, &lesson).map_err(|why| why.to_string())?.answers.into_iter().collect(),
        None => lesson.questions.iter().filter_map(|q| Some((q.id.clone(), on_the_page(&lesson, q)?))).collect(),
    };
    serde_json::to_string(&all).map_err(|why| why.to_string())
}

fn on_the_page(lesson: &Lesson, question: &Question) -> Option<Answer> {
    if let Body::Predict { lab, prediction } = &question.body {
        let lab = lesson.lab(lab)?;
        let prediction = lab.scenario.predictions.iter().find(|p| p.id == *prediction)?;
        let mut timeline = Timeline::new(Rc::new(lab.spec(Parts::every()).ok()?), lab.scenario.seed);
        timeline.seek_time(Instant::START + prediction.at);
        return Some(Answer::Chosen(vec![truth(&timeline, prediction).option?]));
    }
    key(&question.posed(wire::check(question.id.as_bytes())).unwrap_or_else(|| question.clone()))
}
