//! The last checks of a member along time: each as long as it took, and below it whether the
//! member was in use. All members share one stretch of time, so that what happens to one can be
//! read against the others.

use hopscope_core::lesson::Lab;
use hopscope_core::order::sorted;
use hopscope_core::time::{Duration, Instant};
use hopscope_core::timeline::Timeline;
use hopscope_core::world::{HealthView, NodeId};
use maud::{Markup, html};

use super::super::axis::Share;
use super::super::events::seconds;
use super::super::{marks, paint, text};
use super::found;
use super::past::{Deed, Past, Turn};

/// The height of a strip, with and without room for a verdict, and where its rows are.
const HEIGHT: i32 = 42;
const TALL: i32 = 62;
const CHECKS: i32 = 13;
const USE: i32 = 31;
const VERDICT: i32 = 46;
/// How many checks a stretch has room for.
const ROOM: u64 = 12;
/// The shortest stretch, so that a lab without checks has one too.
const LEAST: Duration = Duration(8_000_000);

/// The stretch of time that is shown.
pub(super) struct Stretch {
    pub(super) from: Instant,
    to: Instant,
    now: Instant,
}

impl Stretch {
    /// So long that a dozen of the rarest checks fit, with the next of them still to come.
    pub(super) fn of(run: &Timeline, rows: &[(NodeId, HealthView)]) -> Self {
        let rarest = rows.iter().map(|(_, row)| row.interval.as_micros()).max().unwrap_or(0);
        let horizon = run.world().horizon().as_micros();
        let length = (rarest * ROOM).max(LEAST.as_micros()).min(horizon.max(1));
        let now = run.now();
        let ahead = rarest.max(length / 16).min(length / 8);
        let to = (now.as_micros() + ahead).max(length);
        Self { from: Instant(to - length), to: Instant(to), now }
    }

    /// Where a moment stands in it.
    fn at(&self, moment: Instant) -> Share {
        let length = (self.to - self.from).as_micros().max(1);
        let passed = (moment.max(self.from) - self.from).as_micros().min(length);
        Share((passed * 100_000 / length) as u32)
    }

    fn has(&self, moment: Instant) -> bool {
        moment >= self.from && moment <= self.to
    }

    fn span(&self, from: Instant, to: Instant) -> (Share, Share) {
        let (start, end) = (self.at(from), self.at(to));
        (start, Share(end.0.saturating_sub(start.0)))
    }

    /// One member's checks, what was done to it, and whether it was in use.
    pub(super) fn strip(&self, (run, lab): (&Timeline, &Lab), row: &HealthView, past: &Past, name: &str) -> Markup {
        let x = self.at(self.now);
        let height = if self.verdict_on(past).is_some() { TALL } else { HEIGHT };
        html! {
            svg class="hl-strip" width="100%" height=(height) role="img" aria-label=(self.sentence(past, name)) {
                (self.phases(row, past))
                line x1=(x) x2=(x) y1="0" y2=(height) class="hl-now" {}
                (self.verdict(past))
                @for error in past.errors.iter().filter(|at| self.has(**at)) { circle cx=(self.at(*error)) cy=(USE) r="2.5" class="hl-error" {} }
                (self.asked(row, past))
                @for deed in past.deeds.iter().filter(|deed| self.has(deed.at)) {
                    svg x=(self.at(deed.at)) y=(USE) overflow="visible" {
                        title { (past.deed(deed, lab, run)) " at " (seconds(deed.at)) }
                        g transform="scale(.78)" { @if deed.wrong { (marks::fault()) } @else { (marks::mended()) } }
                    }
                }
            }
        }
    }

    /// Each check as long as it took, with its mark where it was over; the one under way, the next.
    fn asked(&self, row: &HealthView, past: &Past) -> Markup {
        let placed = |at: Instant, mark: Markup| html! { svg x=(self.at(at)) y=(CHECKS) overflow="visible" { (mark) } };
        html! {
            line x1="0" x2="100%" y1=(CHECKS) y2=(CHECKS) class="hl-line" {}
            @for check in past.checks.iter().filter(|check| check.over >= self.from) {
                @let (x, width) = self.span(check.began, check.over);
                @if width.0 > 0 { rect x=(x) y=(CHECKS - 3) width=(width) height="6" class=(if check.good { "hl-asks" } else { "hl-asks bad" }) {} }
                (placed(check.over, mark(check.good)))
            }
            @if let Some(since) = row.under_way {
                @let (x, width) = self.span(since, self.now);
                @let (ahead, left) = self.span(self.now, since + row.patience);
                rect x=(x) y=(CHECKS - 3) width=(width) height="6" class="hl-asks" {}
                rect x=(ahead) y=(CHECKS - 3) width=(left) height="6" class="hl-asks ahead" {}
            }
            @if let Some(next) = row.next.filter(|&at| at >= self.now && self.has(at)) {
                (placed(next, html! { path d=(DIAMOND) class="hl-mark ahead" {} }))
            }
        }
    }

