//! Squid as an accelerator: `refresh_pattern`, `collapsed_forwarding` and what stands beside them.

use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;

use hopscope_core::forwarded::SquidForwardedFor;
use hopscope_core::http::Headers;
use hopscope_core::policy::cache::profile::Collapse;
use hopscope_core::policy::cache::verdict::Reason;
use hopscope_core::policy::cache::{Answer, Ask, Cache, Outcome, Profile, Request};
use serde_json::Value;

use super::origin::Origin;
use super::world::Server;
use crate::replay::{Expect, Family};
use crate::trace::Trace;

/// An accelerator with one origin.
pub(super) const FAMILY: Family = Family { name: "Squid cache", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    let config = trace.config.as_str().unwrap_or_default();
    trace.system.starts_with("squid") && config.contains("cache_peer ") && super::known(trace)
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let squid = Squid::read(trace.config.as_str().unwrap_or_default())?;
    super::replay(trace, &(Rc::new(squid) as Rc<dyn Server>), Origin::of(trace, true, Vec::new())?)
}

struct Squid {
    profile: Profile,
    /// `visible_hostname` of an accelerator, as it tells the origin who it is.
    surrogate: Option<String>,
    /// The longest that `refresh_pattern` lets anything stay fresh, in seconds.
    longest: i64,
    forwarded_for: SquidForwardedFor,
    /// Whoever purges may.
    purges: bool,
}

/// Directives that change nothing that is compared.
const OTHER: &[&str] = &[
    "cache_peer",
    "cache_peer_access",
    "connect_retries",
    "shutdown_lifetime",
    "pid_filename",
    "cache_log",
    "access_log",
    "logformat",
    "coredump_dir",
    "pinger_enable",
    "cache_mem",
    "memory_replacement_policy",
    "maximum_object_size_in_memory",
];

impl Squid {
    fn read(config: &str) -> Result<Self, String> {
        let mut squid = Self {
            profile: Profile::squid(),
            surrogate: None,
            longest: 3 * 86_400,
            forwarded_for: SquidForwardedFor::named("on").ok_or("forwarded_for on is not one that Squid has")?,
            purges: false,
        };
        let (mut accelerates, mut name) = (false, String::new());
        for line in config.lines() {
            let words: Vec<&str> = line.split_whitespace().take_while(|word| !word.starts_with('#')).collect();
            let Some((directive, args)) = words.split_first() else { continue };
            match *directive {
                "http_port" => {
                    accelerates = args.contains(&"accel");
                    squid.profile.keys.host = !args.contains(&"no-vhost");
                }
                "visible_hostname" => name = args.first().copied().unwrap_or_default().to_owned(),
                _ => squid.set(directive, args)?,
            }
        }
        squid.surrogate = accelerates.then_some(name);
        Ok(squid)
    }

    fn set(&mut self, directive: &str, args: &[&str]) -> Result<(), String> {
        let first = args.first().copied().unwrap_or_default();
        match directive {
            "refresh_pattern" => self.pattern(args)?,
            "collapsed_forwarding" => self.profile.collapse = if first == "on" { Collapse::Wake } else { Collapse::Off },
            "negative_ttl" => self.profile.negative_ttl = span(args)?,
            "max_stale" => self.profile.errors.limit = Some(span(args)?),
            "forwarded_for" => {
                self.forwarded_for =
                    SquidForwardedFor::named(first).ok_or_else(|| format!("forwarded_for {first} is not one that Squid has"))?;
            }
            // PURGE is refused unless an access rule speaks of the method (`acl … method PURGE`).
            "acl" => self.purges |= args.get(1) == Some(&"method") && args[2..].contains(&"PURGE"),
            "http_access" if args == ["allow", "all"] => {}
            name if OTHER.contains(&name) => {}
            name => return Err(format!("not modelled yet: Squid's {name} {} with a cache", args.join(" "))),
        }
        Ok(())
    }

    /// `refresh_pattern . min percent% max`.
    fn pattern(&mut self, args: &[&str]) -> Result<(), String> {
        let unknown = || format!("not modelled yet: refresh_pattern {}", args.join(" "));
        let [".", least, percent, most] = args else { return Err(unknown()) };
        let number = |text: &str| text.parse::<i64>().map_err(|_| unknown());
        let percent = number(percent.trim_end_matches('%'))?;
        self.longest = number(most)? * 60;
        self.profile.heuristic = (percent, self.longest);
        self.profile.heuristic_least = number(least)? * 60;
        Ok(())
    }
}

