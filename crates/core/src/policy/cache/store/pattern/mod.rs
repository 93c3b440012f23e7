//! Patterns as bans have them: regular expressions, as far as a set of states can follow them.
//!
//! Every state is followed at once, so no pattern takes longer than its length times that of the
//! text, whatever was typed. What would need to remember what it has read, such as a reference back,
//! is refused.

mod reader;
mod set;
#[cfg(test)]
mod tests;

use core::fmt;

use reader::Reader;
use set::{Set, has, is_word};

/// How many steps a pattern may have once its repetitions are written out.
const STEPS: usize = 2_000;

/// What is wrong with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// A bracket is open at the end, or closed without having been opened.
    Bracket,
    /// A repetition has nothing before it, or is none.
    Repetition,
    /// A backslash or a `(?` with something behind it that is not known here.
    Unknown,
    /// It is too long.
    TooLong,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bracket => "A bracket of the pattern has no partner; write \\( or \\[ for the character itself.",
            Self::Repetition => "The pattern repeats nothing; put *, + or ? behind what it repeats.",
            Self::Unknown => "The pattern has a \\ or (? with something behind it that is not known here; use plain groups and classes.",
            Self::TooLong => "The pattern is too long; repeat less often.",
        })
    }
}

#[derive(Clone, Debug)]
enum Step {
    Byte(Set),
    Start,
    End,
    /// Between a letter and none, or (`false`) not.
    Edge(bool),
    /// Goes on at both.
    Split(usize, usize),
    Go(usize),
    Found,
}

/// A pattern that was read.
#[derive(Clone, Debug)]
pub struct Pattern {
    steps: Vec<Step>,
}

impl Pattern {
    /// Reads a pattern: characters, `.`, classes, `\d \w \s \b`, groups, `|`, `* + ? {n,m}`, `^ $`,
    /// and `(?i)` at the front.
    pub fn new(text: &str) -> Result<Self, PatternError> {
        let (text, fold) = text.strip_prefix("(?i)").map_or((text, false), |rest| (rest, true));
        Reader::new(text, fold).read().map(|steps| Self { steps })
    }

    /// Whether it fits anywhere in a text.
    pub fn fits(&self, text: &str) -> bool {
        let text = text.as_bytes();
        let (mut now, mut next) = (vec![false; self.steps.len()], vec![false; self.steps.len()]);
        for at in 0..=text.len() {
            if self.reach(0, text, at, &mut now) {
                return true;
            }
            let Some(&byte) = text.get(at) else { break };
            for (i, step) in self.steps.iter().enumerate() {
                let fits = matches!(step, Step::Byte(set) if now[i] && has(set, byte));
                if fits && self.reach(i + 1, text, at + 1, &mut next) {
                    return true;
                }
            }
            core::mem::swap(&mut now, &mut next);
            next.fill(false);
        }
        false
    }

    /// Marks the steps that can be reached without reading. `true` when the end is one of them.
    fn reach(&self, from: usize, text: &[u8], at: usize, marked: &mut [bool]) -> bool {
        let mut open = vec![from];
        while let Some(i) = open.pop() {
            if core::mem::replace(&mut marked[i], true) {
                continue;
            }
            let word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|&byte| is_word(byte));
            let passes = match self.steps[i] {
                Step::Found => return true,
                Step::Byte(_) => false,
                Step::Start => at == 0,
                // As PCRE has it: before a newline that ends the text, too.
                Step::End => at == text.len() || text[at..] == *b"\n",
                Step::Edge(wanted) => (word(at.checked_sub(1)) != word(Some(at))) == wanted,
                Step::Split(a, b) => {
                    open.extend([b, a]);
                    false
                }
                Step::Go(to) => {
                    open.push(to);
                    false
                }
            };
            if passes {
                open.push(i + 1);
            }
        }
        false
    }
}
