//! How long a choice takes, for every policy and beside the crates that do the same.
//!
//! `cargo bench -p hopscope-bench --bench balance -- [filter]`
//!
//! `policy/…` is a whole request: the choice, that it begins, and that an older one ends. What is
//! called after a crate and `hopscope` stand side by side and choose by a key, or by load, alone.

use std::collections::VecDeque;
use std::hash::Hasher;
use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use fnv::FnvHasher;
use hashring::HashRing;
use hopscope_core::policy::balance::{Ask, Balancer, Done, Key, Label, Options, Peer, PolicyKind};
use hopscope_core::policy::decision::{Decisions, Occasion};
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::time::Instant;
use hopscope_core::world::NodeId;
use maglev::{ConsistentHasher, Maglev};
use pingora_ketama::{Bucket, Continuum};

const SIZES: [usize; 4] = [8, 100, 1_000, 10_000];

/// Requests that are under way at each member on average.
const HELD: usize = 2;

fn address(i: usize) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::from(0x0a00_0000 + i as u32), 8_080))
}

fn keys() -> Vec<String> {
    (0..1_024).map(|i| format!("/products/{:05}", i * 7_919 % 100_000)).collect()
}

/// A balancer of members with equal weights, and what it takes to ask it.
struct Subject {
    balancer: Balancer,
    decisions: Decisions,
    keys: Vec<String>,
    asked: usize,
    draw: Draw,
}

impl Subject {
    fn new(kind: PolicyKind, n: usize, size: u32) -> Self {
        let member =
            |i: usize| (Peer::new(NodeId::new(i), 1), Label { name: format!("b{i}").into(), address: address(i).to_string().into() });
        let options = Options { size, ..Options::default() };
        let mut subject = Self {
            balancer: Balancer::new(kind, options, (0..n).map(member)),
            decisions: Decisions::new(false),
            keys: keys(),
            asked: 0,
            draw: Draw::new(1, Purpose::Balance, 0, 0),
        };
        // Rings and tables are made when the first request comes.
        subject.pick();
        subject
    }

    /// By the next key, and a draw of its own.
    fn pick(&mut self) -> Option<usize> {
        self.draw = Draw::new(1, Purpose::Balance, self.asked as u64, 0);
        self.pick_by_key()
    }

    /// By the next key; what is drawn stays, as the crates beside draw nothing.
    fn pick_by_key(&mut self) -> Option<usize> {
        self.asked += 1;
        let key = Key::Text(self.keys[self.asked % self.keys.len()].as_bytes());
        let client = IpAddr::V4(Ipv4Addr::from((self.asked as u32).wrapping_mul(2_654_435_761)));
        let ask = Ask { client, key, draw: self.draw, tried: &[] };
        self.balancer.pick(&ask, &Occasion::default(), &mut self.decisions)
    }
}

/// Every policy, a whole request at a time.
fn policies(criterion: &mut Criterion) {
    for &kind in PolicyKind::ALL {
        let mut group = criterion.benchmark_group(format!("policy/{kind:?}"));
        for n in SIZES {
            let mut subject = Subject::new(kind, n, 0);
            let mut held = VecDeque::new();
            let mut request = move || {
                let now = Instant(subject.asked as u64 * 10);
                if let Some(index) = subject.pick() {
                    subject.balancer.begin(index, now);
                    held.push_back(index);
                }
                if held.len() > n * HELD
                    && let Some(index) = held.pop_front()
                {
                    subject.balancer.end(index, Done::default(), now);
                }
            };
            (0..n * HELD).for_each(|_| request());
            group.bench_function(BenchmarkId::from_parameter(n), |bencher| bencher.iter(&mut request));
        }
        group.finish();
    }
}

