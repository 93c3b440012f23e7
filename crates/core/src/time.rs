//! Simulated time: whole microseconds, so that every platform counts alike.

use core::fmt;
use core::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use crate::decimal;

/// A point in simulated time, in microseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instant(pub u64);

/// A span of simulated time, in microseconds.
///
/// In text formats it is written with its unit: `"250us"`, `"10ms"`, `"1.5s"`, `"2m"`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub u64);

impl Instant {
    /// The moment at which every run begins.
    pub const START: Self = Self(0);

    /// Microseconds since the run began.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Milliseconds since the run began, with fractions.
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    /// The span since `earlier`, or zero when `earlier` is later.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of whole microseconds.
    pub const fn from_micros(us: u64) -> Self {
        Self(us)
    }

    /// A span of whole milliseconds.
    pub const fn from_millis(ms: u64) -> Self {
        Self(ms * 1_000)
    }

    /// A span of whole seconds.
    pub const fn from_secs(s: u64) -> Self {
        Self(s * 1_000_000)
    }

    /// The span of `us` microseconds rounded to the nearest one; negative and NaN give zero.
    pub fn from_micros_f64(us: f64) -> Self {
        // `as` saturates and sends NaN to zero, on every platform alike.
        Self((us + 0.5) as u64)
    }

    /// Whole microseconds.
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Milliseconds, with fractions.
    pub fn as_millis_f64(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    /// Seconds, with fractions.
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1_000_000.0
    }

    /// Whether the span is empty.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add<Duration> for Instant {
    type Output = Self;
    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Duration> for Instant {
    fn add_assign(&mut self, span: Duration) {
        *self = *self + span;
    }
}

impl Sub for Instant {
    type Output = Duration;
    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

impl Add for Duration {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Duration {
    /// Three significant digits in the largest fitting unit: `850 µs`, `12.4 ms`, `1.2 s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = self.0;
        let (unit, name) = match us {
            0 => return f.write_str("0 ms"),
            1..1_000 => return write!(f, "{us} µs"),
            1_000..1_000_000 => (1_000, "ms"),
            _ => (1_000_000, "s"),
        };
        let (places, last) = match us / unit {
            0..10 => (2, unit / 100),
            10..100 => (1, unit / 10),
            _ => (0, unit),
        };
        decimal::write(f, (us + last / 2) / last, places)?;
        write!(f, " {name}")
    }
}

impl fmt::Display for Instant {
    /// A clock reading with milliseconds: `00:12.040`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0 / 1_000;
        write!(f, "{:02}:{:02}.{:03}", ms / 60_000, ms / 1_000 % 60, ms % 1_000)
    }
}

/// Reads `"10ms"` and the like.
///
/// # Errors
/// A sentence that says what was expected when the text has no number, no known unit, or is negative.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| c.is_ascii_alphabetic() || c == 'µ').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor = match unit.trim() {
        "us" | "µs" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" | "min" => 60e6,
        "h" => 3_600e6,
        _ => return Err(format!("\"{text}\" is not a duration: write a number and a unit, such as \"10ms\", \"1.5s\" or \"2m\"")),
    };
    match decimal::parse(number.trim()) {
        Some(value) if value >= 0.0 && value * factor <= 1e15 => Ok(Duration::from_micros_f64(value * factor)),
        _ => Err(format!("\"{text}\" is not a duration: the number before the unit must be zero or more, such as \"10ms\"")),
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_u64(self.0);
        }
        let us = self.0;
        serializer.serialize_str(&match us {
            _ if us.is_multiple_of(1_000_000) => format!("{}s", us / 1_000_000),
            _ if us.is_multiple_of(1_000) => format!("{}ms", us / 1_000),
            _ => format!("{us}us"),
        })
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            let text = String::deserialize(deserializer)?;
            parse_duration(&text).map_err(D::Error::custom)
        } else {
            u64::deserialize(deserializer).map(Self)
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Duration {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Duration".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9.]+ *(us|µs|ms|s|m|min|h)$", "description": "A number with its unit: 250us, 10ms, 1.5s, 2m." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<u64, &str>) {
        match (parse_duration(text), expect) {
            (Ok(got), Ok(us)) => assert_eq!(got.0, us, "{text}"),
            (Err(said), Err(part)) => assert!(said.contains(part), "{text}: {said}"),
            (got, _) => panic!("{text}: {got:?}"),
        }
    }

    #[test]
    fn durations_are_read_with_their_units() {
        check("250us", Ok(250));
        check("10ms", Ok(10_000));
        check("1.5s", Ok(1_500_000));
        check("2m", Ok(120_000_000));
        check("0s", Ok(0));
        check("10", Err("a number and a unit"));
        check("-3ms", Err("zero or more"));
        check("", Err("a number and a unit"));
        check("ms", Err("zero or more"));
        check("1e300s", Err("a number and a unit"));
    }

    #[test]
    fn durations_are_shown_with_three_digits() {
        for (us, expect) in [
            (0, "0 ms"),
            (850, "850 µs"),
            (12_400, "12.4 ms"),
            (1_200_000, "1.2 s"),
            (206_000, "206 ms"),
            (10_000, "10 ms"),
            (9_999, "10 ms"),
        ] {
            assert_eq!(Duration(us).to_string(), expect);
        }
        assert_eq!(Instant(12_040_000).to_string(), "00:12.040");
    }
}
