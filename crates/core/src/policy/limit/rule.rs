//! Every limiter behind one interface: a rule, and the state that it keeps for a key.

use super::decision::{Decision, Reason, Seen};
use super::envoy::{Filled, LocalRateLimit};
use super::gcra::Gcra;
use super::haproxy::{Counter, RateAbove};
use super::leaky::{Level, Meter, Queue};
use super::log::Log;
use super::nginx::{Excess, ReqRate};
use super::varnish::{Bucket, Throttle};
use super::window::{Counts, Window};
use crate::time::{Duration, Instant};

/// A limiter and its numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// A token bucket: in any `t` seconds at most `burst + rate * t`.
    TokenBucket(Meter),
    /// A leaky bucket as a meter: the token bucket seen from above.
    LeakyMeter(Meter),
    /// A leaky bucket as a queue: whoever is let through leaves evenly.
    LeakyQueue(Queue),
    /// GCRA.
    Gcra(Gcra),
    /// A fixed window.
    FixedWindow(Window),
    /// A sliding log.
    SlidingLog(Window),
    /// A sliding window counter.
    SlidingWindow(Window),
    /// So many open at once; whoever is let through ends with [`Rule::release`].
    Concurrency(u32),
    /// nginx `limit_req`, for one zone.
    NginxReq(ReqRate),
    /// HAProxy `http_req_rate` or `conn_rate` above a limit.
    HaproxyRate(RateAbove),
    /// Varnish `vsthrottle`.
    Vsthrottle(Throttle),
    /// Envoy's local rate limit.
    EnvoyLocal(LocalRateLimit),
}

/// What a rule keeps for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Of a token bucket or a meter.
    Level(Level),
    /// Of a queue, when the next may leave; of GCRA, the theoretical arrival time.
    Until(Instant),
    /// Of a fixed or sliding window.
    Counts(Counts),
    /// Of a sliding log.
    Log(Box<Log>),
    /// How many are open.
    Open(u32),
    /// Of nginx.
    Excess(Excess),
    /// Of HAProxy.
    Counter(Counter),
    /// Of Varnish: a [`Bucket`]. Written out, so that a state is no longer than 24 bytes.
    #[allow(missing_docs, reason = "they are the bucket's")]
    Bucket { used: Instant, blocked: Instant, tokens: u32 },
    /// Of Envoy.
    Filled(Filled),
}

impl Rule {
    /// What it keeps for a key of which it has not heard.
    pub fn fresh(&self, now: Instant) -> State {
        match self {
            Self::TokenBucket(_) | Self::LeakyMeter(_) => State::Level(Level { full: 0, at: now }),
            Self::LeakyQueue(_) | Self::Gcra(_) => State::Until(now),
            Self::FixedWindow(window) | Self::SlidingWindow(window) => State::Counts(window.fresh(now)),
            Self::SlidingLog(_) => State::Log(Box::default()),
            Self::Concurrency(_) => State::Open(0),
            Self::NginxReq(_) => State::Excess(Excess::default()),
            Self::HaproxyRate(_) => State::Counter(Counter::fresh(now)),
            Self::Vsthrottle(throttle) => throttle.fresh(now).into(),
            Self::EnvoyLocal(local) => State::Filled(local.fresh(now)),
        }
    }

    /// What it would say to a request of that cost, without counting it.
    pub fn look(&self, state: &State, now: Instant, cost: u32) -> Decision {
        match (self, state) {
            (Self::TokenBucket(meter), State::Level(level)) => meter.look(level, now, cost, true),
            (Self::LeakyMeter(meter), State::Level(level)) => meter.look(level, now, cost, false),
            (Self::LeakyQueue(queue), State::Until(free)) => queue.look(*free, now, cost),
            (Self::Gcra(gcra), State::Until(arrival)) => gcra.look(*arrival, now, cost),
            (Self::FixedWindow(window), State::Counts(counts)) => window.look_fixed(counts, now, cost),
            (Self::SlidingWindow(window), State::Counts(counts)) => window.look_sliding(counts, now, cost),
            (Self::SlidingLog(window), State::Log(log)) => window.look_log(log, now, cost),
            (Self::Concurrency(most), State::Open(open)) => look_open(*most, *open, now, cost),
            (Self::NginxReq(rate), State::Excess(excess)) => rate.look(excess, now, cost),
            (Self::HaproxyRate(above), State::Counter(counter)) => above.decide(&mut counter.clone(), now, cost),
            (Self::Vsthrottle(throttle), &State::Bucket { used, blocked, tokens }) => {
                throttle.decide(&mut Bucket { used, blocked, tokens }, now, cost)
            }
            (Self::EnvoyLocal(local), State::Filled(filled)) => local.look(filled, now, cost),
            // A state that another rule has left tells nothing.
            _ => self.look(&self.fresh(now), now, cost),
        }
    }

