//! Numbers as text, and text as numbers, through integers.
//!
//! The standard library shows every digit that a float has and reads every digit there is. That
//! takes tables that a browser would have to load; a lab shows three decimals and reads fifteen digits.

use core::fmt;

/// A number as people write it: at most three decimals and no zeros at the end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decimal(pub f64);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_nan() {
            return f.write_str("NaN");
        }
        // `as` saturates, so what is too great for any lab shows as a very great number.
        let thousandths = (self.0.abs() * 1_000.0 + 0.5) as u64;
        if self.0 < 0.0 && thousandths > 0 {
            f.write_str("-")?;
        }
        write(f, thousandths, 3)
    }
}

/// Writes `units` of the last of so many decimal places, without zeros at the end.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, mut units: u64, mut places: usize) -> fmt::Result {
    while places > 0 && units.is_multiple_of(10) {
        units /= 10;
        places -= 1;
    }
    if places == 0 {
        return write!(f, "{units}");
    }
    let scale = 10u64.pow(places as u32);
    write!(f, "{}.{:0places$}", units / scale, units % scale)
}

/// Digits that are read; further ones only count as places.
const DIGITS: u32 = 15;

/// Reads a number such as `2`, `-0.5`, `.5` or `1.5e3`; `None` when the text is none.
///
/// Up to 15 digits with an exponent within 22 are read exactly, as the standard library would.
pub fn parse(text: &str) -> Option<f64> {
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (number, exponent) = match text.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, exponent.parse().ok()?),
        None => (text, 0),
    };
    let value = scaled(digits(number)?, exponent);
    Some(if negative { -value } else { value })
}

/// The digits as a whole number, and the power of ten that it is to be taken times.
fn digits(number: &str) -> Option<(u64, i32)> {
    let (mut whole, mut power, mut kept, mut any, mut point) = (0, 0, 0, false, false);
    for byte in number.bytes() {
        match byte {
            b'.' if !point => {
                point = true;
                continue;
            }
            b'0'..=b'9' => any = true,
            _ => return None,
        }
        if kept < DIGITS {
            whole = whole * 10 + u64::from(byte - b'0');
            kept += u32::from(whole > 0);
            power -= i32::from(point);
        } else {
            power += i32::from(!point);
        }
    }
    any.then_some((whole, power))
}

/// Both factors are exact up to 10^22, so the one rounding is that of the last step.
fn scaled((whole, power): (u64, i32), exponent: i32) -> f64 {
    // Beyond these everything is zero or infinite anyway.
    let power = power.saturating_add(exponent).clamp(-400, 400);
    let scale = (0..power.unsigned_abs()).fold(1.0, |scale, _| scale * 10.0);
    if whole == 0 {
        0.0
    } else if power < 0 {
        whole as f64 / scale
    } else {
        whole as f64 * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_three_decimals_at_most() {
        for (value, expect) in [
            (0.0, "0"),
            (-0.0001, "0"),
            (2.0, "2"),
            (0.5, "0.5"),
            (-1.25, "-1.25"),
            (0.0625, "0.063"),
            (12.3456, "12.346"),
            (1e6, "1000000"),
            (0.1 + 0.2, "0.3"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(Decimal(value).to_string(), expect);
        }
    }

    #[test]
    fn numbers_are_read_as_the_standard_library_reads_them() {
        for text in ["0", "3", "-3", "+3", "2.5", ".5", "5.", "0.1", "1e3", "1.5E-7", "123456789012345", "0.000001234", "007", "1e22", "-0"]
        {
            assert_eq!(parse(text), text.parse().ok(), "{text}");
        }
        assert_eq!(parse("0.33333333333333333333"), Some(0.333333333333333));
        assert_eq!(parse("12345678901234567890"), Some(12345678901234500000.0));
        for text in ["", ".", "-", "e3", "1e", "1e2.5", "1.2.3", "abc", "NaN", "inf", "1 2", "--1"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn fifteen_digits_are_read_exactly() {
        for i in 0..20_000u64 {
            let bits = crate::rng::Draw::new(5, crate::rng::Purpose::Generate, i, 0);
            let text = format!("{}e{}", bits.nth(0).below(1_000_000_000_000_000), bits.nth(1).below(45) as i64 - 22);
            assert_eq!(parse(&text), text.parse().ok(), "{text}");
        }
    }
}
