//! The profiles: what the RFCs say, the same without what leaks, and three servers.

use super::key::KeyRules;
use super::profile::*;
use super::reading::Reading;
use super::vary::VaryRules;

/// Statuses that say that the origin failed (RFC 5861 section 4).
const FAILING: &[u16] = &[500, 502, 503, 504];

impl Profile {
    /// A shared cache that does what RFC 9111 and its neighbours say, and all that they allow.
    pub fn rfc() -> Self {
        Self {
            reading: Reading::Rfc,
            targets: &["cdn-cache-control"],
            grain: Grain::Exact,
            stores_cookies: true,
            methods: &[],
            post_for_get: true,
            heed_client: true,
            heed_pragma: false,
            pass_on: &[],
            withheld: &[],
            head_as_get: false,
            forwards_conditions: true,
            validate: Validate::Validators,
            keep: None,
            update: Update::Except(&["content-length"]),
            checks_304: true,
            passes_304: false,
            refuses_older: false,
            conditions: Conditions {
                both: false,
                exact: false,
                as_text: false,
                one_tag: false,
                without: Without::Freshness,
                only_200: false,
            },
            grace: 0,
            background: true,
            updating: false,
            heed_swr: true,
            errors: Errors {
                failure: true,
                statuses: FAILING.to_vec(),
                allowed: FAILING,
                directive: true,
                ends: true,
                limit: Some(86_400 * SECOND),
                status: 502,
            },
            collapse: Collapse::Wake,
            collapse_stale: true,
            hit_for_miss: None,
            hit_for_pass: None,
            abandons: false,
            reloads: false,
            min_uses: 1,
            valid: Vec::new(),
            default_ttl: 0,
            ttl: None,
            negative_ttl: 0,
            ignored: Vec::new(),
            heuristic: (10, 86_400),
            heuristic_least: 0,
            vary: VaryRules::RFC,
            ranges: Ranges::Parts,
            invalidate: Invalidate::Success,
            output: Output {
                age: true,
                age_always: false,
                own_date: false,
                listed: true,
                hidden: &[],
                in_304: None,
                warning: None,
                status: None,
            },
            interim: Interim::Pass,
            strict: Strict { coding: false, status: true, range: false },
            early: 0,
            keys: KeyRules::default(),
        }
    }

    /// The same without what has leaked somewhere: no stored `Set-Cookie`, no stored POST, no
    /// guess at a modification date, nothing stale that nobody allowed.
    pub fn safe() -> Self {
        let mut profile = Self::rfc();
        profile.stores_cookies = false;
        profile.post_for_get = false;
        profile.conditions.without = Without::Date;
        profile.errors.failure = false;
        profile.errors.statuses = Vec::new();
        profile
    }

    /// nginx 1.22 with `proxy_cache` and `proxy_cache_revalidate on`; else its defaults.
    pub fn nginx() -> Self {
        Self {
            reading: Reading::Nginx,
            targets: &[],
            grain: Grain::SecondsThrough,
            stores_cookies: false,
            post_for_get: false,
            heed_client: false,
            head_as_get: true,
            forwards_conditions: false,
            update: Update::Nothing,
            checks_304: false,
            conditions: Conditions { both: true, exact: true, as_text: true, one_tag: false, without: Without::Nothing, only_200: true },
            background: false,
            errors: Errors { failure: false, statuses: Vec::new(), allowed: &[], directive: true, ends: false, limit: None, status: 502 },
            collapse: Collapse::Off,
            collapse_stale: false,
            vary: VaryRules::NGINX,
            ranges: Ranges::Accepted,
            invalidate: Invalidate::Nothing,
            output: Output { age: false, own_date: true, listed: false, ..Self::rfc().output },
            interim: Interim::PassUncached,
            strict: Strict { coding: false, status: false, range: false },
            keys: KeyRules { host: false, ..KeyRules::default() },
            ..Self::rfc()
        }
    }

    /// Varnish 7.1 with the built-in VCL, `default_ttl`, `default_grace` 0 and a `keep`: as the
    /// suite was run on it. Its own defaults are 120 s, 10 s and 0.
    pub fn varnish() -> Self {
        Self {
            reading: Reading::Varnish,
            targets: &[],
            stores_cookies: false,
            post_for_get: false,
            heed_client: false,
            pass_on: &["authorization", "cookie"],
            head_as_get: true,
            forwards_conditions: false,
            keep: Some(3_600 * SECOND),
            update: Update::Except(&["content-length", "content-encoding", "content-range"]),
            checks_304: false,
            conditions: Conditions { as_text: true, one_tag: true, without: Without::Date, ..Self::rfc().conditions },
            errors: Errors { failure: false, statuses: Vec::new(), allowed: &[], directive: false, ends: false, limit: None, status: 503 },
            hit_for_miss: Some(120 * SECOND),
            vary: VaryRules::VARNISH,
            ranges: Ranges::Whole,
            invalidate: Invalidate::Nothing,
            output: Output { age_always: true, ..Self::rfc().output },
            interim: Interim::Fail,
            strict: Strict { coding: true, status: false, range: true },
            ..Self::rfc()
        }
    }

    /// Squid 5.7 as an accelerator with `refresh_pattern . 0 20% 4320`; else its defaults.
    pub fn squid() -> Self {
        Self {
            reading: Reading::Squid,
            targets: &[],
            grain: Grain::Seconds,
            post_for_get: false,
            heed_pragma: true,
            reloads: true,
            withheld: &["authorization"],
            validate: Validate::ServedAt,
            update: Update::Except(&[]),
            checks_304: false,
            passes_304: true,
            refuses_older: true,
            conditions: Conditions { both: true, without: Without::Date, ..Self::rfc().conditions },
            background: false,
            heed_swr: false,
            errors: Errors { limit: Some(7 * 86_400 * SECOND), statuses: (500..600).collect(), ..Self::rfc().errors },
            collapse: Collapse::Off,
            collapse_stale: false,
            heuristic: (20, 4_320 * 60),
            vary: VaryRules::SQUID,
            ranges: Ranges::Whole,
            invalidate: Invalidate::UnknownAlways,
            output: Output {
                hidden: &["set-cookie"],
                in_304: Some(&["date", "content-type", "expires", "last-modified", "cache-control"]),
                warning: Some("110 squid/5.7 \"Response is stale\""),
                ..Self::rfc().output
            },
            strict: Strict { coding: true, status: true, range: false },
            keys: KeyRules { host: false, ..KeyRules::default() },
            ..Self::rfc()
        }
    }
}
