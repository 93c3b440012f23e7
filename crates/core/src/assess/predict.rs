//! The answer to a prediction, read from a run.

use crate::scenario::{Ask, Prediction, PredictionOption};
use crate::time::Instant;
use crate::timeline::Timeline;

/// What a run said to a prediction.
#[derive(Clone, Debug, PartialEq)]
pub struct Truth {
    /// The id of the right option, if one of them is.
    pub option: Option<String>,
    /// The value that was measured, for [`Ask::Value`].
    pub value: Option<f64>,
    /// The name of who was picked, for [`Ask::NextPick`].
    pub picked: Option<String>,
}

/// Runs on from where the timeline stands, as the prediction says, and reads the answer.
/// The timeline itself does not move.
pub fn truth(timeline: &Timeline, prediction: &Prediction) -> Truth {
    let mut run = timeline.fork();
    for kind in &prediction.with {
        // The compiler has checked that these can be taken.
        let _ = run.act(kind.clone());
    }
    let right = |fits: &dyn Fn(&PredictionOption) -> bool| prediction.options.iter().find(|o| fits(o)).map(|o| o.id.clone());
    match &prediction.ask {
        Ask::Value { measure, until, since } => {
            let before = if *since { run.world().measure(measure) } else { 0.0 };
            run.seek_time(Instant::START + *until);
            let value = run.world().measure(measure) - before;
            let fits = |o: &PredictionOption| o.at_least.is_none_or(|least| value >= least) && o.below.is_none_or(|most| value < most);
            Truth { option: right(&fits), value: Some(value), picked: None }
        }
        Ask::NextPick { node } => {
            let picked = next_pick(&mut run, node);
            let fits = |o: &PredictionOption| o.pick.is_some() && o.pick == picked;
            Truth { option: right(&fits), value: None, picked }
        }
    }
}

fn next_pick(run: &mut Timeline, node: &str) -> Option<String> {
    let balancer = run.spec().id(node)?;
    let mut seen = run.log().decisions.len();
    while run.step() {
        let decisions = run.log().decisions.all();
        let made = decisions[seen..].iter().find(|d| d.node == balancer);
        if let Some(decision) = made {
            return decision.chosen.map(|id| run.spec().node(id).name.clone());
        }
        seen = decisions.len();
    }
    None
}
