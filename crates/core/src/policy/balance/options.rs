//! What a policy can be told beside its name.

use serde::{Deserialize, Serialize};

/// What a policy can be told beside its name; each takes what it knows and leaves the rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Options {}
