//! What an unsafe method takes out of the cache (RFC 9111 section 4.4), and groups (RFC 9875).

use super::field::structured;
use super::message::{Request, Response};

/// The target that a `Location` or `Content-Location` names on the same origin; `None` for another
/// origin, where invalidating would let one site empty another's cache.
pub fn target(request: &Request, place: &str) -> Option<String> {
    let place = super::field::trim(place);
    let place = place.split('#').next().unwrap_or("");
    if let Some((scheme, _)) = place.split_once("://")
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    {
        let same = place.get(..request.origin.len()).is_some_and(|head| head.eq_ignore_ascii_case(&request.origin));
        let rest = same.then(|| &place[request.origin.len()..])?;
        return match rest.as_bytes().first() {
            None => Some("/".to_owned()),
            Some(b'/') => Some(dots(rest)),
            Some(b'?') => Some(["/", rest].concat()),
            _ => None,
        };
    }
    if let Some(rest) = place.strip_prefix("//") {
        let host = request.origin.split_once("://").map_or("", |(_, host)| host);
        let same = rest.get(..host.len()).is_some_and(|head| head.eq_ignore_ascii_case(host));
        let path = same.then(|| &rest[host.len()..])?;
        return path.starts_with('/').then(|| dots(path));
    }
    let path = request.target.split('?').next().unwrap_or("");
    Some(match place.as_bytes().first() {
        None => request.target.clone(),
        Some(b'/') => dots(place),
        Some(b'?') => [path, place].concat(),
        _ => dots(&[&path[..path.rfind('/').map_or(0, |i| i + 1)], place].concat()),
    })
}

/// The path without `.` and `..` (RFC 3986 section 5.2.4).
fn dots(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    if !path.contains("/.") {
        return target.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    for (i, part) in parts.iter().enumerate() {
        let last = i + 1 == parts.len();
        match *part {
            "." | ".." => {
                if *part == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            part => kept.push(part),
        }
    }
    let mut out = String::new();
    for part in kept {
        out.push('/');
        out.push_str(part);
    }
    out.push_str(query);
    out
}

/// The targets besides its own that the response to an unsafe method makes invalid.
pub fn named(request: &Request, response: &Response) -> Vec<String> {
    let places = ["location", "content-location"].into_iter().filter_map(|name| response.headers.get(name));
    places.filter_map(|place| target(request, place)).collect()
}

/// The groups that a response belongs to (RFC 9875 section 2.1), each with its origin: groups of
/// different origins have nothing to do with each other.
pub fn groups(request: &Request, response: &Response) -> Vec<String> {
    of(request, response, "cache-groups")
}

/// The groups that the response to an unsafe method invalidates (RFC 9875 section 2.2).
pub fn invalidated_groups(request: &Request, response: &Response) -> Vec<String> {
    of(request, response, "cache-group-invalidation")
}

fn of(request: &Request, response: &Response, field: &str) -> Vec<String> {
    let names = structured::strings(response.headers.all(field)).unwrap_or_default();
    names.into_iter().map(|name| [&request.origin.to_ascii_lowercase(), "\n", &name].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_found_on_the_same_origin_only() {
        fn check(place: &str, expect: Option<&str>) {
            let request =
                Request { method: "POST".into(), origin: "http://shop.test".into(), target: "/a/b?c".into(), ..Request::default() };
            assert_eq!(target(&request, place).as_deref(), expect, "{place}");
        }
        check("/x", Some("/x"));
        check("x?y#z", Some("/a/x?y"));
        check("../x", Some("/x"));
        check("./", Some("/a/"));
        check("?q", Some("/a/b?q"));
        check("", Some("/a/b?c"));
        check("http://SHOP.test/x", Some("/x"));
        check("http://shop.test", Some("/"));
        check("//shop.test/x", Some("/x"));
        check("http://shop.test.evil/x", None);
        check("https://shop.test/x", None);
        check("//other.test/x", None);
        check("http://shop.test:81/x", None);
    }
}
