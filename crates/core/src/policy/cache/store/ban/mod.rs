//! Bans as Varnish has them (`cache_ban.c`, 7.1): what was said once of all objects that are older,
//! and is looked at when somebody asks for one.
//!
//! An object remembers the newest ban that it was held against. Whoever finds it holds it against
//! the newer ones. The lurker does the same for objects that nobody asks for, as far as bans do not
//! look at the request.

mod error;
mod expression;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::rc::Rc;

use crate::time::{Duration, Instant};

use super::Store;
use super::object::Object;

use expression::Expression;

pub use error::BanError;
pub use expression::{Asked, Facts};

/// An object of which a ban can read.
pub trait Bannable {
    /// What a ban reads of it.
    fn facts(&self) -> Facts<'_>;
}

/// A ban.
#[derive(Clone, Debug)]
pub struct Ban {
    /// Its number; later ones have greater ones.
    pub serial: u64,
    /// When it was said.
    pub at: Instant,
    /// As it was said.
    pub text: Rc<str>,
    /// Whether it needs to be looked at no longer: a later one says the same, or the lurker has
    /// held it against everybody. Varnish marks it `C`.
    pub completed: bool,
    /// How many objects have been held against it and no newer one.
    pub references: u32,
    /// Whether it looks at the request, so that the lurker cannot.
    pub asks_request: bool,
    expression: Expression,
}

/// A list of bans, and what they did.
#[derive(Clone, Debug)]
pub struct Bans {
    /// The oldest first.
    list: VecDeque<Ban>,
    counts: Counts,
}

/// What bans did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bans that were said.
    pub added: u64,
    /// Bans that a later one that says the same made needless.
    pub duplicates: u64,
    /// Bans that nobody can need any more, and that left the list.
    pub deleted: u64,
    /// Times that an object was held against newer bans.
    pub checked: u64,
    /// Single tests that were looked at then, by whoever asked for an object or by the lurker.
    pub tests: u64,
    /// Objects that a ban took out when somebody asked for them.
    pub killed: u64,
    /// Objects that the lurker took out.
    pub killed_by_lurker: u64,
}

impl Default for Bans {
    /// A list with the ban that Varnish begins with: it says nothing and is completed.
    fn default() -> Self {
        let first = Ban {
            serial: 0,
            at: Instant::START,
            text: "".into(),
            completed: true,
            references: 0,
            asks_request: false,
            expression: Expression::default(),
        };
        Self { list: VecDeque::from([first]), counts: Counts::default() }
    }
}

/// What came of a ban.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Banned {
    /// Its number.
    pub serial: u64,
    /// Older bans that say the same, and are completed by it.
    pub duplicates: u32,
}

/// What came of holding an object against newer bans.
#[derive(Clone, Debug)]
pub enum Verdict<T> {
    /// Nobody banned it; so many bans were held against it.
    Clear(u32),
    /// The ban of that number took it out, after so many.
    Killed {
        /// The ban.
        by: u64,
        /// How many bans were held against it, that one included.
        bans: u32,
        /// What it took out.
        object: Box<Object<T>>,
    },
}

/// What the lurker did.
#[derive(Clone, Debug)]
pub struct Lurked<T> {
    /// Objects that it held against bans.
    pub checked: u32,
    /// What it took out, with the ban that did it.
    pub killed: Vec<(u64, Object<T>)>,
    /// Bans that it completed.
    pub completed: u32,
}

impl Bans {
    /// The bans, the newest first, as Varnish's `ban.list` has them.
    pub fn iter(&self) -> impl Iterator<Item = &Ban> {
        self.list.iter().rev()
    }

    /// What they did so far.
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    fn get_mut(&mut self, serial: u64) -> Option<&mut Ban> {
        let oldest = self.list.front()?.serial;
        self.list.get_mut(usize::try_from(serial.checked_sub(oldest)?).ok()?)
    }

    /// A new object: it was made after every ban.
    pub(super) fn hold_newest(&mut self) -> u64 {
        let Some(newest) = self.list.back_mut() else { return 0 };
        newest.references += 1;
        newest.serial
    }

    /// An object goes, or is held against newer ones.
    pub(super) fn release(&mut self, serial: u64) {
        if let Some(ban) = self.get_mut(serial) {
            ban.references -= 1;
        }
    }

    fn hold(&mut self, serial: u64) {
        if let Some(ban) = self.get_mut(serial) {
            ban.references += 1;
        }
    }

