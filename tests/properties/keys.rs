//! How many keys move when a member comes or goes.

use std::net::{IpAddr, Ipv4Addr};

use hopscope_core::policy::balance::{Ask, Balancer, Key, Label, Options, Peer, PolicyKind};
use hopscope_core::policy::decision::{Decisions, Occasion, Standing};
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::time::Instant;
use hopscope_core::world::NodeId;
use proptest::prelude::*;
use proptest::sample::select;

use crate::config;

const KEYS: usize = 1_500;

/// Members with equal weights on a network of their own.
fn balancer(kind: PolicyKind, n: usize, net: u8) -> Balancer {
    let label = |i: usize| Label { name: format!("n{net}-{i}").into(), address: format!("10.{net}.{}.{}:80", i / 7, i * 11 % 250).into() };
    Balancer::new(
        kind,
        Options { size: if kind == PolicyKind::Maglev { 10_007 } else { 0 }, ..Options::default() },
        (0..n).map(|i| (Peer::new(NodeId::new(i), 1), label(i))),
    )
}

/// Whose each key is.
fn owners(balancer: &mut Balancer) -> Vec<Option<usize>> {
    let mut decisions = Decisions::new(false);
    let owner = |n: usize| {
        let text = format!("/item/{n}");
        let ask = Ask {
            client: IpAddr::V4(Ipv4Addr::LOCALHOST),
            key: Key::Text(text.as_bytes()),
            draw: Draw::new(1, Purpose::Balance, 0, 0),
            tried: &[],
        };
        balancer.pick(&ask, &Occasion::default(), &mut decisions)
    };
    (0..KEYS).map(owner).collect()
}

/// For every member in turn: how many keys move when it alone leaves, and how many of them were
/// not its own.
fn moved(kind: PolicyKind, n: usize, net: u8) -> (usize, usize) {
    let mut balancer = balancer(kind, n, net);
    let before = owners(&mut balancer);
    let (mut moved, mut others) = (0, 0);
    for gone in 0..n {
        balancer.set_standing(gone, Standing::Absent, Instant::START);
        let after = owners(&mut balancer);
        let pairs = before.iter().zip(&after).filter(|(was, is)| was != is);
        for (was, _) in pairs {
            moved += 1;
            others += usize::from(*was != Some(gone));
        }
        balancer.set_standing(gone, Standing::Eligible, Instant::START);
    }
    (moved, others)
}

proptest! {
    #![proptest_config(config(12))]

    /// One of N members has 1/N of the keys on average, and on a ring or with the highest hash
    /// those are all that move.
    #[test]
    fn only_the_keys_of_who_left_move(
        kind in select(vec![PolicyKind::Ketama, PolicyKind::Shard, PolicyKind::Rendezvous, PolicyKind::BoundedLoad]),
        n in 2usize..12,
        net in any::<u8>(),
    ) {
        let (moved, others) = moved(kind, n, net);
        prop_assert_eq!(others, 0, "keys of members that stayed");
        prop_assert_eq!(moved, KEYS, "each key moves when its own member leaves: 1/N of all on average");
    }

    /// Maglev's table is filled anew, and Envoy's ring gets as many points as before for fewer
    /// hosts: some keys move between members that stayed.
    #[test]
    fn where_all_is_laid_out_anew_a_few_more_move(
        (kind, most) in select(vec![(PolicyKind::Maglev, 0.08), (PolicyKind::RingHash, 0.2)]),
        n in 3usize..12,
        net in any::<u8>(),
    ) {
        let (moved, others) = moved(kind, n, net);
        prop_assert_eq!(moved - others, KEYS);
        let share = others as f64 / (n * KEYS) as f64;
        prop_assert!(share < most, "{share} of all keys move between members that stayed");
    }

    /// The sum of the weights changes, and with it nearly every remainder.
    #[test]
    fn modulo_moves_nearly_all(kind in select(vec![PolicyKind::HashModulo, PolicyKind::HashFraction]), n in 3usize..12, net in any::<u8>()) {
        let (moved, _) = moved(kind, n, net);
        let share = moved as f64 / (n * KEYS) as f64;
        let least = if kind == PolicyKind::HashModulo { 1.0 - 1.4 / n as f64 } else { 1.3 / n as f64 };
        prop_assert!(share > least, "only {share} of all keys move among {n}");
    }

    /// Even shares are what the points are for: 160 of them, or 67, keep everybody near 1/N.
    #[test]
    fn rings_and_tables_are_nearly_even(n in 2usize..12, net in any::<u8>()) {
        for (kind, tolerance) in [(PolicyKind::Maglev, 0.4), (PolicyKind::Ketama, 0.6), (PolicyKind::RingHash, 0.6), (PolicyKind::Shard, 0.8)] {
            let owners = owners(&mut balancer(kind, n, net));
            for member in 0..n {
                let share = owners.iter().filter(|owner| **owner == Some(member)).count() as f64 * n as f64 / KEYS as f64;
                prop_assert!((share - 1.0).abs() < tolerance, "{kind:?}: {share} of its share for one of {n}");
            }
        }
    }
}
