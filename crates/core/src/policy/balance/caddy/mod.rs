//! Caddy's selection policies (`modules/caddyhttp/reverseproxy/selectionpolicies.go`).
//! `round_robin` is [`super::RoundRobin`] that starts with the second ([`super::Options::start`]),
//! `first` is [`super::First`].

#[cfg(feature = "every-policy")]
mod cookie;
#[cfg(feature = "every-policy")]
mod least_requests;
mod rendezvous;

#[cfg(feature = "every-policy")]
pub use cookie::{Cookie, cookie_value};
#[cfg(feature = "every-policy")]
pub use least_requests::LeastRequests;
pub use rendezvous::Rendezvous;
