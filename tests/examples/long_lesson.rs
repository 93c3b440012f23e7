//! A lesson whose first lab is a run of 100,000 requests: reads a lesson's compact data from the
//! file that is named and writes it, so lengthened, to the other one.

use std::rc::Rc;

use hopscope_core::lesson::Lesson;
use hopscope_core::scenario::{Arrivals, KnobKind};
use hopscope_core::time::Duration;

/// Requests of the lengthened run.
const REQUESTS: f64 = 100_000.0;
/// Requests per second: what four workers of 10 ms can do at 80 %.
const RATE: f64 = 320.0;

fn main() -> Result<(), String> {
    let mut args = std::env::args().skip(1);
    let (Some(from), Some(to)) = (args.next(), args.next()) else {
        return Err("Name a lesson.bin and where to write the long one.".into());
    };
    let bytes = std::fs::read(&from).map_err(|why| format!("{from}: {why}"))?;
    let mut lesson = Lesson::from_bytes(&bytes).map_err(|why| why.to_string())?;
    let scenario = Rc::make_mut(&mut lesson.labs.first_mut().ok_or("The lesson has no lab.")?.scenario);
    scenario.horizon = Duration::from_micros_f64(REQUESTS / RATE * 1e6);
    scenario.opens_at = Duration::ZERO;
    scenario.script.clear();
    scenario.predictions.clear();
    for clients in &mut scenario.clients {
        clients.arrivals = Arrivals::Poisson { rate: RATE };
    }
    for backend in &mut scenario.backends {
        (backend.absent, backend.workers) = (false, 4);
    }
    for knob in &mut scenario.knobs {
        match &mut knob.kind {
            KnobKind::Number { max, default, unit, .. } if unit == "req/s" => (*default, *max) = (RATE, RATE * 2.0),
            _ => {}
        }
    }
    std::fs::write(&to, lesson.to_bytes()).map_err(|why| format!("{to}: {why}"))
}
