//! A ring of points, each owned by a member.

use std::rc::Rc;

use super::{Note, Reason, Score, Standing};

/// Points on a circle of 2^64, in order, and who owns each. Never changed once made, so that the
/// snapshots of a world share it.
///
/// An index over the highest bits leads to the first point of any place at once: finding a point
/// takes no more steps than points stand close together, one or two.
#[derive(Clone, Default)]
pub(super) struct Ring(Rc<Points>);

impl core::fmt::Debug for Ring {
    /// Its thousands of points follow from the members.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Ring of {}", self.len())
    }
}

/// Up to 2^18 starts there are eight for each point, so that most points are found at once. Beyond
/// that they would cost more than they save.
const SPARSE: u32 = 18;

#[derive(Default)]
struct Points {
    places: Vec<u64>,
    owners: Vec<u32>,
    /// For each value of the highest bits, how many points stand before it.
    starts: Vec<u32>,
    /// How far a place is shifted to leave those bits.
    shift: u32,
}

impl Ring {
    /// A ring of these points (place, owner). Of equal places the first stays first, and alone
    /// when they are to be `distinct`.
    pub(super) fn new(points: Vec<(u64, u32)>, distinct: bool) -> Self {
        let points = sorted(points);
        let (mut places, mut owners) = (Vec::with_capacity(points.len()), Vec::with_capacity(points.len()));
        let size = (points.len() as u32 | 2).ilog2();
        let bits = (size + 3).min((size + 1).max(SPARSE));
        let shift = 64 - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (place, owner) in points {
            if distinct && places.last() == Some(&place) {
                continue;
            }
            while starts.len() as u64 <= place >> shift {
                starts.push(places.len() as u32);
            }
            places.push(place);
            owners.push(owner);
        }
        while starts.len() <= 1 << bits {
            starts.push(places.len() as u32);
        }
        Self(Rc::new(Points { places, owners, starts, shift }))
    }

    /// How many points it has.
    pub(super) fn len(&self) -> usize {
        self.0.places.len()
    }

    /// The first point at or after a place, round the circle. An empty ring has none.
    pub(super) fn find(&self, place: u64) -> Option<usize> {
        let Points { places, starts, shift, .. } = &*self.0;
        let mut at = *starts.get((place >> shift) as usize)? as usize;
        while *places.get(at).unwrap_or(&u64::MAX) < place {
            at += 1;
        }
        if at < places.len() { Some(at) } else { (!places.is_empty()).then_some(0) }
    }

    /// Where a point is; counting goes on round the circle.
    pub(super) fn place(&self, point: usize) -> u64 {
        self.0.places[point % self.0.places.len()]
    }

    /// The same on a circle that is not closed: what is past the last point is the last one's.
    pub(super) fn find_open(&self, place: u64) -> Option<usize> {
        let last = self.len().checked_sub(1)?;
        if place > self.0.places[last] { Some(last) } else { self.find(place) }
    }

    /// Who owns a point; counting goes on round the circle, once.
    #[inline]
    pub(super) fn owner(&self, point: usize) -> usize {
        let owners = &self.0.owners;
        owners[if point < owners.len() { point } else { point - owners.len() }] as usize
    }

    /// Goes on from a point past at most so many further ones to the first owner who may be picked.
    #[inline]
    pub(super) fn walk(&self, from: Option<usize>, further: usize, free: &dyn Fn(usize) -> bool) -> Option<usize> {
        let from = from?;
        (from..from + (further + 1).min(self.len())).map(|point| self.owner(point)).find(|&owner| free(owner))
    }

    /// Writes down who was found from a point on.
    pub(super) fn decide(
        &self,
        note: &mut Note<'_>,
        from: Option<usize>,
        chosen: Option<usize>,
        reason: Reason,
        standing: &dyn Fn(&Note<'_>, usize) -> Standing,
    ) -> Option<usize> {
        note.decide_by(chosen, reason, standing, &|i| Score::Points(self.steps(from.unwrap_or(0), i)))
    }

    /// How many points lie between a point and the next that a member owns.
    pub(super) fn steps(&self, from: usize, member: usize) -> u32 {
        (0..self.len()).find(|step| self.owner(from + step) == member).unwrap_or(self.len()) as u32
    }

    /// The points in order: place and owner.
    pub(super) fn points(&self) -> Vec<(u64, usize)> {
        self.0.places.iter().zip(&self.0.owners).map(|(&place, &owner)| (place, owner as usize)).collect()
    }
}

/// A radix sort by place, byte by byte from the lowest. Bytes in which all places agree are
/// passed over, so that 32-bit hashes in the higher half cost half.
fn sorted(mut points: Vec<(u64, u32)>) -> Vec<(u64, u32)> {
    let mut spare = points.clone();
    for byte in 0..8 {
        let digit = |place: u64| (place >> (8 * byte)) as usize & 0xff;
        let mut ends = [0; 256];
        for (place, _) in &points {
            ends[digit(*place)] += 1;
        }
        if ends.contains(&points.len()) {
            continue;
        }
        let mut end = 0;
        for count in &mut ends {
            end += core::mem::replace(count, end);
        }
        for point in &points {
            let end = &mut ends[digit(point.0)];
            spare[*end] = *point;
            *end += 1;
        }
        core::mem::swap(&mut points, &mut spare);
    }
    points
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Draw, Purpose};

    #[test]
    fn a_ring_finds_what_a_search_finds() {
        for (n, mask) in [(0, !0), (1, !0), (2, !0), (700, !0), (500, 0xff << 32), (300, 7), (900, !0 << 32)] {
            let draw = |i: u64| Draw::new(n, Purpose::Generate, i, 0).bits() & mask;
            let points: Vec<(u64, u32)> = (0..n).map(|i| (draw(i), i as u32)).collect();
            let mut expect = points.clone();
            expect.sort_by_key(|point| point.0);
            let ring = Ring::new(points, false);
            assert_eq!(ring.points().iter().map(|&(p, o)| (p, o as u32)).collect::<Vec<_>>(), expect);
            let places = (0..2_000).map(|i| draw(i + 10_000)).chain([0, 1, u64::MAX]).chain(expect.iter().map(|p| p.0));
            for place in places.collect::<Vec<_>>() {
                let first = expect.partition_point(|p| p.0 < place);
                let first = if first == expect.len() { 0 } else { first };
                assert_eq!(ring.find(place), (n > 0).then_some(first), "{place}");
            }
        }
    }
}
