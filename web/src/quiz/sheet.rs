//! Where a question stands: open, or judged.

use std::rc::Rc;

use hopscope_core::assess::{self, Answer, Body, Grade, Question, Truth};
use hopscope_core::lesson::{Lab, Lesson, OptionWords};
use hopscope_core::policy::balance::MakePolicy;
use hopscope_core::scenario::{Ask, Measure, Prediction};
use hopscope_core::time::Instant;
use hopscope_core::timeline::Timeline;

/// A question and what the learner made of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sheet {
    /// How often it was answered.
    pub(crate) tries: u32,
    /// The last answer and its verdict, while they are shown.
    pub(crate) judged: Option<Judged>,
    /// The answer before, while the question is being answered again: what was right stays.
    pub(crate) before: Option<Judged>,
}

/// An answer and its verdict.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    /// What was answered.
    pub(crate) answer: Answer,
    /// What is said about it.
    pub(crate) grade: Grade,
    /// What the run said, for a prediction.
    pub(crate) truth: Option<Truth>,
}

impl Sheet {
    /// How often it had been answered when the parts were put in the order that is shown.
    pub(crate) const fn tries_before(&self) -> u32 {
        if self.judged.is_some() { self.tries.saturating_sub(1) } else { self.tries }
    }

    /// Whether the verdict that is shown is a good one; none while it is open.
    pub(crate) fn is_right(&self) -> Option<bool> {
        self.judged.as_ref().map(|judged| judged.grade.correct)
    }

    /// Opens the question again.
    pub(crate) fn reopen(&mut self) {
        self.before = self.judged.take();
    }
}

/// Judges an answer. A prediction is run first.
pub(crate) fn judge(lesson: &Lesson, policies: MakePolicy, question: &Question, answer: Answer) -> Result<Judged, String> {
    let truth = match prediction(lesson, question) {
        Some((lab, prediction)) => Some(run(lab, policies, prediction)?),
        None => None,
    };
    let right = truth.as_ref().and_then(|truth| truth.option.as_deref());
    let grade = assess::grade(question, &answer, right);
    Ok(Judged { answer, grade, truth })
}

/// The lab and the prediction that a question asks about.
pub(crate) fn prediction<'a>(lesson: &'a Lesson, question: &'a Question) -> Option<(&'a Lab, &'a Prediction)> {
    let Body::Predict { lab, prediction } = &question.body else { return None };
    let lab = lesson.lab(lab)?;
    let found = lab.scenario.predictions.iter().find(|p| p.id == *prediction)?;
    Some((lab, found))
}

/// The words of that prediction's options.
pub(crate) fn prediction_options<'a>(lesson: &'a Lesson, question: &'a Question) -> &'a [OptionWords] {
    let Some((lab, prediction)) = prediction(lesson, question) else { return &[] };
    lab.predictions.iter().find(|words| words.id == prediction.id).map(|words| words.options.as_slice()).unwrap_or_default()
}

fn run(lab: &Lab, policies: MakePolicy, prediction: &Prediction) -> Result<Truth, String> {
    let spec = lab.spec(policies).map_err(|why| format!("The lab cannot be run, so the prediction cannot be checked: {why}"))?;
    let mut timeline = Timeline::new(Rc::new(spec), lab.scenario.seed);
    timeline.seek_time(Instant::START + prediction.at);
    Ok(assess::truth(&timeline, prediction))
}

/// What the run said, as a sentence.
pub(crate) fn what_ran(lesson: &Lesson, question: &Question, truth: &Truth) -> Option<String> {
    let (lab, prediction) = prediction(lesson, question)?;
    if let Some(picked) = &truth.picked {
        let shown = lab.nodes.iter().find(|(name, _)| name == picked).map_or(picked, |(_, shown)| shown);
        return Some(format!("In the run, {shown} was picked."));
    }
    let Ask::Value { measure, until, .. } = &prediction.ask else { return None };
    let value = number(truth.value?, measure);
    Some(format!("In the run, at {until}: {value}."))
}

/// A measured value with its unit, to one decimal where there are any.
fn number(value: f64, measure: &Measure) -> String {
    let tenths = (value * 10.0 + 0.5) as u64;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let digits = if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") };
    let unit = match measure {
        Measure::Latency { .. } => "ms",
        Measure::Share { .. } | Measure::AnsweredBy { .. } => "%",
        Measure::Spread { .. } => "times the mean",
        Measure::Connections { .. } | Measure::MostOpen { .. } => "connections",
        Measure::Handshakes { .. } => "handshakes",
        _ => "requests",
    };
    format!("{digits} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_with_their_unit() {
        assert_eq!(number(50.04, &Measure::Share { node: "b1".into() }), "50 %");
        assert_eq!(number(12.25, &Measure::Latency { percentile: 99.0 }), "12.3 ms");
        assert_eq!(number(7.0, &Measure::Failed { clients: None }), "7 requests");
        assert_eq!(number(1.96, &Measure::Spread { nodes: vec![] }), "2 times the mean");
    }

    #[test]
    fn a_reopened_question_is_mixed_anew_and_keeps_what_was_right() {
        let judged = Judged { answer: Answer::Number("1".into()), grade: Grade { correct: false, parts: vec![] }, truth: None };
        let mut sheet = Sheet { tries: 1, judged: Some(judged), before: None };
        assert_eq!((sheet.tries_before(), sheet.is_right()), (0, Some(false)));
        sheet.reopen();
        assert_eq!((sheet.tries_before(), sheet.is_right()), (1, None));
        assert!(sheet.before.is_some());
    }
}
