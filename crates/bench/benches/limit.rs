//! How long a limiter takes to decide, with few keys and with a million, and beside the crate `governor`.
//!
//! `cargo bench -p hopscope-bench --bench limit -- [filter]`
//!
//! `gcra/…` holds GCRA here against governor's, which is GCRA as well: with its own clock and its map for
//! many threads, as it comes, and with a clock that costs nothing and a plain map. Everybody gets
//! the same addresses in the same order. `limiter/…` is every limiter here.

use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroU32;
use std::time::Duration as Span;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use governor::clock::FakeRelativeClock;
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use hopscope_core::policy::limit::envoy::LocalRateLimit;
use hopscope_core::policy::limit::haproxy::RateAbove;
use hopscope_core::policy::limit::nginx::{self, ReqLimit, ReqRate, ReqZone, Text};
use hopscope_core::policy::limit::varnish::Throttle;
use hopscope_core::policy::limit::{Fleet, Gcra, Key, Limiter, Meter, Place, Queue, Rule, Window};
use hopscope_core::time::{Duration, Instant};

/// Governor's limiter with a plain map and a clock that is set from outside.
type Plain = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, FakeRelativeClock, NoOpMiddleware<Nanos>>;

const SIZES: [u32; 3] = [1, 1_000, 1_000_000];

/// One client after the other, in an order that no cache foresees.
struct Clients {
    count: u32,
    next: u32,
}

impl Clients {
    fn new(count: u32) -> Self {
        Self { count, next: 0 }
    }

    fn next(&mut self) -> IpAddr {
        self.next = self.next.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let client = (u64::from(self.next) * u64::from(self.count)) >> 32;
        IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + client as u32))
    }

    fn all(&self) -> impl Iterator<Item = IpAddr> + use<> {
        (0..self.count).map(|client| IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + client)))
    }
}

/// Ten a second and ten at once: of a stream like this some pass and some do not.
const RATE: u32 = 10;

fn quota() -> Quota {
    let rate = NonZeroU32::new(RATE).unwrap_or(NonZeroU32::MIN);
    Quota::per_second(rate).allow_burst(rate)
}

fn limiter(rule: Rule, clients: &Clients) -> Limiter {
    let mut limiter = Limiter::new(rule, u32::MAX);
    for client in clients.all() {
        limiter.decide(Some(Key::address(client)), Instant::START, 1);
    }
    limiter
}

/// Time passes: one microsecond for each request.
fn bench_limiter(bencher: &mut criterion::Bencher<'_>, rule: Rule, count: u32) {
    let mut clients = Clients::new(count);
    let mut limiter = limiter(rule, &clients);
    let mut now = 0;
    bencher.iter(|| {
        now += 1;
        limiter.decide(Some(Key::address(clients.next())), Instant(now), 1).is_admitted()
    });
}

fn gcra(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gcra");
    for count in SIZES {
        group.bench_function(BenchmarkId::new("hopscope", count), |bencher| {
            bench_limiter(bencher, Rule::Gcra(Gcra::at_rate(u64::from(RATE) * 1_000, RATE)), count);
        });
        group.bench_function(BenchmarkId::new("governor, plain map and free clock", count), |bencher| {
            let (clock, mut clients) = (FakeRelativeClock::default(), Clients::new(count));
            let limiter: Plain = RateLimiter::new(quota(), HashMapStateStore::default(), clock.clone());
            clients.all().for_each(|client| _ = limiter.check_key(&client));
            let mut now = 0u32;
            bencher.iter(|| {
                now = now.wrapping_add(1);
                // As it has to be set from outside, seldom enough to cost nothing.
                if now.is_multiple_of(1_024) {
                    clock.advance(Span::from_micros(1_024));
                }
                limiter.check_key(&clients.next()).is_ok()
            });
        });
        group.bench_function(BenchmarkId::new("governor, as it comes", count), |bencher| {
            let mut clients = Clients::new(count);
            let limiter = RateLimiter::keyed(quota());
            clients.all().for_each(|client| _ = limiter.check_key(&client));
            bencher.iter(|| limiter.check_key(&clients.next()).is_ok());
        });
    }
    group.finish();
}

/// Who decides about whom in a race.
type Runner = Box<dyn FnMut() -> bool>;

/// The three by turns in short stretches, so that whatever else the machine does happens to all of
/// them alike; the median and the best stretch of each, in nanoseconds for each decision.
fn race(_: &mut Criterion) {
    const STRETCH: u32 = 20_000;
    for count in SIZES {
        let gcra = Rule::Gcra(Gcra::at_rate(u64::from(RATE) * 1_000, RATE));
        let (mut ours, mut clients, mut now) = (limiter(gcra, &Clients::new(count)), Clients::new(count), 0);
        let hopscope = move || {
            now += 1;
            ours.decide(Some(Key::address(clients.next())), Instant(now), 1).is_admitted()
        };
        let (clock, mut clients, mut asked) = (FakeRelativeClock::default(), Clients::new(count), 0u32);
        let theirs: Plain = RateLimiter::new(quota(), HashMapStateStore::default(), clock.clone());
        clients.all().for_each(|client| _ = theirs.check_key(&client));
        let plain = move || {
            asked = asked.wrapping_add(1);
            if asked.is_multiple_of(1_024) {
                clock.advance(Span::from_micros(1_024));
            }
            theirs.check_key(&clients.next()).is_ok()
        };
        let (theirs, mut clients) = (RateLimiter::keyed(quota()), Clients::new(count));
        clients.all().for_each(|client| _ = theirs.check_key(&client));
        let usual = move || theirs.check_key(&clients.next()).is_ok();
        let mut runners: [(&str, Runner, Vec<f64>); 3] = [
            ("hopscope", Box::new(hopscope), Vec::new()),
            ("governor, plain map and free clock", Box::new(plain), Vec::new()),
            ("governor, as it comes", Box::new(usual), Vec::new()),
        ];
        for _ in 0..120 {
            for (_, decide, times) in &mut runners {
                let begun = std::time::Instant::now();
                let passed = (0..STRETCH).filter(|_| decide()).count();
                times.push(begun.elapsed().as_nanos() as f64 / f64::from(STRETCH));
                std::hint::black_box(passed);
            }
        }
        for (name, _, times) in &mut runners {
            times.sort_by(f64::total_cmp);
            println!("race/{name}/{count}: median {:.1} ns, best {:.1} ns", times[times.len() / 2], times[0]);
        }
    }
}

