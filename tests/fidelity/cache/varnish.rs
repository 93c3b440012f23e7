//! Varnish: the built-in VCL, parameters, and what a VCL of one's own changes.

use std::rc::Rc;

use hopscope_core::http::Headers;
use hopscope_core::policy::cache::verdict::Reason;
use hopscope_core::policy::cache::{Answer, Ask, Cache, Outcome, Profile, Request};
use serde_json::Value;

use super::origin::Origin;
use super::vcl::{self, Statement, span};
use super::world::Server;
use crate::fields;
use crate::replay::{Expect, Family};
use crate::trace::Trace;

/// A VCL with one backend, and parameters.
pub(super) const FAMILY: Family = Family { name: "Varnish cache", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("varnish") && trace.config["vcl"].is_string() && super::known(trace)
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    let varnish = Varnish::read(trace.config["vcl"].as_str().unwrap_or_default(), &trace.config["params"])?;
    let passed_by = varnish.profile.hit_for_pass.map(|(name, _)| name.to_owned()).into_iter().collect();
    super::replay(trace, &(Rc::new(varnish) as Rc<dyn Server>), Origin::of(trace, false, passed_by)?)
}

struct Varnish {
    profile: Profile,
    /// Fields that `vcl_recv` takes out of requests.
    unset: Vec<String>,
    /// Methods with which `vcl_recv` purges.
    purges: Vec<String>,
}

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;

impl Varnish {
    fn read(text: &str, params: &Value) -> Result<Self, String> {
        // Varnish's own defaults: `default_ttl` 120, `default_grace` 10, `default_keep` 0.
        let own = Profile { default_ttl: 120 * SECOND, grace: 10 * SECOND, keep: Some(0), ..Profile::varnish() };
        let mut varnish = Self { profile: own, unset: Vec::new(), purges: Vec::new() };
        for param in params.as_array().into_iter().flatten().filter_map(Value::as_str) {
            varnish.param(param)?;
        }
        for statement in vcl::sub(text, "vcl_recv")? {
            varnish.on_request(&statement)?;
        }
        for statement in vcl::sub(text, "vcl_backend_response")? {
            varnish.on_response(&statement)?;
        }
        for (name, words) in WORDS {
            let statements = vcl::sub(text, name)?;
            let told = format!("{statements:?}");
            if !statements.is_empty() && !words.iter().all(|word| told.contains(word)) {
                return Err(format!("not modelled yet: a {name} that says {told}"));
            }
        }
        for name in ["vcl_hash", "vcl_backend_fetch", "vcl_backend_error", "vcl_purge", "vcl_pipe"] {
            if !vcl::sub(text, name)?.is_empty() {
                return Err(format!("not modelled yet: a {name} of one's own with a cache"));
            }
        }
        Ok(varnish)
    }

    fn param(&mut self, param: &str) -> Result<(), String> {
        let (name, value) = param.split_once('=').ok_or_else(|| format!("{param} sets nothing"))?;
        match name.trim() {
            "default_ttl" => self.profile.default_ttl = span(value.trim())?,
            "default_grace" => self.profile.grace = span(value.trim())?,
            "default_keep" => self.profile.keep = Some(span(value.trim())?),
            other => return Err(format!("not modelled yet: Varnish's {other} with a cache")),
        }
        Ok(())
    }

    fn on_request(&mut self, statement: &Statement) -> Result<(), String> {
        match statement {
            Statement::Do(text) if text == "return (hash)" => Err("not modelled yet: a vcl_recv in place of the built-in one".into()),
            Statement::Do(text) if text.starts_with("unset req.http.") => {
                self.unset.push(text["unset req.http.".len()..].to_owned());
                Ok(())
            }
            Statement::If(condition, then, otherwise) if otherwise.is_empty() && then[..] == [Statement::Do("return (purge)".into())] => {
                let method = condition.strip_prefix("(req.method == \"").and_then(|rest| rest.strip_suffix("\")"));
                self.purges.push(method.ok_or_else(|| format!("not modelled yet: a purge if {condition}"))?.to_owned());
                Ok(())
            }
            other => Err(format!("not modelled yet: {other:?} in a vcl_recv")),
        }
    }

