//! Links: latency, bandwidth and loss between two nodes.

use crate::rng::Draw;
use crate::scenario::LinkQuality;
use crate::time::{Duration, Instant};

use super::id::NodeId;

/// The time after which TCP sends a lost message again: the least that RFC 6298 section 2.4
/// leaves to implementations in practice (Linux `TCP_RTO_MIN`), doubled at each further loss.
pub(crate) const RETRANSMIT: Duration = Duration::from_millis(200);

/// The index of a link in the world.
pub(crate) type LinkId = u16;

#[derive(Clone, Debug)]
pub(crate) struct Link {
    /// One end; the direction away from it is the first.
    pub(crate) a: NodeId,
    pub(crate) latency: Duration,
    /// Microseconds for a byte; 0 for as fast as one wants.
    pub(crate) us_per_byte: f64,
    pub(crate) loss: f64,
    /// Loss that a fault adds.
    pub(crate) fault_loss: f64,
    free_at: [Instant; 2],
}

/// How a message fares on a link.
pub(crate) enum Crossing {
    /// It arrives after this time; lost and sent again so many times before.
    Arrives { after: Duration, losses: u32 },
    /// It is gone.
    Lost,
}

impl Link {
    pub(crate) fn new(a: NodeId, quality: &LinkQuality) -> Self {
        let mut link = Self {
            a,
            latency: quality.latency,
            us_per_byte: 0.0,
            loss: quality.loss_percent / 100.0,
            fault_loss: 0.0,
            free_at: [Instant::START; 2],
        };
        link.set_rate(quality.mbit_per_s);
        link
    }

    pub(crate) fn set_rate(&mut self, mbit_per_s: f64) {
        self.us_per_byte = if mbit_per_s > 0.0 { 8.0 / mbit_per_s } else { 0.0 };
    }

    /// Sends `bytes` from `from` at `now`. A reliable message comes through in the end.
    pub(crate) fn cross(&mut self, from: NodeId, bytes: u32, reliable: bool, now: Instant, draw: impl FnOnce() -> Draw) -> Crossing {
        let mut wait = Duration::ZERO;
        if self.us_per_byte > 0.0 {
            let free = &mut self.free_at[usize::from(from != self.a)];
            let start = (*free).max(now);
            *free = start + Duration::from_micros_f64(f64::from(bytes) * self.us_per_byte);
            wait = free.since(now);
        }
        let loss = (self.loss + self.fault_loss).min(0.99);
        let mut losses = 0;
        if loss > 0.0 {
            let draw = draw();
            let mut again = RETRANSMIT;
            // After this many losses a real sender would have given up; the share is negligible.
            while losses < 12 && draw.nth(losses).unit() < loss {
                if !reliable {
                    return Crossing::Lost;
                }
                losses += 1;
                wait = wait + again;
                again = again + again;
            }
        }
        Crossing::Arrives { after: wait + self.latency, losses }
    }
}
