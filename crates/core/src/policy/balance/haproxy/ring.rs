//! Consistent hashing (`lb_chash.c`): `hash-type consistent` and `balance random`.

use super::hash::avalanche;
use super::pool::{Change, HIGHEST_WEIGHT, InUse, Pool, SCALE, ServerLine};

/// A point of the ring: its place in the upper half, its server in the lower.
pub(crate) type Point = u64;

/// A ring of 2^32 places, on which each server has as many points as its effective weight, 16
/// for each unit of weight. A hash goes to the nearest point, before or behind it, not to the
/// next one as on most rings.
///
/// A look-up is a binary search. A change of a server's weight or state moves only its own
/// points, and puts the ring in order again in linear time.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    active: Vec<Point>,
    backup: Vec<Point>,
    /// By server: how many points it has and how many it ever had.
    points: Vec<(u32, u32)>,
    /// Where the round robin for requests without a key is: which ring and which place.
    turn: Option<(bool, u32)>,
    /// `hash-balance-factor`, in percent; 0 is no bound.
    factor: u32,
    /// By server: what those before it weighed together when the ring was made.
    before: Vec<u32>,
}

/// The place of a server's point number `n`.
pub(crate) const fn place(id: u32, n: u32) -> u32 {
    avalanche(id.wrapping_mul(HIGHEST_WEIGHT * SCALE).wrapping_add(n))
}

const fn place_of(point: Point) -> u32 {
    (point >> 32) as u32
}

const fn server_of(point: Point) -> u32 {
    point as u32
}

impl Ring {
    pub(crate) fn new(pool: &Pool, lines: &[ServerLine], factor: u32) -> Self {
        let points = lines.iter().map(|line| (0, line.weight * SCALE)).collect();
        let mut made = Self { active: Vec::new(), backup: Vec::new(), points, turn: None, factor, before: Vec::new() };
        let mut sums = [0u32; 2];
        for index in pool.indices() {
            let server = pool.server(index);
            let sum = &mut sums[usize::from(server.backup)];
            made.before.push(if server.usable { *sum } else { 0 });
            if server.usable {
                *sum = sum.wrapping_add(server.eweight);
                made.add(pool, index);
            }
        }
        sort(&mut made.active);
        sort(&mut made.backup);
        made
    }

