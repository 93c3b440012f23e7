//! How long a choice takes, for every policy and beside the crates that do the same.
//!
//! `cargo bench -p hopscope-bench --bench balance -- [filter]`, and with `--features pingora`
//! before `--` beside pingora's whole load balancer, for which cmake has to be there.
//!
//! `policy/…` is a whole request: the choice, that it begins, and that an older one ends. What is
//! called after a crate and `hopscope` stand side by side and choose by a key, or by load, alone.

use std::collections::VecDeque;
use std::hash::Hasher;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
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

/// A balancer in which so many requests are under way, and one whole request: the choice, that it
/// begins, and that the oldest one ends.
struct Busy {
    subject: Subject,
    held: VecDeque<usize>,
    most: usize,
}

impl Busy {
    fn new(kind: PolicyKind, n: usize) -> Self {
        let mut busy = Self { subject: Subject::new(kind, n, 0), held: VecDeque::new(), most: n * HELD };
        // Begun without a choice: nobody waits for 20,000 of those that look at everybody.
        for i in 0..busy.most {
            busy.subject.balancer.begin(i % n, Instant::START);
            busy.held.push_back(i % n);
        }
        busy
    }

    fn request(&mut self) -> Option<usize> {
        let now = Instant(self.subject.asked as u64 * 10);
        let picked = self.subject.pick()?;
        self.subject.balancer.begin(picked, now);
        self.held.push_back(picked);
        let ended = self.held.pop_front()?;
        self.subject.balancer.end(ended, Done::default(), now);
        Some(picked)
    }
}

/// Every policy, a whole request at a time.
fn policies(criterion: &mut Criterion) {
    for &kind in PolicyKind::ALL {
        let mut group = criterion.benchmark_group(format!("policy/{kind:?}"));
        for n in SIZES {
            let mut busy = None;
            group.bench_function(BenchmarkId::from_parameter(n), |bencher| {
                let busy = busy.get_or_insert_with(|| Busy::new(kind, n));
                bencher.iter(|| busy.request());
            });
        }
        group.finish();
    }
}

/// A policy that chooses by key, in a group of its like.
fn beside(group: &mut BenchmarkGroup<'_, WallTime>, kind: PolicyKind, n: usize, size: u32) {
    let mut subject = None;
    group.bench_function(BenchmarkId::new("hopscope", n), |bencher| {
        let subject = subject.get_or_insert_with(|| Subject::new(kind, n, size));
        bencher.iter(|| subject.pick_by_key());
    });
}

fn ketama(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("ketama");
    for n in SIZES {
        beside(&mut group, PolicyKind::Ketama, n, 0);
        let mut continuum = None;
        let (keys, mut asked) = (keys(), 0);
        group.bench_function(BenchmarkId::new("pingora-ketama", n), |bencher| {
            let make = || Continuum::new(&(0..n).map(|i| Bucket::new(address(i), 1)).collect::<Vec<_>>());
            let continuum = continuum.get_or_insert_with(make);
            bencher.iter(|| {
                asked += 1;
                continuum.node(keys[asked % keys.len()].as_bytes())
            });
        });
        #[cfg(feature = "pingora")]
        pingora::beside::<pingora_load_balancing::selection::consistent::KetamaHashing>(&mut group, n);
        let mut ring: Option<HashRing<(usize, u32)>> = None;
        group.bench_function(BenchmarkId::new("hashring", n), |bencher| {
            let ring = ring.get_or_insert_with(|| {
                let mut ring = HashRing::new();
                ring.batch_add((0..n).flat_map(|i| (0..160).map(move |point| (i, point))).collect());
                ring
            });
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
        beside(&mut group, PolicyKind::Maglev, n, size);
        if n > 1_000 {
            continue;
        }
        let mut table = None;
        let (keys, mut asked) = (keys(), 0);
        group.bench_function(BenchmarkId::new("maglev", n), |bencher| {
            let table = table.get_or_insert_with(|| Maglev::with_capacity(0..n, size as usize));
            bencher.iter(|| {
                asked += 1;
                table.get(&keys[asked % keys.len()]).copied()
            });
        });
    }
    group.finish();
}

/// The least that hashing can cost: FNV, and an index into a list.
fn bare_hash(addresses: &[SocketAddr], key: &[u8]) -> SocketAddr {
    let mut hasher = FnvHasher::default();
    hasher.write(key);
    addresses[hasher.finish() as usize % addresses.len()]
}

fn modulo(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hash-modulo");
    for n in SIZES {
        beside(&mut group, PolicyKind::HashModulo, n, 0);
        #[cfg(feature = "pingora")]
        pingora::beside::<pingora_load_balancing::selection::FNVHash>(&mut group, n);
        let (keys, mut asked) = (keys(), 0);
        let addresses: Vec<SocketAddr> = (0..n).map(address).collect();
        group.bench_function(BenchmarkId::new("bare hash", n), |bencher| {
            bencher.iter(|| {
                asked += 1;
                bare_hash(&addresses, keys[asked % keys.len()].as_bytes())
            });
        });
    }
    group.finish();
}

/// The whole of pingora-load-balancing: the choice, that it is a new one, and that it is healthy.
#[cfg(feature = "pingora")]
mod pingora {
    use criterion::measurement::WallTime;
    use criterion::{BenchmarkGroup, BenchmarkId};
    use pingora_load_balancing::LoadBalancer;
    use pingora_load_balancing::selection::{BackendIter, BackendSelection};

    use super::{address, keys};

    pub(super) fn beside<S>(group: &mut BenchmarkGroup<'_, WallTime>, n: usize)
    where
        S: BackendSelection + 'static,
        S::Iter: BackendIter,
    {
        let Ok(balancer) = LoadBalancer::<S>::try_from_iter((0..n).map(address)) else { return };
        let (keys, mut asked) = (keys(), 0);
        group.bench_function(BenchmarkId::new("pingora-load-balancing", n), |bencher| {
            bencher.iter(|| {
                asked += 1;
                balancer.select(keys[asked % keys.len()].as_bytes(), 256)
            });
        });
    }
}

/// No crate balances by connections (pingora has it as a thing to do), so a bare loop over the
/// counts stands beside: the least that anything does that looks at everybody.
fn least_connections(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("least-connections");
    for n in SIZES {
        for kind in [PolicyKind::LeastConn, PolicyKind::LeastRequests] {
            let mut busy = None;
            group.bench_function(BenchmarkId::new(format!("hopscope {kind:?}"), n), |bencher| {
                let busy = busy.get_or_insert_with(|| Busy::new(kind, n));
                bencher.iter(|| busy.request());
            });
        }
        let mut active = vec![HELD as u32; n];
        let mut held: VecDeque<usize> = (0..n * HELD).map(|i| i % n).collect();
        group.bench_function(BenchmarkId::new("bare loop", n), |bencher| {
            bencher.iter(|| {
                let picked = active.iter().enumerate().min_by_key(|(_, active)| **active).map_or(0, |(i, _)| i);
                active[picked] += 1;
                held.push_back(picked);
                active[held.pop_front().unwrap_or(0)] -= 1;
                picked
            });
        });
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
