//! What holds for every proxy's connections: limits are kept, and nobody waits for nothing.

use hopscope_core::world::{SlotState, World};
use proptest::prelude::*;

use crate::any::case;
use crate::config;

fn check(world: &World) -> Result<(), TestCaseError> {
    for proxy in &world.spec().scenario.proxies {
        let node = world.spec().id(&proxy.name).unwrap_or_default();
        for view in world.slots(node) {
            let open = view.slots.iter().filter(|slot| slot.state != SlotState::Closing).count() as u32;
            let idle = view.slots.iter().filter(|slot| slot.state == SlotState::Idle).count();
            let at = world.ordinal();
            prop_assert!(view.limit == 0 || open <= view.limit, "{open} open, {} allowed at event {at}", view.limit);
            if view.waiting > 0 {
                prop_assert_eq!((open, idle), (view.limit, 0), "{} wait at event {}", view.waiting, at);
            }
            let most = proxy.pools[usize::from(view.pool)].max_waiting;
            prop_assert!(view.waiting <= most, "{} wait, {most} may at event {at}", view.waiting);
            let last = proxy.pools[usize::from(view.pool)].max_requests;
            let used_up = |carried: u32| last > 0 && carried >= last;
            prop_assert!(!view.slots.iter().any(|slot| slot.state == SlotState::Idle && used_up(slot.carried)), "at event {at}");
        }
    }
    for (index, node) in world.spec().nodes.iter().enumerate() {
        let links = world.metrics().links(hopscope_core::world::NodeId::new(index));
        let open = world.connections().iter().filter(|c| c.opener() == hopscope_core::world::NodeId::new(index)).count();
        prop_assert!(links.open <= links.most_open && links.open as usize <= open, "{}: {links:?}, {open}", node.name);
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(96))]

    #[test]
    fn limits_are_kept_and_nobody_waits_for_nothing(mut case in case()) {
        // Knobs may lower a limit below what is open.
        case.scenario.knobs.clear();
        let mut run = case.timeline();
        while run.step() {
            check(run.world())?;
        }
    }
}
