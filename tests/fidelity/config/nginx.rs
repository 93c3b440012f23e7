//! nginx: directives, the `upstream` block and its servers.

/// A directive with its arguments, and what stands in its braces.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directive {
    /// Its name and arguments.
    pub(crate) words: Vec<String>,
    /// What stands in its braces.
    pub(crate) inside: Vec<Directive>,
}

impl Directive {
    /// Its name.
    pub(crate) fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// Its arguments.
    pub(crate) fn args(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// The first directive of that name, here or further inside.
    pub(crate) fn find(&self, name: &str) -> Option<&Self> {
        self.inside.iter().find_map(|d| if d.name() == name { Some(d) } else { d.find(name) })
    }

    /// Every directive of that name, here and further inside.
    pub(crate) fn all(&self, name: &str) -> Vec<&Self> {
        self.inside.iter().flat_map(|d| if d.name() == name { vec![d] } else { d.all(name) }).collect()
    }

    /// Those of that name in the innermost block that has any: it takes none from around it.
    pub(crate) fn innermost(&self, name: &str) -> Vec<&Self> {
        let inside = self.inside.iter().map(|d| d.innermost(name)).find(|found| !found.is_empty());
        inside.unwrap_or_else(|| self.inside.iter().filter(|d| d.name() == name).collect())
    }

    /// Whether there is such a directive.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }
}

/// Reads a configuration; the directives at its top stand inside the one that it returns.
pub(crate) fn read(text: &str) -> Directive {
    let mut tokens = tokens(text).into_iter();
    Directive { words: Vec::new(), inside: block(&mut tokens) }
}

fn block(tokens: &mut impl Iterator<Item = String>) -> Vec<Directive> {
    let mut directives = Vec::new();
    let mut words = Vec::new();
    while let Some(token) = tokens.next() {
        match token.as_str() {
            ";" => directives.push(Directive { words: core::mem::take(&mut words), inside: Vec::new() }),
            "{" => {
                let words = core::mem::take(&mut words);
                directives.push(Directive { words, inside: block(tokens) });
            }
            "}" => break,
            _ => words.push(token),
        }
    }
    directives
}

/// Words, quoted or not, and the signs `;`, `{` and `}` as words of their own.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ';' | '{' | '}' => tokens.push(c.to_string()),
            '#' => while chars.next_if(|&c| c != '\n').is_some() {},
            '"' | '\'' => {
                let mut word = String::new();
                while let Some(inner) = chars.next_if(|&inner| inner != c) {
                    word.push(if inner == '\\' { chars.next().unwrap_or(inner) } else { inner });
                }
                chars.next();
                tokens.push(word);
            }
            c if c.is_whitespace() => {}
            c => {
                let mut word = String::from(c);
                while let Some(more) = chars.next_if(|&c| !c.is_whitespace() && !matches!(c, ';' | '{' | '}')) {
                    word.push(more);
                }
                tokens.push(word);
            }
        }
    }
    tokens
}

/// One server of an `upstream` block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Server {
    /// Host and port as written.
    pub(crate) address: String,
    /// `weight=`, 1 unless written.
    pub(crate) weight: u32,
    /// `max_fails=`, 1 unless written.
    pub(crate) max_fails: u32,
    /// `fail_timeout=` in milliseconds, 10 s unless written.
    pub(crate) fail_timeout_ms: u64,
    /// `max_conns=`, 0 for any number.
    pub(crate) max_conns: u32,
    /// Whether it is a `backup`.
    pub(crate) backup: bool,
    /// Whether it is `down`.
    pub(crate) down: bool,
}

impl Server {
    fn read(args: &[String]) -> Self {
        let mut server = Self {
            address: args.first().cloned().unwrap_or_default(),
            weight: 1,
            max_fails: 1,
            fail_timeout_ms: 10_000,
            ..Self::default()
        };
        for arg in args.iter().skip(1) {
            let number = |text: &str| text.parse().unwrap_or(0);
            match arg.split_once('=') {
                Some(("weight", n)) => server.weight = number(n),
                Some(("max_fails", n)) => server.max_fails = number(n),
                Some(("max_conns", n)) => server.max_conns = number(n),
                Some(("fail_timeout", span)) => server.fail_timeout_ms = millis(span),
                _ => match arg.as_str() {
                    "backup" => server.backup = true,
                    "down" => server.down = true,
                    _ => {}
                },
            }
        }
        server
    }
}

/// The servers of an `upstream` block.
pub(crate) fn servers(upstream: &Directive) -> Vec<Server> {
    upstream.inside.iter().filter(|d| d.name() == "server").map(|d| Server::read(d.args())).collect()
}

/// A span such as `500ms`, `2s` or `1m`, in milliseconds; a bare number is seconds.
pub(crate) fn millis(text: &str) -> u64 {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let n: u64 = text[..digits].parse().unwrap_or(0);
    match &text[digits..] {
        "ms" => n,
        "m" => n * 60_000,
        "h" => n * 3_600_000,
        _ => n * 1_000,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_block_is_read() {
        let text = "http { # all\nupstream up { hash \"$uri;x\" consistent; server 10.0.0.1:80 weight=5 max_fails=2 fail_timeout=500ms; server b backup; } }";
        let config = read(text);
        let upstream = config.find("upstream").expect("there is one");
        assert_eq!(upstream.args(), ["up"]);
        assert_eq!(upstream.find("hash").expect("there is one").args(), ["$uri;x", "consistent"]);
        let first = Server { address: "10.0.0.1:80".into(), weight: 5, max_fails: 2, fail_timeout_ms: 500, ..Server::default() };
        let second = Server { address: "b".into(), weight: 1, max_fails: 1, fail_timeout_ms: 10_000, backup: true, ..Server::default() };
        assert_eq!(servers(upstream), [first, second]);
    }

    #[test]
    fn an_inner_block_takes_none_from_around_it() {
        let config = read("http { a 1; server { a 2; b 3; location / { a 4; a 5; } } }");
        let args = |found: Vec<&Directive>| found.iter().map(|d| d.args()[0].clone()).collect::<Vec<_>>();
        assert_eq!(args(config.all("a")), ["1", "2", "4", "5"]);
        assert_eq!(args(config.innermost("a")), ["4", "5"]);
        assert_eq!(args(config.innermost("b")), ["3"]);
    }
}
