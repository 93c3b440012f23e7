//! Upstream connections: which one carries a request, and which are kept.
//!
//! A [`Pool`] knows the connections of one proxy to its members by their keys. It opens and closes
//! none itself: it answers, and is told what happened. Every answer comes with its [`Reason`].
//!
//! 1. A request asks with [`Pool::ask`]. When the answer is [`Answer::Open`], whoever dials says
//!    [`Pool::opened`] at once.
//! 2. When it has been answered, [`Pool::release`] says what becomes of its connection. A
//!    connection that breaks or that the far end closes is [`Pool::closed`].
//! 3. After a close of any kind [`Pool::next`] says who of those that wait has room now.
//! 4. At [`Pool::deadline`], [`Pool::expire`] says what has run out, one after the other.

mod answer;
#[cfg(feature = "http-reuse")]
pub mod haproxy;
mod rules;

pub use answer::{Answer, Expired, Reason, Release};
pub use rules::{Order, Rules, Sharing};

use crate::time::{Duration, Instant};

/// A request that wants a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ask<R> {
    /// Which.
    pub request: R,
    /// The member that it goes to.
    pub member: u32,
    /// The connection on which its client sent it.
    pub client: u32,
    /// Whether it is the first on that connection.
    pub first: bool,
}

/// A connection as the pool knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held<C> {
    /// Which.
    pub conn: C,
    /// The member that it leads to.
    pub member: u32,
    /// The client's connection for whose request it was opened.
    pub client: u32,
    /// When it was opened.
    pub opened: Instant,
    /// Since when it has been idle, or busy.
    pub since: Instant,
    /// Requests that it has carried, the one on it included.
    pub carried: u32,
}

#[derive(Clone, Copy, Debug)]
struct Waiting<R> {
    ask: Ask<R>,
    since: Instant,
}

/// The connections of one proxy to the members of one pool; `C` names a connection, `R` a request.
#[derive(Clone, Debug)]
pub struct Pool<C = u32, R = u32> {
    rules: Rules,
    /// Those that carry a request or are being opened for one.
    busy: Vec<Held<C>>,
    /// Those that carry none, in the order in which they came back.
    idle: Vec<Held<C>>,
    waiting: Vec<Waiting<R>>,
    #[cfg(feature = "http-reuse")]
    needs: haproxy::Needs<C>,
}

impl<C: Copy + Eq, R: Copy + Eq> Pool<C, R> {
    /// An empty pool.
    pub const fn new(rules: Rules) -> Self {
        Self {
            rules,
            busy: Vec::new(),
            idle: Vec::new(),
            waiting: Vec::new(),
            #[cfg(feature = "http-reuse")]
            needs: haproxy::Needs::new(),
        }
    }

