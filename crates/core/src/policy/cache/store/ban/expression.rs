//! The expressions of bans: tests that an object, and maybe a request, have to pass together.

use core::cmp::Ordering;
use std::rc::Rc;

use crate::decimal;
use crate::http::Headers;
use crate::time::{Duration, Instant};

use super::super::pattern::Pattern;
use super::error::BanError;

/// What a ban reads of an object.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Its fields as they are stored.
    pub headers: &'a Headers,
    /// Its status.
    pub status: u16,
    /// From when on its times count: when it came, less the age that it came with.
    pub origin: Instant,
    /// How long it is fresh.
    pub ttl: Duration,
    /// How long it may be used after that.
    pub grace: Duration,
    /// How long it is kept after that, to be compared with the origin's.
    pub keep: Duration,
}

/// What a ban reads of a request.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// `req.url`.
    pub url: &'a str,
    /// `req.http`.
    pub headers: &'a Headers,
}

/// What a test looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    RequestUrl,
    RequestHeader(Rc<str>),
    Status,
    Header(Rc<str>),
    Ttl,
    Age,
    Grace,
    Keep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    Unequal,
    Fits,
    FitsNot,
    More,
    MoreOrEqual,
    Less,
    LessOrEqual,
}

#[derive(Clone, Debug)]
struct Test {
    field: Field,
    operator: Operator,
    text: Rc<str>,
    /// The text as a span in microseconds, for fields that are one.
    span: i64,
    pattern: Option<Pattern>,
}

impl Field {
    fn read(text: &str) -> Option<Self> {
        // As in Varnish, a name counts as read where it begins with one that is known.
        let begins = |name: &str| text.starts_with(name);
        Some(match () {
            () if begins("req.url") => Self::RequestUrl,
            () if begins("req.http.") => Self::RequestHeader(text["req.http.".len()..].into()),
            () if begins("obj.status") => Self::Status,
            () if begins("obj.http.") => Self::Header(text["obj.http.".len()..].into()),
            () if begins("obj.ttl") => Self::Ttl,
            () if begins("obj.age") => Self::Age,
            () if begins("obj.grace") => Self::Grace,
            () if begins("obj.keep") => Self::Keep,
            () => return None,
        })
    }

    const fn is_span(&self) -> bool {
        matches!(self, Self::Ttl | Self::Age | Self::Grace | Self::Keep)
    }

    const fn is_of_request(&self) -> bool {
        matches!(self, Self::RequestUrl | Self::RequestHeader(_))
    }
}

impl Operator {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "==" => Self::Equal,
            "!=" => Self::Unequal,
            "~" => Self::Fits,
            "!~" => Self::FitsNot,
            ">" => Self::More,
            ">=" => Self::MoreOrEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            _ => return None,
        })
    }

    /// Whether texts, or spans, can be compared by it.
    const fn suits(self, span: bool) -> bool {
        match self {
            Self::Equal | Self::Unequal => true,
            Self::Fits | Self::FitsNot => !span,
            _ => span,
        }
    }

    const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::More => order.is_gt(),
            Self::MoreOrEqual => order.is_ge(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Fits | Self::FitsNot => false,
        }
    }
}

/// Tests that have to hold together.
#[derive(Clone, Debug, Default)]
pub(super) struct Expression {
    tests: Vec<Test>,
}

impl Expression {
    /// Reads an expression (`VRT_ban_string`).
    pub(super) fn read(text: &str) -> Result<Self, BanError> {
        let words = words(text)?;
        let mut words = words.iter().copied();
        let mut tests = Vec::new();
        loop {
            let field = words.next().ok_or(BanError::Empty)?;
            let operator = words.next().ok_or(BanError::NoOperator)?;
            let value = words.next().ok_or(BanError::NoValue)?;
            tests.push(Test::read(field, operator, value)?);
            match words.next() {
                None => return Ok(Self { tests }),
                Some("&&") => {}
                Some(other) => return Err(BanError::NotAnd(other.into())),
            }
        }
    }

    /// Whether it looks at the request, which the lurker does not have.
    pub(super) fn asks_request(&self) -> bool {
        self.tests.iter().any(|test| test.field.is_of_request())
    }

    /// Whether another says the same. A span that counts from the ban's own time never does.
    pub(super) fn says(&self, other: &Self) -> bool {
        let same = |(a, b): (&Test, &Test)| {
            let values = if a.field.is_span() { a.span == b.span } else { a.text == b.text };
            a.field == b.field && a.operator == b.operator && values && !matches!(a.field, Field::Ttl | Field::Age)
        };
        self.tests.len() == other.tests.len() && self.tests.iter().zip(&other.tests).all(same)
    }

