//! nginx: `proxy_cache` and the directives around it.

use std::rc::Rc;

use hopscope_core::http::Headers;
use hopscope_core::policy::cache::profile::{Collapse, Validate};
use hopscope_core::policy::cache::{Answer, Ask, Cache, Outcome, Profile, Request};
use hopscope_core::time::Duration;
use serde_json::Value;

use super::origin::Origin;
use super::world::Server;
use crate::config::nginx::{self, Directive, millis};
use crate::nginx::variables::{expand_by, variable};
use crate::replay::{Expect, Family};
use crate::trace::Trace;

/// Locations with a `proxy_cache`.
pub(super) const FAMILY: Family = Family { name: "nginx proxy_cache", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    let caches = || nginx::read(trace.config.as_str().unwrap_or_default()).has("proxy_cache");
    trace.system.starts_with("nginx") && super::known(trace) && caches()
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let site = Site::read(&nginx::read(trace.config.as_str().unwrap_or_default()))?;
    super::replay(trace, &(Rc::new(site) as Rc<dyn Server>), Origin::of(trace, true, Vec::new())?)
}

/// One location.
struct Site {
    profile: Profile,
    /// `proxy_cache_key`.
    key: String,
    /// The host of `proxy_pass`.
    proxy_host: String,
    /// `proxy_cache_bypass` and `proxy_no_cache`.
    bypass: Vec<String>,
    keep_out: Vec<String>,
}

/// Directives that change nothing that is compared.
const OTHER: &[&str] = &[
    "proxy_pass",
    "proxy_cache",
    "proxy_cache_path",
    "proxy_temp_path",
    "proxy_http_version",
    "proxy_buffering",
    "proxy_buffers",
    "proxy_buffer_size",
    "proxy_connect_timeout",
    "proxy_cache_max_range_offset",
];

impl Site {
    fn read(config: &Directive) -> Result<Self, String> {
        let mut site = Self {
            profile: Profile { validate: Validate::Never, ..Profile::nginx() },
            key: "$scheme$proxy_host$request_uri".into(),
            proxy_host: String::new(),
            bypass: Vec::new(),
            keep_out: Vec::new(),
        };
        let mut lock = Lock { on: false, timeout_ms: 5_000, age_ms: 5_000 };
        let pass = config.find("proxy_pass").and_then(|d| d.args().first()).ok_or("no location passes anything on")?;
        site.proxy_host = pass.split("://").nth(1).unwrap_or_default().split('/').next().unwrap_or_default().to_owned();
        let mut names = Vec::new();
        names_of(config, &mut names);
        for name in names {
            // Directives of this kind are inherited only where the inner block has none of them.
            for directive in config.innermost(&name) {
                site.set(&mut lock, directive)?;
            }
        }
        if lock.on {
            site.profile.collapse = Collapse::Poll {
                every: Duration::from_millis(500),
                timeout: Duration::from_millis(lock.timeout_ms),
                age: Duration::from_millis(lock.age_ms),
            };
        }
        Ok(site)
    }

    fn set(&mut self, lock: &mut Lock, directive: &Directive) -> Result<(), String> {
        let (args, profile) = (directive.args(), &mut self.profile);
        let first = args.first().map_or("", String::as_str);
        let on = first == "on";
        match directive.name() {
            "proxy_cache_key" => self.key = first.to_owned(),
            "proxy_cache_bypass" => self.bypass.extend_from_slice(args),
            "proxy_no_cache" => self.keep_out.extend_from_slice(args),
            "proxy_cache_lock" => lock.on = on,
            "proxy_cache_lock_timeout" => lock.timeout_ms = millis(first),
            "proxy_cache_lock_age" => lock.age_ms = millis(first),
            "proxy_cache_revalidate" => profile.validate = if on { Validate::Validators } else { Validate::Never },
            "proxy_cache_background_update" => profile.background = on,
            "proxy_cache_convert_head" => profile.head_as_get = on,
            "proxy_cache_min_uses" => profile.min_uses = first.parse().map_err(|_| format!("proxy_cache_min_uses {first} is no number"))?,
            "proxy_cache_methods" if args.iter().any(|method| method == "POST") => profile.methods = &["POST"],
            "proxy_cache_methods" => {}
            "proxy_cache_valid" => profile.valid.extend(valid(args)?),
            "proxy_cache_use_stale" => use_stale(profile, args)?,
            "proxy_ignore_headers" => ignore(profile, args)?,
            name if OTHER.contains(&name) => {}
            name => return Err(format!("not modelled yet: nginx's {name} with a cache")),
        }
        Ok(())
    }

