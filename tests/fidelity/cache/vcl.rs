//! Statements of a VCL, as far as they say how a cache decides.

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Statement {
    /// A condition, what is done when it holds, and what else.
    If(String, Vec<Statement>, Vec<Statement>),
    /// Anything else, with single spaces.
    Do(String),
}

/// The statements of every `sub` of that name, in order: Varnish joins them.
pub(super) fn sub(text: &str, name: &str) -> Result<Vec<Statement>, String> {
    let text = plain(text);
    let mut all = Vec::new();
    for part in text.split("sub ").skip(1) {
        let Some((found, body)) = part.split_once('{') else { continue };
        if found.trim() == name {
            all.extend(block(&mut body.chars().peekable())?);
        }
    }
    Ok(all)
}

/// Without comments.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let line = line.split("//").next().unwrap_or_default();
        out.push_str(line.split('#').next().unwrap_or_default());
        out.push('\n');
    }
    out
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// Statements up to the closing brace.
fn block(chars: &mut Chars<'_>) -> Result<Vec<Statement>, String> {
    let mut list = Vec::new();
    let mut word = String::new();
    while let Some(c) = chars.next() {
        match c {
            '}' => return Ok(list),
            ';' => list.push(Statement::Do(spaced(&core::mem::take(&mut word)))),
            '{' => {
                let head = spaced(&core::mem::take(&mut word));
                let inside = block(chars)?;
                match (head.strip_prefix("if"), list.last_mut()) {
                    (Some(condition), _) => list.push(Statement::If(condition.trim().to_owned(), inside, Vec::new())),
                    (None, Some(Statement::If(_, _, otherwise))) if head == "else" => *otherwise = inside,
                    _ => return Err(format!("not modelled yet: \"{head}\" in a VCL")),
                }
            }
            '"' => {
                word.push(c);
                while let Some(inner) = chars.next_if(|inner| *inner != '"') {
                    word.push(inner);
                }
                word.extend(chars.next());
            }
            c => word.push(c),
        }
    }
    Err("a sub of the VCL does not end".into())
}

fn spaced(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A span such as `3s` or `1.5m`, in microseconds.
pub(super) fn span(text: &str) -> Result<i64, String> {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let number: f64 = text[..text.len() - unit.len()].parse().map_err(|_| format!("{text:?} is no span"))?;
    let seconds = match unit {
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return Err(format!("{unit:?} is no unit of time")),
    };
    Ok((number * seconds * 1e6) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_are_read() {
        let text = "sub vcl_hit { set a = \"x;}\"; } # none\nsub vcl_miss { if (b) { c; } else { d; } }\nsub vcl_hit { e; }";
        let does = |text: &str| Statement::Do(text.into());
        assert_eq!(sub(text, "vcl_hit"), Ok(vec![does("set a = \"x;}\""), does("e")]));
        assert_eq!(sub(text, "vcl_miss"), Ok(vec![Statement::If("(b)".into(), vec![does("c")], vec![does("d")])]));
        assert_eq!(sub(text, "vcl_recv"), Ok(Vec::new()));
        assert!(sub("sub vcl_hit { while (b) { c; } }", "vcl_hit").is_err());
        assert_eq!((span("3s"), span("0.5m"), span("7")), (Ok(3_000_000), Ok(30_000_000), Ok(7_000_000)));
    }
}
