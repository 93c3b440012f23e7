//! Algorithms as small state machines of their own. They know nothing of the world; what
//! they decide can be held against what real servers decided.

pub mod affinity;
pub mod balance;
pub mod cache;
pub mod decision;
pub mod health;
pub mod limit;
pub mod pool;
