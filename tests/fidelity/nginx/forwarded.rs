//! Who nginx says the client is: `real_ip` and `proxy_set_header`.

use std::net::IpAddr;

use hopscope_core::forwarded::{Network, real_ip};
use hopscope_core::http::Headers;
use serde_json::{Value, json};

use super::variables::expand_by;
use crate::config::nginx::{self, Directive};
use crate::fields;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// Requests with the fields that the upstream saw.
pub(crate) const FAMILY: Family = Family { name: "nginx real_ip", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("nginx") && fields::told(trace)
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    trace.steps.iter().map(|step| decide(trace, step)).collect()
}

fn decide(trace: &Trace, step: &Step) -> Result<Expect, String> {
    if step.kind == "control" {
        return Ok(Expect::Nothing);
    }
    let config = nginx::read(fields::config(trace, &step.request)?);
    let (came, peer) = (fields::of(&step.request), fields::peer(&step.request));
    let client = client(&config, peer, &came)?;
    let sent = sent(&config, peer, client, &came, &step.request)?;
    Ok(Expect::Holds(Box::new(move |decided| {
        for name in decided.as_object().into_iter().flatten().map(|(name, _)| name.as_str()) {
            match name {
                "remote_addr" if decided[name] == json!(client.to_string()) => {}
                "remote_addr" => return Err(format!("the client is {client} here and {} in the recording", decided[name])),
                "upstream_headers" => {}
                "status" if decided[name] == 200 => {}
                other => return Err(format!("the model says nothing about {other}")),
            }
        }
        fields::same(&sent, &decided["upstream_headers"], &["x-forwarded-for", "x-real-ip"])
    })))
}

/// `$remote_addr`, after `real_ip`.
fn client(config: &Directive, peer: IpAddr, came: &Headers) -> Result<IpAddr, String> {
    let word = |name: &str| config.find(name).and_then(|d| d.args().first()).map(String::as_str);
    let from = config.all("set_real_ip_from").into_iter().filter_map(|d| d.args().first()).filter(|from| *from != "unix:");
    let trusted = from.map(|from| from.parse::<Network>().map_err(|why| why.to_string())).collect::<Result<Vec<_>, _>>()?;
    let recursive = word("real_ip_recursive") == Some("on");
    // Every field of the chain counts, and of any other name the first.
    let values: Vec<&str> = match word("real_ip_header").unwrap_or("X-Real-IP") {
        "proxy_protocol" => return Err("not modelled yet: nginx's real_ip_header proxy_protocol".into()),
        name if name.eq_ignore_ascii_case("x-forwarded-for") => came.all(name).collect(),
        name => came.get(name).into_iter().collect(),
    };
    Ok(real_ip(peer, &values, &trusted, recursive).unwrap_or(peer))
}

/// What the upstream is sent: the fields that are set, then those that came under another name.
fn sent(config: &Directive, peer: IpAddr, client: IpAddr, came: &Headers, request: &Value) -> Result<Headers, String> {
    let set: Vec<&[String]> = config.innermost("proxy_set_header").into_iter().map(Directive::args).collect();
    let mut sent = Headers::default();
    for words in &set {
        let [name, expression] = words else { return Err("proxy_set_header takes a name and a value".into()) };
        let value = expand_by(expression, &|variable| match variable {
            "proxy_add_x_forwarded_for" => {
                let mut chain = came.clone();
                chain.append_forwarded_for(client);
                Ok(chain.get("x-forwarded-for").unwrap_or_default().to_owned())
            }
            "remote_addr" => Ok(client.to_string()),
            "realip_remote_addr" => Ok(peer.to_string()),
            "http_x_forwarded_for" => Ok(came.all("x-forwarded-for").collect::<Vec<_>>().join(", ")),
            "scheme" => Ok("http".to_owned()),
            other => match other.strip_prefix("http_") {
                Some(wanted) => Ok(came.get(&wanted.replace('_', "-")).unwrap_or_default().to_owned()),
                None => super::variables::variable(other, request),
            },
        })?;
        if !value.is_empty() {
            sent.0.push((name.clone(), value));
        }
    }
    let is_set = |name: &str| set.iter().any(|words| words[0].eq_ignore_ascii_case(name));
    sent.0.extend(came.0.iter().filter(|(name, _)| !is_set(name)).cloned());
    Ok(sent)
}
