//! Affinity: who serves the same user again, and what becomes of them when that one is gone.
//!
//! Each file is one small state machine of HAProxy 2.6 and names the file of HAProxy that it follows.
//!
//! | directive | here | HAProxy |
//! | --- | --- | --- |
//! | `cookie … insert` | [`Cookie`] | `http_ana.c` |
//! | `stick-table`, `stick on`, `stick store-response` | [`Rows`] | `stick_table.c` |
//! | `retries`, `option redispatch` | [`Retries`] | `backend.c` |
//!
//! [`Kept`] puts them before a policy of a pool: who is known goes where they are known, everybody
//! else is balanced. Draining and a weight of 0 keep those who are known; who is down keeps nobody.

mod cookie;
mod kept;
mod retries;
mod rows;

pub use cookie::Cookie;
pub use kept::{Answered, Failed, Keep, Kept, Persistence, keep, keep_nobody};
pub use retries::{Failure, Next, Retries};
pub use rows::{Limits, Row, Rows};

#[cfg(test)]
mod tests;
