//! Fresh, stale, or not storable: a response in a shared cache.

use super::Made;
use super::dice::Dice;
use super::options::{Idea, single};
use super::say::Part::{C, N, S};
use super::say::{say, table};

/// What a response says about its storage.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Storage {
    Unsaid,
    NoStore,
    Private,
    NoCache,
}

/// A response, and when it is asked for again. Seconds.
#[derive(Clone, Copy)]
struct Stored {
    storage: Storage,
    s_maxage: Option<u64>,
    max_age: Option<u64>,
    /// After `Date`.
    expires: Option<u64>,
    /// Before `Date`.
    modified: Option<u64>,
    /// The `Age` with which it came.
    age: u64,
    /// How long this cache has had it.
    held: u64,
    /// Whether the request had `Authorization`.
    authorized: bool,
}

/// What a shared cache may do with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    NotStored,
    Validated,
    Fresh(u64),
    Stale(u64),
}

impl Stored {
    fn draw(dice: &mut Dice) -> Self {
        let tricky = dice.is_tricky();
        // Lifetimes end in 0 and neither ages nor sums of them do: nothing is on the edge.
        let age = dice.of(&[22, 34, 46, 62, 88]);
        let mut drawn = Self {
            storage: Storage::Unsaid,
            s_maxage: None,
            max_age: Some(dice.of(&[60, 120, 180, 300])),
            expires: None,
            modified: None,
            age: if tricky || dice.coin() { age } else { 0 },
            held: dice.of(&[25, 55, 75, 105, 155, 205, 245]),
            authorized: false,
        };
        let (longer, storage) = (dice.of(&[90, 150, 240, 400, 600]), dice.within(0, 2));
        match (dice.form(2), dice.below(4)) {
            (0, 0 | 1) if tricky => {
                drawn.max_age = None;
                drawn.modified = Some(dice.of(&[600, 1_200, 1_800, 3_600]));
            }
            (0, 0) => drawn.age = age,
            (0, 1) => {
                drawn.max_age = None;
                drawn.expires = Some(longer);
            }
            (0, 2) => drawn.expires = Some(longer),
            (0, _) => {
                drawn.s_maxage = Some(longer);
                // One more number that does not count.
                drawn.expires = tricky.then_some(longer + 60);
            }
            (_, 0..3) if tricky => {
                drawn.authorized = true;
                drawn.s_maxage = dice.coin().then_some(longer);
            }
            _ => {
                drawn.storage = [Storage::NoStore, Storage::Private, Storage::NoCache][storage as usize];
            }
        }
        drawn
    }

    /// How long it is fresh (RFC 9111 section 4.2.1, and 4.2.2 with a tenth as the heuristic).
    fn lifetime(&self) -> u64 {
        self.s_maxage.or(self.max_age).or(self.expires).or(self.modified.map(|ago| ago / 10)).unwrap_or(0)
    }

    /// How old it is when it is asked for again (RFC 9111 section 4.2.3).
    const fn age_now(&self) -> u64 {
        self.age + self.held
    }

    /// RFC 9111 sections 3, 3.5, 4.2 and 5.2.2, for a shared cache.
    fn verdict(&self) -> Verdict {
        match self.storage {
            Storage::NoStore | Storage::Private => return Verdict::NotStored,
            // With `Authorization` in the request the response has to allow it itself.
            _ if self.authorized && self.s_maxage.is_none() => return Verdict::NotStored,
            Storage::NoCache => return Verdict::Validated,
            Storage::Unsaid => {}
        }
        let (life, age) = (self.lifetime(), self.age_now());
        if life > age { Verdict::Fresh(life - age) } else { Verdict::Stale(age - life) }
    }

    /// The sentence about this response, and what follows from it.
    fn idea(&self, template: &str) -> Idea {
        let verdict = self.verdict();
        let sum = match verdict {
            Verdict::Fresh(left) => say(words::IS_FRESH, &[N(self.lifetime()), N(self.age_now()), N(left)]),
            Verdict::Stale(over) => say(words::IS_STALE, &[N(self.lifetime()), N(self.age_now()), N(over)]),
            Verdict::NotStored | Verdict::Validated => String::new(),
        };
        let parts = [N(self.lifetime()), N(self.age), N(self.held), S(&sum), N(self.modified.unwrap_or_default())];
        Idea::new(verdict.code(), say(template, &parts))
    }

