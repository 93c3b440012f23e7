//! One record of the log as a short line. These words are the tests' own: the site's may be
//! reworded without a test noticing.

use hopscope_core::timeline::Timeline;
use hopscope_core::world::{Event, NodeId, Outcome, Record, StageAnswer, Why};

/// The line of a record: the time in milliseconds, who, what.
pub fn line(record: &Record, timeline: &Timeline) -> String {
    let spec = timeline.spec();
    let name = |id: NodeId| spec.node(id).name.as_str();
    let words = match record.event {
        Event::Began => "begins".to_owned(),
        Event::Arrived { node, .. } => format!("{} sends", name(node)),
        Event::Held { node, .. } => format!("{} holds back", name(node)),
        Event::Dialed { from, to, .. } => format!("{} dials {}", name(from), name(to)),
        Event::Accepted { node, .. } => format!("{} is dialled", name(node)),
        Event::Connected { node, .. } => format!("{} is connected", name(node)),
        Event::Reset { node, .. } => format!("{} is reset", name(node)),
        Event::Closed { node, .. } => format!("{} closes", name(node)),
        Event::Received { node, .. } => format!("{} receives", name(node)),
        Event::Passed { node, back: false, .. } => format!("{} passes on", name(node)),
        Event::Passed { node, back: true, .. } => format!("{} passes back", name(node)),
        Event::Staged { node, stage, answer, .. } => {
            let stage = spec.node(node).stages().get(usize::from(stage)).map_or("?", |stage| &stage.name);
            format!("{} {stage} {}", name(node), says(answer))
        }
        Event::Decided { node, decision, .. } => {
            let chosen = timeline.log().decisions.get(decision).and_then(|decision| decision.chosen);
            format!("{} picks {}", name(node), chosen.map_or("nobody", name))
        }
        Event::Queued { node, ahead, .. } => format!("{} queues behind {ahead}", name(node)),
        Event::Started { node, .. } => format!("{} works", name(node)),
        Event::Cold { node, .. } => format!("{} does not know the user", name(node)),
        Event::Answered { node, status, .. } => format!("{} answers {status}", name(node)),
        Event::Returned { node, status, .. } => format!("{} has {status}", name(node)),
        Event::Ended { node, outcome, why, .. } => format!("{} {}", name(node), ends(outcome, why)),
        Event::Retried { node, attempt, .. } => format!("{} tries again {attempt}", name(node)),
        Event::Copied { node, to, .. } => format!("{} copies to {}", name(node), name(to)),
        Event::Dropped { from, to, .. } => format!("lost {} to {}", name(from), name(to)),
        Event::Resent { from, to, .. } => format!("resent {} to {}", name(from), name(to)),
        Event::Acted { scripted, .. } => if scripted { "the script acts" } else { "the learner acts" }.to_owned(),
        _ => format!("{:?}", record.event),
    };
    format!("{} {words}", record.at.as_millis_f64())
}

const fn says(answer: StageAnswer) -> &'static str {
    match answer {
        StageAnswer::Continue => "lets through",
        StageAnswer::Respond(_) => "answers",
        StageAnswer::Wait => "holds",
        StageAnswer::Call => "asks",
    }
}

fn ends(outcome: Outcome, why: Why) -> String {
    let word = match outcome {
        Outcome::Served => "is served",
        Outcome::Rejected => "is refused",
        Outcome::Failed => "fails",
    };
    match why {
        Why::Answered | Why::Arrived => word.to_owned(),
        other => format!("{word}: {other:?}"),
    }
}
