//! HTML fragments as plain text, for places that take no markup.

/// The entities that the Markdown renderer writes, without the ampersand.
const KNOWN: [(&str, char); 6] = [("amp;", '&'), ("lt;", '<'), ("gt;", '>'), ("quot;", '"'), ("#39;", '\''), ("#x27;", '\'')];

/// The words of a fragment that the build rendered, without tags and with entities resolved.
pub(crate) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html.chars();
    while let Some(next) = rest.next() {
        match next {
            '<' => {
                rest.find(|&c| c == '>');
            }
            '&' => match KNOWN.iter().find_map(|(entity, meant)| Some((rest.as_str().strip_prefix(entity)?, *meant))) {
                Some((after, meant)) => {
                    text.push(meant);
                    rest = after.chars();
                }
                None => text.push('&'),
            },
            other => text.push(other),
        }
    }
    text
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