fn rules() -> [(&'static str, Rule); 11] {
    let (rate, limit, second) = (u64::from(RATE) * 1_000, RATE, Duration::from_secs(1));
    let (meter, window) = (Meter { rate, burst: limit }, Window { limit, window: second });
    [
        ("token bucket", Rule::TokenBucket(meter)),
        ("leaky meter", Rule::LeakyMeter(meter)),
        ("leaky queue", Rule::LeakyQueue(Queue { interval: Duration::from_millis(100), room: limit })),
        ("gcra", Rule::Gcra(Gcra::at_rate(rate, limit))),
        ("fixed window", Rule::FixedWindow(window)),
        ("sliding log", Rule::SlidingLog(window)),
        ("sliding window", Rule::SlidingWindow(window)),
        ("nginx limit_req", Rule::NginxReq(ReqRate { rate, burst: limit, delay: None })),
        ("haproxy http_req_rate", Rule::HaproxyRate(RateAbove { period: 1_000, limit })),
        ("vsthrottle", Rule::Vsthrottle(Throttle { limit, period: second, block: Duration::ZERO })),
        ("envoy local", Rule::EnvoyLocal(LocalRateLimit { most: limit, per_fill: limit, interval: second })),
    ]
}

fn limiters(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("limiter");
    for count in [1_000, 1_000_000] {
        for (name, rule) in rules() {
            group.bench_function(BenchmarkId::new(name, count), |bencher| bench_limiter(bencher, rule, count));
        }
        group.bench_function(BenchmarkId::new("nginx zone", count), |bencher| {
            let mut clients = Clients::new(count);
            let mut zones = [ReqZone::new(10_000, 1 << 30, 3)];
            let limits = [ReqLimit { zone: 0, burst: 10, delay: None }];
            let mut ask = |client: IpAddr, now: u64| {
                let text = Text { key: Key::address(client), len: 4 };
                nginx::decide(&mut zones, &limits, &[Some(text)], Instant(now), &mut |_, _| {}).is_admitted()
            };
            clients.all().for_each(|client| _ = ask(client, 0));
            let mut now = 0;
            bencher.iter(|| {
                now += 1;
                ask(clients.next(), now)
            });
        });
        for (name, place) in [("sharded", Place::Sharded), ("shared after 50 ms", Place::Shared { delay: Duration::from_millis(50) })] {
            group.bench_function(BenchmarkId::new(format!("four proxies, {name}"), count), |bencher| {
                let mut clients = Clients::new(count);
                let mut fleet = Fleet::new(Rule::Gcra(Gcra::at_rate(10_000, 10)), place, 4, u32::MAX);
                let mut now = 0;
                bencher.iter(|| {
                    now += 1;
                    fleet.decide(now as usize % 4, Some(Key::address(clients.next())), Instant(now), 1).is_admitted()
                });
            });
        }
    }
    group.finish();
}

/// A copy of a limiter's million states, as a run keeps one every so many events, and what the requests
/// between two copies cost then.
fn copies(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("copy");
    let mut clients = Clients::new(1_000_000);
    let mut limiter = limiter(Rule::Gcra(Gcra::at_rate(10_000, 10)), &clients);
    group.bench_function("a million keys", |bencher| bencher.iter(|| limiter.clone().keys()));
    let mut kept = limiter.clone();
    group.bench_function("a million keys and 300 requests", |bencher| {
        bencher.iter(|| {
            for _ in 0..300 {
                limiter.decide(Some(Key::address(clients.next())), Instant(1_000), 1);
            }
            kept = limiter.clone();
            kept.keys()
        });
    });
    group.finish();
}

/// A million keys come one after the other: no insertion waits for all that came before.
fn growth(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("growth");
    group.sample_size(10);
    group.bench_function("to a million keys", |bencher| {
        bencher.iter(|| limiter(Rule::Gcra(Gcra::at_rate(10_000, 10)), &Clients::new(1_000_000)).keys());
    });
    group.finish();
}

/// Short, because there are many: what counts is how they grow and who is quicker.
fn quick() -> Criterion {
    Criterion::default().warm_up_time(Span::from_millis(300)).measurement_time(Span::from_millis(800)).sample_size(20).without_plots()
}

criterion_group! {
    name = benches;
    config = quick();
    targets = race, gcra, limiters, copies, growth
}
criterion_main!(benches);
