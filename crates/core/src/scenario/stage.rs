//! What a request meets inside a layer 7 proxy, one stage after the other. Their order is data.

use serde::{Deserialize, Serialize};

use super::traffic::Dist;
use crate::time::Duration;

/// One stage of a proxy's pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// The stage's name, unique in its proxy.
    pub name: String,
    /// Whether it is in force; on unless said otherwise.
    #[serde(default = "yes")]
    pub on: bool,
    /// What it does.
    #[serde(rename = "do")]
    pub kind: StageKind,
}

const fn yes() -> bool {
    true
}

/// What a stage does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum StageKind {
    /// Chooses the pool: the first rule that matches wins, none leaves the default pool.
    Route {
        /// The rules in order.
        rules: Vec<Rule>,
    },
    /// Writes who the client is into the forwarded request.
    Forwarded {
        /// What becomes of the field that came.
        mode: ForwardedMode,
    },
    /// Decides which address counts as the client's (nginx `real_ip`).
    RealIp {
        /// How many proxies in front are trusted, the peer being the first.
        trusted: u32,
    },
    /// A token bucket per key; without a token the answer is 429.
    Limit {
        /// What requests are counted by.
        key: LimitKey,
        /// Tokens per second.
        rate: f64,
        /// The most tokens saved up.
        burst: u32,
    },
    /// Refuses requests that match, with the given status.
    Deny {
        /// Which requests.
        when: When,
        /// The status of the answer.
        status: u16,
    },
    /// Asks another service before going on, such as an auth server or a session store.
    Call {
        /// The service's node.
        to: String,
        /// How long to wait for it; zero waits for ever. Then the answer is 504.
        #[serde(default)]
        timeout: Duration,
        /// The work that the call brings to the service; none leaves it to the service.
        #[serde(default)]
        work: Option<Dist>,
    },
    /// Holds the request for a while.
    Wait {
        /// How long.
        hold: Duration,
    },
    /// Sends a copy to another node and forgets it.
    Mirror {
        /// The node that gets the copy.
        to: String,
        /// The share of requests copied, in percent.
        percent: f64,
    },
    /// Forwards to whoever the request's host names, instead of a pool: a forward proxy.
    ByHost,
    /// Lets only those through who say who they are; the answer to others is 407 (RFC 9110
    /// section 15.5.8).
    Authenticate {
        /// The header field, such as `Proxy-Authorization`.
        header: String,
        /// The value that it must have.
        value: String,
    },
    /// A shelf of answers by host and path: a GET that was answered within `keep` is answered from
    /// it. It looks at no header field; what a real cache makes of those is another story.
    Store {
        /// For how long an answer is fresh.
        keep: Duration,
    },
}

/// A routing rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which requests: see [`When`].
    pub when: When,
    /// The pool that they go to.
    pub pool: String,
}

/// What a request must be for a rule to match. Written as text:
/// `any`, `path /img/` (prefix), `path = /cart` (exact), `host api.example`, `method POST`,
/// `header X-Beta: 1` (value optional), `cookie canary=1` (value optional).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Every request.
    #[default]
    Any,
    /// The path begins with this.
    PathPrefix(String),
    /// The path, without its query, is this.
    PathIs(String),
    /// The host is this, in any case.
    Host(String),
    /// The method is this.
    Method(String),
    /// A header field is there, with this value if one is given.
    Header(String, Option<String>),
    /// A cookie is there, with this value if one is given.
    Cookie(String, Option<String>),
}

impl core::str::FromStr for When {
    type Err = String;

