//! Dates: read in the three forms of RFC 9110 section 5.6.7, written in the one that is left.
//!
//! Own code and not a crate, because all that is needed is whole seconds in, whole seconds out,
//! and the names of days and months in any case.

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const LONG_DAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Seconds since 1970 of a date in one of the three forms; `None` for anything else.
///
/// `year` is the present year, because a year of two digits means the century that puts it no
/// more than 50 years ahead.
pub fn parse(text: &str, year: i64) -> Option<i64> {
    // One more than any form has, so that what is too long fits none.
    let mut parts = [""; 7];
    let mut count = 0;
    for (place, part) in parts.iter_mut().zip(text.split(' ')) {
        *place = part;
        count += 1;
    }
    match &parts[..count] {
        // Sun, 06 Nov 1994 08:49:37 GMT
        [name, day, month, full, time, zone] if full.len() == 4 => {
            let name = name.strip_suffix(',')?;
            is_one_of(&DAYS, name).then_some(())?;
            seconds(number(full, 4)?, month_of(month)?, number(day, 2)?, time, zone)
        }
        // Sunday, 06-Nov-94 08:49:37 GMT
        [name, date, time, zone] => {
            is_one_of(&LONG_DAYS, name.strip_suffix(',')?).then_some(())?;
            let mut date = date.split('-');
            let (day, month, short) = (date.next()?, date.next()?, date.next()?);
            if date.next().is_some() {
                return None;
            }
            let short = year - year.rem_euclid(100) + number(short, 2)?;
            let full = if short > year + 50 { short - 100 } else { short };
            seconds(full, month_of(month)?, number(day, 2)?, time, zone)
        }
        // Sun Nov  6 08:49:37 1994
        [name, month, "", day, time, full] => asctime(name, month, number(day, 1)?, time, full),
        [name, month, day, time, full] => asctime(name, month, number(day, 2)?, time, full),
        _ => None,
    }
}

fn asctime(name: &str, month: &str, day: i64, time: &str, full: &str) -> Option<i64> {
    is_one_of(&DAYS, name).then_some(())?;
    seconds(number(full, 4)?, month_of(month)?, day, time, "GMT")
}

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|n| n.eq_ignore_ascii_case(name))
}

fn month_of(name: &str) -> Option<i64> {
    MONTHS.iter().position(|m| m.eq_ignore_ascii_case(name)).map(|i| i as i64 + 1)
}

/// A number of exactly so many digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    let right = text.len() == digits && text.bytes().all(|b| b.is_ascii_digit());
    right.then(|| text.bytes().fold(0, |n, b| n * 10 + i64::from(b - b'0')))
}

fn seconds(year: i64, month: i64, day: i64, time: &str, zone: &str) -> Option<i64> {
    let mut clock = time.split(':');
    let (h, m, s) = (number(clock.next()?, 2)?, number(clock.next()?, 2)?, number(clock.next()?, 2)?);
    let sane = clock.next().is_none() && h < 24 && m < 60 && s <= 60 && zone.eq_ignore_ascii_case("GMT");
    let exists = (1..=days_in(year, month)).contains(&day);
    (sane && exists).then(|| (days_before(year, month, day) * 24 + h) * 3_600 + m * 60 + s)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date: years of March to February, so that the leap day comes last.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (m * 153 + 2) / 5 + day - 1 - 719_468
}

/// Year, month and day of a day since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let m = (5 * of_year + 2) / 153;
    let (month, carry) = if m < 10 { (m + 3, 0) } else { (m - 9, 1) };
    (year + era * 400 + carry, month, of_year - (153 * m + 2) / 5 + 1)
}

/// The year in which a second since 1970 falls.
pub fn year(seconds: i64) -> i64 {
    civil(seconds.div_euclid(86_400)).0
}

/// The date as it is written today: `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn write(seconds: i64) -> String {
    let (days, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let mut text = String::with_capacity(29);
    let two = |text: &mut String, n: i64| {
        text.push(char::from(b'0' + (n / 10 % 10) as u8));
        text.push(char::from(b'0' + (n % 10) as u8));
    };
    text.push_str(DAYS[days.rem_euclid(7) as usize]);
    text.push_str(", ");
    two(&mut text, day);
    text.push(' ');
    text.push_str(MONTHS[(month - 1) as usize]);
    text.push(' ');
    two(&mut text, year / 100);
    two(&mut text, year);
    for (mark, n) in [(' ', clock / 3_600), (':', clock / 60 % 60), (':', clock % 60)] {
        text.push(mark);
        two(&mut text, n);
    }
    text.push_str(" GMT");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_three_forms() {
        fn check(text: &str, expect: Option<i64>) {
            assert_eq!(parse(text, 2026), expect, "{text}");
        }
        check("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777));
        check("sUN, 06 nOV 1994 08:49:37 gmt", Some(784_111_777));
        check("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777));
        check("Sun Nov  6 08:49:37 1994", Some(784_111_777));
        check("Thu Nov 10 08:49:37 1994", Some(784_457_377));
        check("Thu, 01 Jan 1970 00:00:00 GMT", Some(0));
        check("Tue, 29 Feb 2000 23:59:60 GMT", Some(951_868_800));
        check("Thursday, 18-Aug-50 02:01:18 GMT", Some(2_544_400_878));
        for wrong in [
            "0",
            "",
            "Sun, 06 Nov 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun 06 Nov 1994 08:49:37 GMT",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "Sun, 06 Nov 94 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 8:49:37 GMT",
            "Sun, 06 Nov 1994 08.49.37 GMT",
            "Sun,  06 Nov 1994 08:49:37 GMT",
            "Sun, 31 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Xyz, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
            "Sonntag, 06-Nov-94 08:49:37 GMT",
            "Sün, 06 Nov 1994 08:49:37 GMT",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        for seconds in (-3_000_000_000i64..9_000_000_000).step_by(86_399 * 7) {
            assert_eq!(parse(&write(seconds), 2026), Some(seconds), "{}", write(seconds));
        }
        assert_eq!(write(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