    fn holds(&self, conditions: &[String], request: &Request, raw: &Value) -> Result<bool, String> {
        for condition in conditions {
            let value = self.expand(condition, request, raw)?;
            if !value.is_empty() && value != "0" {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn expand(&self, expression: &str, request: &Request, raw: &Value) -> Result<String, String> {
        expand_by(expression, &|name| match name {
            "scheme" => Ok("http".into()),
            "proxy_host" => Ok(self.proxy_host.clone()),
            "host" => Ok(request.origin.trim_start_matches("http://").to_ascii_lowercase()),
            "is_args" => Ok(if request.target.contains('?') { "?" } else { "" }.into()),
            name => match (name.strip_prefix("cookie_"), name.strip_prefix("http_")) {
                (Some(cookie), _) => Ok(request.headers.cookie(cookie).unwrap_or_default().to_owned()),
                (_, Some(field)) => Ok(request.headers.get(&field.replace('_', "-")).unwrap_or_default().to_owned()),
                _ => variable(name, raw),
            },
        })
    }
}

/// `proxy_cache_lock` with its spans.
struct Lock {
    on: bool,
    timeout_ms: u64,
    age_ms: u64,
}

/// The names of all directives about proxying, each once.
fn names_of(config: &Directive, names: &mut Vec<String>) {
    for directive in &config.inside {
        if directive.name().starts_with("proxy_") && !names.iter().any(|name| name == directive.name()) {
            names.push(directive.name().to_owned());
        }
        names_of(directive, names);
    }
}

/// `proxy_cache_valid 200 302 10m`; without a status 200, 301 and 302.
fn valid(args: &[String]) -> Result<Vec<(u16, i64)>, String> {
    let (span, statuses) = args.split_last().ok_or("proxy_cache_valid says no time")?;
    let span = i64::try_from(millis(span)).unwrap_or(i64::MAX / 1_000) * 1_000;
    if statuses.is_empty() {
        return Ok([200, 301, 302].map(|status| (status, span)).into());
    }
    let status = |text: &String| match text.as_str() {
        "any" => Ok((0, span)),
        text => text.parse().map(|status| (status, span)).map_err(|_| format!("proxy_cache_valid {text} is no status")),
    };
    statuses.iter().map(status).collect()
}

fn use_stale(profile: &mut Profile, args: &[String]) -> Result<(), String> {
    for arg in args {
        match arg.as_str() {
            "off" | "timeout" | "invalid_header" => {}
            "error" => profile.errors.failure = true,
            "updating" => profile.updating = true,
            other => {
                let status = other.strip_prefix("http_").and_then(|status| status.parse().ok());
                profile.errors.statuses.push(status.ok_or_else(|| format!("proxy_cache_use_stale {other} is nothing that nginx has"))?);
            }
        }
    }
    Ok(())
}

/// Fields that nginx can ignore.
const IGNORED: &[&str] = &[
    "x-accel-redirect",
    "x-accel-expires",
    "x-accel-limit-rate",
    "x-accel-buffering",
    "x-accel-charset",
    "expires",
    "cache-control",
    "set-cookie",
    "vary",
];

fn ignore(profile: &mut Profile, args: &[String]) -> Result<(), String> {
    for arg in args {
        let name = IGNORED.iter().find(|name| name.eq_ignore_ascii_case(arg));
        profile.ignored.push(name.ok_or_else(|| format!("proxy_ignore_headers {arg} is no field that nginx ignores"))?);
    }
    Ok(())
}

impl Server for Site {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn ask(&self, request: Request, raw: &Value) -> Result<Ask, String> {
        let key = self.expand(&self.key, &request, raw)?;
        let bypass = self.holds(&self.bypass, &request, raw)?;
        let keep_out = self.holds(&self.keep_out, &request, raw)?;
        Ok(Ask { key: Some(key), bypass, keep_out, request, draw: 0.0 })
    }

    fn own(&self, _: &mut Cache, _: &Ask) -> Option<Answer> {
        None
    }

    /// `$upstream_cache_status`.
    fn label(&self, outcome: Outcome) -> Option<&'static str> {
        Some(match outcome {
            Outcome::Hit => "HIT",
            Outcome::Stale => "STALE",
            Outcome::Updating => "UPDATING",
            Outcome::Revalidated => "REVALIDATED",
            Outcome::Expired => "EXPIRED",
            Outcome::Bypass => "BYPASS",
            Outcome::Pass | Outcome::Method => return None,
            _ => "MISS",
        })
    }

    fn write(&self, _: &mut Headers, _: bool) {}

    fn always(&self) -> &'static [&'static str] {
        &["if-none-match", "if-modified-since", "cookie", "accept-language"]
    }

    fn keeps(&self) -> bool {
        false
    }

    fn whole_seconds(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_read() {
        let text = "http { proxy_cache_path /c keys_zone=c:1m; server { location / { proxy_pass http://10.0.0.1:81; proxy_cache c;
            proxy_cache_lock on; proxy_cache_lock_age 800ms; proxy_cache_valid 200 302 2s; proxy_cache_valid any 1m;
            proxy_cache_use_stale error updating http_503; proxy_ignore_headers Set-Cookie; proxy_cache_methods GET HEAD POST; } } }";
        let site = Site::read(&nginx::read(text)).expect("it can be read");
        let profile = &site.profile;
        assert_eq!(profile.valid, [(200, 2_000_000), (302, 2_000_000), (0, 60_000_000)]);
        assert!(profile.errors.failure && profile.updating);
        assert_eq!((&profile.errors.statuses[..], &profile.ignored[..], profile.methods), (&[503][..], &["set-cookie"][..], &["POST"][..]));
        let spans = [500, 5_000, 800].map(Duration::from_millis);
        assert_eq!(profile.collapse, Collapse::Poll { every: spans[0], timeout: spans[1], age: spans[2] });
        assert_eq!(site.proxy_host, "10.0.0.1:81");
        assert!(Site::read(&nginx::read("location / { proxy_pass http://a; proxy_limit_rate 5; }")).is_err());
    }
}