    fn on_response(&mut self, statement: &Statement) -> Result<(), String> {
        let unknown = || Err(format!("not modelled yet: {statement:?} in a vcl_backend_response"));
        match statement {
            Statement::Do(text) => match text.split_once(" = ") {
                Some(("set beresp.grace", value)) => (self.profile.grace, self.profile.heed_swr) = (span(value)?, false),
                Some(("set beresp.keep", value)) => self.profile.keep = Some(span(value)?),
                Some(("set beresp.ttl", value)) => self.profile.ttl = Some(span(value)?),
                _ => return unknown(),
            },
            Statement::If(condition, then, otherwise) => {
                let [Statement::Do(then)] = &then[..] else { return unknown() };
                let condition = condition.trim_start_matches('(').trim_end_matches(')');
                let mut both = condition.split(" && ").collect::<Vec<_>>();
                both.sort_unstable();
                let passed = then.strip_prefix("return (pass(").and_then(|rest| rest.strip_suffix("))"));
                match (both[..] == ["bereq.is_bgfetch", "beresp.status >= 500"], condition.strip_prefix("beresp.http."), passed) {
                    _ if !otherwise.is_empty() => return unknown(),
                    (true, _, None) if then == "return (abandon)" => self.profile.abandons = true,
                    (_, Some(field), Some(span_of)) if field.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => {
                        // A profile is data with names that are known when it is built; this one is read.
                        let field: &'static str = Box::leak(field.to_ascii_lowercase().into_boxed_str());
                        self.profile.hit_for_pass = Some((field, span(span_of)?));
                    }
                    _ => return unknown(),
                }
            }
        }
        Ok(())
    }
}

/// The words by which these recordings tell what a VCL did.
const WORDS: [(&str, &[&str]); 3] = [
    ("vcl_hit", &["\\\"hit\\\""]),
    ("vcl_miss", &["req.is_hitmiss", "\\\"hitmiss\\\"", "\\\"miss\\\""]),
    ("vcl_pass", &["req.is_hitpass", "\\\"hitpass\\\"", "\\\"pass\\\""]),
];

impl Server for Varnish {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn ask(&self, mut request: Request, raw: &Value) -> Result<Ask, String> {
        // Before any VCL sees the request.
        request.headers.append_forwarded_for(fields::peer(raw));
        for name in &self.unset {
            request.headers.remove(name);
        }
        Ok(Ask { request, ..Ask::default() })
    }

    fn own(&self, cache: &mut Cache, ask: &Ask) -> Option<Answer> {
        if !self.purges.contains(&ask.request.method) {
            return None;
        }
        let key = self.profile.keys.key(&ask.request);
        cache.remove(&key);
        Some(Answer::own(200, Outcome::Pass, Reason::PassRule))
    }

    fn label(&self, outcome: Outcome) -> Option<&'static str> {
        Some(match outcome {
            Outcome::Hit | Outcome::Stale | Outcome::Updating => "hit",
            Outcome::HitForMiss => "hitmiss",
            Outcome::HitForPass => "hitpass",
            Outcome::Pass | Outcome::Method => "pass",
            _ => "miss",
        })
    }

    fn write(&self, _: &mut Headers, _: bool) {}

    fn always(&self) -> &'static [&'static str] {
        &["if-none-match", "if-modified-since", "cookie", "authorization", "accept-language", "accept-encoding", "x-forwarded-for"]
    }

    fn keeps(&self) -> bool {
        true
    }

    fn whole_seconds(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_vcl_changes_the_profile() {
        let text = "sub vcl_recv { if (req.method == \"DROP\") { return (purge); } unset req.http.Cookie; }
            sub vcl_backend_response { if (beresp.http.X-Skip) { return (pass(3s)); } set beresp.grace = 2m;
            if (beresp.status >= 500 && bereq.is_bgfetch) { return (abandon); } }";
        let varnish = Varnish::read(text, &json!(["default_ttl=7", "default_keep=60"])).expect("it can be read");
        let profile = &varnish.profile;
        assert_eq!((profile.default_ttl, profile.grace, profile.keep), (7 * SECOND, 120 * SECOND, Some(60 * SECOND)));
        assert_eq!((profile.hit_for_pass, profile.abandons, profile.heed_swr), (Some(("x-skip", 3 * SECOND)), true, false));
        assert_eq!((&varnish.unset[..], &varnish.purges[..]), (&["Cookie".to_owned()][..], &["DROP".to_owned()][..]));
        assert!(Varnish::read("sub vcl_backend_response { if (bereq.url ~ \"a\") { set beresp.ttl = 1s; } }", &Value::Null).is_err());
        assert!(Varnish::read("sub vcl_hash { hash_data(req.url); }", &Value::Null).is_err());
    }
}
