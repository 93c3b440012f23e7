//! Reading a pattern.

use super::set::{Set, is_word, set_of};
use super::{PatternError, STEPS, Step};

/// Writes a pattern out as steps while reading it.
pub(super) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    steps: Vec<Step>,
    fold: bool,
    depth: u32,
}

impl<'a> Reader<'a> {
    /// A reader of a pattern; with `fold`, letters fit in both cases.
    pub(super) const fn new(text: &'a str, fold: bool) -> Self {
        Self { text: text.as_bytes(), at: 0, steps: Vec::new(), fold, depth: 0 }
    }

    /// The steps of the whole pattern.
    pub(super) fn read(mut self) -> Result<Vec<Step>, PatternError> {
        self.choice()?;
        if self.at < self.text.len() {
            return Err(PatternError::Bracket);
        }
        self.push(Step::Found)?;
        Ok(self.steps)
    }

    fn push(&mut self, step: Step) -> Result<(), PatternError> {
        if self.steps.len() >= STEPS {
            return Err(PatternError::TooLong);
        }
        self.steps.push(step);
        Ok(())
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is = self.text.get(self.at) == Some(&byte);
        self.at += usize::from(is);
        is
    }

    /// Alternatives, up to a closing bracket or the end.
    fn choice(&mut self) -> Result<(), PatternError> {
        let begin = self.steps.len();
        self.sequence()?;
        if !self.eat(b'|') {
            return Ok(());
        }
        // Split before the first, and from its end a leap over the others.
        let first = self.steps.split_off(begin);
        let other = begin + first.len() + 2;
        self.push(Step::Split(begin + 1, other))?;
        self.append(&first, begin, begin + 1)?;
        let leap = self.steps.len();
        self.push(Step::Go(0))?;
        self.choice()?;
        self.steps[leap] = Step::Go(self.steps.len());
        Ok(())
    }

    fn sequence(&mut self) -> Result<(), PatternError> {
        while let Some(&byte) = self.text.get(self.at) {
            if matches!(byte, b'|' | b')') {
                break;
            }
            let begin = self.steps.len();
            self.atom()?;
            while let Some((least, most)) = self.repetition()? {
                self.repeat(begin, least, most)?;
            }
        }
        Ok(())
    }

    /// Adds steps that were written for another place.
    fn append(&mut self, steps: &[Step], written_for: usize, place: usize) -> Result<(), PatternError> {
        let to = |target: usize| target - written_for + place;
        for step in steps {
            self.push(match *step {
                Step::Split(a, b) => Step::Split(to(a), to(b)),
                Step::Go(target) => Step::Go(to(target)),
                ref other => other.clone(),
            })?;
        }
        Ok(())
    }

    fn repeat(&mut self, begin: usize, least: usize, most: Option<usize>) -> Result<(), PatternError> {
        if least.max(most.unwrap_or(0)) > STEPS {
            return Err(PatternError::TooLong);
        }
        let once = self.steps.split_off(begin);
        for _ in 0..least {
            self.append(&once, begin, self.steps.len())?;
        }
        match most {
            None => {
                let here = self.steps.len();
                self.push(Step::Split(here + 1, here + once.len() + 2))?;
                self.append(&once, begin, here + 1)?;
                self.push(Step::Go(here))
            }
            Some(most) => {
                for _ in least..most {
                    let here = self.steps.len();
                    self.push(Step::Split(here + 1, here + once.len() + 1))?;
                    self.append(&once, begin, here + 1)?;
                }
                Ok(())
            }
        }
    }

    fn repetition(&mut self) -> Result<Option<(usize, Option<usize>)>, PatternError> {
        let range = match self.text.get(self.at) {
            Some(b'*') => (0, None),
            Some(b'+') => (1, None),
            Some(b'?') => (0, Some(1)),
            Some(b'{') => return self.counted().map(Some),
            _ => return Ok(None),
        };
        self.at += 1;
        // How much a repetition takes first makes no difference to whether it fits.
        if self.text.get(self.at) == Some(&b'?') {
            self.at += 1;
        }
        Ok(Some(range))
    }