    /// # Errors
    /// A sentence with the forms that can be written, when the text is none of them.
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let rest = rest.trim();
        let split = |sep: char| match rest.split_once(sep) {
            Some((name, value)) => (name.trim().to_owned(), Some(value.trim().to_owned())),
            None => (rest.to_owned(), None),
        };
        let parsed = match word {
            "any" if rest.is_empty() => Self::Any,
            "path" => match rest.strip_prefix('=') {
                Some(exact) => Self::PathIs(exact.trim().to_owned()),
                None => Self::PathPrefix(rest.to_owned()),
            },
            "host" => Self::Host(rest.to_owned()),
            "method" => Self::Method(rest.to_owned()),
            "header" => {
                let (name, value) = split(':');
                Self::Header(name, value)
            }
            "cookie" => {
                let (name, value) = split('=');
                Self::Cookie(name, value)
            }
            _ => return Err(Self::forms(text)),
        };
        match &parsed {
            Self::PathPrefix(s) | Self::PathIs(s) if !s.starts_with('/') => {
                Err(format!("\"{text}\": a path begins with \"/\", as in \"path /img/\""))
            }
            Self::Host(s) | Self::Method(s) | Self::Header(s, _) | Self::Cookie(s, _) if s.is_empty() => Err(Self::forms(text)),
            _ => Ok(parsed),
        }
    }
}

impl When {
    fn forms(text: &str) -> String {
        format!(
            "\"{text}\" is no condition: write \"any\", \"path /img/\", \"path = /cart\", \"host api.example\", \"method POST\", \"header X-Beta: 1\" or \"cookie canary=1\""
        )
    }
}

impl core::fmt::Display for When {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Any => f.write_str("any"),
            Self::PathPrefix(p) => write!(f, "path {p}"),
            Self::PathIs(p) => write!(f, "path = {p}"),
            Self::Host(h) => write!(f, "host {h}"),
            Self::Method(m) => write!(f, "method {m}"),
            Self::Header(n, None) => write!(f, "header {n}"),
            Self::Header(n, Some(v)) => write!(f, "header {n}: {v}"),
            Self::Cookie(n, None) => write!(f, "cookie {n}"),
            Self::Cookie(n, Some(v)) => write!(f, "cookie {n}={v}"),
        }
    }
}

impl Serialize for When {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for When {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let is_text = deserializer.is_human_readable();
        let text = String::deserialize(deserializer)?;
        if is_text {
            text.parse().map_err(serde::de::Error::custom)
        } else {
            // Compiled data was written from a condition, so it reads back.
            Ok(text.parse().unwrap_or_default())
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for When {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "When".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^(any|(path|host|method|header|cookie) .+)$" })
    }
}

/// What a proxy does with the client's address in what it forwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ForwardedMode {
    /// Passes `X-Forwarded-For` on as it came.
    Pass,
    /// Appends the peer's address to `X-Forwarded-For` (nginx `$proxy_add_x_forwarded_for`).
    #[default]
    Append,
    /// Throws away what came and writes the peer's address: right at the edge.
    Replace,
    /// Appends to `Forwarded` (RFC 7239).
    Rfc7239,
}

/// What a limiter counts by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LimitKey {
    /// The address of whoever holds the connection.
    Peer,
    /// The address that `real_ip` settled on.
    #[default]
    Client,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<When, &str>) {
        match (text.parse::<When>(), expect) {
            (Ok(got), Ok(when)) => {
                assert_eq!(got, when);
                assert_eq!(got.to_string().parse::<When>(), Ok(when), "what is shown reads back");
            }
            (Err(said), Err(part)) => assert!(said.contains(part), "{said}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    #[test]
    fn conditions_are_read_from_text() {
        check("any", Ok(When::Any));
        check("path /img/", Ok(When::PathPrefix("/img/".into())));
        check("path = /cart", Ok(When::PathIs("/cart".into())));
        check("header X-Beta: 1", Ok(When::Header("X-Beta".into(), Some("1".into()))));
        check("header X-Beta", Ok(When::Header("X-Beta".into(), None)));
        check(" cookie canary=1 ", Ok(When::Cookie("canary".into(), Some("1".into()))));
        check("method POST", Ok(When::Method("POST".into())));
        check("path img", Err("begins with"));
        check("size > 3", Err("is no condition"));
        check("host", Err("is no condition"));
        check("", Err("is no condition"));
    }
}
