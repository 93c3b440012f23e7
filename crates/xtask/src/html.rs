//! The few edits and look-ups that built pages need. They are pages that we wrote ourselves, so
//! looking for tags is enough; no parser is needed.

/// What a page may load: itself and its wasm, and nothing from anywhere else.
///
/// `'wasm-unsafe-eval'` allows compiling wasm, not `eval`.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; \
    connect-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
    worker-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'";

/// The mark of trunk's live-reload script, which is inline.
const LIVE_RELOAD: &str = "__TRUNK_ADDRESS__";

/// The page with the policy in its head. Pages with trunk's live-reload script, and pages that
/// have the policy, come back as they are.
pub(crate) fn with_policy(page: &str) -> String {
    if page.contains("Content-Security-Policy") || page.contains(LIVE_RELOAD) {
        return page.to_owned();
    }
    // The character set has to stand first: browsers look for it in the first 1024 bytes.
    let end = tags(page, "meta")
        .find(|(_, tag)| attribute(tag, "charset").is_some())
        .or_else(|| tags(page, "head").next())
        .map(|(start, tag)| start + tag.len());
    let Some(end) = end else {
        return page.to_owned();
    };
    let meta = format!(r#"<meta http-equiv="Content-Security-Policy" content="{POLICY}">"#);
    [&page[..end], &meta, &page[end..]].concat()
}

/// The page without the link that told trunk what to compile; browsers would wonder about it.
pub(crate) fn without_trunk_links(page: &str) -> String {
    let mut kept = String::with_capacity(page.len());
    let mut from = 0;
    for (start, tag) in tags(page, "link").filter(|(_, tag)| tag.contains("data-trunk")) {
        kept.push_str(&page[from..start]);
        from = start + tag.len();
    }
    kept.push_str(&page[from..]);
    kept
}

/// Names of the linked stylesheets, relative to the page, in order.
pub(crate) fn stylesheets(page: &str) -> Vec<String> {
    tags(page, "link")
        .filter(|(_, tag)| attribute(tag, "rel") == Some("stylesheet"))
        .filter_map(|(_, tag)| attribute(tag, "href"))
        .map(|href| href.trim_start_matches("./").to_owned())
        .collect()
}

/// Addresses of the scripts a page loads, and of the wasm that it asks for beforehand, as the page
/// writes them.
pub(crate) fn scripts(page: &str) -> Vec<&str> {
    let scripts = tags(page, "script").filter_map(|(_, tag)| attribute(tag, "src"));
    let asked = |tag: &str| matches!(attribute(tag, "rel"), Some("modulepreload")) || attribute(tag, "as") == Some("fetch");
    let preloads = tags(page, "link").filter(|(_, tag)| asked(tag)).filter_map(|(_, tag)| attribute(tag, "href"));
    scripts.chain(preloads).collect()
}

/// Addresses of the wasm that a page asks for once the reader comes near its labs.
pub(crate) fn code_of_labs(page: &str) -> Vec<&str> {
    let lists = tags(page, "meta").filter(|(_, tag)| attribute(tag, "name") == Some("hopscope-labs"));
    lists.filter_map(|(_, tag)| attribute(tag, "content")).flat_map(str::split_whitespace).collect()
}

/// Opening tags of one name, each with the place where it starts.
fn tags<'a>(page: &'a str, name: &str) -> impl Iterator<Item = (usize, &'a str)> {
    let open = format!("<{name}");
    let places: Vec<usize> = page.match_indices(&open).map(|(start, _)| start).collect();
    let length = open.len();
    places.into_iter().filter_map(move |start| {
        let tag = &page[start..=start + page[start..].find('>')?];
        // `<link` is not the start of `<linker>`.
        let next = tag[length..].chars().next()?;
        (next.is_whitespace() || matches!(next, '>' | '/')).then_some((start, tag))
    })
}

/// The value of an attribute, quoted or bare.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let value = tag.match_indices(name).find_map(|(start, _)| {
        let before = tag[..start].chars().next_back()?;
        let after = tag[start + name.len()..].strip_prefix('=')?;
        before.is_whitespace().then_some(after)
    })?;
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split(|c: char| c.is_whitespace() || c == '>').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::{scripts, stylesheets, with_policy, without_trunk_links};

    #[test]
    fn the_policy_follows_the_character_set() {
        let page = r#"<head><meta charset="utf-8"><title>x</title></head>"#;
        let text = with_policy(page);
        let policy = text.find("Content-Security-Policy").expect("there");
        assert!(policy > text.find("charset").expect("there"));
        assert!(policy < text.find("<title>").expect("there"));
        assert!(text.contains("'wasm-unsafe-eval'"));
        assert_eq!(with_policy(&text), text, "once is enough");
    }

    #[test]
    fn a_page_with_live_reload_keeps_working() {
        let page = "<head></head><script>const a = '{{__TRUNK_ADDRESS__}}';</script>";
        assert_eq!(with_policy(page), page);
    }

    #[test]
    fn the_links_for_trunk_go() {
        let page = r#"<link data-trunk rel="rust" href="x"><link rel="icon" href="y"><p>"#;
        assert_eq!(without_trunk_links(page), r#"<link rel="icon" href="y"><p>"#);
    }

    #[test]
    fn finds_what_a_page_loads() {
        let page = r#"<header></header><link rel=stylesheet href=./a.css>
            <link href="b.css" rel="stylesheet"/><link rel="icon" href="i.svg">
            <script src='../../theme.js'></script><script type="module" src="boot.js"></script>"#;
        assert_eq!(stylesheets(page), ["a.css", "b.css"]);
        assert_eq!(scripts(page), ["../../theme.js", "boot.js"]);
    }
}
