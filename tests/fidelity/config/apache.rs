//! Apache httpd: the members of a balancer and its method.

/// A balancer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Balancer {
    /// `lbmethod=`, `byrequests` unless written.
    pub(crate) method: String,
    /// Each `BalancerMember`.
    pub(crate) members: Vec<Worker>,
}

/// A worker of a balancer.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Worker {
    /// Host and port.
    pub(crate) address: String,
    /// `loadfactor=` in hundredths, as Apache counts it.
    pub(crate) factor: u32,
    /// Whether it is a hot standby (`status=+H`).
    pub(crate) standby: bool,
    /// Whether it is disabled or stopped (`status=+D`, `status=+S`).
    pub(crate) disabled: bool,
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
                let factor = option("loadfactor").and_then(hundredths).unwrap_or(100);
                let status = option("status").unwrap_or_default();
                let (standby, disabled) = (status.contains('H'), status.contains(['D', 'S']));
                balancer.members.push(Worker { address: address.to_owned(), factor, standby, disabled });
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
        let text = "<Proxy balancer://up>\n BalancerMember http://10.0.0.1:80 loadfactor=3\n BalancerMember http://b/ status=+H\n ProxySet lbmethod=bybusyness\n</Proxy>";
        let first = Worker { address: "10.0.0.1:80".into(), factor: 300, ..Worker::default() };
        let second = Worker { address: "b".into(), factor: 100, standby: true, disabled: false };
        assert_eq!(read(text), Balancer { method: "bybusyness".into(), members: vec![first, second] });
    }
}
