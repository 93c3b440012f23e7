//! What a recording's setup says in words about its origin.
//!
//! The words are few and short: `/x max-age=2; modes: drop = …, slow = 700 ms`, `/e ETag "e1", /l
//! Last-Modified`. What they leave open (how long a page that is only called slow is fresh) is marked
//! as open, and nothing is guessed here.

use std::collections::BTreeMap;

/// A value that is told, or open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told<T> {
    Is(T),
    Open,
}

/// The entity tag of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// That one.
    Is(String),
    /// One that nobody wrote down.
    Some,
    /// Another one each time.
    New,
}

/// One directive of `Cache-Control`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Directive {
    /// As it is written.
    Is(String),
    /// Its name, with a number of seconds that nobody wrote down.
    For(&'static str),
}

/// Which fields a page varies by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Vary {
    /// That field.
    By(String),
    /// Those that the requests for it have.
    Asked,
    /// The same, but not the first time.
    AskedLater,
}

/// What an origin answers with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) control: Vec<Directive>,
    /// It says nothing of how long it is fresh.
    pub(super) bare: bool,
    pub(super) status: Option<u16>,
    pub(super) delay_ms: Option<u64>,
    pub(super) tag: Option<Tag>,
    pub(super) modified: bool,
    /// `Last-Modified` so long before each answer, which is not said.
    pub(super) modified_before: bool,
    /// `Set-Cookie`.
    pub(super) cookie: bool,
    /// Only to those without a cookie.
    pub(super) unless_cookie: bool,
    pub(super) vary: Option<Vary>,
    pub(super) age: Option<Told<u32>>,
    /// Seconds that its `Date` lies in the past.
    pub(super) date_ago: Option<i64>,
    pub(super) location: Option<String>,
    /// A rule of the cache lets it pass, by a field that it has.
    pub(super) passes: bool,
    /// What comes first, and how often.
    pub(super) before: Option<(u32, Box<Page>)>,
}

/// What is said of an origin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prose {
    /// By path.
    pub(super) pages: BTreeMap<String, Page>,
    /// Where no path is named.
    pub(super) other: Option<Page>,
    /// How long it takes when it is slow.
    pub(super) slow_ms: Option<u64>,
    /// Paths are pages by their names.
    pub(super) named: bool,
    /// Every answer says in `X-New` which it is.
    pub(super) numbered: bool,
}

/// Reads the words.
pub(super) fn read(text: &str) -> Prose {
    let mut prose = Prose { named: text.trim() == "as named", numbered: text.contains("X-New: n"), ..Prose::default() };
    let text = text.split("X-New:").next().unwrap_or_default();
    for group in text.split(';').map(str::trim).filter(|group| !group.is_empty() && *group != "as named") {
        if group.starts_with("modes") {
            prose.slow_ms = group.split(',').find(|mode| mode.contains("slow")).and_then(millis);
            continue;
        }
        if group.starts_with("304 ") {
            continue;
        }
        for part in parts(group) {
            let bare = group.contains("without Cache-Control");
            match part.strip_prefix('/').map(|_| part.split_once(' ').unwrap_or((part, ""))) {
                Some((path, words)) => {
                    let page = Page { bare: bare || part.contains(" only"), ..page(words) };
                    prose.pages.insert(path.to_owned(), page);
                }
                None => {
                    let words = part.trim_start_matches("every path:");
                    let so_far = prose.other.take().unwrap_or_default();
                    prose.other = Some(joined(so_far, page(words)));
                }
            }
        }
    }
    prose
}

/// Several groups without a path speak of the same page.
fn joined(mut first: Page, second: Page) -> Page {
    first.control.extend(second.control);
    first.cookie |= second.cookie;
    first.unless_cookie |= second.unless_cookie;
    first.vary = first.vary.or(second.vary);
    first.tag = first.tag.or(second.tag);
    first.delay_ms = first.delay_ms.or(second.delay_ms);
    first.status = first.status.or(second.status);
    first
}

/// A comma parts pages only where a path follows.
fn parts(group: &str) -> Vec<&str> {
    let mut starts = vec![0];
    starts.extend(group.match_indices(", /").map(|(at, _)| at + 2));
    let ends = starts.iter().skip(1).map(|at| at - 2).chain([group.len()]);
    starts.iter().zip(ends).map(|(start, end)| group[*start..end].trim()).collect()
}

/// The number before `ms`.
fn millis(text: &str) -> Option<u64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).find(|pair| pair[1].trim_end_matches(',') == "ms").and_then(|pair| pair[0].rsplit('=').next()?.parse().ok())
}

