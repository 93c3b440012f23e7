//! Consistent hashing (`lb_chash.c`): `hash-type consistent` and `balance random`.

use super::hash::avalanche;
use super::lookup::Ask;
use super::pool::{Change, HIGHEST_WEIGHT, InUse, Pool, SCALE, ServerLine};
use crate::policy::balance::ring::Ring as Points;

/// A ring of 2^32 places, on which each server has as many points as its effective weight, 16
/// for each unit of weight. A hash goes to the nearest point, before or behind it, not to the
/// next one as on most rings.
///
/// A look-up costs about as much with many servers as with few. A change of a server's weight or
/// state makes the ring anew in linear time; only the server's own points move.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    /// Of the servers that are no backup, and of those that are. The places are in the higher
    /// half of 64 bits.
    sides: [Points; 2],
    /// By server: how many points it has and how many it ever had.
    points: Vec<(u32, u32)>,
    /// Where the round robin for requests without a key is: on which side and at which place.
    turn: Option<(bool, u32)>,
    /// `hash-balance-factor`, in percent; 0 is no bound.
    factor: u32,
    /// By server: what those before it weighed together when the ring was made.
    before: Vec<u32>,
}

/// The place of a server's point number `n`.
const fn place(id: u32, n: u32) -> u32 {
    avalanche(id.wrapping_mul(HIGHEST_WEIGHT * SCALE).wrapping_add(n))
}

/// A place in the terms of the points.
const fn wide(place: u32) -> u64 {
    (place as u64) << 32
}

const fn narrow(place: u64) -> u32 {
    (place >> 32) as u32
}

impl Ring {
    pub(crate) fn new(pool: &Pool, lines: &[ServerLine], factor: u32) -> Self {
        let points = |(index, line): (u32, &ServerLine)| {
            let server = pool.server(index);
            (if server.usable { server.eweight } else { 0 }, line.weight * SCALE)
        };
        let points = (0..).zip(lines).map(points).collect();
        let mut made = Self { sides: [Points::default(), Points::default()], points, turn: None, factor, before: Vec::new() };
        let mut sums = [0u32; 2];
        for index in pool.indices() {
            let server = pool.server(index);
            let sum = &mut sums[usize::from(server.backup)];
            made.before.push(if server.usable { *sum } else { 0 });
            if server.usable {
                *sum = sum.wrapping_add(server.eweight);
            }
        }
        made.sides = [made.side_of(pool, false), made.side_of(pool, true)];
        made
    }

    const fn side(&self, backup: bool) -> &Points {
        &self.sides[backup as usize]
    }

    /// Puts the points of all servers of a kind in order.
    fn side_of(&self, pool: &Pool, backup: bool) -> Points {
        let mut points = Vec::new();
        for index in pool.indices().filter(|&i| pool.server(i).backup == backup) {
            let (now, _) = self.points[index as usize];
            points.extend((0..now).map(|n| (wide(place(pool.server(index).id, n)), index)));
        }
        Points::new(points, false)
    }

    /// Follows a change of a server's weight or state.
    pub(crate) fn change(&mut self, pool: &Pool, index: u32, change: Change) {
        let server = pool.server(index);
        let (now, ever) = self.points[index as usize];
        let (keep, new) = match change {
            Change::Nothing => return,
            Change::Down => (0, 0),
            // To make room for more points than ever, HAProxy takes the old ones out meanwhile.
            Change::Up | Change::Weight if ever < server.eweight => (0, server.eweight),
            Change::Up | Change::Weight => (now.min(server.eweight), server.eweight),
        };
        if let Some((backup, at)) = self.turn
            && backup == server.backup
            && (keep..now).any(|n| place(server.id, n) == at)
        {
            // The round robin stood on a point that goes; it stands on the next that stays.
            self.points[index as usize].0 = keep;
            let left = self.side_of(pool, backup);
            self.turn = left.find(wide(at)).map(|point| (backup, narrow(left.place(point))));
        }
        self.points[index as usize] = (new, ever.max(new));
        self.sides[usize::from(server.backup)] = self.side_of(pool, server.backup);
    }

    /// The point that is nearest to a hash; of two as near, the one before it.
    fn nearest(points: &Points, hash: u32) -> Option<usize> {
        let next = points.find(wide(hash))?;
        let previous = next.checked_sub(1).unwrap_or(points.len() - 1);
        let behind = hash.wrapping_sub(narrow(points.place(previous)));
        let ahead = narrow(points.place(next)).wrapping_sub(hash);
        Some(if behind <= ahead { previous } else { next })
    }

