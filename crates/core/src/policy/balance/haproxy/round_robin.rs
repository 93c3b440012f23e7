//! `balance roundrobin`: weights that may change while it runs (`lb_fwrr.c`).

use super::pool::{Change, HIGHEST_WEIGHT, InUse, Pool, SCALE};
use super::ranks::Ranks;

/// HAProxy's fast weighted round robin.
///
/// Time is a line of places, as many per turn as the effective weights add up to; a pick uses up
/// one. A server stands in one of three trees. In *current* it has a place, and is taken when the
/// hand has reached it. In *init* it has none yet and fills the holes, the heaviest first. In
/// *next* it has had its share of this turn. A server that is picked moves on by `total / weight`
/// places, and keeps the remainder of the division for later. When nobody is left for this turn,
/// *next* becomes *init*. Each pick is O(log n).
///
/// The places are 32-bit and wrap, as they do in HAProxy: a weight that shrinks in the middle of a
/// turn leaves servers behind the hand, and the order then depends on it.
#[derive(Clone, Debug)]
pub(crate) struct RoundRobin {
    spots: Vec<Spot>,
    /// Of the servers that are no backup, and of those that are.
    wheels: Box<[Wheel; 2]>,
    /// Those passed over in one pick, the last first.
    passed: Vec<u32>,
}

/// Where a server is in its turn.
#[derive(Clone, Copy, Debug, Default)]
struct Spot {
    tree: Tree,
    /// Its place (`npos`) and the one before (`lpos`).
    next: u32,
    last: u32,
    /// What it keeps of the divisions so far (`rweight`).
    carry: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tree {
    #[default]
    None,
    Current,
    /// One of the two that take turns at being *init* and *next*.
    Waiting(usize),
}

/// The servers of one kind, active or backup (`fwrr_group`).
#[derive(Clone, Debug)]
struct Wheel {
    current: Ranks,
    waiting: [Ranks; 2],
    /// Which of the two is *init*.
    init: usize,
    /// The hand (`curr_pos`) and the places of this turn (`curr_weight`).
    hand: u32,
    turn: u32,
}

impl Wheel {
    fn new(total: u32) -> Self {
        Self { current: Ranks::default(), waiting: [Ranks::default(), Ranks::default()], init: 0, hand: total, turn: total }
    }

    const fn next(&self) -> usize {
        1 - self.init
    }

    /// Places a server among those without a place: heavy ones first.
    fn wait(&mut self, spot: &mut Spot, which: usize, index: u32, eweight: u32) {
        self.waiting[which].put(index, u64::from((HIGHEST_WEIGHT * SCALE).wrapping_sub(eweight)));
        spot.tree = Tree::Waiting(which);
    }

    fn take(&mut self, tree: Tree, index: u32) {
        match tree {
            Tree::None => {}
            Tree::Current => _ = self.current.take(index),
            Tree::Waiting(which) => _ = self.waiting[which].take(index),
        }
    }

    /// What waited for the next turn may be taken now.
    fn switch(&mut self, total: u32) {
        self.init = self.next();
        self.turn = total;
        self.hand = total;
    }

    /// Brings the place of a server that leaves its tree into the terms of this turn.
    fn recall(&self, spot: &mut Spot) {
        match spot.tree {
            Tree::Waiting(which) if which == self.init => (spot.next, spot.carry) = (0, 0),
            Tree::Waiting(_) => spot.next = spot.next.wrapping_add(self.turn),
            Tree::None => spot.next = self.hand,
            Tree::Current => {}
        }
    }

    /// Puts a server where its place is: into *current*, or into *next* when that is beyond this
    /// turn, or beyond the turn as it would be with the weights of now.
    fn queue(&mut self, spot: &mut Spot, index: u32, eweight: u32, total: u32) {
        if spot.next >= self.turn.wrapping_mul(2) || spot.next >= self.turn.wrapping_add(total) {
            spot.next = spot.next.wrapping_sub(self.turn);
            let next = self.next();
            self.wait(spot, next, index, eweight);
        } else {
            let fine = (HIGHEST_WEIGHT * SCALE).wrapping_add(spot.carry).wrapping_sub(eweight) / SCALE;
            self.current.put(index, u64::from(spot.next.wrapping_mul(HIGHEST_WEIGHT).wrapping_add(fine)));
            spot.tree = Tree::Current;
        }
    }
}

impl RoundRobin {
    pub(crate) fn new(pool: &Pool) -> Self {
        let mut made = Self {
            spots: vec![Spot::default(); pool.servers.len()],
            wheels: Box::new([false, true].map(|backup| Wheel::new(pool.weight(backup)))),
            passed: Vec::new(),
        };
        for index in pool.indices().filter(|&i| pool.server(i).usable) {
            let server = pool.server(index);
            let wheel = &mut made.wheels[usize::from(server.backup)];
            let init = wheel.init;
            wheel.wait(&mut made.spots[index as usize], init, index, server.eweight);
        }
        made
    }

