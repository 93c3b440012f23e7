//! What is stored, and what its age allows.

use super::field::control::Control;
use super::field::range::Part;
use super::message::Response;
use super::profile::{Grain, Profile, SECOND};
use super::reading::Terms;
use super::vary::Selecting;
use super::verdict::{Outcome, Reason, Verdict};

/// A note that stands where a response would (Varnish).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// This is not cacheable: do not wait for each other.
    HitForMiss,
    /// Pass this on.
    HitForPass,
}

/// A stored response. Times are microseconds since 1970.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Tells it from every other one.
    pub id: u64,
    /// The response.
    pub response: Response,
    /// Where its bytes belong, when it is a part.
    pub part: Option<Part>,
    /// The `Range` that brought it.
    pub asked_range: Option<String>,
    /// The request fields that it was chosen by.
    pub selecting: Selecting,
    /// When it may be used.
    pub terms: Terms,
    /// When its age was zero.
    pub born: i64,
    /// When it came, or was last found to be right.
    pub came: i64,
    /// How long fetching it took.
    pub took: i64,
    /// It is a note, and not a response.
    pub note: Option<Note>,
    /// The groups that it belongs to (RFC 9875).
    pub groups: Vec<String>,
}

/// What may be done with a stored response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may be used.
    Fresh,
    /// It is stale and may be used all the same.
    Allowed,
    /// It may be used while somebody refreshes it.
    Refresh,
    /// The client wants it from the origin, though it is fresh.
    Asked,
    /// It has to be validated.
    Stale,
}

impl Entry {
    /// Its age at a moment, as this cache counts.
    pub fn age(&self, profile: &Profile, now: i64) -> i64 {
        let now = if profile.grain == Grain::Exact { now } else { now - now.rem_euclid(SECOND) };
        now.saturating_sub(self.born)
    }

    /// Whether its lifetime lasts; with a longer one, whether that does.
    pub fn lasts(&self, profile: &Profile, longer: i64, now: i64) -> bool {
        let (age, end) = (self.age(profile, now), self.terms.lifetime.saturating_add(longer));
        if profile.grain == Grain::SecondsThrough { age <= end } else { age < end }
    }

    /// How long past its lifetime it may be used while it is refreshed.
    pub fn grace(&self, profile: &Profile) -> i64 {
        self.terms.swr.unwrap_or(profile.grace)
    }

    /// A decision about it, with its numbers.
    pub fn verdict(&self, profile: &Profile, outcome: Outcome, reason: Reason, now: i64) -> Verdict {
        let age = self.age(profile, now).div_euclid(SECOND).max(0);
        Verdict { outcome, reason, age, lifetime: self.terms.lifetime.div_euclid(SECOND) }
    }

    /// What may be done with it for a client that wants this. `draw` is above 0 and at most 1; the
    /// closer to 0, the earlier it is refreshed by chance.
    pub fn weigh(&self, profile: &Profile, wants: &Control, draw: f64, now: i64) -> (Standing, Reason) {
        if let Some(reason) = self.terms.always {
            return (Standing::Stale, reason);
        }
        let fresh = self.lasts(profile, 0, now);
        if let Some(reason) = self.unwanted(profile, wants, fresh, now) {
            return (if fresh { Standing::Asked } else { Standing::Stale }, reason);
        }
        if fresh {
            let early = self.is_early(profile, draw, now);
            return if early { (Standing::Refresh, Reason::EarlyExpiry) } else { (Standing::Fresh, Reason::Fresh) };
        }
        if let Some(reason) = self.terms.must {
            return (Standing::Stale, reason);
        }
        let longest = wants.max_stale.valid().map_or(0, |n| i64::from(n) * SECOND);
        if wants.any_stale || (longest > 0 && self.lasts(profile, longest, now)) {
            return (Standing::Allowed, Reason::RequestMaxStale);
        }
        let grace = self.grace(profile);
        if grace > 0 && self.lasts(profile, grace, now) {
            let reason = if self.terms.swr.is_some() { Reason::StaleWhileRevalidate } else { Reason::Grace };
            return (Standing::Refresh, reason);
        }
        if profile.updating { (Standing::Refresh, Reason::UseStale) } else { (Standing::Stale, Reason::Over) }
    }

    /// Why the client does not want it, if it does not (RFC 9111 section 5.2.1).
    fn unwanted(&self, profile: &Profile, wants: &Control, fresh: bool, now: i64) -> Option<Reason> {
        if wants.no_cache.is_all() {
            return Some(Reason::RequestNoCache);
        }
        let age = self.age(profile, now);
        if let Some(most) = wants.max_age.valid() {
            // RFC 8246 section 2: a reload of what will not change needs no question.
            let kept = most == 0 && self.terms.immutable && fresh;
            let older = age > i64::from(most) * SECOND || (most == 0 && profile.reloads);
            if older && !kept {
                return Some(Reason::RequestMaxAge);
            }
        }
        let left = self.terms.lifetime.saturating_sub(age);
        let short = wants.min_fresh.valid().is_some_and(|n| left < i64::from(n) * SECOND);
        short.then_some(Reason::RequestMinFresh)
    }

    /// XFetch: now plus a share of the time that fetching takes is past the end. The share is
    /// drawn so that the first of many requests comes just early enough.
    fn is_early(&self, profile: &Profile, draw: f64, now: i64) -> bool {
        if profile.early == 0 || draw <= 0.0 {
            return false;
        }
        let share = -libm::log(draw) * f64::from(profile.early) / 100.0;
        let lead = (self.took as f64 * share) as i64;
        self.terms.lifetime.saturating_sub(self.age(profile, now)) <= lead
    }

    /// Why it may be used although the origin failed: with this status, or without any answer.
    pub fn despite(&self, profile: &Profile, wants: &Control, status: Option<u16>, now: i64) -> Option<Reason> {
        let errors = &profile.errors;
        if self.terms.must.is_some() || self.terms.always.is_some() || wants.no_cache.is_all() {
            return None;
        }
        let fits = |list: &[u16]| status.is_none_or(|status| list.contains(&status));
        if errors.directive {
            let span = self.terms.sie.or(wants.sie.valid().map(|n| i64::from(n) * SECOND));
            let lasts = span.map(|span| self.lasts(profile, span, now));
            if lasts == Some(true) && fits(errors.allowed) {
                return Some(Reason::StaleIfError);
            }
            if lasts == Some(false) && errors.ends {
                return None;
            }
        }
        if !errors.limit.is_none_or(|most| self.lasts(profile, most, now)) {
            return None;
        }
        match status {
            None => errors.failure.then_some(Reason::Disconnected),
            Some(status) => errors.statuses.contains(&status).then_some(Reason::OriginError),
        }
    }
}
