//! Varnish: the director and the probes of a VCL.

use hopscope_core::time::Duration;

/// A director.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Director {
    /// `round_robin`, `random`, `hash`, `fallback` or `shard`.
    pub(crate) kind: String,
    /// What is written between its brackets.
    pub(crate) options: Vec<String>,
    /// Backends with what else is written between the brackets of `.add_backend`.
    pub(crate) backends: Vec<(String, Vec<String>)>,
    /// What is written between the brackets of `.reconfigure`.
    pub(crate) reconfigure: Vec<String>,
    /// What is written between the brackets of `.backend`.
    pub(crate) pick: Vec<String>,
}

/// The director of a VCL.
pub(crate) fn read(text: &str) -> Option<Director> {
    let (name, rest) = text.split_once("new ")?.1.split_once('=')?;
    let name = name.trim();
    let (kind, rest) = rest.trim().strip_prefix("directors.")?.split_once('(')?;
    let options = brackets(rest);
    let calls = |method: &str| {
        let call = format!("{name}.{method}(");
        text.match_indices(&call).map(|(place, _)| brackets(&text[place + call.len()..])).collect::<Vec<_>>()
    };
    let backend = |mut words: Vec<String>| (!words.is_empty()).then(|| (words.remove(0), words));
    Some(Director {
        kind: kind.trim().to_owned(),
        options,
        backends: calls("add_backend").into_iter().filter_map(backend).collect(),
        reconfigure: calls("reconfigure").into_iter().next().unwrap_or_default(),
        pick: calls("backend").into_iter().next().unwrap_or_default(),
    })
}

/// A probe; what is not said is as Varnish has it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Probe {
    pub(crate) interval: Option<Duration>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) window: Option<u32>,
    pub(crate) threshold: Option<u32>,
    pub(crate) initial: Option<u32>,
    /// `.expected_response`.
    pub(crate) status: Option<u16>,
}

/// How a backend is probed: by a probe of its own, by one that has a name, or not at all.
pub(crate) fn probe(text: &str, backend: &str) -> Result<Option<Probe>, String> {
    let body = block(text, "backend", backend).ok_or_else(|| format!("there is no backend {backend}"))?;
    let Some((_, rest)) = body.split_once(".probe") else { return Ok(None) };
    let value = rest.trim_start().trim_start_matches('=').trim_start();
    let fields = match value.strip_prefix('{') {
        Some(own) => own.split('}').next().unwrap_or_default(),
        None => {
            let name = value.split(|c: char| c == ';' || c.is_whitespace()).next().unwrap_or_default();
            block(text, "probe", name).ok_or_else(|| format!("there is no probe {name}"))?
        }
    };
    let mut probe = Probe::default();
    for field in fields.split(';').map(str::trim).filter(|field| !field.is_empty()) {
        let (name, value) = field.split_once('=').ok_or_else(|| format!("{field:?} is no field of a probe"))?;
        let value = value.trim();
        let number = || value.parse::<u32>().map_err(|_| format!("{value:?} is no number"));
        match name.trim() {
            ".url" | ".request" => {}
            ".interval" => probe.interval = Some(span(value)?),
            ".timeout" => probe.timeout = Some(span(value)?),
            ".window" => probe.window = Some(number()?),
            ".threshold" => probe.threshold = Some(number()?),
            ".initial" => probe.initial = Some(number()?),
            ".expected_response" => probe.status = Some(number()? as u16),
            other => return Err(format!("not modelled yet: Varnish's probe field {other}")),
        }
    }
    Ok(Some(probe))
}

