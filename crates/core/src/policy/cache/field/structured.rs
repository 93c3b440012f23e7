//! As much of structured fields (RFC 8941) as `CDN-Cache-Control` (RFC 9213) and `Cache-Groups`
//! (RFC 9875) need: a dictionary, and a list of strings. One wrong character makes the whole
//! field wrong, as the format wants it.

/// What a member of a dictionary says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A whole number.
    Integer(i64),
    /// A string, without its quotes and escapes.
    Text(String),
    /// True or false; a key alone is true.
    Flag(bool),
    /// A token, a decimal, bytes or an inner list: well-formed, and no directive has one.
    Other,
}

/// The members of a dictionary in order; a key that comes twice keeps the later value
/// (RFC 8941 section 4.2.2). `None` when anything in it is malformed.
pub fn dictionary<'a>(values: impl Iterator<Item = &'a str>) -> Option<Vec<(String, Item)>> {
    let joined = join(values);
    let mut input = Input(joined.as_bytes());
    let mut found: Vec<(String, Item)> = Vec::new();
    input.spaces();
    while !input.0.is_empty() {
        let key = input.key()?;
        let item = if input.take(b'=') { input.item_or_list()? } else { Item::Flag(true) };
        input.parameters()?;
        found.retain(|(k, _)| *k != key);
        found.push((key, item));
        input.comma()?;
    }
    Some(found)
}

/// The strings of a list; other members are passed over. `None` when anything is malformed.
pub fn strings<'a>(values: impl Iterator<Item = &'a str>) -> Option<Vec<String>> {
    let joined = join(values);
    let mut input = Input(joined.as_bytes());
    let mut found = Vec::new();
    input.spaces();
    while !input.0.is_empty() {
        if let Item::Text(text) = input.item_or_list()? {
            found.push(text);
        }
        input.parameters()?;
        input.comma()?;
    }
    Some(found)
}

fn join<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for value in values {
        if !joined.is_empty() {
            joined.push_str(", ");
        }
        joined.push_str(super::trim(value));
    }
    joined
}

struct Input<'a>(&'a [u8]);

impl Input<'_> {
    fn peek(&self) -> u8 {
        self.0.first().copied().unwrap_or(0)
    }

    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn take(&mut self, byte: u8) -> bool {
        let is = self.peek() == byte && !self.0.is_empty();
        if is {
            self.0 = &self.0[1..];
        }
        is
    }

    fn spaces(&mut self) {
        while matches!(self.peek(), b' ' | b'\t') {
            self.0 = &self.0[1..];
        }
    }

    /// A comma with something behind it, or the end.
    fn comma(&mut self) -> Option<()> {
        self.spaces();
        if self.0.is_empty() {
            return Some(());
        }
        self.take(b',').then_some(())?;
        self.spaces();
        (!self.0.is_empty()).then_some(())
    }

    fn run(&mut self, fits: impl Fn(u8) -> bool) -> &str {
        let end = self.0.iter().position(|b| !fits(*b)).unwrap_or(self.0.len());
        let (run, rest) = self.0.split_at(end);
        self.0 = rest;
        core::str::from_utf8(run).unwrap_or("")
    }

    fn key(&mut self) -> Option<String> {
        matches!(self.peek(), b'a'..=b'z' | b'*').then_some(())?;
        Some(self.run(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.' | b'*')).to_owned())
    }

    fn parameters(&mut self) -> Option<()> {
        while self.take(b';') {
            self.spaces();
            self.key()?;
            if self.take(b'=') {
                self.item()?;
            }
        }
        Some(())
    }

    fn item_or_list(&mut self) -> Option<Item> {
        if !self.take(b'(') {
            return self.item();
        }
        loop {
            self.spaces();
            if self.take(b')') {
                return Some(Item::Other);
            }
            self.item()?;
            self.parameters()?;
            matches!(self.peek(), b' ' | b')').then_some(())?;
        }
    }

    fn item(&mut self) -> Option<Item> {
        match self.peek() {
            b'-' | b'0'..=b'9' => self.number(),
            b'"' => self.string().map(Item::Text),
            b'?' => {
                self.next();
                match self.next()? {
                    b'0' => Some(Item::Flag(false)),
                    b'1' => Some(Item::Flag(true)),
                    _ => None,
                }
            }
            b':' => {
                self.next();
                self.run(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b));
                self.take(b':').then_some(Item::Other)
            }
            b'*' | b'a'..=b'z' | b'A'..=b'Z' => {
                self.run(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:/".contains(&b));
                Some(Item::Other)
            }
            _ => None,
        }
    }

    fn number(&mut self) -> Option<Item> {
        let negative = self.take(b'-');
        let digits = self.run(|b| b.is_ascii_digit());
        let (count, value) = (digits.len(), digits.bytes().take(15).fold(0i64, |n, b| n * 10 + i64::from(b - b'0')));
        if self.take(b'.') {
            let places = self.run(|b| b.is_ascii_digit()).len();
            return ((1..=12).contains(&count) && (1..=3).contains(&places)).then_some(Item::Other);
        }
        (1..=15).contains(&count).then_some(Item::Integer(if negative { -value } else { value }))
    }

    fn string(&mut self) -> Option<String> {
        self.next();
        let mut text = String::new();
        loop {
            match self.next()? {
                b'"' => return Some(text),
                b'\\' => match self.next()? {
                    byte @ (b'"' | b'\\') => text.push(char::from(byte)),
                    _ => return None,
                },
                byte @ b' '..=b'~' => text.push(char::from(byte)),
                _ => return None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dictionaries_are_read_whole_or_not_at_all() {
        fn check(text: &str, expect: Option<&[(&str, Item)]>) {
            let found = dictionary([text].into_iter());
            let expect = expect.map(|list| list.iter().map(|(k, i)| ((*k).to_owned(), i.clone())).collect::<Vec<_>>());
            assert_eq!(found, expect, "{text}");
        }
        check("max-age=3600, private", Some(&[("max-age", Item::Integer(3_600)), ("private", Item::Flag(true))]));
        check("max-age=99999999999", Some(&[("max-age", Item::Integer(99_999_999_999))]));
        check("a=1, a=2", Some(&[("a", Item::Integer(2))]));
        check(
            "a;x=1;y, b=?0, c=\"q\\\"\", d=tok, e=1.5, f=(1 2);z",
            Some(&[
                ("a", Item::Flag(true)),
                ("b", Item::Flag(false)),
                ("c", Item::Text("q\"".into())),
                ("d", Item::Other),
                ("e", Item::Other),
                ("f", Item::Other),
            ]),
        );
        check("", Some(&[]));
        for wrong in [
            "max-age=1, &&&&&",
            "Max-Age=1",
            "max-age =1",
            "max-age= 1",
            "a=1,",
            "a b",
            "a=\"",
            "a=\"é\"",
            "a=1.",
            "a=1234567890123456",
            "a=?2",
            "(1)",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn lists_of_strings_are_read() {
        fn check(text: &str, expect: Option<&[&str]>) {
            assert_eq!(strings([text].into_iter()), expect.map(|list| list.iter().map(|t| (*t).to_owned()).collect()), "{text}");
        }
        check("\"scripts\", \"css\";a", Some(&["scripts", "css"]));
        check("tok, \"x\"", Some(&["x"]));
        check("\"x\",", None);
        check("\"x", None);
    }
}
