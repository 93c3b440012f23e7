//! What happened, as messages: the log, the inspector, the status region and quiz feedback
//! all say the same because they read the same message.
//!
//! A [`Message`] has no words, only what is to be said. A language table such as [`en`] gives
//! the words. Fingerprints hash events, never words.

mod access;
mod decision;
pub mod en;
mod message;
mod waterfall;

pub use access::access_line;
pub use decision::{Column, Explanation, Row, explain};
pub use message::{Mark, Message, describe};
pub use waterfall::{Span, SpanKind, waterfall};
