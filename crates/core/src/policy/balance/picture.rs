//! What a policy keeps, as plain data that a picture can be drawn from. Only read: nothing here is
//! on the way of a choice.

use std::rc::Rc;

use super::ring::Ring;

/// A ring of points and the last key that was looked up on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingPicture {
    /// The points in order: the place on a circle of 2^64 and the index of the member that owns it.
    pub points: Vec<(u64, usize)>,
    /// The last look-up. None since the ring was made, or when it found nobody.
    pub looked_up: Option<LookUp>,
}

/// A key on its way along a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LookUp {
    /// Where on the circle the key's hash lies.
    pub place: u64,
    /// The first point that it came to, by index: the next one, except that a circle that is not
    /// closed (Varnish `shard`) gives what lies past its last point to that one.
    pub first: u32,
    /// How many points it passed over because their owners could not be picked or had no room.
    pub passed: u32,
}

/// What a policy that hashes on a ring keeps.
pub(super) struct Kept<'a> {
    pub(super) ring: &'a Ring,
    /// The last key: its place and whom it led to.
    pub(super) last: Option<(u64, usize)>,
    /// Whether members have changed since the ring was made.
    pub(super) stale: bool,
}

/// What a policy keeps, by the index of its members.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Picture {
    /// Smooth weighted round robin: what each carries over from the last round.
    Counters(Vec<i64>),
    /// Hashing on a ring.
    Ring(RingPicture),
    /// Hashing into a table: who is in each slot.
    Table(Rc<Vec<u32>>),
}

impl RingPicture {
    /// What a policy keeps, or, where that no longer holds, the ring that its next choice will
    /// find. `find` gives the point at which a key's way begins.
    pub(super) fn of(kept: &Kept<'_>, fresh: &dyn Fn() -> Ring, find: fn(&Ring, u64) -> Option<usize>) -> Self {
        if kept.stale {
            return Self { points: fresh().points(), looked_up: None };
        }
        let looked_up = kept.last.and_then(|(place, chosen)| {
            let first = find(kept.ring, place)?;
            Some(LookUp { place, first: first as u32, passed: kept.ring.steps(first, chosen) })
        });
        Self { points: kept.ring.points(), looked_up }
    }

    /// How much of the circle leads to each of the first so many members, in thousandths: the
    /// stretches that end at one of its points.
    pub fn shares(&self, members: usize) -> Vec<u64> {
        let mut shares = vec![0u128; members];
        let mut before = self.points.last().map_or(0, |&(place, _)| place);
        let alone = self.points.len() == 1;
        for &(place, owner) in &self.points {
            if let Some(share) = shares.get_mut(owner) {
                *share += if alone { 1 << 64 } else { u128::from(place.wrapping_sub(before)) };
            }
            before = place;
        }
        shares.into_iter().map(|share| ((share * 1_000 + (1 << 63)) >> 64) as u64).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUARTER: u64 = 1 << 62;

    fn check(points: &[(u64, usize)], expect: &[u64]) {
        let ring = RingPicture { points: points.to_vec(), looked_up: None };
        assert_eq!(ring.shares(expect.len()), expect, "{points:?}");
    }

    #[test]
    fn a_point_owns_the_stretch_before_it() {
        check(&[(0, 0), (QUARTER, 1), (3 * QUARTER, 0)], &[750, 250]);
        check(&[(QUARTER, 0), (2 * QUARTER, 1)], &[750, 250]);
        check(&[(QUARTER, 1)], &[0, 1_000]);
        check(&[], &[0]);
    }
}