/// A span such as `5 minutes`, in microseconds; without a unit it is in seconds.
fn span(args: &[&str]) -> Result<i64, String> {
    let unknown = || format!("{} is no span", args.join(" "));
    let number: i64 = args.first().and_then(|text| text.parse().ok()).ok_or_else(unknown)?;
    let unit = match args.get(1).map_or("second", |unit| unit.trim_end_matches('s')) {
        "second" => 1,
        "minute" => 60,
        "hour" => 3_600,
        "day" => 86_400,
        "week" => 604_800,
        _ => return Err(unknown()),
    };
    Ok(number * unit * 1_000_000)
}

impl Server for Squid {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn ask(&self, request: Request, _: &Value) -> Result<Ask, String> {
        Ok(Ask { request, ..Ask::default() })
    }

    /// `PURGE` takes out what a GET like it would get.
    fn own(&self, cache: &mut Cache, ask: &Ask) -> Option<Answer> {
        if ask.request.method != "PURGE" {
            return None;
        }
        if !self.purges {
            return Some(Answer::own(403, Outcome::Method, Reason::Method));
        }
        let like = Request { method: "GET".into(), ..ask.request.clone() };
        let status = if cache.remove_variant(&like) > 0 { 200 } else { 404 };
        Some(Answer::own(status, Outcome::Method, Reason::Method))
    }

    fn label(&self, outcome: Outcome) -> Option<&'static str> {
        Some(if outcome.is_reuse() { "HIT" } else { "MISS" })
    }

    /// `httpBuildRequestHeader`.
    fn write(&self, sent: &mut Headers, _: bool) {
        self.forwarded_for.apply(sent, IpAddr::V4(Ipv4Addr::LOCALHOST));
        if let Some(name) = &self.surrogate {
            sent.set("Surrogate-Capability", format!("{name}=\"Surrogate/1.0\""));
        }
        sent.set("Cache-Control", control(sent, self.longest));
    }

    fn always(&self) -> &'static [&'static str] {
        &["if-none-match", "if-modified-since", "cache-control", "surrogate-capability", "x-forwarded-for"]
    }

    fn keeps(&self) -> bool {
        true
    }

    fn whole_seconds(&self) -> bool {
        true
    }
}

/// The order in which Squid packs directives (`http_hdr_cc_type`).
const ORDER: [&str; 12] = [
    "public",
    "private",
    "no-cache",
    "no-store",
    "no-transform",
    "must-revalidate",
    "proxy-revalidate",
    "max-age",
    "s-maxage",
    "max-stale",
    "min-fresh",
    "stale-if-error",
];

/// The client's `Cache-Control`, with the longest that `refresh_pattern` allows as `max-age` where
/// neither that nor `no-cache` is there.
fn control(sent: &Headers, longest: i64) -> String {
    let name = |directive: &str| directive.split('=').next().unwrap_or_default().trim().to_owned();
    let mut list: Vec<String> = sent.all("cache-control").flat_map(|value| value.split(',')).map(|text| text.trim().to_owned()).collect();
    list.retain(|directive| !directive.is_empty() && name(directive) != "only-if-cached");
    if !list.iter().any(|directive| matches!(name(directive).as_str(), "max-age" | "no-cache")) {
        list.push(format!("max-age={longest}"));
    }
    list.sort_by_key(|directive| ORDER.iter().position(|known| *known == name(directive)).unwrap_or(ORDER.len()));
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read() {
        let text = "http_port 1 accel defaultsite=a no-vhost\nrefresh_pattern . 1 50% 100\ncollapsed_forwarding on\nnegative_ttl 2 minutes\nvisible_hostname lab";
        let squid = Squid::read(text).expect("it can be read");
        let profile = &squid.profile;
        assert_eq!((profile.heuristic, profile.heuristic_least, profile.negative_ttl), ((50, 6_000), 60, 120_000_000));
        assert_eq!((profile.collapse, profile.keys.host, squid.purges), (Collapse::Wake, false, false));
        assert_eq!(squid.surrogate.as_deref(), Some("lab"));
        assert!(Squid::read("refresh_pattern -i jpg 0 20% 10").is_err());
        assert!(Squid::read("cache deny all").is_err());
    }

    #[test]
    fn directives_are_packed_in_squids_order() {
        let check = |came: &str, expect: &str| assert_eq!(control(&Headers(vec![("Cache-Control".into(), came.into())]), 600), expect);
        check("", "max-age=600");
        check("min-fresh=6", "max-age=600, min-fresh=6");
        check("no-cache", "no-cache");
        check("max-stale=1, max-age=0, only-if-cached", "max-age=0, max-stale=1");
    }
}