    /// Counts a request of that cost, whatever the rule would have said: somebody else let it through.
    pub fn charge(&self, state: &mut State, now: Instant, cost: u32) {
        match (self, state) {
            (Self::TokenBucket(meter) | Self::LeakyMeter(meter), State::Level(level)) => meter.take(level, now, cost),
            (Self::LeakyQueue(queue), State::Until(free)) => queue.take(free, now, cost),
            (Self::Gcra(gcra), State::Until(arrival)) => gcra.take(arrival, now, cost),
            (Self::FixedWindow(window) | Self::SlidingWindow(window), State::Counts(counts)) => window.take(counts, now, cost),
            (Self::SlidingLog(window), State::Log(log)) => window.take_log(log, now, cost),
            (Self::Concurrency(_), State::Open(open)) => *open = open.saturating_add(cost),
            (Self::NginxReq(rate), State::Excess(excess)) => rate.take(excess, now, cost),
            (Self::HaproxyRate(above), State::Counter(counter)) => counter.update(above.period, now, cost),
            (Self::Vsthrottle(throttle), State::Bucket { used, blocked, tokens }) => {
                _ = throttled(*throttle, (used, blocked, tokens), now, cost);
            }
            (Self::EnvoyLocal(local), State::Filled(filled)) => local.take(filled, now, cost),
            (_, state) => {
                *state = self.fresh(now);
                self.charge(state, now, cost);
            }
        }
    }

    /// Decides about a request of that cost, and counts it if it is let through. HAProxy counts it in
    /// any case, and Varnish has its own way.
    pub fn decide(&self, state: &mut State, now: Instant, cost: u32) -> Decision {
        // Told apart once: this is what every request meets.
        match (self, state) {
            (Self::TokenBucket(meter), State::Level(level)) => then(meter.look(level, now, cost, true), || meter.take(level, now, cost)),
            (Self::Gcra(gcra), State::Until(arrival)) => then(gcra.look(*arrival, now, cost), || gcra.take(arrival, now, cost)),
            (Self::FixedWindow(window), State::Counts(counts)) => {
                then(window.look_fixed(counts, now, cost), || window.take(counts, now, cost))
            }
            (Self::SlidingWindow(window), State::Counts(counts)) => {
                then(window.look_sliding(counts, now, cost), || window.take(counts, now, cost))
            }
            (Self::HaproxyRate(above), State::Counter(counter)) => above.decide(counter, now, cost),
            (Self::Vsthrottle(throttle), State::Bucket { used, blocked, tokens }) => {
                throttled(*throttle, (used, blocked, tokens), now, cost)
            }
            (_, state) => then(self.look(state, now, cost), || self.charge(state, now, cost)),
        }
    }

    /// How many more requests of cost 1 would be let through now.
    pub fn left(&self, state: &State, now: Instant) -> u32 {
        match (self, state) {
            (Self::TokenBucket(meter) | Self::LeakyMeter(meter), State::Level(level)) => meter.left(level, now),
            (Self::LeakyQueue(queue), State::Until(free)) => queue.left(*free, now),
            (Self::Gcra(gcra), State::Until(arrival)) => gcra.left(*arrival, now),
            (Self::FixedWindow(window), State::Counts(counts)) => window.left_fixed(counts, now),
            (Self::SlidingWindow(window), State::Counts(counts)) => window.left_sliding(counts, now),
            (Self::SlidingLog(window), State::Log(log)) => window.left_log(log, now),
            (Self::Concurrency(most), State::Open(open)) => most.saturating_sub(*open),
            (Self::NginxReq(rate), State::Excess(excess)) => rate.left(excess, now),
            (Self::HaproxyRate(above), State::Counter(counter)) => above.left(counter, now),
            (Self::Vsthrottle(throttle), &State::Bucket { used, blocked, tokens }) => throttle.left(&Bucket { used, blocked, tokens }, now),
            (Self::EnvoyLocal(local), State::Filled(filled)) => local.left(filled, now),
            _ => self.left(&self.fresh(now), now),
        }
    }

    /// A request of that cost has ended; only [`Rule::Concurrency`] minds. Whether nothing is left to
    /// remember.
    pub fn release(&self, state: &mut State, cost: u32) -> bool {
        let State::Open(open) = state else { return false };
        *open = open.saturating_sub(cost);
        *open == 0
    }

    /// Whether what is turned away counts as well.
    pub const fn counts_denied(&self) -> bool {
        matches!(self, Self::HaproxyRate(_))
    }

