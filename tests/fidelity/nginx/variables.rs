//! Variables in an expression such as the key of `hash`.

use serde_json::Value;

use crate::pool::text;

/// The expression with the variables of a request in it; an unknown one is an error.
pub(crate) fn expand(expression: &str, request: &Value) -> Result<String, String> {
    expand_by(expression, &|name| variable(name, request))
}

/// The expression with the variables in it that somebody knows.
pub(crate) fn expand_by(expression: &str, variable: &dyn Fn(&str) -> Result<String, String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = expression;
    while let Some(place) = rest.find('$') {
        out.push_str(&rest[..place]);
        let after = &rest[place + 1..];
        let braced = after.starts_with('{');
        let name_at = &after[usize::from(braced)..];
        let len = name_at.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        out.push_str(&variable(&name_at[..len])?);
        rest = &name_at[len + usize::from(braced)..];
    }
    out.push_str(rest);
    Ok(out)
}

/// A variable that follows from the request alone.
pub(crate) fn variable(name: &str, request: &Value) -> Result<String, String> {
    let uri = text(request, "uri");
    let (path, args) = uri.split_once('?').unwrap_or((uri, ""));
    let header = |wanted: &str| {
        let found =
            request["headers"].as_object().into_iter().flatten().find(|(name, _)| name.to_ascii_lowercase().replace('-', "_") == wanted);
        found.and_then(|(_, value)| value.as_str()).unwrap_or_default().to_owned()
    };
    match name {
        "request_uri" => Ok(uri.to_owned()),
        "uri" | "document_uri" => Ok(path.to_owned()),
        "args" | "query_string" => Ok(args.to_owned()),
        "remote_addr" => Ok(text(request, "client_ip").to_owned()),
        "request_method" => Ok(request["method"].as_str().unwrap_or("GET").to_owned()),
        "host" | "http_host" => Ok(header("host")),
        _ => match (name.strip_prefix("arg_"), name.strip_prefix("http_")) {
            (Some(arg), _) => {
                let found = args.split('&').filter_map(|pair| pair.split_once('=')).find(|(name, _)| name.eq_ignore_ascii_case(arg));
                Ok(found.map_or("", |(_, value)| value).to_owned())
            }
            (_, Some(wanted)) => Ok(header(wanted)),
            _ => Err(format!("not modelled yet: nginx variable ${name}")),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::expand;

    #[test]
    fn expressions_are_filled_in() {
        let request = json!({ "uri": "/a?k=1&u=x", "headers": { "X-User": "ann" } });
        let check = |expression: &str, expect: &str| assert_eq!(expand(expression, &request).as_deref(), Ok(expect), "{expression}");
        check("$request_uri", "/a?k=1&u=x");
        check("$uri|${arg_u}$arg_none!", "/a|x!");
        check("$http_x_user$args", "annk=1&u=x");
        assert!(expand("$geoip_city", &request).is_err());
    }
}