/// What stands in the braces of `kind name { … }`.
pub(crate) fn block<'a>(text: &'a str, kind: &str, name: &str) -> Option<&'a str> {
    let starts = text.match_indices(kind).map(|(place, _)| &text[place + kind.len()..]);
    let body = starts.filter(|rest| rest.starts_with(char::is_whitespace)).find_map(|rest| {
        let rest = rest.trim_start().strip_prefix(name)?.trim_start();
        rest.strip_prefix('{')
    })?;
    let mut depth = 0u32;
    let end = body.find(|c| {
        depth += u32::from(c == '{');
        let closes = c == '}' && depth == 0;
        depth -= u32::from(c == '}' && depth > 0);
        closes
    })?;
    Some(&body[..end])
}

/// A span with its unit, such as `0.2s`.
pub(crate) fn span(text: &str) -> Result<Duration, String> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number: f64 = text[..text.len() - unit.len()].parse().map_err(|_| format!("{text:?} is no span"))?;
    let micros = match unit {
        "ms" => 1e3,
        "s" => 1e6,
        "m" => 6e7,
        "h" => 3.6e9,
        _ => return Err(format!("{unit:?} is no unit of time")),
    };
    Ok(Duration::from_micros_f64(number * micros))
}

/// What stands before the closing bracket, parted at commas; brackets inside stay whole.
pub(crate) fn brackets(text: &str) -> Vec<String> {
    let (mut depth, mut words) = (0u32, vec![String::new()]);
    for c in text.chars() {
        match c {
            ')' if depth == 0 => break,
            ',' if depth == 0 => words.push(String::new()),
            _ => {
                depth = if c == '(' { depth + 1 } else { depth - u32::from(c == ')') };
                words.last_mut().expect("there is always one").push(c);
            }
        }
    }
    words.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
}

/// A named argument such as `by=KEY`, or the one at that place that has no name.
pub(crate) fn argument<'a>(arguments: &'a [String], name: &str, place: usize) -> Option<&'a str> {
    let named = arguments.iter().filter_map(|a| a.split_once('=')).find(|(n, _)| n.trim() == name).map(|(_, value)| value.trim());
    named.or_else(|| arguments.get(place).map(String::as_str).filter(|a| !a.contains('=')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_read_wherever_it_stands() {
        let text = "probe slow { .url = \"/p\"; .interval = 1.5s; .window = 6; }
            backend a { .host = \"1\"; .probe = slow; }
            backend b { .probe = { .timeout = 250ms; .threshold = 2; .initial = 0; .expected_response = 204; } }
            backend c { .host = \"probe\"; }";
        let slow = Probe { interval: Some(Duration::from_millis(1_500)), window: Some(6), ..Probe::default() };
        assert_eq!(probe(text, "a"), Ok(Some(slow)));
        let own = Probe {
            timeout: Some(Duration::from_millis(250)),
            threshold: Some(2),
            initial: Some(0),
            status: Some(204),
            ..Probe::default()
        };
        assert_eq!(probe(text, "b"), Ok(Some(own)));
        assert_eq!(probe(text, "c"), Ok(None));
        assert!(probe(text, "d").is_err());
    }

    #[test]
    fn a_director_is_read() {
        let text =
            "sub vcl_init { new d = directors.shard();\n d.add_backend(b1, weight=2.0); d.add_backend(b2);\n d.reconfigure(replicas=25);}
            sub vcl_recv { set req.backend_hint = d.backend(by=KEY, key=d.key(req.url)); }";
        let list = |words: &[&str]| words.iter().map(|&w| w.to_owned()).collect::<Vec<_>>();
        let director = read(text).expect("there is one");
        let backends = vec![("b1".to_owned(), list(&["weight=2.0"])), ("b2".to_owned(), list(&[]))];
        assert_eq!(director.backends, backends);
        assert_eq!((director.kind.as_str(), director.reconfigure), ("shard", list(&["replicas=25"])));
        assert_eq!(director.pick, list(&["by=KEY", "key=d.key(req.url)"]));
        assert_eq!(argument(&director.pick, "key", 5), Some("d.key(req.url)"));
        assert_eq!(argument(&backends[0].1, "weight", 0), Some("2.0"));
    }
}
