//! Numbers by their decimal digits: what people type has few of them.

use super::bits::{MOST, Reader, Writer};

/// The most decimal places.
const PLACES: u32 = 15;

/// Digits that a number typed by a person is read to, as [`crate::decimal::parse`] does.
const EXACT: f64 = 1e15;

/// A decimal number without zeros at its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digits {
    negative: bool,
    digits: u64,
    places: u32,
}

fn scale(places: u32) -> f64 {
    (0..places).fold(1.0, |scale, _| scale * 10.0)
}

impl Digits {
    /// The shortest decimal that reads as this value, or the nearest of fifteen digits. `None` for
    /// what is no number, or too great a one.
    pub(super) fn of(value: f64) -> Option<Self> {
        let size = value.abs();
        if size.is_nan() || size > MOST as f64 {
            return None;
        }
        let mut found = (0, 0);
        for places in 0..=PLACES {
            let scaled = size * scale(places);
            let digits = (scaled + 0.5) as u64;
            let is_exact = digits as f64 / scale(places) == size && digits <= MOST;
            if is_exact || scaled < EXACT {
                found = (digits, places);
            }
            if is_exact || scaled >= EXACT {
                break;
            }
        }
        let (mut digits, mut places) = found;
        while places > 0 && digits.is_multiple_of(10) {
            digits /= 10;
            places -= 1;
        }
        Some(Self { negative: value < 0.0 && digits > 0, digits, places })
    }

    /// The value, as a person's text of these digits would be read.
    pub(super) fn value(self) -> f64 {
        let size = self.digits as f64 / scale(self.places);
        if self.negative { -size } else { size }
    }

    pub(super) fn write(self, w: &mut Writer) {
        w.flag(self.negative);
        w.put(u64::from(self.places), 4);
        w.number(self.digits);
    }

    pub(super) fn read(r: &mut Reader<'_>) -> Self {
        Self { negative: r.flag(), places: r.take(4) as u32, digits: r.number() }
    }
}

impl core::fmt::Display for Digits {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if self.negative {
            f.write_str("-")?;
        }
        crate::decimal::write(f, self.digits, self.places as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal;

    fn check(text: &str, expect: Option<&str>) {
        let digits = decimal::parse(text).and_then(Digits::of);
        assert_eq!(digits.map(|d| d.to_string()).as_deref(), expect, "{text}");
        let Some(digits) = digits else { return };
        assert_eq!(decimal::parse(&digits.to_string()), Some(digits.value()), "{text}");
        assert_eq!(Digits::of(digits.value()), Some(digits), "{text}");
        let mut w = Writer::default();
        digits.write(&mut w);
        assert_eq!(Digits::read(&mut Reader::new(&w.into_bytes())), digits, "{text}");
    }

    #[test]
    fn a_typed_number_keeps_its_digits() {
        for (text, expect) in [
            ("0", Some("0")),
            ("-0", Some("0")),
            ("80", Some("80")),
            ("0.420", Some("0.42")),
            (".5", Some("0.5")),
            ("-3.25", Some("-3.25")),
            ("1e3", Some("1000")),
            ("0.66666666666667", Some("0.66666666666667")),
            ("123456789012345", Some("123456789012345")),
            ("12345678.9012345", Some("12345678.9012345")),
            ("9e15", Some("9000000000000000")),
            ("1e16", None),
            ("1e400", None),
            ("1e-20", Some("0")),
        ] {
            check(text, expect);
        }
    }

    #[test]
    fn what_has_no_short_decimal_is_rounded() {
        for (value, expect) in [(0.1 + 0.2, "0.3"), (1.0 / 3.0, "0.333333333333333"), (1e6 / 7.0, "142857.142857143")] {
            assert_eq!(Digits::of(value).map(|d| d.to_string()).as_deref(), Some(expect));
        }
        assert_eq!(Digits::of(f64::NAN), None);
        assert_eq!(Digits::of(f64::INFINITY), None);
    }
}
