//! Why HAProxy picked whom it picked, in the terms of a decision's record.

use super::least_conn::LeastConn;
use super::lookup::{Ask, Lookup, Method};
use super::way::State;
use crate::policy::balance::{Note, Reason, Score};

/// How many turns ahead are looked for. Those who are further away come later.
const AHEAD: usize = 256;

/// Whether a turn decides, and not a key, a load or a draw.
pub(super) fn is_turn(method: Method, ask: &Ask) -> bool {
    match method {
        Method::RoundRobin | Method::StaticRoundRobin => true,
        Method::HashMap | Method::HashRing => ask.hash.is_none(),
        Method::LeastConn | Method::First | Method::Random { .. } => false,
    }
}

/// Who comes next in turn, and after that, if nothing else happens. Needs a state of its own,
/// for it moves on.
pub(super) fn turns(state: &mut State, ask: &Ask) -> Vec<u32> {
    let mut turns = Vec::new();
    let mut ask = *ask;
    let mut left = state.pool.used().count;
    while turns.len() < AHEAD && left > 0 {
        let Some(next) = state.lookup.pick(&state.pool, &ask) else { break };
        left -= u32::from(!turns.contains(&next));
        turns.push(next);
        ask.avoid = None;
    }
    turns
}

/// Writes the decision down and passes the choice on.
pub(super) fn tell(state: &State, note: &mut Note<'_>, ask: &Ask, chosen: Option<u32>, turns: &[u32]) -> Option<usize> {
    let reason = match (&state.lookup, ask.hash) {
        (Lookup::LeastConn(_), _) => Reason::LeastLoaded,
        (Lookup::First(_), _) => Reason::FirstInOrder,
        (Lookup::Random(..), _) => Reason::BetterOfTwo,
        (Lookup::Map(map), Some(hash)) => Reason::KeyHash(map.slot(hash)),
        (Lookup::Ring(ring), Some(hash)) => match chosen {
            Some(index) if ring.steps(&state.pool, hash, index) == 0 => Reason::NearestPoint,
            _ => Reason::NextPoint,
        },
        (Lookup::Ring(_), None) => Reason::NoKey,
        (Lookup::Map(_), None) if state.method == Method::HashMap => Reason::NoKey,
        (Lookup::Map(_) | Lookup::RoundRobin(_), _) => Reason::Turn,
    };
    let standing = |note: &Note<'_>, index: usize| state.standing(note, index, chosen);
    note.decide_by(chosen.map(|index| index as usize), reason, &standing, &|index| score(state, ask, turns, index as u32))
}

fn score(state: &State, ask: &Ask, turns: &[u32], index: u32) -> Score {
    match (&state.lookup, ask.hash) {
        // The key in thousandths: of equal keys these are equal too.
        (Lookup::LeastConn(_), _) => Score::ActivePerWeight(LeastConn::key(&state.pool, index) * 1_000 / 256),
        (Lookup::First(first), _) => Score::Turns(first.rank(index)),
        (Lookup::Random(ring, draws), _) => {
            let drawn = (0..*draws).rfind(|&n| ring.draw(&state.pool, ask, n) == Some(index));
            Score::DrawnAs(drawn.map_or(0, |n| n as u8 + 1))
        }
        (Lookup::Map(map), Some(hash)) => {
            let own = map.next_slot(map.slot(hash), index);
            Score::Slots(own.unwrap_or(0), own.map_or(0, |slot| slot + 1))
        }
        (Lookup::Ring(ring), Some(hash)) => Score::Points(ring.steps(&state.pool, hash, index)),
        (Lookup::RoundRobin(_) | Lookup::Map(_) | Lookup::Ring(_), _) => {
            Score::Turns(turns.iter().position(|&next| next == index).map_or(u32::MAX, |n| n as u32))
        }
    }
}
