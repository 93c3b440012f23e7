//! Apache httpd: the members of a balancer and its method.

/// A balancer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Balancer {
    /// `lbmethod=`, `byrequests` unless written.
    pub(crate) method: String,
    /// Host and port, and load factor, of each `BalancerMember`.
    pub(crate) members: Vec<(String, u32)>,
}

/// The balancer of a configuration.
pub(crate) fn read(text: &str) -> Balancer {
    let mut balancer = Balancer { method: "byrequests".into(), ..Balancer::default() };
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let name = words.next().unwrap_or_default();
        let options: Vec<&str> = words.collect();
        let option =
            |wanted: &str| options.iter().filter_map(|o| o.split_once('=')).find(|(name, _)| *name == wanted).map(|(_, value)| value);
        match name {
            "BalancerMember" => {
                let url = options.first().copied().unwrap_or_default();
                let address = url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/');
                // Apache counts load factors in hundredths; only their proportions matter.
                let factor = option("loadfactor").and_then(hundredths).unwrap_or(100);
                balancer.members.push((address.to_owned(), factor));
            }
            "ProxySet" | "ProxyPass" => {
                if let Some(method) = option("lbmethod") {
                    balancer.method = method.to_owned();
                }
            }
            _ => {}
        }
    }
    balancer
}

fn hundredths(text: &str) -> Option<u32> {
    text.parse::<f64>().ok().map(|n| (n * 100.0).round() as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balancer_is_read() {
        let text = "<Proxy balancer://up>\n BalancerMember http://10.0.0.1:80 loadfactor=3\n BalancerMember http://b/\n ProxySet lbmethod=bybusyness\n</Proxy>";
        let expect = Balancer { method: "bybusyness".into(), members: vec![("10.0.0.1:80".into(), 300), ("b".into(), 100)] };
        assert_eq!(read(text), expect);
    }
}