    /// Follows a change of a server's weight or state.
    pub(crate) fn change(&mut self, pool: &Pool, index: u32, change: Change) {
        let server = pool.server(index);
        let total = pool.weight(server.backup);
        let spot = &mut self.spots[index as usize];
        let wheel = &mut self.wheels[usize::from(server.backup)];
        match change {
            Change::Nothing => {}
            Change::Down => {
                wheel.take(spot.tree, index);
                spot.tree = Tree::None;
            }
            Change::Up => {
                wheel.recall(spot);
                let places = total.wrapping_add(wheel.turn).wrapping_sub(wheel.hand);
                spot.next = wheel.hand.wrapping_add(places / server.eweight);
                wheel.queue(spot, index, server.eweight, total);
            }
            Change::Weight => match spot.tree {
                Tree::Waiting(which) if which == wheel.init => wheel.wait(spot, which, index, server.eweight),
                tree => {
                    wheel.recall(spot);
                    let step = total / server.eweight;
                    spot.carry = 0;
                    spot.next = spot.last.wrapping_add(step).min(spot.next);
                    if spot.next < wheel.hand.wrapping_add(2) {
                        spot.next = wheel.hand.wrapping_add(step);
                    }
                    wheel.take(tree, index);
                    wheel.queue(spot, index, server.eweight, total);
                }
            },
        }
    }

    /// Who is next, rather not `avoid`. `None` when nobody has room.
    pub(crate) fn pick(&mut self, pool: &Pool, avoid: Option<u32>) -> Option<u32> {
        let backup = match pool.in_use() {
            InUse::Active => false,
            InUse::Backups => true,
            InUse::OneBackup(index) => return Some(index),
            InUse::Nobody => return None,
        };
        let total = pool.weight(backup);
        let wheel = &mut self.wheels[usize::from(backup)];
        self.passed.clear();
        let (chosen, switched) = find(wheel, &mut self.spots, &mut self.passed, pool, total, avoid);
        if let Some(index) = chosen {
            wheel.queue(&mut self.spots[index as usize], index, pool.server(index).eweight, total);
        }
        // The last that was passed over comes back first.
        while let Some(index) = self.passed.pop() {
            let (spot, eweight) = (&mut self.spots[index as usize], pool.server(index).eweight);
            if chosen == Some(index) {
                continue;
            }
            if switched {
                let init = wheel.init;
                wheel.wait(spot, init, index, eweight);
            } else {
                wheel.queue(spot, index, eweight, total);
            }
        }
        chosen
    }
}

/// Takes servers out until one has room; that one, and whether a turn ended meanwhile.
fn find(wheel: &mut Wheel, spots: &mut [Spot], passed: &mut Vec<u32>, pool: &Pool, total: u32, avoid: Option<u32>) -> (Option<u32>, bool) {
    let mut switched = false;
    let mut avoided = None;
    loop {
        if wheel.turn == 0 {
            (wheel.turn, wheel.hand) = (total, total);
        }
        let index = loop {
            if let Some(index) = head(wheel, spots) {
                break index;
            }
            if switched {
                return (avoided, switched);
            }
            switched = true;
            wheel.switch(total);
        };
        let spot = &mut spots[index as usize];
        advance(wheel, spot, pool.server(index).eweight, total);
        wheel.take(spot.tree, index);
        wheel.hand = wheel.hand.wrapping_add(1);
        if pool.has_room(index) {
            if avoid != Some(index) || avoided.is_some() {
                return (Some(index), switched);
            }
            avoided = Some(index);
        }
        passed.push(index);
    }
}

/// The first of *current* when the hand has reached it, else the heaviest of *init*, else the
/// first of *current* all the same.
fn head(wheel: &Wheel, spots: &mut [Spot]) -> Option<u32> {
    let current = wheel.current.first();
    if let Some(index) = current
        && spots[index as usize].next <= wheel.hand
    {
        return current;
    }
    let Some(fresh) = wheel.waiting[wheel.init].first() else { return current };
    wheel.recall(&mut spots[fresh as usize]);
    Some(fresh)
}

/// Moves a server to the place of its next share.
fn advance(wheel: &Wheel, spot: &mut Spot, eweight: u32, total: u32) {
    if eweight == 0 {
        return;
    }
    if spot.next == 0 {
        spot.next = wheel.hand;
    }
    spot.last = spot.next;
    spot.next = spot.next.wrapping_add(total / eweight);
    spot.carry = spot.carry.wrapping_add(total % eweight);
    if spot.carry >= eweight {
        spot.carry -= eweight;
        spot.next = spot.next.wrapping_add(1);
    }
}
