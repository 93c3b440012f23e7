//! Which parts of the engine a world is built with.

use crate::policy::affinity::{self, Keep};
use crate::policy::balance::{self, MakePolicy};
use crate::world::{Watcher, nobody, watch};

/// The parts of the engine that only some labs need, as functions: whatever names one carries it.
///
/// Whoever builds a world says which it uses. A page begins with [`Parts::common`] and takes the
/// others once it has fetched what they need.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    /// Makes the policies of pools.
    pub policies: MakePolicy,
    /// Watches the health of their members.
    pub watcher: Watcher,
    /// Keeps the users of pools.
    pub keep: Keep,
}

impl Parts {
    /// What nearly every lesson has: nobody is checked or kept.
    pub fn common() -> Self {
        Self { policies: balance::common, watcher: nobody, keep: affinity::keep_nobody }
    }

    /// Everything.
    pub fn every() -> Self {
        Self { policies: balance::every, watcher: watch, keep: affinity::keep }
    }
}
