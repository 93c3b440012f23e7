//! Why HAProxy picked whom it picked, in the terms of a decision's record.

use super::least_conn::LeastConn;
use super::lookup::{Ask, Lookup, Method};
use super::way::State;
use crate::policy::balance::{Note, Reason, Score};

/// How many turns ahead are looked for. Those who are further away come later.
const AHEAD: u32 = 256;

/// What has to be known before a pick, because the pick changes it.
pub(super) struct Before {
    /// Where a turn decides: who comes next, and after that, if nothing else happens.
    turns: Vec<u32>,
}

/// Whether a turn decides, and not a key, a load or a draw.
fn is_turn(method: Method, ask: &Ask) -> bool {
    match method {
        Method::RoundRobin | Method::StaticRoundRobin => true,
        Method::HashMap | Method::HashRing => ask.hash.is_none(),
        Method::LeastConn | Method::First | Method::Random { .. } => false,
    }
}

impl Before {
    pub(super) fn new(state: &State, ask: &Ask) -> Self {
        let mut turns = Vec::new();
        if is_turn(state.method, ask) {
            let mut lookup = state.lookup.clone();
            let (mut seen, usable) = (vec![false; state.pool.servers.len()], state.pool.used().count);
            let mut left = usable;
            while (turns.len() as u32) < AHEAD && left > 0 {
                let avoid = ask.avoid.filter(|_| turns.is_empty());
                let Some(next) = lookup.pick(&state.pool, &Ask { avoid, ..*ask }) else { break };
                left -= u32::from(!std::mem::replace(&mut seen[next as usize], true));
                turns.push(next);
            }
        }
        Self { turns }
    }

    /// Writes the decision down and passes the choice on.
    pub(super) fn tell(&self, state: &State, note: &mut Note<'_>, ask: &Ask, chosen: Option<u32>) -> Option<usize> {
        let standing = |note: &Note<'_>, index: usize| state.standing(note, index, chosen);
        let picked = chosen.map(|index| index as usize);
        let (reason, score): (Reason, Box<dyn Fn(usize) -> Score>) = match (&state.lookup, ask.hash) {
            (Lookup::LeastConn(_), _) => (Reason::LeastLoaded, Box::new(|i| Score::ActivePerWeight(thousandths(state, i as u32)))),
            (Lookup::First(first), _) => (Reason::FirstInOrder, Box::new(|i| Score::Turns(first.rank(i as u32)))),
            (Lookup::Random(ring, draws), _) => {
                let drawn: Vec<u32> = (0..*draws).filter_map(|n| ring.draw(&state.pool, ask, n)).collect();
                let reason = if *draws > 1 { Reason::BetterOfTwo } else { Reason::Drawn };
                (reason, Box::new(move |i| Score::DrawnAs(drawn.iter().rposition(|&d| d == i as u32).map_or(0, |n| n as u8 + 1))))
            }
            (Lookup::HashMap(map), Some(hash)) => {
                let slot = map.slot(hash);
                (
                    Reason::KeyHash(slot),
                    Box::new(move |i| map.next_slot(slot, i as u32).map_or(Score::Slots(0, 0), |at| Score::Slots(at, at + 1))),
                )
            }
            (Lookup::HashRing(ring), Some(hash)) => {
                let steps = move |i: usize| ring.steps(&state.pool, hash, i as u32);
                let reason = if picked.is_some_and(|i| steps(i) == 0) { Reason::NearestPoint } else { Reason::NextPoint };
                (reason, Box::new(move |i| Score::Points(steps(i))))
            }
            (Lookup::HashMap(_) | Lookup::HashRing(_), None) => (Reason::NoKey, Box::new(|i| self.turn(i))),
            (Lookup::RoundRobin(_) | Lookup::StaticRoundRobin(_), _) => (Reason::Turn, Box::new(|i| self.turn(i))),
        };
        note.decide_by(picked, reason, &standing, &*score)
    }

    fn turn(&self, index: usize) -> Score {
        Score::Turns(self.turns.iter().position(|&next| next as usize == index).map_or(u32::MAX, |n| n as u32))
    }
}

/// The key of least connections in thousandths: of equal keys these are equal too.
fn thousandths(state: &State, index: u32) -> u64 {
    LeastConn::key(&state.pool, index) * 1_000 / 256
}