    /// The points of the ring of active or backup servers, in order, as (place, server).
    pub(crate) fn points(&self, backup: bool) -> impl Iterator<Item = (u32, u32)> + '_ {
        self.side(backup).iter().map(|&point| (place_of(point), server_of(point)))
    }

    const fn side(&self, backup: bool) -> &Vec<Point> {
        if backup { &self.backup } else { &self.active }
    }

    /// Gives a server the points that it lacks for its weight; they are not in order yet.
    fn add(&mut self, pool: &Pool, index: u32) {
        let server = pool.server(index);
        let (now, ever) = &mut self.points[index as usize];
        let side = if server.backup { &mut self.backup } else { &mut self.active };
        side.extend((*now..server.eweight).map(|n| u64::from(place(server.id, n)) << 32 | u64::from(index)));
        (*now, *ever) = (server.eweight, server.eweight.max(*ever));
    }

    /// Takes a server's points from number `keep` on away.
    fn cut(&mut self, pool: &Pool, index: u32, keep: u32) {
        let server = pool.server(index);
        let (backup, id) = (server.backup, server.id);
        let cut = |n: u32| u64::from(place(id, n)) << 32 | u64::from(index);
        let mut gone: Vec<Point> = (keep..self.points[index as usize].0).map(cut).collect();
        sort(&mut gone);
        let side = if backup { &mut self.backup } else { &mut self.active };
        let mut next = gone.iter().copied().peekable();
        side.retain(|&point| next.next_if_eq(&point).is_none());
        self.points[index as usize].0 = keep;
        // The round robin that stood on a point that has gone stands on the next that is left.
        if let Some((on_backup, at)) = self.turn
            && on_backup == backup
            && gone.iter().any(|&point| place_of(point) == at)
        {
            let side = self.side(backup);
            let after = side.iter().find(|&&point| place_of(point) > at).or_else(|| side.first());
            self.turn = after.map(|&point| (backup, place_of(point)));
        }
    }

    /// Follows a change of a server's weight or state.
    pub(crate) fn change(&mut self, pool: &Pool, index: u32, change: Change) {
        let server = pool.server(index);
        let (now, ever) = self.points[index as usize];
        match change {
            Change::Nothing => {}
            Change::Down => self.cut(pool, index, 0),
            Change::Up | Change::Weight => {
                if now > server.eweight {
                    self.cut(pool, index, server.eweight);
                }
                if ever < server.eweight {
                    // HAProxy makes room for more points than ever, and takes the old ones out meanwhile.
                    self.cut(pool, index, 0);
                }
                self.add(pool, index);
                let side = if server.backup { &mut self.backup } else { &mut self.active };
                sort(side);
            }
        }
    }

    /// Where on the ring a hash comes to: the position of its nearest point.
    fn nearest(points: &[Point], hash: u32) -> Option<usize> {
        let next = points.partition_point(|&point| place_of(point) < hash);
        let next = if next < points.len() { next } else { 0 };
        let previous = next.checked_sub(1).unwrap_or(points.len().checked_sub(1)?);
        let behind = hash.wrapping_sub(place_of(points[previous]));
        let ahead = place_of(points[next]).wrapping_sub(hash);
        Some(if behind <= ahead { previous } else { next })
    }

    /// The server of the nearest point, or of the first one after it whose server is not `avoid`
    /// and, where the load is bounded, has not had more than its part.
    pub(crate) fn of_hash(&self, pool: &Pool, hash: u32, avoid: Option<u32>) -> Option<u32> {
        let points = match pool.in_use() {
            InUse::Active => &self.active,
            InUse::Backups => &self.backup,
            InUse::OneBackup(index) => return Some(index),
            InUse::Nobody => return None,
        };
        let at = Self::nearest(points, hash)?;
        let fits = |index: u32| avoid != Some(index) && (self.factor == 0 || self.within_bound(pool, index));
        // From there to the end, and then once around; if nobody fits, the last one it is.
        let mut walk = points[at..].iter().chain(points).map(|&point| server_of(point));
        walk.find(|&index| fits(index)).or_else(|| points.last().map(|&point| server_of(point)))
    }

    /// Whether a server has less than its part of `factor` percent of all requests, this one
    /// included (`chash_server_is_eligible`, after Mirrokni, Thorup and Zadimoghaddam, "Consistent
    /// Hashing with Bounded Loads", 2016). What does not divide evenly is given out by weight, in
    /// the order of the lines; the sums for that are those from when the ring was made.
    pub(crate) fn within_bound(&self, pool: &Pool, index: u32) -> bool {
        pool.server(index).served < self.part(pool, index)
    }

    /// How many requests a server may have before the next one goes past it.
    pub(crate) fn part(&self, pool: &Pool, index: u32) -> u32 {
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
        for _ in 0..=self.active.len() + self.backup.len() {
            let (side, point) = self.step(backup)?;
            self.turn = Some((side, place_of(point)));
            // Without a turn to go on from, HAProxy looks at one point only.
            stop = stop.or(self.turn);
            let index = server_of(point);
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

    /// The point after the turn on the ring where it stands, else the first of the ring in use.
    fn step(&self, backup: bool) -> Option<(bool, Point)> {
        let after = self.turn.and_then(|(side, at)| {
            let points = self.side(side);
            let next = points.partition_point(|&point| place_of(point) <= at);
            points.get(next).map(|&point| (side, point))
        });
        after.or_else(|| self.side(backup).first().map(|&point| (backup, point)))
    }
}

/// Puts points in order by their places, byte by byte from the lowest (radix sort): linear, and
/// far less code than a sort by comparison.
fn sort(points: &mut Vec<Point>) {
    let mut from = std::mem::take(points);
    let mut to = vec![0; from.len()];
    for shift in [32, 40, 48, 56] {
        let byte = |point: Point| (point >> shift) as usize & 0xff;
        let mut starts = [0usize; 257];
        from.iter().for_each(|&point| starts[byte(point) + 1] += 1);
        for b in 0..256 {
            starts[b + 1] += starts[b];
        }
        for &point in &from {
            let at = &mut starts[byte(point)];
            to[*at] = point;
            *at += 1;
        }
        std::mem::swap(&mut from, &mut to);
    }
    *points = from;
}
