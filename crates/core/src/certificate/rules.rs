//! What a certificate has to hold, in one place and by version.
//!
//! A link says by which version of the rules it was made, and is judged by those for ever. A
//! version covers what the link's bits mean, how a seed comes from a name, what it takes to pass,
//! and what the engine does with a seed and actions. Whoever changes any of these so that a link in
//! `tests/certificates` yields something else adds a version here and keeps the old one.
//!
//! Version 0 is provisional: it may still change until every lesson of the course is written.

/// One version of the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The number that links carry.
    pub version: u8,
    /// Whether links of this version may still lose their meaning.
    pub provisional: bool,
    /// The share of a lesson's questions that have to be answered rightly, in percent.
    pub right_percent: usize,
    /// How many seeds are tried for a name until one serves a lab.
    pub seeds: u64,
    /// The most actions in one challenge.
    pub actions: usize,
    /// The most events in the run of one challenge: what may be asked of a page that verifies.
    pub events: u32,
    /// The most lessons in one certificate.
    pub lessons: usize,
}

/// Every version that there has been, in order of its number.
static ALL: [Rules; 1] = [Rules { version: 0, provisional: true, right_percent: 80, seeds: 16, actions: 64, events: 400_000, lessons: 64 }];

/// The rules that new certificates are made by.
pub static CURRENT: &Rules = &ALL[0];

/// The rules of that version, if this build knows them.
pub fn rules(version: u8) -> Option<&'static Rules> {
    ALL.iter().find(|rules| rules.version == version)
}

impl Rules {
    /// How many of so many questions have to be right. A lesson passes with these and with every
    /// one of its challenges won.
    pub const fn needed(&self, questions: usize) -> usize {
        (questions * self.right_percent).div_ceil(100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_of_five_questions_are_needed() {
        for (questions, needed) in [(0, 0), (1, 1), (4, 4), (5, 4), (10, 8), (12, 10)] {
            assert_eq!(CURRENT.needed(questions), needed, "of {questions}");
        }
    }

    #[test]
    fn versions_count_up_from_zero() {
        for version in 0..=u8::MAX {
            let found = rules(version).map(|rules| rules.version);
            assert_eq!(found, (usize::from(version) < ALL.len()).then_some(version));
        }
    }
}
