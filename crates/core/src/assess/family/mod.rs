//! Questions that the core makes: a seed gives the parameters, the core computes the answer, and
//! every wrong option is what a misconception with a name would compute from the same parameters.
//!
//! What comes out is an ordinary [`Question`], so that grading, feedback and pages need nothing
//! of their own for it. A certificate keeps (question id, seed, answer) and makes the question
//! again; what a family makes of a seed may therefore change only with the version of the rules.

mod client_address;
mod detection_time;
mod dice;
mod freshness;
mod gateway_error;
mod idea;
mod keys_moved;
mod limiter;
mod littles_law;
mod message_order;
mod next_backend;
mod picks;
mod session_server;
mod sessions_lost;
mod sheet;
mod words;

use serde::{Deserialize, Serialize};

use super::{Body, Question};
use dice::Dice;

/// A kind of question that is made from a seed. Append only: the order is that of the wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Which member of a pool gets the next request, under a policy and a state.
    NextBackend,
    /// How many keys change their server when servers are added or taken out.
    KeysMoved,
    /// How long a health check takes to see that a server is gone.
    DetectionTime,
    /// Which requests of a row a token bucket lets through.
    Limiter,
    /// Fresh, stale, or not storable: a response in a shared cache (RFC 9111).
    Freshness,
    /// Which address counts as the client's after a chain of proxies.
    ClientAddress,
    /// How many connections are needed (Little, 1961: L = λW).
    LittlesLaw,
    /// In which order the messages of an exchange go over the wire.
    MessageOrder,
    /// Which status a client gets when a proxy has no answer to pass on.
    GatewayError,
    /// How many users lose their session when a server dies, by what keeps them.
    SessionsLost,
    /// Which server a request gets whose user a cookie or a table leads back.
    SessionServer,
}

impl Family {
    /// Every family.
    pub const ALL: [Self; 11] = [
        Self::NextBackend,
        Self::KeysMoved,
        Self::DetectionTime,
        Self::Limiter,
        Self::Freshness,
        Self::ClientAddress,
        Self::LittlesLaw,
        Self::MessageOrder,
        Self::GatewayError,
        Self::SessionsLost,
        Self::SessionServer,
    ];

    /// The family's name in lesson files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NextBackend => "next_backend",
            Self::KeysMoved => "keys_moved",
            Self::DetectionTime => "detection_time",
            Self::Limiter => "limiter",
            Self::Freshness => "freshness",
            Self::ClientAddress => "client_address",
            Self::LittlesLaw => "littles_law",
            Self::MessageOrder => "message_order",
            Self::GatewayError => "gateway_error",
            Self::SessionsLost => "sessions_lost",
            Self::SessionServer => "session_server",
        }
    }

    /// The forms that a lesson may hold the family to, by name; without one the seed picks.
    pub const fn forms(self) -> &'static [&'static str] {
        match self {
            Self::NextBackend => &["round_robin", "weighted_round_robin", "least_conn", "ip_hash"],
            Self::KeysMoved => &["modulo", "consistent"],
            Self::DetectionTime => &["worst", "best"],
            Self::Freshness => &["lifetime", "directive"],
            Self::LittlesLaw => &["in_use", "kept_open"],
            Self::MessageOrder => &["handshake", "reuse", "proxy"],
            Self::SessionsLost => &["cookie", "ring", "modulo", "store"],
            Self::SessionServer => &["cookie", "table"],
            Self::Limiter | Self::ClientAddress | Self::GatewayError => &[],
        }
    }
}

/// How much a generated question asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The rule itself.
    #[default]
    Plain,
    /// The rule with what makes it hard in practice: a member that is gone, a wrong setting, a second step.
    Tricky,
}

/// Which questions to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Recipe {
    /// The family.
    pub family: Family,
    /// The index of one of [`Family::forms`]; without it the seed picks one.
    pub form: Option<u8>,
    /// How much is asked for.
    pub level: Level,
}

/// What a family makes of parameters that suit it.
struct Made {
    ask: String,
    given: String,
    keep: String,
    body: Body,
}

impl Family {
    /// The family's words in English, by place, see [`Body::Generated`].
    pub fn words(self) -> Vec<String> {
        let words = match self {
            Self::NextBackend => next_backend::WORDS,
            Self::KeysMoved => keys_moved::WORDS,
            Self::DetectionTime => detection_time::WORDS,
            Self::Limiter => limiter::WORDS,
            Self::Freshness => freshness::WORDS,
            Self::ClientAddress => client_address::WORDS,
            Self::LittlesLaw => littles_law::WORDS,
            Self::MessageOrder => message_order::WORDS,
            Self::GatewayError => gateway_error::WORDS,
            Self::SessionsLost => sessions_lost::WORDS,
            Self::SessionServer => session_server::WORDS,
        };
        words.iter().map(|&word| word.to_owned()).collect()
    }
}

/// The question that a recipe makes of a seed, in English and without id and objective; for checks
/// and tests. A lesson's question is made by [`Question::posed`].
pub fn generate(recipe: Recipe, seed: u64) -> Question {
    made(recipe, &recipe.family.words(), seed)
}

/// Parameters under which a misconception would give the right answer, or two of them the same
/// one, are drawn again. At least one draw in ten suits, so this ends.
fn made(recipe: Recipe, words: &[String], seed: u64) -> Question {
    let mut attempt = 0;
    loop {
        if let Some(Made { ask, given, keep, body }) = attempted(recipe, words, seed, attempt) {
            return Question { id: String::new(), objective: String::new(), ask, given, keep, body };
        }
        attempt += 1;
    }
}

fn attempted(recipe: Recipe, words: &[String], seed: u64, attempt: u32) -> Option<Made> {
    let dice = &mut Dice::new(recipe, words, seed, attempt);
    match recipe.family {
        Family::NextBackend => next_backend::make(dice),
        Family::KeysMoved => keys_moved::make(dice),
        Family::DetectionTime => detection_time::make(dice),
        Family::Limiter => limiter::make(dice),
        Family::Freshness => freshness::make(dice),
        Family::ClientAddress => client_address::make(dice),
        Family::LittlesLaw => littles_law::make(dice),
        Family::MessageOrder => message_order::make(dice),
        Family::GatewayError => gateway_error::make(dice),
        Family::SessionsLost => sessions_lost::make(dice),
        Family::SessionServer => session_server::make(dice),
    }
}

impl Question {
    /// A generated question as it is asked: made from the seed, the same on every platform, under
    /// its own id and objective, and with the lesson's sentence to keep if there is one. Any other
    /// is asked as it stands, and this gives nothing.
    pub fn posed(&self, seed: u64) -> Option<Self> {
        let Body::Generated { recipe, words } = &self.body else { return None };
        let mut made = made(*recipe, words, seed);
        made.id.clone_from(&self.id);
        made.objective.clone_from(&self.objective);
        if !self.keep.is_empty() {
            made.keep.clone_from(&self.keep);
        }
        Some(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(recipe: Recipe) {
        let words = recipe.family.words();
        let suiting = (0..5_000).filter(|&attempt| attempted(recipe, &words, 11, attempt).is_some()).count();
        assert!(suiting > 500, "{recipe:?}: {suiting} of 5000 draws suit");
    }

    #[test]
    fn one_draw_in_ten_suits() {
        for family in Family::ALL {
            for form in 0..family.forms().len().max(1) as u8 {
                check(Recipe { family, form: Some(form), level: Level::Plain });
                check(Recipe { family, form: Some(form), level: Level::Tricky });
            }
        }
    }
}
