//! What is in a store, and what comes of putting something there.

use std::rc::Rc;

use crate::time::Instant;

use super::Hashes;
use super::order::Score;
use super::size::Size;

/// An object as it is stored.
#[derive(Clone, Debug)]
pub struct Object<T> {
    /// What it is found by.
    pub key: Rc<str>,
    /// Which variant of it this is; empty where there is but one.
    pub variant: Rc<str>,
    /// How large it is.
    pub size: Size,
    /// What it counts against the bound, in bytes.
    pub cost: u64,
    /// How often it was asked for, the first time included.
    pub asked: u32,
    /// When it was stored.
    pub stored: Instant,
    /// When it was last asked for.
    pub used: Instant,
    /// When it was last moved to where it goes last.
    pub moved: Instant,
    /// The newest ban against which it was tested, or at which it came.
    pub ban: u64,
    /// Its entries among the tags.
    pub(super) tags: Vec<u32>,
    pub(super) hashes: Hashes,
    /// What the cache keeps of it.
    pub value: T,
}

/// What is to be stored.
#[derive(Clone, Copy, Debug)]
pub struct New<'a, T> {
    /// What it is found by.
    pub key: &'a str,
    /// Which variant this is; empty where there is but one.
    pub variant: &'a str,
    /// How large it is.
    pub size: Size,
    /// Its surrogate keys; one that is named twice counts twice.
    pub tags: &'a [&'a str],
    /// When it was asked for. It is stored when it has come.
    pub asked: Instant,
    /// What the cache keeps of it.
    pub value: T,
}

/// What became of an object that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is stored.
    Stored,
    /// It is larger than the largest object that is kept, or than the store.
    TooLarge,
    /// As many as may go for one object went, and it still did not fit (Varnish `nuke_limit`).
    NukeLimit,
    /// Nobody is left who could go.
    NobodyLeft,
    /// It came when there was no room, and room is made once in a second (Squid).
    NotThisSecond,
    /// Room was made for a piece of it, and that was not enough for all of it (Squid).
    Outgrown,
}

/// Why an object went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Room was needed for another.
    Room,
    /// There were as many objects as there may be.
    Count,
    /// Nobody asked for it for too long (nginx `inactive`).
    Inactive,
    /// Another came in its place.
    Replaced,
}

/// An object that went.
#[derive(Clone, Debug)]
pub struct Gone<T> {
    /// What it was.
    pub object: Object<T>,
    /// How it stood.
    pub score: Score,
    /// Why it went.
    pub why: Why,
}

/// An object that did not go, though it was not far from it.
#[derive(Clone, Debug, PartialEq)]
pub struct Spared {
    /// Its key.
    pub key: Rc<str>,
    /// Its variant.
    pub variant: Rc<str>,
    /// What it counts, in bytes.
    pub cost: u64,
    /// How it stands.
    pub score: Score,
}

/// What came of putting an object into a store: whether it is there, and who went for it and why.
#[derive(Clone, Debug)]
pub struct Put<T> {
    /// What became of it.
    pub fate: Fate,
    /// What it counts, in bytes: who asked for room, and for how much.
    pub cost: u64,
    /// Who went, in that order.
    pub gone: Vec<Gone<T>>,
    /// Who would have gone next, [`super::KEPT`] at most; empty when nobody went for want of room,
    /// or the store was not asked to explain itself. Among equals in a heap another may be before them.
    pub spared: Vec<Spared>,
}