    /// The share of one of so many proxies, rounded up; nobody's is nothing.
    pub fn divided(self, among: u32) -> Self {
        let (among, rate) = (among.max(1), |rate: u64| rate.div_ceil(u64::from(among.max(1))));
        let part = |whole: u32| whole.div_ceil(among);
        let longer = |span: Duration| Duration::from_micros(span.as_micros().saturating_mul(u64::from(among)));
        let meter = |meter: Meter| Meter { rate: rate(meter.rate), burst: part(meter.burst) };
        let window = |window: Window| Window { limit: part(window.limit), ..window };
        match self {
            Self::TokenBucket(whole) => Self::TokenBucket(meter(whole)),
            Self::LeakyMeter(whole) => Self::LeakyMeter(meter(whole)),
            Self::LeakyQueue(queue) => Self::LeakyQueue(Queue { interval: longer(queue.interval), room: part(queue.room) }),
            Self::Gcra(gcra) => Self::Gcra(Gcra { interval: longer(gcra.interval), burst: part(gcra.burst) }),
            Self::FixedWindow(whole) => Self::FixedWindow(window(whole)),
            Self::SlidingLog(whole) => Self::SlidingLog(window(whole)),
            Self::SlidingWindow(whole) => Self::SlidingWindow(window(whole)),
            Self::Concurrency(most) => Self::Concurrency(part(most)),
            Self::NginxReq(whole) => {
                Self::NginxReq(ReqRate { rate: rate(whole.rate), burst: part(whole.burst), delay: whole.delay.map(part) })
            }
            Self::HaproxyRate(above) => Self::HaproxyRate(RateAbove { limit: part(above.limit), ..above }),
            Self::Vsthrottle(throttle) => Self::Vsthrottle(Throttle { limit: part(throttle.limit), ..throttle }),
            Self::EnvoyLocal(local) => Self::EnvoyLocal(LocalRateLimit { most: part(local.most), per_fill: part(local.per_fill), ..local }),
        }
    }

    /// What it promises, as requests in a window: what `RateLimit-Policy` says. A window of zero for one
    /// that is about requests at once.
    pub fn quota(&self) -> (u32, Duration) {
        let filled =
            |most: u32, rate: u64| (most, Duration::from_micros(u64::from(most).saturating_mul(1_000_000_000).div_ceil(rate.max(1))));
        match self {
            Self::TokenBucket(meter) | Self::LeakyMeter(meter) => filled(meter.burst, meter.rate),
            Self::LeakyQueue(queue) => {
                (queue.room + 1, Duration::from_micros(queue.interval.as_micros().saturating_mul(u64::from(queue.room) + 1)))
            }
            Self::Gcra(gcra) => (gcra.burst, Duration::from_micros(gcra.interval.as_micros().saturating_mul(u64::from(gcra.burst)))),
            Self::FixedWindow(window) | Self::SlidingWindow(window) | Self::SlidingLog(window) => (window.limit, window.window),
            Self::Concurrency(most) => (*most, Duration::ZERO),
            Self::NginxReq(rate) => filled(rate.burst + 1, rate.rate),
            Self::HaproxyRate(above) => (above.limit, Duration::from_millis(above.period)),
            Self::Vsthrottle(throttle) => (throttle.limit, throttle.period),
            Self::EnvoyLocal(local) => {
                let fills = u64::from(local.most).div_ceil(u64::from(local.per_fill.max(1)));
                (local.most, Duration::from_micros(local.interval.as_micros().saturating_mul(fills)))
            }
        }
    }

    /// How many bytes a key's state needs at most, besides the key: of nginx with the whole node, whose
    /// chunk has 128 bytes for keys of up to 48.
    pub const fn bytes_per_key(&self) -> u64 {
        match self {
            Self::TokenBucket(_) | Self::LeakyMeter(_) => 16,
            Self::LeakyQueue(_) | Self::Gcra(_) => 8,
            Self::FixedWindow(_) | Self::HaproxyRate(_) | Self::EnvoyLocal(_) => 12,
            Self::SlidingWindow(_) => 16,
            Self::SlidingLog(window) => window.limit as u64 * 8,
            Self::Concurrency(_) => 4,
            Self::NginxReq(_) => 128,
            Self::Vsthrottle(_) => 20,
        }
    }
}

impl From<Bucket> for State {
    fn from(Bucket { used, blocked, tokens }: Bucket) -> Self {
        Self::Bucket { used, blocked, tokens }
    }
}

/// The decision, after counting what is let through.
fn then(decision: Decision, count: impl FnOnce()) -> Decision {
    if decision.is_admitted() {
        count();
    }
    decision
}

/// A decision on the parts of a bucket.
fn throttled(throttle: Throttle, parts: (&mut Instant, &mut Instant, &mut u32), now: Instant, cost: u32) -> Decision {
    let (used, blocked, tokens) = parts;
    let mut bucket = Bucket { used: *used, blocked: *blocked, tokens: *tokens };
    let decision = throttle.decide(&mut bucket, now, cost);
    (*used, *blocked, *tokens) = (bucket.used, bucket.blocked, bucket.tokens);
    decision
}

fn look_open(most: u32, open: u32, now: Instant, cost: u32) -> Decision {
    let seen = Seen::Open(open);
    if cost <= most.saturating_sub(open) {
        return Decision::accept(now, seen);
    }
    // Until somebody ends: no time tells.
    let reason = if cost > most { Reason::NeverFits } else { Reason::TooManyOpen };
    Decision::reject(now, reason, seen, None)
}
