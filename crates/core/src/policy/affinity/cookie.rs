//! A cookie that names the server (`http_manage_client_side_cookies` and `http_process_res_common`
//! of `http_ana.c`).

use crate::http::Headers;

/// `cookie <name> insert` of a backend.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Whether the servers never see it (`indirect`).
    pub indirect: bool,
    /// Whether an answer that sets it must not be kept by caches for many (`nocache`).
    pub nocache: bool,
    /// Whether it is set in answers to POST alone (`postonly`).
    pub postonly: bool,
    /// Whether a cookie of that name that the server sets stands as it is (`preserve`).
    pub preserve: bool,
    /// What follows the path, as it is sent: `; domain=…`, `; HttpOnly`, `; Secure`, attributes.
    pub attributes: String,
}

impl Cookie {
    /// The server that a request goes to: the first that one of its cookies names and `serves` finds
    /// able to serve. An empty value names nobody.
    pub fn named(&self, headers: &Headers, serves: impl Fn(&str) -> Option<usize>) -> Option<usize> {
        headers.cookies(&self.name).filter(|value| !value.is_empty()).find_map(serves)
    }

    /// Takes it out of a request for a server where it is `indirect`.
    pub fn hide(&self, headers: &mut Headers) {
        if self.indirect {
            headers.remove_cookie(&self.name);
        }
    }

    /// Adds to the answer of a server what its client learns. `value` is the server's own, `None` for
    /// one that has none; `named`: whether the request's cookie led to it; `post`: whether it was a POST.
    pub fn answer(&self, value: Option<&str>, named: bool, post: bool, reply: &mut Vec<(String, String)>) {
        let is_ours = |field: &(String, String)| {
            let name = field.1.split('=').next().unwrap_or_default();
            field.0.eq_ignore_ascii_case("set-cookie") && name.trim() == self.name
        };
        if self.preserve && reply.iter().any(is_ours) {
            return;
        }
        reply.retain(|field| !is_ours(field));
        if named || (self.postonly && !post) {
            return;
        }
        let said = match value {
            Some(value) => [&self.name, "=", value, "; path=/", &self.attributes].concat(),
            None => [&self.name, "=; Expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/", &self.attributes].concat(),
        };
        reply.push(("Set-Cookie".to_owned(), said));
        if self.nocache {
            reply.push(("Cache-Control".to_owned(), "private".to_owned()));
        }
    }
}
