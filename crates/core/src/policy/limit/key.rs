//! What a limiter counts by.

use std::net::IpAddr;

use xxhash_rust::xxh3::xxh3_64;

use crate::scenario::LimitKey;

/// Whom a request counts for, as 64 bits of a hash: every key takes the same room, however long it
/// is written. Two of a million keys share their bits once in forty million runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(u64);

impl Key {
    /// The key of some text or bytes; `None` for the empty one, which nobody counts (as nginx does).
    pub fn of(bytes: &[u8]) -> Option<Self> {
        (!bytes.is_empty()).then(|| Self(xxh3_64(bytes)))
    }

    /// The key of an address by its bytes, as `$binary_remote_addr`: however it is written.
    pub fn address(address: IpAddr) -> Self {
        Self(match address {
            IpAddr::V4(v4) => xxh3_64(&v4.octets()),
            IpAddr::V6(v6) => xxh3_64(&v6.octets()),
        })
    }

    /// A key by its hash, whatever that is of.
    #[cfg(test)]
    pub(super) const fn from_bits(bits: u64) -> Self {
        Self(bits)
    }

    /// The hash.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

/// What of a request a limiter counts by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum By {
    /// The address of whoever holds the connection; behind a proxy that is the proxy.
    Peer,
    /// The address that was forwarded, as far as it is trusted.
    #[default]
    Client,
    /// The API key in a header field.
    ApiKey,
    /// The path, whoever asks.
    Path,
}

impl From<LimitKey> for By {
    fn from(key: LimitKey) -> Self {
        match key {
            LimitKey::Peer => Self::Peer,
            LimitKey::Client => Self::Client,
        }
    }
}

/// What a request brings that a limiter may count by.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Who holds the connection.
    pub peer: IpAddr,
    /// Who is behind it.
    pub client: IpAddr,
    /// The value of the header field with the API key; empty where there is none.
    pub api_key: &'a str,
    /// The path.
    pub path: &'a str,
}

impl By {
    /// Whom that request counts for; `None` when it brings nothing to count by, and is not limited.
    pub fn key(self, asking: &Asking<'_>) -> Option<Key> {
        match self {
            Self::Peer => Some(Key::address(asking.peer)),
            Self::Client => Some(Key::address(asking.client)),
            Self::ApiKey => Key::of(asking.api_key.as_bytes()),
            Self::Path => Key::of(asking.path.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_key_is_what_was_asked_for() {
        let ip = |last| IpAddr::V4(Ipv4Addr::new(10, 0, 0, last));
        let asking = Asking { peer: ip(1), client: ip(2), api_key: "", path: "/a" };
        assert_eq!(By::Peer.key(&asking), Some(Key::address(ip(1))));
        assert_eq!(By::from(LimitKey::Client).key(&asking), Some(Key::address(ip(2))));
        assert_eq!(By::ApiKey.key(&asking), None, "nobody counts an empty key");
        assert_eq!(By::Path.key(&asking), Key::of(b"/a"));
        assert_ne!(By::Peer.key(&asking), By::Client.key(&asking));
    }
}
