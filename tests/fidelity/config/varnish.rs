//! Varnish: the director of a VCL.

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

/// What stands before the closing bracket, parted at commas; brackets inside stay whole.
fn brackets(text: &str) -> Vec<String> {
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
