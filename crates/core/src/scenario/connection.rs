//! How connections are secured, kept and closed, at either end.

use serde::{Deserialize, Serialize};

use crate::time::Duration;

/// How a connection is secured once TCP has opened it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// Not at all: requests go as soon as TCP is open.
    #[default]
    None,
    /// TLS 1.2 in full: two round trips (RFC 5246 section 7.3).
    Tls12,
    /// TLS 1.2 with a session that both ends remember: one round trip (RFC 5246 section 7.3, RFC 5077).
    Tls12Resumed,
    /// TLS 1.3 in full: one round trip (RFC 8446 section 2).
    Tls13,
    /// TLS 1.3 with a pre-shared key: one round trip, less to compute (RFC 8446 section 2.2).
    Tls13Resumed,
    /// TLS 1.3 with a pre-shared key and the request in the first flight: none (RFC 8446 section 2.3).
    EarlyData,
}

impl Tls {
    /// Round trips after TCP's one before a request can go.
    pub const fn round_trips(self) -> u32 {
        match self {
            Self::None | Self::EarlyData => 0,
            Self::Tls12Resumed | Self::Tls13 | Self::Tls13Resumed => 1,
            Self::Tls12 => 2,
        }
    }

    /// Whether both ends remember each other, which spares the server the costly part.
    pub const fn is_resumed(self) -> bool {
        matches!(self, Self::Tls12Resumed | Self::Tls13Resumed | Self::EarlyData)
    }
}

/// How a server treats the connections that it has accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Listener {
    /// After how long without a request it closes a connection; zero never (nginx `keepalive_timeout`).
    pub idle: Duration,
    /// After how many requests on a connection it closes it, with the answer; 0 never (nginx `keepalive_requests`).
    pub requests: u32,
    /// What a full TLS handshake takes its one core for cryptography, which does them one by one.
    pub handshake: Duration,
    /// What a resumed TLS handshake takes that core.
    pub resumption: Duration,
}

/// Which of its idle connections a proxy uses next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reuse {
    /// The one used last: few stay warm, the others idle out.
    #[default]
    Lifo,
    /// The one idle for longest: all stay warm.
    Fifo,
}
