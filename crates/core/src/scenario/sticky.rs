//! How a pool keeps its users: who served somebody once serves them again.

use core::fmt::Display;

use serde::{Deserialize, Serialize};

use super::compile::{Spec, invalid};
use super::error::ScenarioError;
use super::knob::Value;
use super::node::{HashedBy, Layer};
use super::target::{Field, Setting};
use super::{NodeKind, NodeSpec};
use crate::time::Duration;

/// The most rows of a table.
pub const MOST_ROWS: u32 = 100_000;

/// By what a pool keeps its users.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stick {
    /// By nothing: each request is balanced.
    #[default]
    None,
    /// By a cookie that the proxy sets and that names the server.
    Cookie,
    /// By the servers' own session cookie, which the proxy learns from their answers.
    AppCookie,
    /// By a table of the proxy's own.
    Table,
}

/// A cookie that the proxy sets (HAProxy `cookie <name> insert`). Its value is the server's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct CookieRule {
    /// Its name.
    pub name: String,
    /// Whether the proxy takes it out of requests, so that servers never see it (`indirect`).
    pub indirect: bool,
    /// Whether an answer that sets it says `Cache-Control: private` (`nocache`).
    pub nocache: bool,
}

/// The servers' own session cookie (HAProxy `stick store-response res.cook(<name>)` with
/// `stick match req.cook(<name>)`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct AppCookie {
    /// Its name.
    pub name: String,
    /// How many of its values the proxy remembers; one more, and the one goes that was not used for longest.
    pub size: u32,
    /// How long it remembers a value that nobody uses; zero for ever.
    pub expire: Duration,
}

impl Default for AppCookie {
    fn default() -> Self {
        Self { name: String::new(), size: 10_000, expire: Duration::ZERO }
    }
}

/// A table of the proxy's own (HAProxy `stick-table` with `stick on`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct TableRule {
    /// How many rows it holds; one more, and the row goes that was not used for longest.
    pub size: u32,
    /// How long a row stays that nobody uses; zero for ever.
    pub expire: Duration,
    /// What of a request a row is found by.
    pub on: HashedBy,
}

/// How a pool keeps its users.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Sticky {
    /// Which of the ways below it goes by, where several are written for a knob to choose from; the
    /// first that is written when nothing is said.
    pub method: Option<Stick>,
    /// By a cookie that the proxy sets.
    pub cookie: Option<CookieRule>,
    /// By the servers' own session cookie.
    pub app_cookie: Option<AppCookie>,
    /// By a table of the proxy's own.
    pub table: Option<TableRule>,
    /// Whether somebody whose server cannot be reached goes to another on the last of the pool's
    /// `retries` (HAProxy `option redispatch`); without it they are answered 503 until the server is
    /// known to be down.
    pub redispatch: bool,
    /// Whether on each of the retries and not only on the last (`option redispatch 1`). A retry at the
    /// same server waits a second first.
    pub at_once: bool,
}

impl Sticky {
    /// Whether a way is written.
    pub const fn has(&self, way: Stick) -> bool {
        match way {
            Stick::None => true,
            Stick::Cookie => self.cookie.is_some(),
            Stick::AppCookie => self.app_cookie.is_some(),
            Stick::Table => self.table.is_some(),
        }
    }

    /// The way that it goes by at first.
    pub fn first(&self) -> Stick {
        let written = || [Stick::Cookie, Stick::AppCookie, Stick::Table].into_iter().find(|&way| self.has(way));
        self.method.or_else(written).unwrap_or_default()
    }
}

/// What of a pool's way to keep its users a knob may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each name is the field that it sets, documented in the schema")]
pub enum StickyField {
    Method,
    Redispatch,
    AtOnce,
    Size,
    /// In milliseconds.
    Expire,
}

/// The names of these fields, as a knob's path has them.
pub(super) const STICKY_FIELDS: [(&str, StickyField); 5] = [
    ("method", StickyField::Method),
    ("redispatch", StickyField::Redispatch),
    ("at_once", StickyField::AtOnce),
    ("size", StickyField::Size),
    ("expire", StickyField::Expire),
];

/// What a pool does about one of its members, whatever their health (HAProxy `set server … state`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// It gets requests.
    Ready,
    /// It gets those alone that a cookie or a table leads to it.
    Drain,
    /// It gets none.
    Maint,
}

impl Spec {
    /// What can be wrong with how pools keep their users.
    pub(super) fn check_sticky(&self) -> Result<(), ScenarioError> {
        for node in &self.nodes {
            for pool in node.pools() {
                if let Some(sticky) = &pool.sticky {
                    let at = |field: &str| format!("{}.{}.sticky{field}", node.name, pool.name);
                    sticky.check(&at).and_then(|()| self.check_place(node, &at("")))?;
                }
            }
        }
        self.check_choices()
    }

    fn check_place(&self, node: &NodeSpec, at: &dyn Display) -> Result<(), ScenarioError> {
        match node.kind {
            NodeKind::Proxy(i) if self.scenario.proxies[i].layer == Layer::L7 => Ok(()),
            _ => Err(invalid(at, &"only a layer 7 proxy reads what keeps a user; leave this out")),
        }
    }

    /// A knob may choose only among the ways that are written.
    fn check_choices(&self) -> Result<(), ScenarioError> {
        for (knob, targets) in self.scenario.knobs.iter().zip(&self.targets) {
            for target in targets {
                let Field::Sticky { pool, of } = target.field else { continue };
                let at = format!("knobs.{}", knob.id);
                let Some(sticky) = &self.node(target.node).pools()[pool].sticky else {
                    return Err(invalid(&at, &"the pool keeps nobody; write a sticky cookie, app_cookie or table for it"));
                };
                let choices = match &knob.kind {
                    super::KnobKind::Choice { of, .. } => of.as_slice(),
                    _ => &[],
                };
                for choice in choices.iter().filter(|_| of == StickyField::Method) {
                    let way = target.field.check(target.node, &Value::Choice(choice.clone()), self);
                    if matches!(way, Ok(Setting::Stick(way)) if !sticky.has(way)) {
                        return Err(invalid(&at, &format_args!("the pool's sticky has no {choice}; write it beside the others")));
                    }
                }
            }
        }
        Ok(())
    }
}

impl Sticky {
    fn check(&self, at: &dyn Fn(&str) -> String) -> Result<(), ScenarioError> {
        if !self.has(self.first()) {
            return Err(invalid(&at(".method"), &"it names a way that is not written; write its cookie, app_cookie or table"));
        }
        if [Stick::Cookie, Stick::AppCookie, Stick::Table].into_iter().all(|way| !self.has(way)) {
            return Err(invalid(&at(""), &"say by what users are kept: a cookie, an app_cookie or a table"));
        }
        let names = [self.cookie.as_ref().map(|c| &c.name), self.app_cookie.as_ref().map(|c| &c.name)];
        for name in names.iter().copied().flatten() {
            if name.is_empty() || name.contains(|c: char| c.is_control() || " =;,\"".contains(c)) {
                return Err(invalid(&at(".name"), &format_args!("\"{name}\" is no name for a cookie; take letters, digits and _")));
            }
        }
        if names[0].is_some() && names[0] == names[1] {
            return Err(invalid(&at(".name"), &"the proxy's cookie and the servers' need different names"));
        }
        let sizes = [self.app_cookie.as_ref().map(|c| c.size), self.table.as_ref().map(|t| t.size)];
        if sizes.into_iter().flatten().any(|size| !(1..=MOST_ROWS).contains(&size)) {
            return Err(invalid(&at(".size"), &"a table holds 1 to 100,000 rows"));
        }
        Ok(())
    }
}