    /// Why the verdict is what it is.
    fn reason(&self) -> &'static str {
        match self.storage {
            Storage::NoStore => words::NO_STORE,
            Storage::Private => words::PRIVATE,
            Storage::NoCache => words::NO_CACHE,
            Storage::Unsaid if self.authorized && self.s_maxage.is_none() => words::AUTHORIZED,
            Storage::Unsaid if self.authorized => words::ALLOWED,
            Storage::Unsaid if self.s_maxage.is_some() => words::S_MAXAGE,
            Storage::Unsaid => match (self.max_age, self.expires) {
                (Some(_), Some(_)) => words::MAX_AGE_FIRST,
                (Some(_), None) => words::MAX_AGE,
                (None, Some(_)) => words::EXPIRES,
                (None, None) => words::HEURISTIC,
            },
        }
    }

    /// What misconceptions make of it: each reads another response, and judges that one rightly.
    fn misread(&self) -> Vec<Idea> {
        let never = |why: &str| Idea::new(Verdict::NotStored.code(), why.to_owned());
        let mut ideas = Vec::new();
        let mut read = |when: bool, as_if: Self, why: &str| {
            if when {
                ideas.push(as_if.idea(why));
            }
        };
        let plain = Self { storage: Storage::Unsaid, authorized: false, ..*self };
        let storage = self.storage;
        read(storage == Storage::NoStore, Self { storage: Storage::NoCache, ..*self }, words::AS_NO_CACHE);
        read(storage == Storage::NoCache, Self { storage: Storage::NoStore, ..*self }, words::AS_NO_STORE);
        read(storage == Storage::Private, Self { storage: Storage::NoCache, ..*self }, words::PRIVATE_VALIDATED);
        read(storage != Storage::Unsaid, plain, words::FLAG_IGNORED);
        read(storage != Storage::Unsaid, Self { max_age: Some(0), ..plain }, words::FLAG_IS_ZERO);
        read(self.authorized && self.s_maxage.is_none(), plain, words::AUTHORIZED_IGNORED);
        read(self.s_maxage.is_some(), Self { s_maxage: None, authorized: false, ..*self }, words::S_MAXAGE_IGNORED);
        read(self.expires.is_some() && self.max_age.is_some(), Self { max_age: None, s_maxage: None, ..*self }, words::EXPIRES_FIRST);
        read(self.modified.is_some(), Self { max_age: Some(0), ..*self }, words::NO_HEURISTIC);
        read(self.modified.is_some(), Self { max_age: self.modified, ..*self }, words::WHOLE_AGE);
        let ages = self.age > 0 && !matches!(self.verdict(), Verdict::NotStored | Verdict::Validated);
        read(ages, Self { age: 0, ..*self }, words::AGE_IGNORED);
        read(ages, Self { held: 0, ..*self }, words::AGE_ONLY);
        read(self.authorized, Self { storage: Storage::NoCache, s_maxage: Some(0), ..*self }, words::AUTHORIZED_VALIDATED);
        if self.authorized && self.s_maxage.is_some() {
            ideas.push(never(words::NEVER_AUTHORIZED));
        }
        if storage == Storage::Unsaid && !self.authorized {
            ideas.push(never(if self.max_age.is_some() { words::NEEDS_PUBLIC } else { words::NEEDS_CONTROL }));
            if matches!(self.verdict(), Verdict::Fresh(_)) {
                ideas.push(Self { storage: Storage::NoCache, ..*self }.idea(words::ALWAYS_VALIDATED));
            }
        }
        ideas
    }

    /// The `Cache-Control` field, if it has one.
    fn control(&self) -> Option<String> {
        let mut all = Vec::new();
        match self.storage {
            Storage::NoStore => all.push("no-store".to_owned()),
            Storage::Private => all.push("private".to_owned()),
            Storage::NoCache => all.push("no-cache".to_owned()),
            Storage::Unsaid => {}
        }
        // The weaker one first, as if the order meant something.
        all.extend(self.max_age.map(|s| format!("max-age={s}")));
        all.extend(self.s_maxage.map(|s| format!("s-maxage={s}")));
        (!all.is_empty()).then(|| all.join(", "))
    }
}

impl Verdict {
    const fn code(self) -> u64 {
        match self {
            Self::NotStored => 0,
            Self::Validated => 1,
            Self::Fresh(left) => 1 << 32 | left,
            Self::Stale(over) => 2 << 32 | over,
        }
    }

    fn text(code: u64) -> String {
        let template = match (code >> 32, code) {
            (0, 0) => words::NOT_STORED,
            (0, _) => words::VALIDATED,
            (1, _) => words::FRESH,
            _ => words::STALE,
        };
        say(template, &[N(code & 0xffff_ffff)])
    }
}

/// Noon, in seconds of the day: the `Date` of every response.
const NOON: u64 = 12 * 3_600;

