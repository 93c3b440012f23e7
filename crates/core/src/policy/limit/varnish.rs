//! Varnish: `vsthrottle.is_denied(key, limit, period, block)` of varnish-modules 0.20.

use super::decision::{Decision, Reason, Seen};
use crate::time::{Duration, Instant};

/// The bucket of a key. One key with another limit, period or block has another bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// When a token was last taken: refused requests leave it, so what has dripped in is not lost.
    pub used: Instant,
    /// Until when everybody is refused.
    pub blocked: Instant,
    /// Whole tokens.
    pub tokens: u32,
}

/// The arguments of `is_denied`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Throttle {
    /// Tokens in a full bucket, and tokens in a period.
    pub limit: u32,
    /// How long it takes to fill the bucket.
    pub period: Duration,
    /// How long whoever goes over the limit is shut out; zero for not at all.
    pub block: Duration,
}

impl Throttle {
    /// A full bucket.
    pub const fn fresh(self, now: Instant) -> Bucket {
        Bucket { used: now, blocked: Instant::START, tokens: self.limit }
    }

    /// Whole tokens with what has dripped in; the rest of a token is cut off (`calc_tokens`, where it is
    /// a `double` that becomes a `long`).
    fn tokens(self, bucket: &Bucket, now: Instant) -> u32 {
        let passed = now.since(bucket.used).as_micros();
        let dripped = passed.saturating_mul(u64::from(self.limit)) / self.period.as_micros().max(1);
        u64::from(bucket.tokens).saturating_add(dripped).min(u64::from(self.limit)) as u32
    }

    /// `is_denied`, with the reason.
    pub fn decide(self, bucket: &mut Bucket, now: Instant, cost: u32) -> Decision {
        let tokens = self.tokens(bucket, now);
        let (seen, blocks) = (Seen::Whole(tokens), !self.block.is_zero());
        let blocked = blocks && now < bucket.blocked;
        if blocked {
            bucket.used = now;
            bucket.tokens = tokens;
        }
        if tokens >= cost {
            // One who is shut out spends tokens all the same.
            (bucket.tokens, bucket.used) = (tokens - cost, now);
            if !blocked {
                bucket.blocked = Instant::START;
                return Decision::accept(now, seen);
            }
        } else if blocks && !blocked {
            bucket.blocked = now + self.block;
        }
        let reason = match () {
            () if cost > self.limit => Reason::NeverFits,
            () if blocked => Reason::Blocked,
            () => Reason::NoTokens,
        };
        let retry = (cost <= self.limit).then(|| self.retry(bucket, now, cost));
        Decision::reject(now, reason, seen, retry)
    }

    /// How many more would be let through now.
    pub fn left(self, bucket: &Bucket, now: Instant) -> u32 {
        if !self.block.is_zero() && now < bucket.blocked { 0 } else { self.tokens(bucket, now) }
    }

    fn retry(self, bucket: &Bucket, now: Instant, cost: u32) -> Duration {
        let missing = u64::from(cost.saturating_sub(bucket.tokens));
        let until =
            bucket.used + Duration::from_micros(missing.saturating_mul(self.period.as_micros()).div_ceil(u64::from(self.limit.max(1))));
        until.max(bucket.blocked).since(now)
    }

    /// `remaining`: whole tokens. It keeps what has dripped in without moving the clock, so that the
    /// same time drips twice for whoever asks before a request and not after it.
    pub fn remaining(self, bucket: &mut Bucket, now: Instant) -> u32 {
        bucket.tokens = self.tokens(bucket, now);
        bucket.tokens
    }
}
