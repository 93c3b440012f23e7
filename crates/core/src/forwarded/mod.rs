//! Who the client is, once a proxy stands between: what each proxy writes down about whoever holds
//! the connection, and what the next one believes of it.

mod chain;
mod forward_for;
mod network;
mod proxy_header;
mod real_ip;
mod rfc7239;

pub use chain::client_address;
pub use forward_for::{ForwardFor, SquidForwardedFor};
pub use network::{Network, NetworkError};
pub use proxy_header::{ProxyHeader, ProxyHeaderError};
pub use real_ip::real_ip;
pub use rfc7239::{Element, forwarded_for};