    fn counted(&mut self) -> Result<(usize, Option<usize>), PatternError> {
        self.at += 1;
        let least = self.number().ok_or(PatternError::Repetition)?;
        let most = if self.eat(b',') { self.number() } else { Some(least) };
        if !self.eat(b'}') || most.is_some_and(|most| most < least) {
            return Err(PatternError::Repetition);
        }
        self.eat(b'?');
        Ok((least, most))
    }

    fn number(&mut self) -> Option<usize> {
        let begin = self.at;
        while self.text.get(self.at).is_some_and(u8::is_ascii_digit) {
            self.at += 1;
        }
        core::str::from_utf8(&self.text[begin..self.at]).ok()?.parse().ok()
    }

    fn atom(&mut self) -> Result<(), PatternError> {
        let byte = self.text[self.at];
        self.at += 1;
        match byte {
            b'(' => self.group(),
            b'[' => {
                let set = self.class()?;
                self.push(Step::Byte(set))
            }
            b'.' => self.push(Step::Byte(set_of(|byte| byte != b'\n'))),
            b'^' => self.push(Step::Start),
            b'$' => self.push(Step::End),
            b'*' | b'+' | b'?' => Err(PatternError::Repetition),
            b'\\' => match self.text.get(self.at) {
                Some(b'b' | b'B') => {
                    self.at += 1;
                    self.push(Step::Edge(self.text[self.at - 1] == b'b'))
                }
                _ => {
                    let set = self.escape()?;
                    self.push(Step::Byte(set))
                }
            },
            byte => self.push(Step::Byte(self.one(byte))),
        }
    }

    fn group(&mut self) -> Result<(), PatternError> {
        if self.eat(b'?') && !self.eat(b':') {
            return Err(PatternError::Unknown);
        }
        // Brackets within brackets are read one within the other.
        self.depth += 1;
        if self.depth > 50 {
            return Err(PatternError::TooLong);
        }
        self.choice()?;
        self.depth -= 1;
        if self.eat(b')') { Ok(()) } else { Err(PatternError::Bracket) }
    }

    fn one(&self, wanted: u8) -> Set {
        set_of(|byte| byte == wanted || self.fold && byte.eq_ignore_ascii_case(&wanted))
    }

    /// What stands behind a backslash.
    fn escape(&mut self) -> Result<Set, PatternError> {
        let Some(&byte) = self.text.get(self.at) else { return Err(PatternError::Unknown) };
        self.at += 1;
        let kind = |fits: fn(u8) -> bool| {
            let not = byte.is_ascii_uppercase();
            set_of(|byte| fits(byte) != not)
        };
        Ok(match byte {
            b'd' | b'D' => kind(|byte| byte.is_ascii_digit()),
            b'w' | b'W' => kind(is_word),
            b's' | b'S' => kind(|byte| byte.is_ascii_whitespace() || byte == 0x0b),
            b'n' => self.one(b'\n'),
            b'r' => self.one(b'\r'),
            b't' => self.one(b'\t'),
            byte if byte.is_ascii_alphanumeric() => return Err(PatternError::Unknown),
            byte => self.one(byte),
        })
    }

    fn class(&mut self) -> Result<Set, PatternError> {
        let not = self.eat(b'^');
        let mut set = [0; 4];
        let mut first = true;
        loop {
            let &byte = self.text.get(self.at).ok_or(PatternError::Bracket)?;
            self.at += 1;
            let more = match byte {
                b']' if !first => break,
                b'[' if self.text.get(self.at) == Some(&b':') => return Err(PatternError::Unknown),
                b'\\' => self.escape()?,
                low => match self.text.get(self.at..self.at + 2) {
                    Some(&[b'-', high]) if high != b']' => {
                        self.at += 2;
                        if high == b'\\' || high < low {
                            return Err(PatternError::Unknown);
                        }
                        let fold = self.fold;
                        let within = move |byte: u8| (low..=high).contains(&byte);
                        set_of(|byte| within(byte) || fold && (within(byte.to_ascii_lowercase()) || within(byte.to_ascii_uppercase())))
                    }
                    _ => self.one(low),
                },
            };
            first = false;
            for (all, more) in set.iter_mut().zip(more) {
                *all |= more;
            }
        }
        Ok(if not { set.map(|bits| !bits) } else { set })
    }
}
