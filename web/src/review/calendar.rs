//! Days as the learner's calendar has them, and what they are called.

use super::schedule::Day;

const WEEKDAYS: [&str; 7] = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"];

/// How far the learner's clock is behind UTC, in minutes: 60 means one hour behind.
pub(crate) fn behind_utc() -> i32 {
    js_sys::Date::new_0().get_timezone_offset() as i32
}

/// The day in which a minute since 1 January 1970, UTC, falls.
pub(crate) fn day_of(minute: u32, behind_utc: i32) -> Day {
    minute.saturating_add_signed(-behind_utc) / (24 * 60)
}

/// The name of a day's weekday. The first of all days was a Thursday.
pub(crate) const fn weekday(day: Day) -> &'static str {
    WEEKDAYS[(day % 7) as usize]
}

/// A day to come, seen from today: `tomorrow`, `on Sunday`, `in 12 days`, `in 3 months`.
pub(crate) fn when(day: Day, today: Day) -> String {
    match day.saturating_sub(today) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..=6 => format!("on {}", weekday(day)),
        wait => format!("in {}", long(wait)),
    }
}

/// A number of days: `1 day`, `12 days`, `3 months`.
pub(crate) fn long(days: u32) -> String {
    match days {
        1 => "1 day".to_owned(),
        2..=59 => format!("{days} days"),
        // A month of 30.4 days, rounded to the nearest.
        _ => format!("{} months", (days * 10 + 152) / 304),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_the_learners_midnight() {
        // 20 November 2026, 23:30 UTC; that day was a Friday.
        let minute = 20_777 * 1_440 + 1_410;
        assert_eq!(weekday(day_of(minute, 0)), "Friday");
        assert_eq!(weekday(day_of(minute, -60)), "Saturday", "in Berlin it is 0:30");
        assert_eq!(weekday(day_of(minute, 480)), "Friday", "in San Francisco it is 15:30");
        assert_eq!(day_of(0, 600), 0);
    }

    #[test]
    fn days_to_come_have_names() {
        let names: Vec<String> = [0, 1, 2, 6, 7, 59, 60, 90, 365].map(|wait| when(20_777 + wait, 20_777)).into();
        let expect =
            ["today", "tomorrow", "on Sunday", "on Thursday", "in 7 days", "in 59 days", "in 2 months", "in 3 months", "in 12 months"];
        assert_eq!(names, expect);
        assert_eq!(when(1, 2), "today");
        assert_eq!(long(1), "1 day");
    }
}
