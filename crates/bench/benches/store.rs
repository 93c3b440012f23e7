//! How long a lookup in a cache's store takes, with what follows a miss: the object is put there and
//! another goes. Beside crates that do the same and know neither variants, tags nor bans.
//!
//! `cargo bench -p hopscope-bench --bench store -- [filter]`
//!
//! Twice as many keys as fit are asked for, some far more often than others; the time is that of one
//! request, hit or miss. `lru` counts objects, the others bytes.

use std::num::NonZeroUsize;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use hopscope_core::policy::cache::store::{New, Order, Rules, Size, Store};
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::time::Instant;
use lru::LruCache;
use quick_cache::Weighter;
use quick_cache::unsync::Cache;

const SIZES: [usize; 3] = [1_000, 100_000, 1_000_000];

/// What an object weighs, in bytes.
const BYTES: u64 = 1_000;

/// So many keys, and the order in which they are asked for: of two draws the lesser, squared.
struct Asked {
    keys: Vec<String>,
    order: Vec<u32>,
    at: usize,
}

impl Asked {
    fn new(fit: usize) -> Self {
        let keys = 2 * fit as u64;
        let draw = |n: u64| {
            let draw = Draw::new(1, Purpose::Generate, n, 0);
            let at = draw.unit().min(draw.nth(1).unit());
            (at * at * keys as f64) as u32
        };
        Self { keys: (0..keys).map(|n| format!("shop.example/products/{n:07}")).collect(), order: (0..1 << 20).map(draw).collect(), at: 0 }
    }

    fn next(&mut self) -> &str {
        self.at = (self.at + 1) % self.order.len();
        &self.keys[self.order[self.at] as usize]
    }

    /// Every key, the most popular last, so that a store is full and warm.
    fn all(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().rev().map(String::as_str)
    }
}

fn put(store: &mut Store<u64>, key: &str, now: Instant) {
    let size = Size { head: 0, body: BYTES };
    let put = store.put(New { key, variant: "", size, tags: &[], asked: now, value: 7 }, now);
    assert!(put.gone.len() <= 1);
}

fn ours(order: Order, fit: usize) -> Store<u64> {
    Store::new(Rules { order, ..Rules::bytes(fit as u64 * BYTES) })
}

#[derive(Clone)]
struct Bytes;

impl Weighter<String, u64> for Bytes {
    fn weight(&self, _: &String, _: &u64) -> u64 {
        BYTES
    }
}

fn requests(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("store");
    for fit in SIZES {
        let mut asked = Asked::new(fit);
        let lru = Order::Lru { interval: hopscope_core::time::Duration::ZERO };
        for (name, order) in [("hopscope lru", lru), ("hopscope lfuda", Order::Lfuda), ("hopscope gdsf", Order::Gdsf)] {
            let mut warm = None;
            group.bench_function(BenchmarkId::new(name, fit), |bencher| {
                let (store, now) = warm.get_or_insert_with(|| {
                    let mut store = ours(order, fit);
                    asked.all().for_each(|key| put(&mut store, key, Instant::START));
                    (store, 0)
                });
                bencher.iter(|| {
                    *now += 10;
                    let key = asked.next();
                    let hit = store.get(key, "", Instant(*now)).copied();
                    if hit.is_none() {
                        put(store, key, Instant(*now));
                    }
                    hit
                });
            });
        }
        let mut warm = None;
        group.bench_function(BenchmarkId::new("lru", fit), |bencher| {
            let cache = warm.get_or_insert_with(|| {
                let mut cache = LruCache::new(NonZeroUsize::new(fit).unwrap_or(NonZeroUsize::MIN));
                asked.all().for_each(|key| _ = cache.push(key.to_owned(), 7u64));
                cache
            });
            bencher.iter(|| {
                let key = asked.next();
                let hit = cache.get(key).copied();
                if hit.is_none() {
                    cache.push(key.to_owned(), 7);
                }
                hit
            });
        });
        let mut warm = None;
        group.bench_function(BenchmarkId::new("quick_cache", fit), |bencher| {
            let cache = warm.get_or_insert_with(|| {
                let mut cache = Cache::with_weighter(fit, fit as u64 * BYTES, Bytes);
                asked.all().for_each(|key| cache.insert(key.to_owned(), 7));
                cache
            });
            bencher.iter(|| {
                let key = asked.next();
                let hit = cache.get(key).copied();
                if hit.is_none() {
                    cache.insert(key.to_owned(), 7);
                }
                hit
            });
        });
    }
    group.finish();
}

fn quick() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_millis(1_500))
        .sample_size(20)
        .without_plots()
}

criterion_group! {
    name = benches;
    config = quick();
    targets = requests
}
criterion_main!(benches);
