//! One limit on several proxies: where its counts live decides how much more gets through.

use std::collections::VecDeque;

use super::decision::Decision;
use super::key::Key;
use super::limiter::Limiter;
use super::rule::Rule;
use crate::time::{Duration, Instant};

/// Where the counts of a limit live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// With each proxy, which grants the whole limit: `n` proxies let `n` times as much through.
    Local,
    /// With each proxy, which grants its share: too little for whoever stays with one proxy.
    Divided,
    /// With the proxy that a hash of the key names. Exact; who asks another pays a way there and back.
    Sharded,
    /// With each proxy, which hears what the others let through so much later.
    Shared {
        /// How much later.
        delay: Duration,
    },
}

/// How far the proxies together stray from one limiter that sees everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Overshoot {
    /// What they let through.
    pub admitted: u64,
    /// Of that, what one limiter would have turned away.
    pub beyond: u64,
    /// What they turned away and one limiter would have let through.
    pub missed: u64,
}

/// What one proxy tells the others.
#[derive(Clone, Copy, Debug)]
struct Told {
    arrives: Instant,
    from: usize,
    key: Key,
    came: Instant,
    cost: u32,
    ended: bool,
}

/// A limit on several proxies.
#[derive(Clone, Debug)]
pub struct Fleet {
    place: Place,
    proxies: Vec<Limiter>,
    /// In order: what is told later arrives later, even when the delay has become shorter.
    told: VecDeque<Told>,
    truth: Limiter,
    overshoot: Overshoot,
}

impl Fleet {
    /// The rule on so many proxies, each of which knows at most so many keys.
    pub fn new(rule: Rule, place: Place, proxies: u32, most: u32) -> Self {
        let count = proxies.max(1);
        let each = if place == Place::Divided { rule.divided(count) } else { rule };
        Self {
            place,
            proxies: vec![Limiter::new(each, most); count as usize],
            told: VecDeque::new(),
            truth: Limiter::new(rule, most),
            overshoot: Overshoot::default(),
        }
    }

    /// The proxy that has the counts for a key that comes to `proxy`.
    pub fn owner(&self, proxy: usize, key: Key) -> usize {
        let count = self.proxies.len();
        match self.place {
            // Other bits than those by which a proxy's table of keys is sorted.
            Place::Sharded => ((u128::from(key.bits().rotate_left(32)) * count as u128) >> 64) as usize,
            _ => proxy.min(count - 1),
        }
    }

    /// Decides about a request that comes to that proxy.
    pub fn decide(&mut self, proxy: usize, key: Option<Key>, now: Instant, cost: u32) -> Decision {
        self.deliver(now);
        let owner = key.map_or(0, |key| self.owner(proxy, key));
        let decision = self.proxies[owner].decide(key, now, cost);
        if let Some(key) = key {
            self.measure(key, now, cost, decision.is_admitted());
            if decision.is_admitted() {
                self.tell(owner, key, now, cost, false);
            }
        }
        decision
    }

    /// A request that was let through there has ended.
    pub fn release(&mut self, proxy: usize, key: Key, now: Instant, cost: u32) {
        self.deliver(now);
        let owner = self.owner(proxy, key);
        self.proxies[owner].release(key, cost);
        self.truth.release(key, cost);
        self.tell(owner, key, now, cost, true);
    }

    fn tell(&mut self, from: usize, key: Key, now: Instant, cost: u32, ended: bool) {
        if let Place::Shared { delay } = self.place {
            self.told.push_back(Told { arrives: now + delay, from, key, came: now, cost, ended });
        }
    }

    /// Lets everybody hear what has arrived by now.
    fn deliver(&mut self, now: Instant) {
        while let Some(told) = self.told.pop_front_if(|told| told.arrives <= now) {
            let others = self.proxies.iter_mut().enumerate().filter(|(i, _)| *i != told.from);
            for (_, proxy) in others {
                match told.ended {
                    true => proxy.release(told.key, told.cost),
                    false => proxy.charge(told.key, told.came, told.cost),
                }
            }
        }
    }

    fn measure(&mut self, key: Key, now: Instant, cost: u32, admitted: bool) {
        let overshoot = &mut self.overshoot;
        if admitted {
            overshoot.admitted += 1;
            overshoot.beyond += u64::from(!self.truth.decide(Some(key), now, cost).is_admitted());
        } else {
            overshoot.missed += u64::from(self.truth.look(key, now, cost).is_admitted());
            if self.truth.rule().counts_denied() {
                self.truth.charge(key, now, cost);
            }
        }
    }

    /// How far they strayed so far.
    pub const fn overshoot(&self) -> Overshoot {
        self.overshoot
    }

    /// The limiters of the proxies, in order.
    pub fn proxies(&self) -> &[Limiter] {
        &self.proxies
    }

    /// How much is on its way to the others.
    pub fn on_the_way(&self) -> usize {
        self.told.len()
    }

    /// From now on the others hear of it so much later.
    pub fn set_delay(&mut self, to: Duration) {
        if let Place::Shared { delay } = &mut self.place {
            *delay = to;
        }
    }
}
