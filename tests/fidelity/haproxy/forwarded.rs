//! Which fields about the client HAProxy adds: `option forwardfor`, and `http-request` rules that
//! set, add or take away a field.

use std::net::IpAddr;

use hopscope_core::forwarded::{ForwardFor, Network};
use hopscope_core::http::Headers;

use crate::config::haproxy::{self as config, Section};
use crate::fields;
use crate::replay::{Expect, Family};
use crate::trace::{Step, Trace};

/// Requests with the fields that the server saw.
pub(crate) const FAMILY: Family = Family { name: "haproxy forwardfor", fits, replay, leaves: &[] };

fn fits(trace: &Trace) -> bool {
    trace.system.starts_with("haproxy") && fields::told(trace)
}

fn replay(trace: &Trace) -> Result<Vec<Expect>, String> {
    trace.steps.iter().map(|step| decide(trace, step)).collect()
}

fn decide(trace: &Trace, step: &Step) -> Result<Expect, String> {
    if step.kind == "control" {
        return Ok(Expect::Nothing);
    }
    let sections = config::read(fields::config(trace, &step.request)?);
    let (mut headers, peer) = (fields::of(&step.request), fields::peer(&step.request));
    for words in ["frontend", "listen", "backend"].iter().flat_map(|kind| lines(&sections, kind)) {
        if words[0] == "http-request" {
            rule(&words[1..], &mut headers, peer)?;
        }
    }
    if let Some(option) = forward_for(&sections)? {
        option.apply(&mut headers, peer);
    }
    // Inside HAProxy names are in small letters.
    headers.0.iter_mut().for_each(|(name, _)| name.make_ascii_lowercase());
    Ok(Expect::Holds(Box::new(move |decided| {
        let others = decided.as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        if let Some(other) = others.into_iter().find(|&name| name != "upstream_headers" && !(name == "status" && decided[name] == 200)) {
            return Err(format!("the model says nothing about {other}"));
        }
        fields::same(&headers, &decided["upstream_headers"], &["x-forwarded-for"])
    })))
}

fn lines<'a>(sections: &'a [Section], kind: &'static str) -> impl Iterator<Item = &'a Vec<String>> {
    sections.iter().filter(move |section| section.kind == kind).flat_map(|section| &section.lines)
}

/// The option as a section has it: the last one that is written, or what `defaults` says.
fn option(sections: &[Section], kind: &'static str) -> Result<Option<ForwardFor>, String> {
    let is_option = |words: &&Vec<String>| words.len() > 1 && words[0] == "option" && words[1] == "forwardfor";
    let own = lines(sections, kind).filter(is_option).last();
    let Some(words) = own.or_else(|| lines(sections, "defaults").filter(is_option).last()) else { return Ok(None) };
    let mut option = ForwardFor::default();
    let mut words = words[2..].iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("option forwardfor {word} has no value"));
        match word.as_str() {
            "except" => option.except = vec![value()?.parse::<Network>().map_err(|why| why.to_string())?],
            "header" => option.header.clone_from(value()?),
            "if-none" => option.if_none = true,
            other => return Err(format!("option forwardfor {other} is not one that HAProxy has")),
        }
    }
    Ok(Some(option))
}

/// What holds for a request that passes a frontend and a backend: the backend's name, the networks
/// of both, and `if-none` only where both say it.
fn forward_for(sections: &[Section]) -> Result<Option<ForwardFor>, String> {
    let proxies = if lines(sections, "listen").next().is_some() { vec!["listen"] } else { vec!["frontend", "backend"] };
    let options: Vec<ForwardFor> = proxies.into_iter().filter_map(|kind| option(sections, kind).transpose()).collect::<Result<_, _>>()?;
    Ok(options.into_iter().reduce(|front, back| ForwardFor {
        header: back.header,
        except: [front.except, back.except].concat(),
        if_none: front.if_none && back.if_none,
    }))
}

/// `set-header`, `add-header` and `del-header`, with the client's address or a text as the value.
fn rule(words: &[String], headers: &mut Headers, peer: IpAddr) -> Result<(), String> {
    let unknown = || format!("not modelled yet: HAProxy's \"http-request {}\"", words.join(" "));
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let value = |text: &str| match text {
        "%[src]" | "%ci" => Ok(peer.to_string()),
        text if text.contains('%') => Err(unknown()),
        text => Ok(text.to_owned()),
    };
    match words.as_slice() {
        ["set-header", name, text] => headers.set(name, value(text)?),
        ["add-header", name, text] => headers.0.push(((*name).to_owned(), value(text)?)),
        ["del-header", name] => headers.remove(name),
        _ => return Err(unknown()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frontend_and_its_backend_both_have_a_say() {
        let check = |text: &str, expect: Option<ForwardFor>| assert_eq!(forward_for(&config::read(text)), Ok(expect), "{text}");
        let plain = ForwardFor::default();
        check("frontend f\n bind :80\nbackend b\n server s 1:1\n", None);
        check("frontend f\n option forwardfor if-none\nbackend b\n server s 1:1\n", Some(ForwardFor { if_none: true, ..plain.clone() }));
        check("frontend f\n option forwardfor if-none\nbackend b\n option forwardfor\n", Some(plain.clone()));
        check("defaults\n option forwardfor header X-C if-none\nfrontend f\n bind :80\nbackend b\n server s 1:1\n", {
            Some(ForwardFor { header: "X-C".into(), if_none: true, ..plain.clone() })
        });
        check("listen l\n option forwardfor except 10.0.0.0/8\n", {
            Some(ForwardFor { except: vec!["10.0.0.0/8".parse().expect("a network")], ..plain })
        });
        assert!(forward_for(&config::read("listen l\n option forwardfor except nobody\n")).is_err());
    }
}
