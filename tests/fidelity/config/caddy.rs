//! Caddy: the `reverse_proxy` directive of a Caddyfile.

/// A `reverse_proxy` with its upstreams.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ReverseProxy {
    /// Upstreams as written.
    pub(crate) upstreams: Vec<String>,
    /// `lb_policy` and what follows it; `random` unless written.
    pub(crate) policy: Vec<String>,
    /// Whatever else is set.
    pub(crate) others: Vec<String>,
}

/// The first `reverse_proxy` of a Caddyfile.
pub(crate) fn read(text: &str) -> Option<ReverseProxy> {
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut lines = text.lines().map(words).skip_while(|words| words.first().is_none_or(|word| word != "reverse_proxy"));
    let mut head = lines.next()?;
    let open = head.pop_if(|word| word == "{").is_some();
    let mut proxy = ReverseProxy { upstreams: head.split_off(1), policy: vec!["random".into()], others: Vec::new() };
    for mut words in lines.take_while(|words| open && words.first().is_none_or(|word| word != "}")) {
        match words.first().map(String::as_str) {
            Some("lb_policy") => proxy.policy = words.split_off(1),
            Some("to") => proxy.upstreams.extend(words.split_off(1)),
            Some(other) => proxy.others.push(other.to_owned()),
            None => {}
        }
    }
    Some(proxy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reverse_proxy_is_read() {
        let text = "{\n admin off\n}\n:80 {\n reverse_proxy a:1 b:2 {\n  lb_policy cookie lb secret\n  lb_retries 2\n }\n}\n";
        let list = |words: &[&str]| words.iter().map(|&w| w.to_owned()).collect::<Vec<_>>();
        let expect =
            ReverseProxy { upstreams: list(&["a:1", "b:2"]), policy: list(&["cookie", "lb", "secret"]), others: list(&["lb_retries"]) };
        assert_eq!(read(text), Some(expect));
    }
}
