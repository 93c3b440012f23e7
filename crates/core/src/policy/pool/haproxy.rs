//! HAProxy `http-reuse`: whose connection a request may ride on, and how many idle ones a server
//! needs (`connect_server`, `srv_add_to_idle_list` and `srv_cleanup_idle_conns` of HAProxy 2.6
//! with one thread).
//!
//! A server may close an idle connection at any moment. When that meets a request, HAProxy can
//! only hand the failure to the client. A browser repeats a request on a connection that it has
//! used before, and not the first one. So the first request of a client is the one to be careful
//! with.

use super::{Ask, Held, Pool, Reason, Release, Sharing, count};
use crate::time::{Duration, Instant};

/// Which connections a request may ride on (`http-reuse`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Only those that were opened for its own client.
    Never,
    /// Any, unless it is its client's first request.
    #[default]
    Safe,
    /// Any; a first request one that has been reused before.
    Aggressive,
    /// Any; a first request rather one that has been reused before.
    Always,
}

/// `http-reuse` with what a `server` line says about its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HttpReuse {
    /// The mode.
    pub mode: Mode,
    /// `pool-low-conn`: so many idle connections are kept whatever is needed.
    pub low: u32,
    /// `pool-purge-delay`: how often half of what is not needed is closed; with zero nothing is kept.
    pub purge_delay: Duration,
    /// `max-session-srv-conns`: idle connections that a client's session keeps for itself.
    pub per_client: u32,
}

impl HttpReuse {
    /// A mode with what HAProxy does unless something else is written.
    pub const fn new(mode: Mode) -> Self {
        Self { mode, low: 0, purge_delay: Duration::from_secs(5), per_client: 5 }
    }

    /// The place of the idle connection that a request rides on, of those that fit.
    pub(super) fn find<C, R>(&self, idle: &[Held<C>], ask: &Ask<R>, fits: impl Fn(&Held<C>) -> bool) -> (Option<usize>, Reason) {
        if self.mode == Mode::Never {
            let own = idle.iter().position(|held| fits(held) && held.client == ask.client);
            return (own, if own.is_some() { Reason::OwnClient } else { Reason::NoneIdle });
        }
        let first_of = |safe: bool| idle.iter().position(|held| fits(held) && is_safe(held) == safe);
        let (safe, fresh) = (first_of(true), first_of(false));
        match (self.mode, ask.first) {
            (_, false) if fresh.is_some() => (fresh, Reason::IdleLongest),
            (Mode::Always, true) if safe.is_none() && fresh.is_some() => (fresh, Reason::IdleLongest),
            (_, false) | (Mode::Aggressive | Mode::Always, true) if safe.is_some() => (safe, Reason::ProvenSafe),
            _ if safe.is_some() || fresh.is_some() => (None, Reason::NotForFirst),
            _ => (None, Reason::NoneIdle),
        }
    }
}

/// Whether a connection has been reused before, which puts it into the list of the safe ones.
fn is_safe<C>(held: &Held<C>) -> bool {
    held.carried > 1
}

/// What a server has needed of late.
#[derive(Clone, Copy, Debug, Default)]
struct Need {
    /// The most that were in use since the last purge.
    most: u32,
    /// How many it is believed to need.
    estimate: u32,
    purge_at: Option<Instant>,
}

/// What every server has needed of late, and what is being closed.
#[derive(Clone, Debug)]
pub(super) struct Needs<C> {
    of: Vec<Need>,
    closing: Vec<C>,
}

impl<C: Copy + Eq> Needs<C> {
    pub(super) const fn new() -> Self {
        Self { of: Vec::new(), closing: Vec::new() }
    }

    fn of(&mut self, member: u32) -> &mut Need {
        let index = member as usize;
        if self.of.len() <= index {
            self.of.resize(index + 1, Need::default());
        }
        &mut self.of[index]
    }

    /// A member has so many connections in use.
    pub(super) fn used(&mut self, member: u32, used: u32) {
        let need = self.of(member);
        need.most = need.most.max(used);
        need.estimate = need.estimate.max(used);
    }

    /// A connection has been kept: a purge is due after the delay, unless one is already.
    pub(super) fn kept(&mut self, member: u32, reuse: &HttpReuse, now: Instant) {
        if reuse.mode != Mode::Never {
            self.of(member).purge_at.get_or_insert(now + reuse.purge_delay);
        }
    }

    /// Whether a connection is kept that is still among the busy ones.
    pub(super) fn verdict<R>(
        &mut self,
        reuse: &HttpReuse,
        max_idle: u32,
        busy: &[Held<C>],
        idle: &[Held<C>],
        held: &Held<C>,
    ) -> (Release<C, R>, Reason) {
        if reuse.mode == Mode::Never {
            let own = idle.iter().filter(|other| other.client == held.client).count() as u32;
            let room = own < reuse.per_client;
            return if room { (Release::Keep, Reason::OwnClient) } else { (Release::Close, Reason::EnoughIdle(own)) };
        }
        let kept = count(idle, held.member);
        if kept >= max_idle || reuse.purge_delay.is_zero() {
            return (Release::Close, Reason::EnoughIdle(kept));
        }
        let has = |safe: bool| idle.iter().any(|other| other.member == held.member && is_safe(other) == safe);
        let used = count(busy, held.member);
        let needed = self.of(held.member).estimate.max(used) + reuse.low;
        if (!has(true) && (is_safe(held) || !has(false))) || used + kept <= needed {
            (Release::Keep, Reason::Room)
        } else {
            (Release::Close, Reason::NotNeeded)
        }
    }

    /// When the next purge is due.
    pub(super) fn purge_at(&self) -> Option<Instant> {
        self.of.iter().filter_map(|need| need.purge_at).min()
    }

    /// Purges what is due, and says one after the other what is closed.
    pub(super) fn purge(&mut self, reuse: &HttpReuse, busy: &[Held<C>], idle: &mut Vec<Held<C>>, now: Instant) -> Option<C> {
        for (member, need) in self.of.iter_mut().enumerate() {
            while let Some(due) = need.purge_at.filter(|&due| due <= now) {
                let member = member as u32;
                let (used, kept) = (count(busy, member), count(idle, member));
                need.purge_at = (kept > 0).then(|| due + reuse.purge_delay);
                if kept == 0 {
                    break;
                }
                let exceed = (used + kept).saturating_sub(need.most.max(need.estimate)).div_ceil(2);
                need.estimate = ((need.estimate + need.most) / 2).max(need.most);
                need.most = used;
                // One more than exceeds, as HAProxy rounds; those never reused go first.
                let victims = if exceed > 0 { exceed + 1 } else { 0 };
                for _ in 0..victims.min(kept) {
                    let of_member = |held: &Held<C>| held.member == member;
                    let fresh = idle.iter().position(|held| of_member(held) && !is_safe(held));
                    if let Some(place) = fresh.or_else(|| idle.iter().position(of_member)) {
                        self.closing.push(idle.remove(place).conn);
                    }
                }
            }
        }
        if self.closing.is_empty() { None } else { Some(self.closing.remove(0)) }
    }
}

impl<C: Copy + Eq, R: Copy + Eq> Pool<C, R> {
    /// A client has closed its connection: with `http-reuse never` the idle ones that are its own
    /// are closed, one with each call.
    pub fn client_left(&mut self, client: u32) -> Option<C> {
        let private = matches!(self.rules.sharing, Sharing::Http(HttpReuse { mode: Mode::Never, .. }));
        let place = self.idle.iter().position(|held| private && held.client == client)?;
        Some(self.idle.remove(place).conn)
    }
}