fn ketama(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ketama");
    for n in SIZES {
        let mut subject = Subject::new(PolicyKind::Ketama, n, 0);
        group.bench_function(BenchmarkId::new("hopscope", n), |bencher| bencher.iter(|| subject.pick_by_key()));
        let buckets: Vec<Bucket> = (0..n).map(|i| Bucket::new(address(i), 1)).collect();
        let continuum = Continuum::new(&buckets);
        let (keys, mut asked) = (keys(), 0);
        group.bench_function(BenchmarkId::new("pingora-ketama", n), |bencher| {
            bencher.iter(|| {
                asked += 1;
                continuum.node(keys[asked % keys.len()].as_bytes())
            });
        });
        let mut ring: HashRing<(usize, u32)> = HashRing::new();
        ring.batch_add((0..n).flat_map(|i| (0..160).map(move |point| (i, point))).collect());
        group.bench_function(BenchmarkId::new("hashring", n), |bencher| {
            bencher.iter(|| {
                asked += 1;
                ring.get(&keys[asked % keys.len()]).copied()
            });
        });
    }
    group.finish();
}

/// The crate keeps every node's whole order while it fills the table: at 10,000 nodes that does
/// not fit into memory, and at 1,000 only for a small table.
fn maglev(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("maglev");
    for (n, size) in [(8, 65_537), (100, 65_537), (1_000, 10_007), (10_000, 65_537)] {
        let mut subject = Subject::new(PolicyKind::Maglev, n, size);
        group.bench_function(BenchmarkId::new("hopscope", n), |bencher| bencher.iter(|| subject.pick_by_key()));
        if n > 1_000 {
            continue;
        }
        let table = Maglev::with_capacity(0..n, size as usize);
        let (keys, mut asked) = (keys(), 0);
        group.bench_function(BenchmarkId::new("maglev", n), |bencher| {
            bencher.iter(|| {
                asked += 1;
                table.get(&keys[asked % keys.len()]).copied()
            });
        });
    }
    group.finish();
}

/// pingora-load-balancing hashes with FNV into a list in which each backend stands as often as its
/// weight says. The crate itself needs cmake to be built, so that selection stands here.
fn modulo(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hash-modulo");
    for n in SIZES {
        let mut subject = Subject::new(PolicyKind::HashModulo, n, 0);
        group.bench_function(BenchmarkId::new("hopscope", n), |bencher| bencher.iter(|| subject.pick_by_key()));
        let weighted: Vec<u16> = (0..n as u16).collect();
        let (keys, mut asked) = (keys(), 0);
        group.bench_function(BenchmarkId::new("as pingora-load-balancing", n), |bencher| {
            bencher.iter(|| {
                asked += 1;
                let mut hasher = FnvHasher::default();
                hasher.write(keys[asked % keys.len()].as_bytes());
                weighted[hasher.finish() as usize % weighted.len()]
            });
        });
    }
    group.finish();
}

/// No crate balances by connections (pingora has it as a thing to do), so a bare loop over the
/// counts stands beside: the least that anything does that looks at everybody.
fn least_connections(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("least-connections");
    for n in SIZES {
        for kind in [PolicyKind::LeastConn, PolicyKind::LeastRequests] {
            let mut subject = Subject::new(kind, n, 0);
            let mut held = VecDeque::new();
            let mut request = move || {
                let picked = subject.pick().unwrap_or(0);
                subject.balancer.begin(picked, Instant::START);
                held.push_back(picked);
                if held.len() > n * HELD {
                    subject.balancer.end(held.pop_front().unwrap_or(0), Done::default(), Instant::START);
                }
                picked
            };
            (0..n * HELD).for_each(|_| _ = request());
            group.bench_function(BenchmarkId::new(format!("hopscope {kind:?}"), n), |bencher| bencher.iter(&mut request));
        }
        let (mut active, mut held) = (vec![0u32; n], VecDeque::new());
        let mut request = move || {
            let picked = active.iter().enumerate().min_by_key(|(_, active)| **active).map_or(0, |(i, _)| i);
            active[picked] += 1;
            held.push_back(picked);
            if held.len() > n * HELD {
                active[held.pop_front().unwrap_or(0)] -= 1;
            }
            picked
        };
        (0..n * HELD).for_each(|_| _ = request());
        group.bench_function(BenchmarkId::new("bare loop", n), |bencher| bencher.iter(|| black_box(request())));
    }
    group.finish();
}

/// Short, because there are many: what counts is how they grow and who is quicker.
fn quick() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(600))
        .sample_size(20)
        .without_plots()
}

criterion_group! {
    name = benches;
    config = quick();
    targets = ketama, maglev, modulo, least_connections, policies
}
criterion_main!(benches);
