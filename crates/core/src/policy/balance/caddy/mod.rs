//! Caddy's selection policies (`modules/caddyhttp/reverseproxy/selectionpolicies.go`).
//! `round_robin` is [`super::RoundRobin`] that starts with the second ([`super::Options::start`]),
//! `first` is [`super::First`].

mod cookie;
mod least_requests;
mod rendezvous;

pub use cookie::{Cookie, cookie_value};
pub use least_requests::LeastRequests;
pub use rendezvous::Rendezvous;
