//! Rates over the last windows of a run.

use hopscope_core::world::{NodeId, World};

/// The time over which a rate is averaged, in microseconds.
const OVER: u64 = 2_000_000;

fn windows(world: &World) -> (usize, u64) {
    let metrics = world.metrics();
    let length = metrics.window_length().as_micros();
    let (closed, now) = (metrics.windows().len(), (world.now().as_micros() / length) as usize);
    // A window is closed by the first request after it, so a quiet stretch is still to be counted.
    (if now > closed + 1 { now } else { closed }, length)
}

/// Requests per second that a node received lately; `None` before the first window is over.
pub fn received(world: &World, id: NodeId) -> Option<u32> {
    let (over, length) = windows(world);
    let n = ((OVER / length) as usize).clamp(1, over.max(1));
    if over == 0 {
        return None;
    }
    let sum: u64 = (over - n..over).map(|i| u64::from(count(world, id, i))).sum();
    Some(((sum * 1_000_000 + n as u64 * length / 2) / (n as u64 * length)) as u32)
}

/// How many requests a node received in each of the last `n` windows.
pub fn recent(world: &World, id: NodeId, n: usize) -> Vec<u32> {
    let (over, _) = windows(world);
    (over.saturating_sub(n)..over).map(|i| count(world, id, i)).collect()
}

fn count(world: &World, id: NodeId, window: usize) -> u32 {
    world.metrics().windows().get(window).and_then(|w| w.received.get(id.index())).copied().unwrap_or(0)
}

/// Requests per second that all users began lately.
pub fn sent(world: &World, _group: NodeId) -> Option<u32> {
    let (over, length) = windows(world);
    let n = ((OVER / length) as usize).clamp(1, over.max(1));
    if over == 0 {
        return None;
    }
    let started = |i: usize| world.metrics().windows().get(i).map_or(0, |w| w.fates.started);
    let sum: u64 = (over - n..over).map(started).sum();
    Some(((sum * 1_000_000 + n as u64 * length / 2) / (n as u64 * length)) as u32)
}
