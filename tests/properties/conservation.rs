//! Invariant 3: everything that starts is served, rejected, failed or still in flight, exactly
//! one of them.

use std::collections::BTreeMap;

use hopscope_core::scenario::ActionKind;
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{Event, FlightKind, World};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::any::{any_value, case};
use crate::config;

fn check(world: &World) -> Result<(), TestCaseError> {
    for kind in FlightKind::ALL {
        let fates = world.metrics().fates(kind);
        let over = fates.served + fates.rejected + fates.failed;
        prop_assert_eq!(fates.started, over + world.count_in_flight(kind), "{:?} at event {}", kind, world.ordinal());
    }
    let users = world.metrics().users();
    let asked = [FlightKind::Client, FlightKind::Datagram].map(|kind| world.metrics().fates(kind).started);
    prop_assert!(users.started <= asked[0] + asked[1]);
    Ok(())
}

/// In the log itself: no flight ends twice, and nothing is counted that the log does not tell.
fn check_log(run: &Timeline) -> Result<(), TestCaseError> {
    let mut ends: BTreeMap<u32, u32> = BTreeMap::new();
    let mut asked = 0;
    for record in run.log().records() {
        match record.event {
            Event::Ended { flight, .. } => *ends.entry(flight).or_default() += 1,
            Event::Arrived { .. } => asked += 1,
            _ => {}
        }
    }
    prop_assert!(ends.values().all(|&n| n == 1), "a flight ended twice: {:?}", ends.iter().find(|(_, n)| **n > 1));
    let metrics = run.world().metrics();
    let over: u64 = FlightKind::ALL.iter().map(|&kind| metrics.fates(kind)).map(|f| f.served + f.rejected + f.failed).sum();
    prop_assert_eq!(over, ends.len() as u64);
    prop_assert_eq!(asked, metrics.users().started);
    Ok(())
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn nothing_is_lost_count_of(case in case()) {
        let mut run = case.timeline();
        let mut actions = case.actions.iter();
        loop {
            let next = actions.next();
            let until = run.position() + next.map_or(u32::MAX / 2, |(after, _)| u32::from(*after));
            while run.position() < until && run.step() {
                if run.position() % 16 == 0 {
                    check(run.world())?;
                }
            }
            check(run.world())?;
            match next {
                Some((_, kind)) => prop_assert!(run.act(kind.clone()).is_ok()),
                None => break,
            }
        }
        check_log(&run)?;
    }

    #[test]
    fn a_value_that_does_not_fit_is_refused_in_words(case in case(), knob in any::<Index>(), value in any_value()) {
        let mut run = case.timeline();
        run.seek(100);
        let before = (run.position(), run.fingerprint(), run.actions().len());
        let knob = knob.get(&case.scenario.knobs).id.clone();
        match run.act(ActionKind::Set { knob, to: value }) {
            Ok(()) => while run.step() {},
            Err(why) => {
                prop_assert!(!why.is_empty());
                prop_assert_eq!(before, (run.position(), run.fingerprint(), run.actions().len()), "nothing has changed");
            }
        }
        let no_such = ActionKind::Fault { id: "no-such".into(), on: true };
        prop_assert!(run.act(no_such).is_err_and(|why| why.contains("no-such")));
    }
}
