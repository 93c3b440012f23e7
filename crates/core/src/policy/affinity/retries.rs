//! What becomes of a request whose server cannot be reached (`back_handle_st_cer` of `backend.c`).

use crate::time::Duration;

/// How long HAProxy waits before it asks the same server again; `timeout connect` where that is less.
const PAUSE: Duration = Duration::from_secs(1);

/// `retries` and `option redispatch` of a backend.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retries {
    /// How often a request is tried again.
    pub most: u32,
    /// On which of these tries it may go to another server: 0 on none, 3 on each third, -1 on the
    /// last, -2 on the one before it (`option redispatch <interval>`; -1 where no interval is said).
    pub redispatch: i32,
    /// `timeout connect`; zero for none.
    pub connect: Duration,
}

/// A try that failed because no connection came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// How many tries have been made again before.
    pub before: u32,
    /// Whether a cookie or a stick table had led it there.
    pub pinned: bool,
    /// Whether the algorithm takes turns (`roundrobin`, `static-rr`, `random`).
    pub turns: bool,
    /// How many servers are up, backups not counted.
    pub up: u32,
    /// Whether the server is known to be down by now.
    pub down: bool,
    /// Whether the time to connect had run out, so that enough has been waited.
    pub timed_out: bool,
}

/// What is done next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The same server is tried again after this time.
    Same(Duration),
    /// It is balanced anew after this time, past the server that it was with, if there is another.
    Other(Duration),
    /// It is over: 503.
    Over,
}

impl Retries {
    /// What is done after a failure.
    pub fn after(&self, failure: &Failure) -> Next {
        if failure.before >= self.most {
            return Next::Over;
        }
        let nth = i64::from(failure.before) + 1;
        let every = if self.redispatch < 0 { i64::from(self.most) + 1 + i64::from(self.redispatch) } else { self.redispatch.into() };
        let due = every > 0 && nth % every == 0;
        // Whoever takes turns does not care for this server, and goes on to the next at once.
        let free = !failure.pinned && failure.up > 1 && failure.turns;
        let other = self.redispatch != 0 && (failure.down || due || free);
        let waits = !failure.timed_out && (!other || !failure.turns || failure.up <= 1);
        let pause = if self.connect.is_zero() { PAUSE } else { self.connect.min(PAUSE) };
        let pause = if waits { pause } else { Duration::ZERO };
        if other { Next::Other(pause) } else { Next::Same(pause) }
    }
}
