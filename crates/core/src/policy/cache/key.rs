//! Cache keys: what of a request tells one stored response from another.

use super::message::Request;

/// Which part of the query counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum QueryRule {
    /// All of it.
    #[default]
    All,
    /// None of it.
    None,
    /// Only these parameters.
    Only(Vec<String>),
    /// All but these parameters.
    Without(Vec<String>),
}

/// How a key is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRules {
    /// Scheme and host count; in small letters, as both are without case.
    pub host: bool,
    /// Which part of the query counts.
    pub query: QueryRule,
    /// Parameters are sorted by name, so that their order does not count.
    pub sorted: bool,
    /// Upper and lower case are the same in the path.
    pub caseless: bool,
    /// Request fields that count.
    pub headers: Vec<String>,
    /// Cookies that count.
    pub cookies: Vec<String>,
}

impl Default for KeyRules {
    fn default() -> Self {
        Self { host: true, query: QueryRule::All, sorted: false, caseless: false, headers: Vec::new(), cookies: Vec::new() }
    }
}

impl KeyRules {
    /// The key of a request. Parts are set apart by a character that no request line has, so two
    /// different requests never share a key by accident.
    pub fn key(&self, request: &Request) -> String {
        self.of(&request.origin, &request.target, Some(request))
    }

    /// The key under which another target of the same host is stored, for a request without the
    /// fields and cookies that count.
    pub fn of(&self, origin: &str, target: &str, request: Option<&Request>) -> String {
        let mut key = String::with_capacity(origin.len() + target.len());
        if self.host {
            key.extend(origin.chars().map(|c| c.to_ascii_lowercase()));
        }
        let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
        if self.caseless {
            key.extend(path.chars().map(|c| c.to_ascii_lowercase()));
        } else {
            key.push_str(path);
        }
        if let Some(query) = query {
            self.push_query(&mut key, query);
        }
        let Some(request) = request else { return key };
        for name in &self.headers {
            key.push('\n');
            for value in request.headers.all(name) {
                key.push_str(super::field::trim(value));
                key.push(',');
            }
        }
        for name in &self.cookies {
            key.push('\n');
            key.push_str(request.headers.cookie(name).unwrap_or(""));
        }
        key
    }

    fn push_query(&self, key: &mut String, query: &str) {
        let counts = |pair: &&str| {
            let name = pair.split('=').next().unwrap_or("");
            match &self.query {
                QueryRule::All => true,
                QueryRule::None => false,
                QueryRule::Only(list) => list.iter().any(|n| n == name),
                QueryRule::Without(list) => !list.iter().any(|n| n == name),
            }
        };
        if self.query == QueryRule::All && !self.sorted {
            key.push('?');
            key.push_str(query);
            return;
        }
        let mut pairs: Vec<&str> = query.split('&').filter(counts).collect();
        if self.sorted {
            sort(&mut pairs);
        }
        for (i, pair) in pairs.iter().enumerate() {
            key.push(if i == 0 { '?' } else { '&' });
            key.push_str(pair);
        }
    }
}

/// By name, and in the order in which they came where a name repeats. Queries are short, and the
/// library's sort is large.
fn sort(pairs: &mut [&str]) {
    let name = |pair: &str| pair.split('=').next().unwrap_or("").to_owned();
    for i in 1..pairs.len() {
        let mut j = i;
        while j > 0 && name(pairs[j - 1]) > name(pairs[j]) {
            pairs.swap(j - 1, j);
            j -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Headers;

    fn request(target: &str) -> Request {
        let headers = Headers(vec![("Cookie".into(), "lang=de; id=7".into()), ("X-Tenant".into(), " a ".into())]);
        Request { method: "GET".into(), origin: "http://Shop.test".into(), target: target.into(), headers }
    }

    #[test]
    fn keys_hold_what_counts() {
        fn check(rules: &KeyRules, target: &str, expect: &str) {
            assert_eq!(rules.key(&request(target)), expect);
        }
        let plain = KeyRules::default();
        check(&plain, "/A?b=1&a=2", "http://shop.test/A?b=1&a=2");
        check(&KeyRules { host: false, caseless: true, ..plain.clone() }, "/A?B=1", "/a?B=1");
        check(&KeyRules { sorted: true, ..plain.clone() }, "/?b=1&a=2&b=0", "http://shop.test/?a=2&b=1&b=0");
        check(&KeyRules { query: QueryRule::None, ..plain.clone() }, "/?b=1", "http://shop.test/");
        check(&KeyRules { query: QueryRule::Only(vec!["id".into()]), ..plain.clone() }, "/?utm=1&id=2", "http://shop.test/?id=2");
        check(&KeyRules { query: QueryRule::Without(vec!["utm".into()]), ..plain.clone() }, "/?utm=1&id=2", "http://shop.test/?id=2");
        check(&KeyRules { headers: vec!["x-tenant".into()], cookies: vec!["lang".into()], ..plain }, "/", "http://shop.test/\na,\nde");
    }
}
