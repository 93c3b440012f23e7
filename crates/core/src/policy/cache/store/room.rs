//! Making room: who goes when an object comes, and whether it stays.

use std::rc::Rc;

use crate::order;
use crate::time::Instant;

use super::index::NONE;
use super::object::{Fate, Gone, New, Object, Put, Spared, Why};
use super::order::{Order, Queue, Use};
use super::rules::{Room, Rules};
use super::size::SQUID_PAGE;
use super::{Hashes, KEPT, Store};

/// How much Squid reads from an origin at a time at most (`read_ahead_gap`).
const SQUID_READ: u64 = 16 * 1_024;

impl<T> Store<T> {
    /// Puts an object where there is room for it, or makes room. One with the same key and variant
    /// is replaced.
    pub fn put(&mut self, new: New<'_, T>, now: Instant) -> Put<T> {
        let cost = self.rules.unit.cost(new.size);
        let mut gone = Vec::new();
        let hashes = Hashes::of(new.key, new.variant);
        let old = self.place_by(hashes, new.key, new.variant);
        // Varnish keeps what it is about to replace, and does not let it go to make room for it.
        let spared = match old {
            Some(place) if matches!(self.rules.room, Room::Nuke { .. }) && self.queue.is_list() => place,
            Some(place) => {
                self.replace(place, &mut gone);
                NONE
            }
            None => NONE,
        };
        let fate = match self.rules.room {
            _ if self.too_large(&new, cost) => Fate::TooLarge,
            Room::Fit => self.fit(cost, u32::MAX, spared, &mut gone),
            Room::Nuke { limit } => self.fit(cost, limit, spared, &mut gone),
            Room::Walk => self.pass_through(&new, cost, now, &mut gone),
        };
        let made_room = gone.iter().any(|gone| gone.why != Why::Replaced);
        if fate == Fate::Stored {
            if spared != NONE {
                self.replace(spared, &mut gone);
            }
            self.keep(new, hashes, cost, now);
        }
        let spared = if self.explains && made_room { self.spared() } else { Vec::new() };
        Put { fate, cost, gone, spared }
    }

    /// Whether nothing need be tried. Squid learns of it too late, and Varnish never.
    fn too_large(&self, new: &New<'_, T>, cost: u64) -> bool {
        let Rules { room, largest, resident, capacity, .. } = self.rules;
        let larger = largest > 0 && new.size.head.saturating_add(new.size.body) > largest;
        match room {
            Room::Fit => larger || cost.saturating_add(resident) > capacity,
            Room::Nuke { .. } => larger,
            Room::Walk => false,
        }
    }

    fn spared(&self) -> Vec<Spared> {
        let name = |(object, score): (&Object<T>, _)| Spared {
            key: Rc::clone(&object.key),
            variant: Rc::clone(&object.variant),
            cost: object.cost,
            score,
        };
        self.next_to_go(KEPT).into_iter().map(name).collect()
    }

    fn replace(&mut self, place: u32, gone: &mut Vec<Gone<T>>) {
        self.let_go(place, Why::Replaced, gone);
    }

    fn let_go(&mut self, place: u32, why: Why, gone: &mut Vec<Gone<T>>) {
        let Some(score) = self.score(place) else { return };
        if let Some(object) = self.take(place) {
            gone.push(Gone { object, score, why });
        }
    }

    /// Others go until there is room, `limit` of them at most.
    fn fit(&mut self, cost: u64, limit: u32, spared: u32, gone: &mut Vec<Gone<T>>) -> Fate {
        let Rules { capacity, count, .. } = self.rules;
        let (mut nuked, mut key) = (0, None);
        let fate = loop {
            let too_many = count > 0 && self.count - u32::from(spared != NONE) >= count;
            if !too_many && self.used.saturating_add(cost) <= capacity {
                break Fate::Stored;
            }
            if nuked == limit {
                break Fate::NukeLimit;
            }
            let Some(place) = self.queue.first(spared) else { break Fate::NobodyLeft };
            key = self.queue.key(place);
            self.let_go(place, if too_many { Why::Count } else { Why::Room }, gone);
            nuked += 1;
        };
        self.queue.age_to(key.unwrap_or(0.0));
        fate
    }