    /// Stretches in which it was in use, and in which it was not.
    fn phases(&self, row: &HealthView, past: &Past) -> Markup {
        let turns: Vec<_> = past.turns.iter().filter(|turn| turn.at > self.from && turn.at <= self.now).collect();
        let mut from = self.from;
        let mut up = turns.first().map_or(row.up, |turn| !turn.up);
        let mut phases = Vec::new();
        for turn in &turns {
            phases.push((from, turn.at, up));
            (from, up) = (turn.at, turn.up);
        }
        phases.push((from, self.now, up));
        html! {
            @for (from, to, up) in phases {
                @let (x, width) = self.span(from, to);
                @if up { rect x=(x) y=(USE - 4) width=(width) height="8" class="hl-in" {} }
                @else { line x1=(x) x2=(self.at(to)) y1=(USE) y2=(USE) class="hl-out" {} }
            }
        }
    }

    /// The last fault and its verdict, while they are in view.
    pub(super) fn verdict_on<'a>(&self, past: &'a Past) -> Option<(&'a Deed, &'a Turn)> {
        past.verdict().filter(|(_, turn)| self.has(turn.at))
    }

    /// From the last fault to its verdict.
    fn verdict(&self, past: &Past) -> Markup {
        let Some((fault, turn)) = self.verdict_on(past) else { return html! {} };
        let (from, to) = (self.at(fault.at), self.at(turn.at));
        let words = format!("noticed after {}", turn.at - fault.at);
        // The words stand where they have room, whatever the width.
        let (x, anchor) = if to.0 > 50_000 { (to, "end") } else { (from, "start") };
        html! {
            line x1=(from) x2=(to) y1=(VERDICT) y2=(VERDICT) class="hl-until" {}
            @for x in [from, to] { line x1=(x) x2=(x) y1=(VERDICT - 4) y2=(VERDICT + 4) class="hl-until" {} }
            svg x=(x) y=(TALL - 2) overflow="visible" { text class="tk-label hl-verdict" text-anchor=(anchor) { (words) } }
        }
    }

    /// The moments of the stretch, once for all members.
    pub(super) fn axis(&self) -> Markup {
        const STEPS: [u64; 8] = [1, 2, 5, 10, 20, 30, 60, 120];
        let (from, to) = (self.from.as_micros() / 1_000_000, self.to.as_micros() / 1_000_000);
        let step = STEPS.into_iter().find(|step| (to - from) / step <= 5).unwrap_or(600);
        let first = self.from.as_micros().div_ceil(step * 1_000_000);
        let ticks = (first..=to / step).map(|n| n * step);
        html! {
            svg class="hl-strip" width="100%" height="20" aria-hidden="true" {
                @for at in ticks {
                    @let x = self.at(Instant(at * 1_000_000));
                    line x1=(x) x2=(x) y1="0" y2="4" class="tk-tick" {}
                    @if (4_000..96_000).contains(&x.0) { svg x=(x) y="17" overflow="visible" { (paint::label_mid(0, 0, "tk-label", &format!("{at} s"))) } }
                }
            }
        }
    }

    /// The strip, told.
    fn sentence(&self, past: &Past, name: &str) -> String {
        let mut told: Vec<(Instant, &str)> = Vec::new();
        told.extend(past.deeds.iter().map(|deed| (deed.at, if deed.wrong { "broken" } else { "mended" })));
        told.extend(past.turns.iter().map(|turn| (turn.at, if turn.up { "in use again" } else { "out" })));
        let told = sorted(&told, |(at, _)| [at.as_micros(), 0, 0, 0]);
        let told: String =
            told.into_iter().filter(|(at, _)| self.has(*at)).map(|(at, words)| format!(" {words} at {},", seconds(at))).collect();
        let checks: Vec<_> = past.checks.iter().filter(|check| self.has(check.over)).collect();
        let (good, all) = (checks.iter().filter(|check| check.good).count(), checks.len());
        let last =
            checks.last().map_or_else(String::new, |check| format!(", the last at {}: {}", seconds(check.over), found(check.finding)));
        let errors = past.errors.iter().filter(|at| self.has(**at)).count();
        format!(
            "{name} since {}:{told} {good} of {all} checks passed{last}; {} went wrong.",
            seconds(self.from),
            text::count(errors as u64, "request", "requests")
        )
    }
}

const DIAMOND: &str = "M0 -6l6 6l-6 6l-6 -6z";

/// The mark of a check: a hollow diamond, or a filled one with a cross.
pub(super) fn mark(good: bool) -> Markup {
    html! {
        path d=(DIAMOND) class=(if good { "hl-mark" } else { "hl-mark bad" }) {}
        @if !good { path d="M-2.2 -2.2l4.4 4.4m0 -4.4l-4.4 4.4" class="hl-cross" {} }
    }
}