pub(super) fn make(dice: &mut Dice) -> Option<Made> {
    let stored = Stored::draw(dice);
    let right = stored.idea(stored.reason());
    let body = single(dice, right, stored.misread(), 2, &Verdict::text)?;
    let code = |name: &str| say("<code>{0}</code>", &[S(name)]);
    let clock = |seconds: u64| say(words::DATE, &[C(seconds)]);
    let mut cells = Vec::new();
    let mut field = |name: &str, value: String| cells.extend([code(name), code(&value)]);
    field("Date", clock(NOON));
    if let Some(control) = stored.control() {
        field("Cache-Control", control);
    }
    if let Some(after) = stored.expires {
        field("Expires", clock(NOON + after));
    }
    if let Some(before) = stored.modified {
        field("Last-Modified", clock(NOON - before));
    }
    if stored.age > 0 {
        field("Age", say("{0}", &[N(stored.age)]));
    }
    if stored.authorized {
        cells.extend([words::REQUEST_HAD.to_owned(), code("Authorization")]);
    }
    if stored.modified.is_some() {
        cells.extend([words::RULE.to_owned(), words::TENTH.to_owned()]);
    }
    cells.extend([words::CAME.to_owned(), say("{0}", &[C(NOON + stored.age)])]);
    cells.extend([words::ASKED.to_owned(), say("{0}", &[C(NOON + stored.age_now())])]);
    Some(Made { ask: words::ASK.to_owned(), given: table(&[], 2, &cells), keep: words::KEEP, body })
}

mod words {
    pub(super) const ASK: &str = "A shared cache got this 200 to a GET. What is it to the cache when it is asked for again?";
    /// As IMF-fixdate has it (RFC 9110 section 5.6.7).
    pub(super) const DATE: &str = "Mon, 02 Mar 2026 {0} GMT";
    pub(super) const KEEP: &str =
        "First ask whether it may be stored, then for how long it is fresh (s-maxage, max-age, Expires, heuristic), then how old it is.";
    pub(super) const REQUEST_HAD: &str = "The request had";
    pub(super) const RULE: &str = "This cache’s heuristic";
    pub(super) const TENTH: &str = "10 % of the time since <code>Last-Modified</code>";
    pub(super) const CAME: &str = "It came at";
    pub(super) const ASKED: &str = "It is asked for again at";
    pub(super) const NOT_STORED: &str = "Not there: the cache may not store it";
    pub(super) const VALIDATED: &str = "Stored, but the origin has to be asked before every use";
    pub(super) const FRESH: &str = "Fresh, for another {0} s";
    pub(super) const STALE: &str = "Stale, since {0} s";

    // The two sums: {0} lifetime, {1} age, {2} the difference.
    pub(super) const IS_FRESH: &str = "{0} s of life less {1} s of age leave {2} s.";
    pub(super) const IS_STALE: &str = "{0} s of life less {1} s of age: over by {2} s.";
    // {0} lifetime, {1} the Age field, {2} time in this cache, {3} the sum, {4} time since the last change.
    pub(super) const S_MAXAGE: &str =
        "In a shared cache <code>s-maxage</code> comes before everything else. Age is {1} s on arrival and {2} s here. {3}";
    pub(super) const MAX_AGE: &str = "<code>max-age</code> gives the lifetime. Age is {1} s on arrival and {2} s here. {3}";
    pub(super) const MAX_AGE_FIRST: &str =
        "<code>max-age</code> gives the lifetime, whatever <code>Expires</code> says. Age is {1} s on arrival and {2} s here. {3}";
    pub(super) const EXPIRES: &str =
        "Without a max-age, <code>Expires</code> less <code>Date</code> is the lifetime. Age is {1} s on arrival and {2} s here. {3}";
    pub(super) const HEURISTIC: &str =
        "Nothing sets a lifetime, so the heuristic does: {4} s ÷ 10 = {0} s. Age is {1} s on arrival and {2} s here. {3}";
    pub(super) const NO_STORE: &str =
        "<code>no-store</code> forbids every cache to keep it. The max-age of {0} s next to it has nothing left to govern.";
    pub(super) const PRIVATE: &str = "<code>private</code> keeps it out of shared caches. Its {0} s are for the browser’s own cache.";
    pub(super) const NO_CACHE: &str =
        "<code>no-cache</code> lets it be stored, but not used without asking the origin, not even within its {0} s.";
    pub(super) const AUTHORIZED: &str = "The answer to a request with <code>Authorization</code> belongs to one user. A shared cache may keep it only if the response says so, and {0} s of max-age do not.";
    pub(super) const ALLOWED: &str =
        "<code>s-maxage</code> allows a shared cache to keep it in spite of <code>Authorization</code>, and sets the lifetime. {3}";

