//! What is measured, what is asked, and what counts as success.

use serde::{Deserialize, Serialize};

use super::knob::ActionKind;
use crate::time::Duration;

/// Something that can be read off a run at any moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// Requests of clients that were answered, optionally of one group.
    Served {
        /// The group; none counts all.
        #[serde(default)]
        clients: Option<String>,
    },
    /// Requests that failed: reset, timed out, 5xx.
    Failed {
        /// The group; none counts all.
        #[serde(default)]
        clients: Option<String>,
    },
    /// Requests refused on purpose: 403, 429, a full queue's 503.
    Rejected {
        /// The group; none counts all.
        #[serde(default)]
        clients: Option<String>,
    },
    /// The latency that this share of answered requests stayed under, in milliseconds.
    Latency {
        /// 50, 95, 99 or 99.9.
        percentile: f64,
    },
    /// The busiest backend's requests divided by the mean, over the named backends (or all).
    Spread {
        /// Which backends; empty for all that are in a pool.
        #[serde(default)]
        nodes: Vec<String>,
    },
    /// The share of all backend requests that this backend got, in percent.
    Share {
        /// Which backend.
        node: String,
    },
    /// Requests that this node has received.
    Received {
        /// Which node.
        node: String,
    },
    /// The share of a class's answers that came from the named backends, in percent.
    AnsweredBy {
        /// The class of requests.
        class: String,
        /// The backends that should answer it.
        nodes: Vec<String>,
    },
    /// Connections that were opened to this node.
    Connections {
        /// Which node.
        node: String,
    },
    /// Requests whose user was last served elsewhere, so that they brought the server's `cold` work.
    Cold {
        /// Which backend; none counts all.
        #[serde(default)]
        node: Option<String>,
    },
    /// Requests waiting in the node's queue right now.
    Waiting {
        /// Which node.
        node: String,
    },
    /// Connections that this node began to open, each with a handshake of TCP and, where set, TLS.
    Handshakes {
        /// Which node.
        node: String,
    },
    /// The most connections that this node had open at once to those it asks, those being opened included.
    MostOpen {
        /// Which node.
        node: String,
    },
    /// Requests that had to wait at this proxy for a connection to their member.
    Waited {
        /// Which node.
        node: String,
    },
    /// Health checks that have reached this server.
    Probes {
        /// Which server; none counts all.
        #[serde(default)]
        node: Option<String>,
    },
    /// Tries that were made again with another member.
    Retried {
        /// At which proxy; none counts all.
        #[serde(default)]
        node: Option<String>,
    },
    /// Requests that were answered after a try had failed: errors that no client saw.
    Hidden {
        /// At which proxy; none counts all.
        #[serde(default)]
        node: Option<String>,
    },
    /// How long it took from the last fault of this server until a balancer used it no longer, in
    /// milliseconds; 0 while none has noticed one.
    Detection {
        /// Which server.
        node: String,
    },
    /// Users who met, at least once, a server with `cold` work that did not know them.
    Lost {
        /// The group; none counts all.
        #[serde(default)]
        clients: Option<String>,
    },
    /// How many users the server knows that knows most, divided by the mean, over the named backends
    /// (or all): 1 is even.
    Pinned {
        /// Which backends; empty for all that are in a pool.
        #[serde(default)]
        nodes: Vec<String>,
    },
}

/// A condition on a measure; a run that ends with every goal met is a success.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// The goal's id.
    pub id: String,
    /// What is measured, at the end of the run.
    pub measure: Measure,
    /// The most it may be.
    #[serde(default)]
    pub at_most: Option<f64>,
    /// The least it must be.
    #[serde(default)]
    pub at_least: Option<f64>,
}

impl Goal {
    /// Whether a value meets the goal.
    pub fn holds(&self, value: f64) -> bool {
        self.at_most.is_none_or(|most| value <= most) && self.at_least.is_none_or(|least| value >= least)
    }
}

/// What a prediction asks; the answer is read from the simulation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ask {
    /// What a measure will be at a later time.
    Value {
        /// What is measured.
        measure: Measure,
        /// When it is read.
        until: Duration,
        /// Whether only what was added after the question counts.
        #[serde(default)]
        since: bool,
    },
    /// Which member the next decision at a node picks.
    NextPick {
        /// The node that decides.
        node: String,
    },
}

/// One answer to choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PredictionOption {
    /// The option's id.
    pub id: String,
    /// For [`Ask::Value`]: right when the value is at least this.
    #[serde(default)]
    pub at_least: Option<f64>,
    /// For [`Ask::Value`]: right when the value is below this.
    #[serde(default)]
    pub below: Option<f64>,
    /// For [`Ask::NextPick`]: right when this member is picked.
    #[serde(default)]
    pub pick: Option<String>,
}

/// Where the lab stops and asks what will happen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Prediction {
    /// The prediction's id.
    pub id: String,
    /// Where the lab stops.
    pub at: Duration,
    /// What is done at that moment once the learner has answered.
    #[serde(default)]
    pub with: Vec<ActionKind>,
    /// What is asked.
    pub ask: Ask,
    /// The answers; exactly one is right for every seed.
    pub options: Vec<PredictionOption>,
}

/// What makes a lab a challenge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    /// How many actions a good solution takes.
    pub par: u32,
    /// The knobs without which the goal cannot be met.
    pub mechanism: Vec<String>,
    /// A solution, applied before the run begins.
    pub solution: Vec<ActionKind>,
}
