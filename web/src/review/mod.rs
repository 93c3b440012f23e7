//! What a learner comes back to: cards that are due, and how it all went so far.

pub(crate) mod schedule;
