//! What of a request is hashed (`get_server_uh`, `get_server_ph`, `get_server_hh` of `backend.c`).

/// `balance uri [whole] [len <n>] [depth <n>] [path-only]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct UriPart {
    /// The query counts too; else the key ends before the first `?`.
    pub whole: bool,
    /// Scheme and authority do not count.
    pub path_only: bool,
    /// At most so many bytes count; 0 is no limit.
    pub len: u32,
    /// So many directories count, so the key ends before slash number `depth + 1`; 0 is no limit.
    pub depth: u32,
}

impl UriPart {
    /// The part of a request's target that is hashed.
    pub fn of(self, uri: &[u8]) -> &[u8] {
        let uri = if self.path_only { path(uri) } else { uri };
        let uri = if self.len > 0 { &uri[..uri.len().min(self.len as usize)] } else { uri };
        let mut slashes = 0;
        let ends = |&byte: &u8| {
            slashes += u32::from(byte == b'/');
            (byte == b'/' && self.depth > 0 && slashes > self.depth) || (byte == b'?' && !self.whole)
        };
        &uri[..uri.iter().position(ends).unwrap_or(uri.len())]
    }
}

/// What follows scheme and authority: all of `/a`, `/a` of `http://host/a`, nothing of `*`.
fn path(uri: &[u8]) -> &[u8] {
    if uri.first() == Some(&b'/') {
        return uri;
    }
    let after_scheme = uri.windows(3).position(|three| three == b"://").map_or(0, |at| at + 3);
    let rest = &uri[after_scheme..];
    rest.iter().position(|&byte| byte == b'/').map_or(&[], |at| &rest[at..])
}

/// The value of a parameter in the query of a request's target (`balance url_param <name>`), as
/// it stands there, not decoded; empty when there is nothing after the `=`.
pub fn url_param<'a>(uri: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let query = uri.iter().position(|&byte| byte == b'?')? + 1;
    let mut parameters = uri[query..].split(|&byte| byte == b'&');
    parameters.find_map(|parameter| parameter.strip_prefix(name)?.strip_prefix(b"="))
}

/// What is hashed of the first field of that name (`balance hdr(<name>) [use_domain_only]`): its
/// first element, for a comma begins another, without spaces around it. `None` when that is empty.
pub fn header_value(field: &[u8], domain_only: bool) -> Option<&[u8]> {
    let value = field.trim_ascii_start();
    let mut quoted = false;
    let mut escaped = false;
    let ends = |&byte: &u8| {
        let plain = !std::mem::take(&mut escaped);
        escaped = plain && quoted && byte == b'\\';
        quoted ^= plain && byte == b'"';
        plain && byte == b',' && !quoted
    };
    let value = value[..value.iter().position(ends).unwrap_or(value.len())].trim_ascii_end();
    if value.is_empty() {
        return None;
    }
    Some(if domain_only { domain(value) } else { value })
}

/// The label before the last dot: `example` of `www.example.com`. All of it when there is no dot.
fn domain(host: &[u8]) -> &[u8] {
    // HAProxy looks from behind: never for the last dot at the first byte, nor for the one
    // before it at the byte just before it.
    let Some(end) = host.iter().rposition(|&byte| byte == b'.').filter(|&at| at > 0) else { return host };
    let start = host[..end - 1].iter().rposition(|&byte| byte == b'.').map_or(0, |at| at + 1);
    &host[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_uri(part: UriPart, uri: &str, expect: &str) {
        assert_eq!(part.of(uri.as_bytes()), expect.as_bytes(), "{part:?} {uri}");
    }

    #[test]
    fn parts_of_a_target() {
        let all = UriPart::default();
        check_uri(all, "/a/b?c=/d", "/a/b");
        check_uri(UriPart { whole: true, ..all }, "/a/b?c=/d", "/a/b?c=/d");
        check_uri(UriPart { depth: 2, ..all }, "/a/b/c/d", "/a/b");
        check_uri(UriPart { depth: 2, ..all }, "/a/b?c", "/a/b");
        check_uri(UriPart { depth: 1, ..all }, "/", "/");
        check_uri(UriPart { len: 3, ..all }, "/abcd", "/ab");
        check_uri(UriPart { len: 99, ..all }, "/abcd", "/abcd");
        check_uri(UriPart { path_only: true, ..all }, "http://h/a?b", "/a");
        check_uri(UriPart { path_only: true, ..all }, "*", "");
        check_uri(all, "http://h/a?b", "http://h/a");
        check_uri(all, "", "");
    }

    fn check_param(uri: &str, expect: Option<&str>) {
        assert_eq!(url_param(uri.as_bytes(), b"u"), expect.map(str::as_bytes), "{uri}");
    }

    #[test]
    fn parameters() {
        check_param("/p?u=1&z=2", Some("1"));
        check_param("/p?z=2&u=1", Some("1"));
        check_param("/p?uu=2&u=1", Some("1"));
        check_param("/p?u=&z", Some(""));
        check_param("/p?u", None);
        check_param("/p", None);
        check_param("/u=1", None);
        check_param("/p?z=u=1", None);
    }

    fn check_header(field: &str, domain_only: bool, expect: Option<&str>) {
        assert_eq!(header_value(field.as_bytes(), domain_only), expect.map(str::as_bytes), "{field}");
    }

    #[test]
    fn fields() {
        check_header(" ann , bob", false, Some("ann"));
        check_header("\"a,b\",c", false, Some("\"a,b\""));
        check_header(r#""a\",b",c"#, false, Some(r#""a\",b""#));
        check_header("", false, None);
        check_header(" ,a", false, None);
        check_header("www.example.com", true, Some("example"));
        check_header("example.com", true, Some("example"));
        check_header("localhost", true, Some("localhost"));
        check_header(".com", true, Some(".com"));
        check_header("a..com", true, Some("a."));
    }
}