    pub(super) const AS_NO_CACHE: &str =
        "That is <code>no-cache</code>: store it, ask every time. <code>no-store</code> leaves nothing to ask about, {0} s or not.";
    pub(super) const AS_NO_STORE: &str = "That takes <code>no-cache</code> by its name. It does not keep a cache from storing, only from using the copy unasked, even within {0} s.";
    pub(super) const PRIVATE_VALIDATED: &str =
        "That takes <code>private</code> for an order to ask first. It says who may store it: the browser, for {0} s, and no shared cache.";
    pub(super) const FLAG_IGNORED: &str = "That looks at the numbers alone. {3} But the word in front of them decides.";
    pub(super) const FLAG_IS_ZERO: &str = "That takes the word for a lifetime of {0} s. {3} It is not about the lifetime at all.";
    pub(super) const AUTHORIZED_IGNORED: &str = "That overlooks <code>Authorization</code>, which makes the answer one user’s own. {3}";
    pub(super) const AUTHORIZED_VALIDATED: &str =
        "That thinks the origin is asked each time whether the user may see it. Nothing here says so, as <code>no-cache</code> would.";
    pub(super) const NEVER_AUTHORIZED: &str = "That thinks <code>Authorization</code> always keeps a shared cache out. <code>s-maxage</code>, <code>public</code> and <code>must-revalidate</code> let it in.";
    pub(super) const S_MAXAGE_IGNORED: &str =
        "That goes by <code>max-age</code>, as a browser would. {3} A shared cache has a number of its own.";
    pub(super) const EXPIRES_FIRST: &str = "That goes by <code>Expires</code>. {3} It only counts where there is no max-age.";
    pub(super) const NO_HEURISTIC: &str =
        "That takes a response without a lifetime for one of {0} s. {3} A cache may use a heuristic, and this one does.";
    pub(super) const WHOLE_AGE: &str =
        "That takes the whole time since the last change, {0} s, for the lifetime. {3} The heuristic takes a tenth.";
    pub(super) const AGE_IGNORED: &str = "That counts from the arrival here. {3} The <code>Age</code> with which it came counts too.";
    pub(super) const AGE_ONLY: &str = "That takes the <code>Age</code> field for the age now. {3} It goes on growing in this cache.";
    pub(super) const NEEDS_PUBLIC: &str =
        "That thinks a shared cache needs the word <code>public</code>. A 200 to a GET with a max-age may be stored without it.";
    pub(super) const NEEDS_CONTROL: &str =
        "That thinks nothing is stored without <code>Cache-Control</code>. A 200 to a GET may be stored unless something forbids it.";
    pub(super) const ALWAYS_VALIDATED: &str =
        "That is what <code>no-cache</code> would do. Without it a fresh copy is used and nobody is asked.";
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Stored = Stored {
        storage: Storage::Unsaid,
        s_maxage: None,
        max_age: Some(60),
        expires: None,
        modified: None,
        age: 0,
        held: 50,
        authorized: false,
    };

    fn check(stored: Stored, expect: &str) {
        assert_eq!(Verdict::text(stored.verdict().code()), expect);
    }

    #[test]
    fn the_lifetime_comes_from_the_strongest_source() {
        check(PLAIN, "Fresh, for another 10 s");
        check(Stored { age: 20, ..PLAIN }, "Stale, since 10 s");
        check(Stored { s_maxage: Some(40), expires: Some(500), ..PLAIN }, "Stale, since 10 s");
        check(Stored { expires: Some(500), ..PLAIN }, "Fresh, for another 10 s");
        check(Stored { max_age: None, expires: Some(500), ..PLAIN }, "Fresh, for another 450 s");
        check(Stored { max_age: None, modified: Some(600), ..PLAIN }, "Fresh, for another 10 s");
        check(Stored { max_age: None, ..PLAIN }, "Stale, since 50 s");
        // A lifetime has to be greater than the age (RFC 9111 section 4.2).
        check(Stored { held: 60, ..PLAIN }, "Stale, since 0 s");
    }

    #[test]
    fn storage_is_asked_about_first() {
        let never = "Not there: the cache may not store it";
        check(Stored { storage: Storage::NoStore, ..PLAIN }, never);
        check(Stored { storage: Storage::Private, s_maxage: Some(900), ..PLAIN }, never);
        check(Stored { storage: Storage::NoCache, ..PLAIN }, "Stored, but the origin has to be asked before every use");
        check(Stored { authorized: true, ..PLAIN }, never);
        check(Stored { authorized: true, s_maxage: Some(90), ..PLAIN }, "Fresh, for another 40 s");
    }
}
