//! Envoy's local rate limit filter: `token_bucket` with `max_tokens`, `tokens_per_fill` and
//! `fill_interval`. One timer fills all buckets, so a fill comes at whole multiples of its interval.

use super::decision::{Decision, Reason, Seen};
use crate::time::{Duration, Instant};

/// Whole tokens, and after how many fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Tokens.
    pub tokens: u32,
    /// How many fills there had been.
    pub fills: u64,
}

/// `token_bucket`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalRateLimit {
    /// `max_tokens`.
    pub most: u32,
    /// `tokens_per_fill`.
    pub per_fill: u32,
    /// `fill_interval`.
    pub interval: Duration,
}

impl LocalRateLimit {
    fn fills(self, now: Instant) -> u64 {
        now.as_micros() / self.interval.as_micros().max(1)
    }

    /// A full bucket.
    pub fn fresh(self, now: Instant) -> Filled {
        Filled { tokens: self.most, fills: self.fills(now) }
    }

    fn filled(self, state: &Filled, now: Instant) -> Filled {
        let fills = self.fills(now).max(state.fills);
        let more = (fills - state.fills).saturating_mul(u64::from(self.per_fill));
        Filled { tokens: u64::from(state.tokens).saturating_add(more).min(u64::from(self.most)) as u32, fills }
    }

    /// What it says to a request of that cost.
    pub fn look(self, state: &Filled, now: Instant, cost: u32) -> Decision {
        let now_filled = self.filled(state, now);
        let (tokens, seen) = (now_filled.tokens, Seen::Whole(now_filled.tokens));
        if cost <= tokens {
            return Decision::accept(now, seen);
        }
        let missing = u64::from(cost - tokens);
        let fits = cost <= self.most && self.per_fill > 0;
        let fills = missing.div_ceil(u64::from(self.per_fill.max(1)));
        let until = Instant((now_filled.fills + fills).saturating_mul(self.interval.as_micros().max(1)));
        let reason = if fits { Reason::NoTokens } else { Reason::NeverFits };
        Decision::reject(now, reason, seen, fits.then(|| until.since(now)))
    }

    /// How many more would be let through now.
    pub fn left(self, state: &Filled, now: Instant) -> u32 {
        self.filled(state, now).tokens
    }

    /// Takes so many tokens, as far as there are any.
    pub fn take(self, state: &mut Filled, now: Instant, cost: u32) {
        *state = self.filled(state, now);
        state.tokens = state.tokens.saturating_sub(cost);
    }
}
