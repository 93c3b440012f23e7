//! Counters, windows over time and a log-linear histogram; integers only.

use std::rc::Rc;

use crate::scenario::Spec;
use crate::time::{Duration, Instant};
use crate::world::{FlightKind, KINDS, NodeId, Outcome};

/// Buckets per power of two; a value is off by at most one part in 64.
const SUB: u64 = 64;
const SUB_BITS: u32 = 6;

/// A histogram of spans in microseconds with buckets that grow with the value (after HdrHistogram).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    counts: Vec<u32>,
    total: u64,
    sum: u64,
}

impl Histogram {
    fn bucket(us: u64) -> usize {
        if us < SUB {
            return us as usize;
        }
        let octave = us.ilog2() - SUB_BITS;
        (u64::from(octave) * SUB + (us >> octave)) as usize
    }

    fn upper(bucket: usize) -> u64 {
        let bucket = bucket as u64;
        if bucket < 2 * SUB {
            return bucket;
        }
        let octave = bucket / SUB - 1;
        ((bucket - octave * SUB + 1) << octave) - 1
    }

    /// Counts a span.
    pub fn record(&mut self, span: Duration) {
        let bucket = Self::bucket(span.as_micros());
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
        self.sum += span.as_micros();
    }

    /// How many spans were counted.
    pub const fn count(&self) -> u64 {
        self.total
    }

    /// The mean, or zero without spans.
    pub fn mean(&self) -> Duration {
        Duration(self.sum.checked_div(self.total).unwrap_or(0))
    }

    /// The span that `percent` of all spans do not exceed, to within 1.6 %; zero without spans.
    pub fn percentile(&self, percent: f64) -> Duration {
        if self.total == 0 {
            return Duration::ZERO;
        }
        let rank = ((percent / 100.0 * self.total as f64).ceil() as u64).clamp(1, self.total);
        let mut seen = 0;
        for (bucket, &count) in self.counts.iter().enumerate() {
            seen += u64::from(count);
            if seen >= rank {
                return Duration(Self::upper(bucket));
            }
        }
        Duration::ZERO
    }

    fn clear(&mut self) {
        self.counts.clear();
        self.total = 0;
        self.sum = 0;
    }
}

/// How the flights of one kind fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fates {
    /// How many began.
    pub started: u64,
    /// How many were answered.
    pub served: u64,
    /// How many were refused on purpose.
    pub rejected: u64,
    /// How many went wrong.
    pub failed: u64,
}

impl Fates {
    /// How many are still under way.
    pub const fn in_flight(&self) -> u64 {
        self.started - self.served - self.rejected - self.failed
    }

    fn end(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Served => self.served += 1,
            Outcome::Rejected => self.rejected += 1,
            Outcome::Failed => self.failed += 1,
        }
    }
}

/// What happened to users' requests in one stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// Requests that began in it, and those that ended in it.
    pub fates: Fates,
    /// Latencies of those answered in it, in microseconds.
    pub p50: u64,
    /// See `p50`.
    pub p95: u64,
    /// See `p50`.
    pub p99: u64,
    /// Requests that each node received in it, by index.
    pub received: Vec<u32>,
    /// Connections that each node began to open in it, by index.
    pub handshakes: Vec<u32>,
}

/// The connections of a node to those it asks, and the requests that waited for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Links {
    /// Connections that it began to open, each with a handshake.
    pub handshakes: u32,
    /// Connections that it has open now, those being opened included.
    pub open: u32,
    /// The most that it had open at once.
    pub most_open: u32,
    /// Requests that had to wait there for a connection.
    pub waited: u32,
    /// How long those that wait no more have waited in all.
    pub waiting: Duration,
    /// How long the one that waited longest did.
    pub longest: Duration,
}

/// What checks and tries have done at a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Care {
    /// Health checks that have reached it and asked for something.
    pub probes: u32,
    /// Tries that it made again with another member.
    pub retried: u32,
    /// Requests that it had answered after a try had failed: errors that no client saw.
    pub hidden: u32,
    /// How long it took a balancer to notice its last fault; zero before one was noticed.
    pub detected: Duration,
}

