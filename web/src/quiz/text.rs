//! HTML fragments as plain text, for places that take no markup.

/// The words of a fragment that the build rendered, without tags and with entities resolved.
pub(crate) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (before, mark) = rest.split_at(at);
        text.push_str(before);
        rest = if mark.starts_with('<') { mark.find('>').map_or("", |end| &mark[end + 1..]) } else { push_entity(&mut text, mark) };
    }
    text.push_str(rest);
    text
}

/// The entities that the Markdown renderer writes.
fn push_entity<'a>(text: &mut String, mark: &'a str) -> &'a str {
    const KNOWN: [(&str, char); 6] = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&#39;", '\''), ("&#x27;", '\'')];
    for (entity, meant) in KNOWN {
        if let Some(after) = mark.strip_prefix(entity) {
            text.push(meant);
            return after;
        }
    }
    text.push('&');
    &mark[1..]
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn tags_go_and_entities_are_resolved() {
        assert_eq!(plain("Send <code>X-Forwarded-For: &lt;ip&gt;</code> &amp; wait"), "Send X-Forwarded-For: <ip> & wait");
        assert_eq!(plain("a &amp;lt; b"), "a &lt; b");
        assert_eq!(plain("R&D, <em>é</em> &unknown; <cut"), "R&D, é &unknown; ");
        assert_eq!(plain(""), "");
    }
}
