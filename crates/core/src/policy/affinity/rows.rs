//! A table that remembers where keys were served (`stick_table.c`).

use std::rc::Rc;

use crate::time::{Duration, Instant};

/// A key and the member that it sticks to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// An address, a header's value, a cookie's value.
    pub key: Rc<str>,
    /// The member, by index.
    pub member: u16,
    /// In which millisecond it runs out, or would if the table had a limit.
    pub until: u64,
    /// The same when it was last put in its place. HAProxy moves a row only when it meets it.
    place: u64,
}

/// `size`, `expire` and `nopurge` of a `stick-table`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// How many rows it holds.
    pub size: u32,
    /// How long a row stays without being used; zero for ever.
    pub expire: Duration,
    /// Whether a full table takes nothing new, where otherwise the row goes that was not used for longest.
    pub nopurge: bool,
}

/// A stick table. Its clock counts whole milliseconds, as HAProxy's does.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    limits: Limits,
    /// In the order of their places.
    rows: Vec<Row>,
}

const fn millisecond(at: Instant) -> u64 {
    at.as_micros() / 1_000
}

impl Rows {
    /// An empty table.
    pub const fn new(limits: Limits) -> Self {
        Self { limits, rows: Vec::new() }
    }

    /// Its limits.
    pub const fn limits(&self) -> Limits {
        self.limits
    }

    /// Sets the limits; rows that are too many now go.
    pub fn set_limits(&mut self, limits: Limits) {
        self.limits = limits;
        let surplus = self.rows.len().saturating_sub(limits.size as usize);
        self.rows.drain(..surplus);
    }

    /// The rows that have not run out.
    pub fn rows(&self, now: Instant) -> impl Iterator<Item = &Row> {
        let (now, lasts) = (millisecond(now), self.limits.expire.is_zero());
        self.rows.iter().filter(move |row| lasts || now < row.until)
    }

    /// The member that a key sticks to.
    pub fn find(&self, key: &str, now: Instant) -> Option<u16> {
        self.rows(now).find(|row| &*row.key == key).map(|row| row.member)
    }

    /// The same, for a request: its row is as good as new (`stktable_lookup_key`, `stktable_touch_local`).
    pub fn look_up(&mut self, key: &str, now: Instant) -> Option<u16> {
        self.expire(now);
        let until = self.until(now);
        let row = self.rows.iter_mut().find(|row| &*row.key == key)?;
        row.until = until;
        Some(row.member)
    }

    /// Makes room for the row that every request with a key brings, whether or not there is one for its
    /// key already (`stksess_new`). `false` when there is none: then the request is not remembered.
    ///
    /// A full table lets go of the row that was not used for longest, but looks at two rows only
    /// (for each 256 of its size): who meets rows that are used since they were put in their place
    /// moves those, and gives up.
    pub fn make_room(&mut self, now: Instant) -> bool {
        self.expire(now);
        if self.rows.len() < self.limits.size as usize {
            return true;
        }
        let batch = (self.limits.size >> 8) + 1;
        let (mut looks, mut gone) = (if self.limits.nopurge { 0 } else { batch * 2 }, 0);
        while looks > 0 && gone < batch && !self.rows.is_empty() {
            looks -= 1;
            let row = self.rows.remove(0);
            if row.until == row.place { gone += 1 } else { self.insert(Row { place: row.until, ..row }) }
        }
        gone > 0
    }

    /// A member has answered a request for which there was room: from now on its key sticks to it. A
    /// new row counts as put in its place when its request came, at `begun`.
    pub fn store(&mut self, key: &str, member: u16, begun: Instant, now: Instant) {
        self.expire(now);
        let (until, has_room) = (self.until(now), self.rows.len() < self.limits.size as usize);
        match self.rows.iter_mut().find(|row| &*row.key == key) {
            Some(row) => (row.member, row.until) = (member, until),
            None if has_room => {
                let row = Row { key: key.into(), member, until, place: self.until(begun) };
                self.insert(row);
            }
            None => {}
        }
    }

    fn until(&self, now: Instant) -> u64 {
        millisecond(now) + self.limits.expire.as_micros() / 1_000
    }

    fn insert(&mut self, row: Row) {
        let at = self.rows.partition_point(|other| other.place <= row.place);
        self.rows.insert(at, row);
    }

    fn expire(&mut self, now: Instant) {
        if !self.limits.expire.is_zero() {
            self.rows.retain(|row| millisecond(now) < row.until);
        }
    }
}