/// How many windows a run has.
pub const WINDOWS: u64 = 120;

/// Everything that is counted while a world runs.
#[derive(Clone, Debug)]
pub struct Metrics {
    kinds: [Fates; KINDS],
    groups: Vec<Fates>,
    received: Vec<u32>,
    connections: Vec<u32>,
    cold: Vec<u32>,
    links: Vec<Links>,
    care: Vec<Care>,
    answered: Vec<Vec<u32>>,
    latency: Histogram,
    window: Duration,
    closed: Vec<Rc<Window>>,
    current: Window,
    recent: Histogram,
    /// When the current window ends.
    rolls_at: Instant,
}

impl Metrics {
    pub(crate) fn new(spec: &Spec) -> Self {
        let nodes = spec.nodes.len();
        Self {
            kinds: [Fates::default(); KINDS],
            groups: vec![Fates::default(); spec.scenario.clients.len()],
            received: vec![0; nodes],
            connections: vec![0; nodes],
            cold: vec![0; nodes],
            links: vec![Links::default(); nodes],
            care: vec![Care::default(); nodes],
            answered: vec![Vec::new(); spec.classes.len()],
            latency: Histogram::default(),
            window: Duration((spec.scenario.horizon.as_micros() / WINDOWS).max(1)),
            closed: Vec::new(),
            current: Window::default(),
            recent: Histogram::default(),
            rolls_at: Instant::START,
        }
    }

    /// How the flights of a kind fared.
    pub fn fates(&self, kind: FlightKind) -> Fates {
        self.kinds[kind as usize]
    }

    /// How the requests of a group of users fared; the group's node has this index.
    pub fn group(&self, clients: NodeId) -> Fates {
        self.groups.get(clients.index()).copied().unwrap_or_default()
    }

    /// How all users' requests fared.
    pub fn users(&self) -> Fates {
        self.groups.iter().fold(Fates::default(), |sum, g| Fates {
            started: sum.started + g.started,
            served: sum.served + g.served,
            rejected: sum.rejected + g.rejected,
            failed: sum.failed + g.failed,
        })
    }

    /// The latencies of users' answered requests.
    pub const fn latency(&self) -> &Histogram {
        &self.latency
    }

    /// How many requests a node has received.
    pub fn received(&self, node: NodeId) -> u32 {
        self.received[node.index()]
    }

    /// How many connections were opened to a node.
    pub fn connections(&self, node: NodeId) -> u32 {
        self.connections[node.index()]
    }

    /// How many requests brought a server its `cold` work.
    pub fn cold(&self, node: NodeId) -> u32 {
        self.cold[node.index()]
    }

    /// What became of the connections that a node opens.
    pub fn links(&self, node: NodeId) -> Links {
        self.links[node.index()]
    }

    /// What checks and tries have done at a node.
    pub fn care(&self, node: NodeId) -> Care {
        self.care[node.index()]
    }

    /// How many requests of a class a node has answered.
    pub fn answered(&self, class: usize, node: NodeId) -> u32 {
        self.answered.get(class).and_then(|nodes| nodes.get(node.index())).copied().unwrap_or(0)
    }

    /// The length of a window.
    pub const fn window_length(&self) -> Duration {
        self.window
    }

    /// The windows that are over, in order.
    pub fn windows(&self) -> &[Rc<Window>] {
        &self.closed
    }

    pub(crate) fn on_start(&mut self, kind: FlightKind) {
        self.kinds[kind as usize].started += 1;
    }

    pub(crate) fn on_user_start(&mut self, clients: NodeId, now: Instant) {
        self.roll(now);
        self.groups[clients.index()].started += 1;
        self.current.fates.started += 1;
    }

    pub(crate) fn on_end(&mut self, kind: FlightKind, outcome: Outcome) {
        self.kinds[kind as usize].end(outcome);
    }

    pub(crate) fn on_user_end(&mut self, clients: NodeId, outcome: Outcome, took: Duration, now: Instant) {
        self.roll(now);
        self.groups[clients.index()].end(outcome);
        self.current.fates.end(outcome);
        if outcome == Outcome::Served {
            self.latency.record(took);
            self.recent.record(took);
        }
    }