    /// Whether all tests hold for an object; with how many were looked at (`ban_evaluate`).
    pub(super) fn holds(&self, at: Instant, object: &Facts<'_>, asked: Option<&Asked<'_>>) -> (bool, u32) {
        let holds = self.tests.iter().position(|test| !test.holds(at, object, asked));
        holds.map_or((true, self.tests.len() as u32), |failed| (false, failed as u32 + 1))
    }
}

impl Test {
    fn read(name: &str, operator: &str, value: &str) -> Result<Self, BanError> {
        let field = Field::read(name).ok_or_else(|| BanError::Field(name.into()))?;
        let known = Operator::read(operator).filter(|operator| operator.suits(field.is_span()));
        let operator = known.ok_or_else(|| BanError::Operator(name.into(), operator.into()))?;
        let span = if field.is_span() { span(value).ok_or_else(|| BanError::Span(value.into()))? } else { 0 };
        let fits = matches!(operator, Operator::Fits | Operator::FitsNot);
        let pattern = if fits { Some(Pattern::new(value).map_err(BanError::Pattern)?) } else { None };
        Ok(Self { field, operator, text: value.into(), span, pattern })
    }

    fn holds(&self, at: Instant, object: &Facts<'_>, asked: Option<&Asked<'_>>) -> bool {
        let status;
        let text = match &self.field {
            // Times are held against the moment of the ban, whenever it is looked at.
            Field::Ttl => return self.compare(micros(object.origin) + span_of(object.ttl) - micros(at)),
            Field::Age => return self.compare(micros(at) - micros(object.origin)),
            Field::Grace => return self.compare(span_of(object.grace)),
            Field::Keep => return self.compare(span_of(object.keep)),
            Field::RequestUrl => asked.map(|asked| asked.url),
            Field::RequestHeader(name) => asked.and_then(|asked| asked.headers.get(name)),
            Field::Header(name) => object.headers.get(name),
            Field::Status => {
                status = object.status.to_string();
                Some(&*status)
            }
        };
        match (text, self.operator) {
            // What is not there is unequal to everything, and fits nothing, not even by not fitting.
            (None, operator) => operator == Operator::Unequal,
            (Some(text), Operator::Equal) => text == &*self.text,
            (Some(text), Operator::Unequal) => text != &*self.text,
            (Some(text), operator) => self.pattern.as_ref().is_some_and(|pattern| pattern.fits(text) == (operator == Operator::Fits)),
        }
    }

    const fn compare(&self, value: i64) -> bool {
        self.operator.holds(if value < self.span {
            Ordering::Less
        } else if value > self.span {
            Ordering::Greater
        } else {
            Ordering::Equal
        })
    }
}

/// Far enough, and never too far to subtract.
const fn micros(at: Instant) -> i64 {
    span_of(Duration(at.as_micros()))
}

const fn span_of(span: Duration) -> i64 {
    let most = i64::MAX as u64 / 4;
    (if span.as_micros() < most { span.as_micros() } else { most }) as i64
}

/// A span as VCL has it (`VNUM_duration`): a number and `ms`, `s`, `m`, `h`, `d`, `w` or `y`.
fn span(text: &str) -> Option<i64> {
    let end = text.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'.' && byte != b'-').unwrap_or(text.len());
    let unit = match text[end..].trim_ascii() {
        "ms" => 1e3,
        "s" => 1e6,
        "m" => 6e7,
        "h" => 3.6e9,
        "d" => 8.64e10,
        "w" => 6.048e11,
        "y" => 3.1536e13,
        _ => return None,
    };
    let number = decimal::parse(&text[..end])?;
    // `as` saturates; a quarter is far enough, and never too far to subtract.
    Some(((number * unit + if number < 0.0 { -0.5 } else { 0.5 }) as i64).clamp(-(i64::MAX / 4), i64::MAX / 4))
}

/// What is parted by blanks; what stands between quotation marks is one.
fn words(text: &str) -> Result<Vec<&str>, BanError> {
    let (mut words, mut rest) = (Vec::new(), text.trim_ascii_start());
    while !rest.is_empty() {
        let quoted = rest.as_bytes()[0] == b'"';
        let begin = usize::from(quoted);
        let ends = |byte: &u8| if quoted { *byte == b'"' } else { byte.is_ascii_whitespace() };
        let end = match rest.as_bytes()[begin..].iter().position(ends) {
            Some(length) => begin + length,
            None if quoted => return Err(BanError::Quote),
            None => rest.len(),
        };
        words.push(&rest[begin..end]);
        rest = rest[(end + begin).min(rest.len())..].trim_ascii_start();
    }
    Ok(words)
}
