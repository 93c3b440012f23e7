//! What a lab may show below its stage.

use serde::{Deserialize, Serialize};

/// A picture below the stage. Its code is fetched only by pages with a lab that asks for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Panel {
    /// The messages of the request that is followed, one under the other; wants `messages = true`.
    Sequence,
    /// What each end of a connection knows of it, one table for each that is open on the way.
    Connections,
    /// The connections of each pool as slots, with the requests that wait for one.
    Slots,
    /// What balancers know of their members' health: checks, counters, who is out and until when.
    Health,
    /// Who knows which user, by which cookie or row, and who lost a session and why.
    Sessions,
}

impl Panel {
    /// Its name in scenarios and in the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sequence => "sequence",
            Self::Connections => "connections",
            Self::Slots => "slots",
            Self::Health => "health",
            Self::Sessions => "sessions",
        }
    }
}
