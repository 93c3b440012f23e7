//! What a server says of its health, and what a proxy says when nobody can answer.

use serde::{Deserialize, Serialize};

use crate::time::Duration;
use crate::world::Why;

/// What a server says when it is asked how it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct HealthDocument {
    /// How long after it was started it is ready; until then it answers everything with 503, though
    /// it takes connections: it is alive and not ready.
    pub ready_after: Duration,
    /// On whom it depends: it says 503 while one of them does not work. Empty for a server that
    /// speaks only for itself (a shallow check).
    pub deep: Vec<String>,
    /// Whether it says 200 at once, whatever is so, even while it hangs.
    pub lies: bool,
}

/// Whose statuses a proxy gives when it has no answer to pass on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// 503 when nobody is left, 502 for a connection that was refused or broke, 504 for no answer in time.
    #[default]
    Plain,
    /// 502 when nobody is left as well ("no live upstreams").
    Nginx,
    /// 503 when nobody is left and for whatever goes wrong before the request was sent.
    Haproxy,
    /// 503 for all but an answer that does not come in time.
    Envoy,
}

impl Product {
    /// The status for a request that failed so. `unsent`: before it could be sent.
    pub const fn status(self, why: Why, unsent: bool) -> u16 {
        match (self, why) {
            (Self::Nginx, Why::NobodyEligible) => 502,
            (_, Why::NobodyEligible) => 503,
            (Self::Haproxy, _) if unsent => 503,
            (_, Why::TimedOut) => 504,
            (Self::Envoy, _) => 503,
            _ => 502,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(product: Product, expect: [u16; 5]) {
        let of = |why, unsent| product.status(why, unsent);
        let refused = of(Why::Reset, true);
        let got = [of(Why::NobodyEligible, false), refused, of(Why::Reset, false), of(Why::TimedOut, true), of(Why::TimedOut, false)];
        assert_eq!(got, expect, "{product:?}: nobody, refused, broke, no connection in time, no answer in time");
    }

    #[test]
    fn each_failure_has_the_status_of_its_product() {
        check(Product::Plain, [503, 502, 502, 504, 504]);
        check(Product::Nginx, [502, 502, 502, 504, 504]);
        check(Product::Haproxy, [503, 503, 502, 503, 504]);
        check(Product::Envoy, [503, 503, 503, 504, 504]);
    }
}