    fn add(&mut self, text: &str, now: Instant) -> Result<Banned, BanError> {
        let expression = Expression::read(text)?;
        let mut duplicates = 0;
        for ban in self.list.iter_mut().filter(|ban| !ban.completed && ban.expression.says(&expression)) {
            ban.completed = true;
            duplicates += 1;
        }
        let serial = self.list.back().map_or(0, |newest| newest.serial + 1);
        let asks_request = expression.asks_request();
        self.list.push_back(Ban { serial, at: now, text: text.into(), completed: false, references: 0, asks_request, expression });
        self.counts.added += 1;
        self.counts.duplicates += u64::from(duplicates);
        Ok(Banned { serial, duplicates })
    }

    /// The first, from the newest on, of those newer than `since` that bans an object; and how many
    /// were looked at.
    fn find(&mut self, since: u64, object: &Facts<'_>, asked: Option<&Asked<'_>>) -> (Option<u64>, u32) {
        let mut bans = 0;
        for ban in self.list.iter().rev().take_while(|ban| ban.serial > since).filter(|ban| !ban.completed) {
            bans += 1;
            let (holds, tests) = ban.expression.holds(ban.at, object, asked);
            self.counts.tests += u64::from(tests);
            if holds {
                return (Some(ban.serial), bans);
            }
        }
        (None, bans)
    }

    /// Lets go of the oldest bans that no object was last held against. The newest stays.
    fn clean(&mut self) {
        while self.list.len() > 1 && self.list.front().is_some_and(|ban| ban.references == 0) {
            self.list.pop_front();
            self.counts.deleted += 1;
        }
    }
}

impl<T> Store<T> {
    /// Says a ban: what it fits is gone for everybody, from now on.
    pub fn ban(&mut self, text: &str, now: Instant) -> Result<Banned, BanError> {
        self.bans.add(text, now)
    }
}

impl<T: Bannable> Store<T> {
    /// Holds an object that somebody asks for against the bans that are newer than it, and takes it
    /// out when one of them fits. Varnish does so with each variant that it passes on its way to the
    /// right one ([`Store::variants`]), if it has not run out.
    pub fn check_bans(&mut self, key: &str, variant: &str, asked: &Asked<'_>) -> Option<Verdict<T>> {
        let place = self.place_of(key, variant)?;
        let newest = self.bans.list.back().map_or(0, |ban| ban.serial);
        let object = self.objects.get_mut(place as usize)?.as_mut()?;
        let since = object.ban;
        if since == newest {
            return Some(Verdict::Clear(0));
        }
        let (by, bans) = self.bans.find(since, &object.value.facts(), Some(asked));
        self.bans.counts.checked += 1;
        match by {
            None => {
                object.ban = newest;
                self.bans.release(since);
                self.bans.hold(newest);
                self.bans.clean();
                Some(Verdict::Clear(bans))
            }
            Some(by) => {
                self.bans.counts.killed += 1;
                let object = Box::new(self.take(place)?);
                self.bans.clean();
                Some(Verdict::Killed { by, bans, object })
            }
        }
    }

    /// The ban lurker's round: every object is held against bans that are at least `age` old
    /// (`ban_lurker_age`) and do not look at the request, and these are completed. An object passes
    /// no ban that does look at the request: it stays before it, until somebody asks.
    pub fn lurk(&mut self, age: Duration, now: Instant) -> Lurked<T> {
        let mut lurked = Lurked { checked: 0, killed: Vec::new(), completed: 0 };
        let due = |ban: &Ban| !ban.completed && !ban.asks_request && now.since(ban.at) > age;
        let Some(newest) = self.bans.list.iter().rev().find(|ban| due(ban)).map(|ban| ban.serial) else {
            self.bans.clean();
            return lurked;
        };
        for place in 0..self.objects.len() as u32 {
            let Some(object) = self.objects[place as usize].as_ref().filter(|object| object.ban < newest) else { continue };
            let since = object.ban;
            let (mut by, mut reach) = (None, since);
            let facts = object.value.facts();
            let mut free = true;
            for ban in self.bans.list.iter().filter(|ban| ban.serial > since && ban.serial <= newest) {
                free &= ban.completed || !ban.asks_request;
                reach = if free { ban.serial } else { reach };
                if due(ban) && by.is_none() {
                    let (holds, tests) = ban.expression.holds(ban.at, &facts, None);
                    self.bans.counts.tests += u64::from(tests);
                    by = holds.then_some(ban.serial);
                }
            }
            lurked.checked += 1;
            match by {
                Some(by) => {
                    self.bans.counts.killed_by_lurker += 1;
                    lurked.killed.extend(self.take(place).map(|object| (by, object)));
                }
                None => {
                    self.bans.release(since);
                    self.bans.hold(reach);
                    if let Some(object) = self.at_mut(place) {
                        object.ban = reach;
                    }
                }
            }
        }
        for ban in self.bans.list.iter_mut().filter(|ban| due(ban)) {
            ban.completed = true;
            lurked.completed += 1;
        }
        self.bans.clean();
        lurked
    }
}
