//! Invariant 4: going to an event is the same as running to it, and a fork leaves the past as it was.

use hopscope_core::scenario::Scenario;
use hopscope_core::time::Instant;
use hopscope_core::timeline::{Goal, Progress, Timeline};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::any::{Case, case, somewhere};
use crate::config;

/// Everything that a world is, in words: nothing can differ unseen.
fn state(run: &Timeline) -> String {
    format!("{:?}", run.world())
}

/// The run step by step, with the case's actions where they were taken, as far as `position`.
fn straight(case: &Case, model: &Timeline, position: u32) -> Timeline {
    let mut run = case.timeline();
    let mut actions = model.actions().iter().filter(|action| action.at <= position).peekable();
    loop {
        while let Some(action) = actions.next_if(|action| action.at == run.position()) {
            run.act(action.kind.clone()).unwrap_or_else(|why| panic!("{why}"));
        }
        if run.position() == position || !run.step() {
            return run;
        }
    }
}

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn seeking_equals_running(case in case(), places in vec(any::<Index>(), 1..5)) {
        let mut jumping = case.run();
        for place in places {
            let position = somewhere(place, &jumping);
            jumping.seek(position);
            let run = straight(&case, &jumping, position);
            prop_assert_eq!(jumping.position(), position);
            prop_assert_eq!(jumping.now(), run.now());
            prop_assert_eq!(jumping.fingerprint(), run.fingerprint());
            prop_assert_eq!(state(&jumping), state(&run));
        }
    }

    #[test]
    fn the_end_is_the_same_however_it_is_reached(case in case()) {
        let ended = case.run();
        let run = straight(&case, &ended, ended.position());
        prop_assert_eq!(ended.now(), run.now());
        prop_assert_eq!(state(&ended), state(&run));
        prop_assert!(run.is_over(), "nothing is left to happen");
    }

    #[test]
    fn stepping_back_and_forth_changes_nothing(case in case(), place in any::<Index>(), steps in 1u32..40) {
        let mut run = case.run();
        let position = somewhere(place, &run);
        run.seek(position);
        let before = (run.fingerprint(), state(&run));
        let back = (0..steps).take_while(|_| run.step_back()).count();
        prop_assert_eq!(run.position(), position - back as u32);
        for _ in 0..back {
            prop_assert!(run.step());
        }
        prop_assert_eq!((run.fingerprint(), state(&run)), before);
    }

    #[test]
    fn a_fork_leaves_the_past_and_undo_takes_it_back(case in case(), place in any::<Index>(), further in 0u32..200) {
        let mut run = case.run();
        let Some((_, kind)) = case.actions.last().cloned() else { return Ok(()) };
        let position = somewhere(place, &run);
        run.seek(position);
        let past = run.log().until(position).to_vec();
        let taken = run.actions().iter().take_while(|action| action.at <= position).cloned().collect::<Vec<_>>();
        let (print, before) = (run.fingerprint(), state(&run));

        prop_assert!(run.act(kind.clone()).is_ok());
        prop_assert_eq!(run.position(), position);
        prop_assert_eq!(run.known().0, position, "what was known of the future is dropped");
        prop_assert_eq!(&run.log().until(position)[..past.len()], &past[..], "the past is as it was");
        prop_assert_eq!(run.actions().len(), taken.len() + 1);

        run.seek(position + further);
        prop_assert!(run.undo());
        prop_assert_eq!(run.position(), position);
        prop_assert_eq!(run.actions(), &taken[..]);
        prop_assert_eq!(run.fingerprint(), print);
        prop_assert_eq!(state(&run), before);
    }

    #[test]
    fn a_fork_goes_its_own_way(case in case(), place in any::<Index>()) {
        let mut run = case.run();
        let position = somewhere(place, &run);
        run.seek(position);
        let before = state(&run);
        let mut fork = run.fork();
        prop_assert_eq!(state(&fork), before.clone());
        prop_assert_eq!(fork.fingerprint(), run.fingerprint());
        if let Some((_, kind)) = case.actions.first() {
            prop_assert!(fork.act(kind.clone()).is_ok());
        }
        while fork.step() {}
        prop_assert_eq!(state(&run), before);
    }

    #[test]
    fn slices_of_work_add_up_to_the_whole(case in case(), budget in 1u32..500) {
        let mut sliced = case.timeline();
        while sliced.work(Goal::End, budget) == Progress::More {}
        let mut whole = case.timeline();
        while whole.step() {}
        prop_assert_eq!(sliced.position(), whole.position());
        prop_assert_eq!(sliced.fingerprint(), whole.fingerprint());
        prop_assert_eq!(state(&sliced), state(&whole));
        prop_assert!(sliced.is_over() && whole.is_over());
    }

    #[test]
    fn every_event_leaves_a_record(case in case()) {
        let run = case.run();
        let mut expected = 0;
        for (i, record) in run.log().records().iter().enumerate() {
            prop_assert!(record.ordinal <= expected + 1, "event {} left no record: {:?}", expected + 1, &run.log().records()[i.saturating_sub(6)..=i]);
            expected = record.ordinal;
        }
        prop_assert_eq!(expected, run.position(), "the last event left no record");
    }

    #[test]
    fn a_moment_leads_to_the_last_event_before_it(case in case(), micros in 0u64..3_000_000) {
        let mut run = case.timeline();
        run.seek_time(Instant(micros));
        prop_assert!(run.now() <= Instant(micros));
        let next = run.world().next_at();
        let stale_or_later = next.is_none_or(|next| next > Instant(micros)) || {
            let mut further = run.clone();
            !further.step() || further.now() > Instant(micros)
        };
        prop_assert!(stale_or_later, "stands at {:?} though an event at or before {} follows", run.now(), micros);
    }

    #[test]
    fn a_run_to_the_end_of_time_is_over(case in case()) {
        let mut run = case.run();
        run.seek_time(run.world().horizon());
        prop_assert!(run.is_over(), "at {:?} of {:?}", run.position(), run.known());
    }

    #[test]
    fn what_is_written_reads_back(case in case()) {
        let text = toml::to_string(&case.scenario).map_err(|why| TestCaseError::fail(why.to_string()))?;
        let again: Scenario = toml::from_str(&text).map_err(|why| TestCaseError::fail(format!("{why}\n{text}")))?;
        prop_assert_eq!(again, case.scenario);
    }
}