    /// Squid: the object is written piece by piece, and kept if all of it fits in the end.
    fn pass_through(&mut self, new: &New<'_, T>, cost: u64, now: Instant, gone: &mut Vec<Gone<T>>) -> Fate {
        let Rules { capacity, largest, .. } = self.rules;
        let total = new.size.head.saturating_add(new.size.body);
        let too_large = largest > 0 && total > largest;
        // Of one that will not be kept, memory holds only what the client has not had yet.
        let held = if too_large { cost.min(SQUID_READ / 4_096 * SQUID_PAGE + SQUID_PAGE) } else { cost };
        let (mut written, mut late) = (0u64, false);
        while written < total {
            let piece = if written < new.size.head { new.size.head } else { SQUID_READ.min(total - written) };
            let mine = (written.div_ceil(4_096).saturating_mul(SQUID_PAGE)).min(held);
            late |= !self.walk(mine.saturating_add(piece.div_ceil(4_096).saturating_mul(SQUID_PAGE)), now, gone);
            written += piece;
        }
        match () {
            () if too_large => Fate::TooLarge,
            () if self.used.saturating_add(cost) <= capacity => Fate::Stored,
            () if late => Fate::NotThisSecond,
            () => Fate::Outgrown,
        }
    }

    /// Others go until so much fits besides what is stored; once in a second. `false` when it was
    /// not the first time.
    fn walk(&mut self, need: u64, now: Instant, gone: &mut Vec<Gone<T>>) -> bool {
        let capacity = self.rules.capacity;
        if self.used.saturating_add(need) <= capacity {
            return true;
        }
        let second = self.second(now) + 1;
        if self.walked == second {
            return false;
        }
        self.walked = second;
        let mut key = None;
        while let Some(place) = self.queue.first(NONE) {
            key = self.queue.key(place);
            self.let_go(place, Why::Room, gone);
            if self.used.saturating_add(need) <= capacity {
                break;
            }
        }
        self.queue.age_to(key.unwrap_or(0.0));
        true
    }

    /// Other rules from now on. What does not fit any more goes; with another order, objects stand in
    /// it as they were last used.
    pub fn set_rules(&mut self, rules: Rules, now: Instant) -> Vec<Gone<T>> {
        let before = core::mem::replace(&mut self.rules, rules);
        self.used = rules.resident;
        for object in self.objects.iter_mut().flatten() {
            object.cost = rules.unit.cost(object.size);
            self.used += object.cost;
        }
        match (before.order, rules.order) {
            // They stand as they were moved, whatever interval there was.
            (Order::Lru { .. }, Order::Lru { .. }) => self.queue.order = rules.order,
            (before, after) if before != after => self.line_up(now),
            _ => {}
        }
        let mut gone = Vec::new();
        while self.used > rules.capacity || rules.count > 0 && self.count > rules.count {
            let Some(place) = self.queue.first(NONE) else { break };
            self.let_go(place, if self.used > rules.capacity { Why::Room } else { Why::Count }, &mut gone);
        }
        gone
    }

    fn line_up(&mut self, now: Instant) {
        self.queue = Queue::new(self.rules.order);
        let places: Vec<u32> = (0..self.objects.len() as u32).filter(|&place| self.at(place).is_some()).collect();
        let by_coming = self.rules.order == Order::Fifo;
        let since = |object: &Object<T>| if by_coming { object.stored } else { object.used };
        let key = |&place: &u32| [self.at(place).map_or(0, |object| since(object).as_micros()), 0, 0, 0];
        for place in order::sorted(&places, key) {
            let second = self.second(now);
            let Some(object) = self.at_mut(place) else { continue };
            object.moved = object.used;
            let (count, bytes, used) = (object.asked, object.size.head + object.size.body, object.used);
            let asked = self.second(used);
            self.queue.add(place, Use { count, bytes, asked, second });
        }
    }

    /// Lets go of those that nobody has asked for in too long, in whole seconds of the clock (nginx's
    /// `ngx_http_file_cache_expire`). Only where the order is one of use.
    pub fn expire(&mut self, now: Instant) -> Vec<Gone<T>> {
        let mut gone = Vec::new();
        let inactive = self.rules.inactive.as_micros() / 1_000_000;
        while let (true, Some(place)) = (inactive > 0, self.queue.first(NONE)) {
            let Some(used) = self.at(place).map(|object| object.used) else { break };
            if self.second(now) < self.second(used).saturating_add(inactive) {
                break;
            }
            self.let_go(place, Why::Inactive, &mut gone);
        }
        gone
    }
}
