//! Whether each prediction has an answer: on every seed exactly what the run does is among its options.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use hopscope_core::assess::truth;
use hopscope_core::scenario::{Prediction, Spec};
use hopscope_core::time::Instant;
use hopscope_core::timeline::Timeline;
use serde::Serialize;

use crate::check::load_bearing::SEEDS;
use crate::load::{Lab, Lesson};
use crate::problem::Problems;

/// What the runs answered to a prediction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answers {
    /// The lab.
    pub lab: String,
    /// The prediction.
    pub prediction: String,
    /// Seeds by the option that was right on them.
    pub right: BTreeMap<String, u32>,
    /// Seeds on which no option was right.
    pub unanswered: u32,
}

impl fmt::Display for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let right: Vec<String> = self.right.iter().map(|(option, seeds)| format!("{option} on {seeds}")).collect();
        writeln!(f, "  prediction  {}/{}: {}", self.lab, self.prediction, right.join(", "))
    }
}

/// Asks the runs; a run whose outcome is not among the options is a problem.
pub(crate) fn run(lesson: &Lesson, problems: &mut Problems) -> Vec<Answers> {
    let mut all = Vec::new();
    for lab in &lesson.labs {
        let Ok(spec) = lab.scenario.compile() else { continue };
        let spec = Rc::new(spec);
        for prediction in &lab.scenario.predictions {
            let answers = ask(lab, &spec, prediction);
            note(lab, prediction, &answers, problems);
            all.push(answers);
        }
    }
    all
}

fn ask(lab: &Lab, spec: &Rc<Spec>, prediction: &Prediction) -> Answers {
    let mut answers = Answers { lab: lab.id.clone(), prediction: prediction.id.clone(), right: BTreeMap::new(), unanswered: 0 };
    for offset in 0..u64::from(SEEDS) {
        let mut run = Timeline::new(Rc::clone(spec), lab.scenario.seed.wrapping_add(offset));
        run.seek_time(Instant::START + prediction.at);
        match truth(&run, prediction).option {
            Some(option) => *answers.right.entry(option).or_default() += 1,
            None => answers.unanswered += 1,
        }
    }
    answers
}

fn note(lab: &Lab, prediction: &Prediction, answers: &Answers, problems: &mut Problems) {
    if answers.unanswered > 0 {
        let line = lab.file.text.find(&format!("id = \"{}\"", prediction.id)).unwrap_or(0);
        problems.push(lab.file.problem(
            line,
            format!("The prediction `{}` has no right option on {} of {SEEDS} seeds.", prediction.id, answers.unanswered),
            "Let the options cover every outcome, without gaps between their limits.",
        ));
    }
}