    pub(crate) fn on_receive(&mut self, node: NodeId, now: Instant) {
        self.roll(now);
        self.received[node.index()] += 1;
        count(&mut self.current.received, node);
    }

    /// A node has one connection more, for which it had to shake hands unless it was warm.
    pub(crate) fn on_open(&mut self, node: NodeId, warm: bool, now: Instant) {
        let links = &mut self.links[node.index()];
        links.open += 1;
        links.most_open = links.most_open.max(links.open);
        if !warm {
            links.handshakes += 1;
            self.roll(now);
            count(&mut self.current.handshakes, node);
        }
    }

    pub(crate) fn on_shut(&mut self, node: NodeId) {
        let links = &mut self.links[node.index()];
        links.open = links.open.saturating_sub(1);
    }

    pub(crate) fn on_park(&mut self, node: NodeId) {
        self.links[node.index()].waited += 1;
    }

    pub(crate) fn on_unpark(&mut self, node: NodeId, waited: Duration) {
        let links = &mut self.links[node.index()];
        links.waiting = links.waiting + waited;
        links.longest = links.longest.max(waited);
    }

    pub(crate) fn on_connect(&mut self, node: NodeId) {
        self.connections[node.index()] += 1;
    }

    pub(crate) fn on_probe(&mut self, node: NodeId) {
        self.care[node.index()].probes += 1;
    }

    pub(crate) fn on_retry(&mut self, node: NodeId) {
        self.care[node.index()].retried += 1;
    }

    pub(crate) fn on_hide(&mut self, node: NodeId) {
        self.care[node.index()].hidden += 1;
    }

    pub(crate) fn on_detect(&mut self, node: NodeId, took: Duration) {
        self.care[node.index()].detected = took;
    }

    pub(crate) fn on_cold(&mut self, node: NodeId) {
        self.cold[node.index()] += 1;
    }

    pub(crate) fn on_answer(&mut self, class: u16, node: NodeId) {
        // Checks belong to no class of the scenario.
        if let Some(answered) = self.answered.get_mut(usize::from(class)) {
            count(answered, node);
        }
    }

    /// Closes the windows that end at or before `now`.
    #[inline]
    fn roll(&mut self, now: Instant) {
        if now >= self.rolls_at {
            self.close_windows(now);
        }
    }

    #[cold]
    fn close_windows(&mut self, now: Instant) {
        let over = (now.as_micros() / self.window.as_micros()).min(WINDOWS) as usize;
        while self.closed.len() < over {
            let mut window = core::mem::take(&mut self.current);
            window.p50 = self.recent.percentile(50.0).as_micros();
            window.p95 = self.recent.percentile(95.0).as_micros();
            window.p99 = self.recent.percentile(99.0).as_micros();
            self.recent.clear();
            self.closed.push(Rc::new(window));
        }
        self.rolls_at = Instant(self.window.as_micros().saturating_mul(over as u64 + 1));
    }
}

/// Counts one more for a node.
fn count(counts: &mut Vec<u32>, node: NodeId) {
    if counts.len() <= node.index() {
        counts.resize(node.index() + 1, 0);
    }
    counts[node.index()] += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_close_and_buckets_join_up() {
        for us in (0..2_000).chain([4_095, 4_096, 65_535, 1 << 40]) {
            let bucket = Histogram::bucket(us);
            let upper = Histogram::upper(bucket);
            assert!(upper >= us && upper - us <= us / 32, "{us} in bucket {bucket} up to {upper}");
            assert_eq!(Histogram::bucket(upper), bucket);
            assert_eq!(Histogram::bucket(upper + 1), bucket + 1);
        }
        let mut histogram = Histogram::default();
        (1..=1_000).for_each(|ms| histogram.record(Duration::from_millis(ms)));
        for (percent, ms) in [(50.0, 500.0), (95.0, 950.0), (99.0, 990.0), (100.0, 1_000.0)] {
            let got = histogram.percentile(percent).as_millis_f64();
            assert!((got - ms).abs() / ms < 0.033, "p{percent} {got}");
        }
        assert_eq!(Histogram::default().percentile(99.0), Duration::ZERO);
    }
}
