//! The engine behind every Hopscope lab.
//!
//! One deterministic, discrete-event [`world::World`] carries requests from clients through
//! balancers and proxies to backends. A lab is a [`scenario::Scenario`] run on it; a
//! [`timeline::Timeline`] steps, seeks and forks it. There is no I/O, clock, thread or global
//! state here: time and randomness come in as arguments, and the same seed and actions give
//! the same log on every platform.

pub mod assess;
pub mod certificate;
pub mod decimal;
pub mod describe;
pub mod forwarded;
pub mod http;
pub mod lesson;
pub mod metrics;
pub mod order;
pub mod policy;
pub mod rng;
pub mod scenario;
pub mod time;
pub mod timeline;
pub mod wire;
pub mod world;