/// One page, from the words about it.
pub(super) fn page(words: &str) -> Page {
    if let Some((first, then)) = words.split_once(" then ") {
        let times = [("once", 1), ("twice", 2), ("three times", 3), ("thrice", 3)];
        let times = times.iter().find(|(word, _)| first.contains(word)).map_or(1, |(_, n)| *n);
        return Page { before: Some((times, Box::new(page(first)))), ..page(then) };
    }
    let list: Vec<&str> = words.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    let mut page = Page {
        control: list.iter().filter_map(|word| directive(word)).collect(),
        delay_ms: millis(words),
        passes: words.contains("pass("),
        cookie: words.contains("Set-Cookie"),
        unless_cookie: words.contains("unless the request has a Cookie"),
        modified: words.contains("Last-Modified") && !words.contains(" only"),
        modified_before: words.contains("Last-Modified only"),
        ..Page::default()
    };
    for (i, word) in list.iter().enumerate() {
        let next = list.get(i + 1).copied().unwrap_or_default();
        match word.trim_end_matches(':') {
            "ETag" if i > 0 && list[i - 1] == "new" => page.tag = Some(Tag::New),
            "ETag" if next.starts_with(['"', 'W']) => page.tag = Some(Tag::Is(next.to_owned())),
            "ETag" => page.tag = Some(Tag::Some),
            "Vary" if next == "on" => page.vary = Some(Vary::AskedLater),
            "Vary" if next.is_empty() || next == "as" => page.vary = Some(Vary::Asked),
            "Vary" => page.vary = Some(Vary::By(next.to_owned())),
            "Location" => page.location = Some(next.to_owned()),
            "Age" => page.age = Some(next.parse().map_or(Told::Open, Told::Is)),
            "Date" => page.date_ago = next.parse().ok(),
            status if i == 0 && status.len() == 3 && next != "ms" => page.status = status.parse().ok(),
            _ => {}
        }
    }
    page
}

/// A directive, or the short name of one.
fn directive(word: &str) -> Option<Directive> {
    let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
    let long = match name {
        "swr" | "stale-while-revalidate" => "stale-while-revalidate",
        "sie" | "stale-if-error" => "stale-if-error",
        "max-age" => "max-age",
        "s-maxage" => "s-maxage",
        "no-store" | "no-cache" | "private" | "public" | "must-revalidate" | "proxy-revalidate" | "immutable" => {
            return value.is_none().then(|| Directive::Is(name.to_owned()));
        }
        _ => return None,
    };
    Some(value.map_or(Directive::For(long), |value| Directive::Is(format!("{long}={value}"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn control(page: &Page) -> String {
        let text = |directive: &Directive| match directive {
            Directive::Is(text) => text.clone(),
            Directive::For(name) => format!("{name}=?"),
        };
        page.control.iter().map(text).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn pages_are_read_from_words() {
        let prose = read("/x max-age=2; modes: 500/503 status, slow = 700 ms");
        assert_eq!((control(&prose.pages["/x"]).as_str(), prose.slow_ms), ("max-age=2", Some(700)));
        let prose = read("/s 600 ms, /slow 1600 ms, /un 300 ms no-store");
        assert_eq!(prose.pages["/slow"].delay_ms, Some(1_600));
        assert_eq!(control(&prose.pages["/un"]), "no-store");
        let prose = read("/ok 200, /nf 404 without Cache-Control; /cc max-age=60");
        assert!(prose.pages["/ok"].bare && prose.pages["/nf"].bare && !prose.pages["/cc"].bare);
        assert_eq!(prose.pages["/nf"].status, Some(404));
        let prose = read("/e ETag \"e1\" answers 304; /n new ETag; /l Last-Modified; /h Last-Modified only");
        assert_eq!((&prose.pages["/e"].tag, &prose.pages["/n"].tag), (&Some(Tag::Is("\"e1\"".into())), &Some(Tag::New)));
        assert!(prose.pages["/l"].modified && prose.pages["/h"].modified_before);
        let prose = read("/a Age header; /d Date 5 s in the past, max-age=10; /v 400 ms Vary: X-A");
        assert_eq!((prose.pages["/a"].age, prose.pages["/d"].date_ago), (Some(Told::Open), Some(5)));
        assert_eq!(prose.pages["/v"].vary, Some(Vary::By("X-A".into())));
        let prose = read("/turn no-store twice then max-age=60; /p max-age=60 but pass(3s)");
        assert_eq!(prose.pages["/turn"].before.as_ref().map(|(n, page)| (*n, control(page))), Some((2, "no-store".into())));
        assert!(prose.pages["/p"].passes);
        let prose = read("/x swr=5, /e sie");
        assert_eq!(control(&prose.pages["/x"]), "stale-while-revalidate=5");
        assert_eq!(control(&prose.pages["/e"]), "stale-if-error=?");
        let prose = read("Set-Cookie unless the request has a Cookie; max-age=60");
        let other = prose.other.expect("every path is spoken of");
        assert!(other.cookie && other.unless_cookie);
        assert_eq!(control(&other), "max-age=60");
    }
}
