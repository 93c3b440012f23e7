//! What of a VCL says how objects are taken out.

use std::collections::BTreeMap;

/// What a method does that is no method of HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// `return (purge)`.
    Purge,
    /// `std.ban(req.http.…)`: the field with the expression.
    Ban(String),
    /// `xkey.purge(req.http.…)`.
    PurgeKeys(String),
    /// `xkey.softpurge(req.http.…)`.
    SoftPurgeKeys(String),
    /// It is looked up as any other.
    LookUp,
}

/// What was read.
#[derive(Clone, Debug, Default)]
pub(super) struct Vcl {
    /// By method.
    pub(super) acts: BTreeMap<String, Act>,
    /// Fields of the answer that get the request's URL before it is stored.
    pub(super) url_fields: Vec<String>,
}

/// Reads `if (req.method == "…") { … }` of `vcl_recv`, and `set beresp.http.… = bereq.url`.
/// `None` when nothing of the kind is there.
pub(super) fn read(text: &str) -> Option<Vcl> {
    let mut vcl = Vcl::default();
    for part in text.split("if (req.method == \"").skip(1) {
        let (method, rest) = part.split_once('"')?;
        let field = |call: &str| Some(rest.split_once(call)?.1.split_once("req.http.")?.1.split_once(')')?.0.to_owned());
        let act = match () {
            () if rest.contains("std.ban(") => Act::Ban(field("std.ban(")?),
            () if rest.contains("xkey.purge(") => Act::PurgeKeys(field("xkey.purge(")?),
            () if rest.contains("xkey.softpurge(") => Act::SoftPurgeKeys(field("xkey.softpurge(")?),
            () if rest.contains("return (purge)") => Act::Purge,
            () => Act::LookUp,
        };
        vcl.acts.insert(method.to_owned(), act);
    }
    for part in text.split("set beresp.http.").skip(1) {
        let (name, rest) = part.split_once('=')?;
        if rest.trim_start().starts_with("bereq.url;") {
            vcl.url_fields.push(name.trim().to_owned());
        }
    }
    vcl.acts.values().any(|act| *act != Act::LookUp).then_some(vcl)
}

/// The fields of an origin's answers, by path.
pub(super) type Origin = BTreeMap<String, Vec<(String, String)>>;

/// What an origin answers with, from text such as `/a xkey "a b", Vary X-A; /b xkey b`.
pub(super) fn origin(text: &str) -> Option<Origin> {
    let path = |part: &str| {
        let (path, fields) = part.trim().split_once(' ').unwrap_or((part.trim(), ""));
        path.starts_with('/').then(|| (path.to_owned(), fields_of(fields)))
    };
    text.split(';').filter(|part| !part.trim().is_empty()).map(path).collect()
}

/// Fields such as `xkey "a b", Vary X-A`.
fn fields_of(text: &str) -> Vec<(String, String)> {
    let field = |field: &str| {
        let (name, value) = field.trim().split_once(' ')?;
        Some((name.trim_end_matches(':').to_owned(), value.trim().trim_matches('"').to_owned()))
    };
    let mut quoted = false;
    let parts = text.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    });
    parts.filter_map(field).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_and_fields_are_read() {
        let text = "sub vcl_recv {
            if (req.method == \"DROP\") { return (purge); }
            if (req.method == \"SAY\") { if (std.ban(req.http.X-Say)) { return (synth(200)); } }
            if (req.method == \"K\") { set req.http.n = xkey.purge(req.http.Key); }
            if (req.method == \"SK\") { set req.http.n = xkey.softpurge(req.http.Soft); }
            if (req.method == \"H\") { return (hash); } }
            sub vcl_backend_response { set beresp.http.x-url = bereq.url; set beresp.http.x-host = bereq.http.host; }";
        let vcl = read(text).expect("there is something");
        let act = |method: &str| vcl.acts.get(method).cloned();
        assert_eq!(act("DROP"), Some(Act::Purge));
        assert_eq!(act("SAY"), Some(Act::Ban("X-Say".into())));
        assert_eq!(act("K"), Some(Act::PurgeKeys("Key".into())));
        assert_eq!(act("SK"), Some(Act::SoftPurgeKeys("Soft".into())));
        assert_eq!(act("H"), Some(Act::LookUp));
        assert_eq!(vcl.url_fields, ["x-url"]);
        assert!(read("sub vcl_recv { if (req.method == \"H\") { return (hash); } }").is_none());
    }

    #[test]
    fn an_origin_is_read() {
        let origin = origin("/p/1 xkey \"a, b\", X-Tags red; /p/2 Vary X-A; /p/3").expect("it can be read");
        let fields = |path: &str| origin[path].iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
        assert_eq!(fields("/p/1"), ["xkey=a, b", "X-Tags=red"]);
        assert_eq!(fields("/p/2"), ["Vary=X-A"]);
        assert!(fields("/p/3").is_empty());
        assert!(super::origin("max-age=2").is_none());
    }
}