    /// Its limits.
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Other limits from now on. What is above them goes with [`Pool::expire`], and whoever waits
    /// may have room: see [`Pool::next`].
    pub const fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
    }

    /// Connections that carry a request or are being opened for one, in the order in which they
    /// began to.
    pub fn busy(&self) -> &[Held<C>] {
        &self.busy
    }

    /// Idle connections, the one that has been idle for longest first.
    pub fn idle(&self) -> &[Held<C>] {
        &self.idle
    }

    /// Requests that wait for a connection of that member.
    pub fn waiting(&self, member: u32) -> u32 {
        self.waiting.iter().filter(|w| w.ask.member == member).count() as u32
    }

    /// Finds a connection for a request. What has expired is to be closed before.
    pub fn ask(&mut self, ask: &Ask<R>, now: Instant) -> (Answer<C>, Reason) {
        let queued = self.waiting(ask.member);
        if queued == 0 {
            let (answer, reason) = self.serve(ask, now);
            if answer != Answer::Wait {
                return (answer, reason);
            }
        }
        if queued >= self.rules.max_waiting {
            return (Answer::Refuse, Reason::QueueFull(queued));
        }
        self.waiting.push(Waiting { ask: *ask, since: now });
        (Answer::Wait, Reason::AllTaken(self.rules.max_connections))
    }

    /// An idle connection, leave to open one, or to wait.
    fn serve(&mut self, ask: &Ask<R>, now: Instant) -> (Answer<C>, Reason) {
        let (index, reason) = self.find(ask, now);
        if let Some(index) = index {
            let held = self.idle.remove(index);
            self.begin(Held { since: now, carried: held.carried + 1, ..held });
            return (Answer::Reuse(held.conn), reason);
        }
        let most = self.rules.max_connections;
        if most > 0 && count(&self.busy, ask.member) + count(&self.idle, ask.member) >= most {
            return (Answer::Wait, Reason::AllTaken(most));
        }
        (Answer::Open, reason)
    }

    /// The place of the idle connection that a request is sent on, or the reason why there is none.
    fn find(&self, ask: &Ask<R>, now: Instant) -> (Option<usize>, Reason) {
        let fits = |held: &Held<C>| held.member == ask.member && !self.is_over(held, now);
        let (found, reason) = match (self.rules.sharing, self.rules.order) {
            #[cfg(feature = "http-reuse")]
            (Sharing::Http(reuse), _) => return reuse.find(&self.idle, ask, fits),
            (_, Order::Lifo) => (self.idle.iter().rposition(fits), Reason::UsedLast),
            (_, Order::Fifo) => (self.idle.iter().position(fits), Reason::IdleLongest),
        };
        (found, if found.is_some() { reason } else { Reason::NoneIdle })
    }

    /// Whether an idle connection has been idle for as long as it may.
    fn is_over(&self, held: &Held<C>, now: Instant) -> bool {
        over(held.since, self.rules.idle_timeout, now)
    }

    /// A connection has been dialled, or is being dialled, for a request that may open one.
    pub fn opened(&mut self, conn: C, ask: &Ask<R>, now: Instant) {
        let Ask { member, client, .. } = *ask;
        self.begin(Held { conn, member, client, opened: now, since: now, carried: 1 });
    }

    /// A connection that was open before anybody asked is idle, whatever the limits are.
    pub fn warm(&mut self, conn: C, member: u32, now: Instant) {
        self.idle.push(Held { conn, member, client: 0, opened: now, since: now, carried: 0 });
    }

    /// Whether a connection is idle, and has been for as long as it may.
    pub fn is_idle_out(&self, conn: C, now: Instant) -> bool {
        self.idle.iter().any(|held| held.conn == conn && self.is_over(held, now))
    }

    fn begin(&mut self, held: Held<C>) {
        self.busy.push(held);
        #[cfg(feature = "http-reuse")]
        if matches!(self.rules.sharing, Sharing::Http(_)) {
            self.needs.used(held.member, count(&self.busy, held.member));
        }
    }

    /// The request on a connection has been answered. `reusable` is false when one of the ends
    /// closes it, or nobody knows what still comes on it.
    pub fn release(&mut self, conn: C, reusable: bool, now: Instant) -> (Release<C, R>, Reason) {
        let Some(index) = self.busy.iter().position(|held| held.conn == conn) else { return (Release::Close, Reason::NotReusable) };
        let held = Held { since: now, ..self.busy[index] };
        let verdict = self.verdict(&held, reusable, now);
        self.busy.remove(index);
        match verdict {
            (Release::Keep | Release::KeepAndClose(_), _) => {
                self.idle.push(held);
                #[cfg(feature = "http-reuse")]
                if let Sharing::Http(reuse) = self.rules.sharing {
                    self.needs.kept(held.member, &reuse, now);
                }
            }
            (Release::Pass(_), _) => self.begin(Held { carried: held.carried + 1, ..held }),
            (Release::Close, _) => {}
        }
        verdict
    }

    fn verdict(&mut self, held: &Held<C>, reusable: bool, now: Instant) -> (Release<C, R>, Reason) {
        let Rules { max_requests, lifetime, max_idle, .. } = self.rules;
        if !reusable {
            return (Release::Close, Reason::NotReusable);
        }
        if max_requests > 0 && held.carried >= max_requests {
            return (Release::Close, Reason::UsedUp(held.carried));
        }
        if !lifetime.is_zero() && now.since(held.opened) > lifetime {
            return (Release::Close, Reason::TooOld);
        }
        if max_idle > 0
            && let Some(request) = self.pop_waiting(held.member)
        {
            return (Release::Pass(request.request), Reason::Handed);
        }
        match self.rules.sharing {
            #[cfg(feature = "http-reuse")]
            Sharing::Http(reuse) => self.needs.verdict(&reuse, max_idle, &self.busy, &self.idle, held),
            Sharing::Cache if max_idle > 0 && self.idle.len() as u32 >= max_idle => {
                (Release::KeepAndClose(self.idle.remove(0).conn), Reason::PushedOut)
            }
            // Where all together are fewer, there is no need to count.
            Sharing::Member if (self.idle.len() as u32) < max_idle || count(&self.idle, held.member) < max_idle => {
                (Release::Keep, Reason::Room)
            }
            Sharing::Cache if max_idle > 0 => (Release::Keep, Reason::Room),
            Sharing::Member | Sharing::Cache => (Release::Close, Reason::EnoughIdle(max_idle)),
        }
    }

    /// A connection is gone, whatever it was doing.
    pub fn closed(&mut self, conn: C) {
        for list in [&mut self.busy, &mut self.idle] {
            if let Some(place) = list.iter().position(|held| held.conn == conn) {
                list.remove(place);
            }
        }
    }

    /// Who has waited for longest for that member and has room now: an idle connection, or leave
    /// to open one. To be asked until there is nobody.
    pub fn next(&mut self, member: u32, now: Instant) -> Option<(Ask<R>, Answer<C>, Reason)> {
        let place = self.waiting.iter().position(|w| w.ask.member == member)?;
        let ask = self.waiting[place].ask;
        let (answer, reason) = self.serve(&ask, now);
        if answer == Answer::Wait {
            return None;
        }
        self.waiting.remove(place);
        Some((ask, answer, reason))
    }

    fn pop_waiting(&mut self, member: u32) -> Option<Ask<R>> {
        let place = self.waiting.iter().position(|w| w.ask.member == member)?;
        Some(self.waiting.remove(place).ask)
    }

    /// A request waits no longer: its client has gone, or it has failed otherwise.
    pub fn withdraw(&mut self, request: R) {
        if let Some(place) = self.waiting.iter().position(|w| w.ask.request == request) {
            self.waiting.remove(place);
        }
    }

    /// When something runs out next.
    pub fn deadline(&self) -> Option<Instant> {
        let Rules { idle_timeout, wait_timeout, .. } = self.rules;
        let idle = self.idle.first().filter(|_| !idle_timeout.is_zero()).map(|held| held.since + idle_timeout);
        let waiting = self.waiting.first().filter(|_| !wait_timeout.is_zero()).map(|w| w.since + wait_timeout);
        let soonest = [idle, waiting].into_iter().flatten().min();
        #[cfg(feature = "http-reuse")]
        let soonest = [soonest, self.needs.purge_at()].into_iter().flatten().min();
        soonest
    }

    /// What has run out by now, and is gone with this; to be asked until there is nothing.
    pub fn expire(&mut self, now: Instant) -> Option<(Expired<C, R>, Reason)> {
        #[cfg(feature = "http-reuse")]
        if let Sharing::Http(reuse) = self.rules.sharing {
            let purged = self.needs.purge(&reuse, &self.busy, &mut self.idle, now);
            if let Some(conn) = purged {
                return Some((Expired::Idle(conn), Reason::NotNeeded));
            }
        }
        if let Some(waited) = self.waiting.first().filter(|w| over(w.since, self.rules.wait_timeout, now)) {
            let request = waited.ask.request;
            self.waiting.remove(0);
            return Some((Expired::Waited(request), Reason::WaitTimeout));
        }
        let timed_out = self.idle.first().is_some_and(|held| self.is_over(held, now));
        let place = if timed_out { Some(0) } else { self.surplus() };
        let reason = if timed_out { Reason::IdleTimeout } else { Reason::LimitLowered };
        place.map(|place| (Expired::Idle(self.idle.remove(place).conn), reason))
    }

    /// The first idle connection of those that are more than may be.
    fn surplus(&self) -> Option<usize> {
        let Rules { max_idle, sharing, .. } = self.rules;
        let too_many = |held: &Held<C>| match sharing {
            Sharing::Cache => self.idle.len() as u32 > max_idle,
            Sharing::Member => count(&self.idle, held.member) > max_idle,
            #[cfg(feature = "http-reuse")]
            Sharing::Http(_) => false,
        };
        self.idle.iter().position(too_many)
    }
}

/// How many of them lead to that member.
fn count<C>(held: &[Held<C>], member: u32) -> u32 {
    held.iter().filter(|held| held.member == member).count() as u32
}

/// Whether a span that began then has passed; one of zero never does.
fn over(since: Instant, span: Duration, now: Instant) -> bool {
    !span.is_zero() && now.since(since) >= span
}

#[cfg(test)]
mod tests;