    /// The server of the nearest point, or of the first one after it whose server is not `avoid`
    /// and, where the load is bounded, has not had more than its part.
    pub(crate) fn of_hash(&self, pool: &Pool, hash: u32, avoid: Option<u32>) -> Option<u32> {
        let points = match pool.in_use() {
            InUse::Active => self.side(false),
            InUse::Backups => self.side(true),
            InUse::OneBackup(index) => return Some(index),
            InUse::Nobody => return None,
        };
        let at = Self::nearest(points, hash)?;
        let fits = |index: u32| avoid != Some(index) && self.is_within_bound(pool, index);
        // From there to the end, and then once around; if nobody fits, the last one it is.
        let mut walk = (at..2 * points.len()).map(|point| points.owner(point) as u32);
        walk.find(|&index| fits(index)).or_else(|| Some(points.owner(points.len() - 1) as u32))
    }

    /// How many points lie between the one nearest to a hash and the next of a server.
    pub(crate) fn steps(&self, pool: &Pool, hash: u32, server: u32) -> u32 {
        let points = self.side(pool.in_use() != InUse::Active);
        Self::nearest(points, hash).map_or(0, |at| points.steps(at, server as usize))
    }

    /// The server of the `n`-th draw (`get_server_rnd`).
    pub(crate) fn draw(&self, pool: &Pool, ask: &Ask, n: u32) -> Option<u32> {
        self.of_hash(pool, ask.draw.nth(n).bits() as u32, ask.avoid)
    }

    /// Whether a server has less than its part of `factor` percent of all requests, this one
    /// included (`chash_server_is_eligible`, after Mirrokni, Thorup and Zadimoghaddam, "Consistent
    /// Hashing with Bounded Loads", 2016). What does not divide evenly is given out by weight, in
    /// the order of the lines; the sums for that are those from when the ring was made.
    pub(crate) fn is_within_bound(&self, pool: &Pool, index: u32) -> bool {
        self.factor == 0 || pool.server(index).served < self.part(pool, index)
    }

    /// How many requests a server may have before the next one goes past it.
    fn part(&self, pool: &Pool, index: u32) -> u32 {
        let total = pool.used().weight.max(1);
        let slots = (pool.served.wrapping_add(1).wrapping_mul(self.factor)).wrapping_add(99) / 100;
        let (each, rest) = (slots / total, slots % total);
        let (before, weight) = (self.before[index as usize], pool.server(index).eweight);
        let up_to = |sum: u32| sum.wrapping_mul(rest) / total;
        let part = weight.wrapping_mul(each).wrapping_add(up_to(before.wrapping_add(weight)));
        part.wrapping_sub(up_to(before)).max(1)
    }

    /// The server of the next point of the ring that has room, rather not `avoid`
    /// (`chash_get_next_server`): for requests that have nothing to hash.
    pub(crate) fn in_turn(&mut self, pool: &Pool, avoid: Option<u32>) -> Option<u32> {
        let backup = match pool.in_use() {
            InUse::Active => false,
            InUse::Backups => true,
            InUse::OneBackup(index) => return Some(index),
            InUse::Nobody => return None,
        };
        let mut stop = self.turn;
        let mut avoided = None;
        // Once around, and what is left of the other ring if the turn came from there.
        for _ in 0..=self.sides[0].len() + self.sides[1].len() {
            let (side, point) = self.step(backup)?;
            self.turn = Some((side, narrow(self.side(side).place(point))));
            // Without a turn to go on from, HAProxy looks at one point only.
            stop = stop.or(self.turn);
            let index = self.side(side).owner(point) as u32;
            if pool.has_room(index) {
                if avoid != Some(index) {
                    return Some(index);
                }
                avoided = Some((self.turn, index));
            }
            if self.turn == stop {
                break;
            }
        }
        // The turn is that of the one given, so it is lost when nobody has room.
        let (turn, index) = avoided.unzip();
        self.turn = turn.flatten();
        index
    }

    /// The point after the turn on the side where it stands, else the first of the side in use.
    fn step(&self, backup: bool) -> Option<(bool, usize)> {
        let after = self.turn.and_then(|(side, at)| {
            let points = self.side(side);
            // Past the last point the search comes to the first again, which is not after it.
            let next = points.find(wide(at.checked_add(1)?))?;
            (narrow(points.place(next)) > at).then_some((side, next))
        });
        after.or_else(|| (self.side(backup).len() > 0).then_some((backup, 0)))
    }
}
