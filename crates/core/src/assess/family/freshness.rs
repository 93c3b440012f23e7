//! Fresh, stale, or not storable: a response in a shared cache.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::sheet::Sheet;

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

    /// What this response comes to, with its lifetime, its age, and the number of the sentence that compares them.
    fn idea(&self, why: &'static str) -> Idea {
        let verdict = self.verdict();
        let sum = match verdict {
            Verdict::Fresh(_) => 0,
            Verdict::Stale(_) => 1,
            Verdict::NotStored | Verdict::Validated => 2,
        };
        Idea::with(verdict.code(), [self.lifetime(), self.age_now(), sum], why)
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
        let (storage, shared) = (self.storage, self.s_maxage.is_some());
        let may_be_kept = !matches!(self.verdict(), Verdict::NotStored | Verdict::Validated);
        let says_word = storage != Storage::Unsaid;
        let plain = Self { storage: Storage::Unsaid, authorized: false, ..*self };
        let never = Self { storage: Storage::NoStore, ..*self };
        let asking = Self { storage: Storage::NoCache, authorized: false, ..*self };
        let said = !says_word && !self.authorized;
        let all = [
            (storage == Storage::NoStore, asking, words::AS_NO_CACHE),
            (storage == Storage::NoCache, never, words::AS_NO_STORE),
            (storage == Storage::Private, asking, words::PRIVATE_VALIDATED),
            (says_word, plain, words::FLAG_IGNORED),
            (says_word, Self { max_age: Some(0), ..plain }, words::FLAG_IS_ZERO),
            (self.authorized && !shared, plain, words::AUTHORIZED_IGNORED),
            (shared, Self { s_maxage: None, ..plain }, words::S_MAXAGE_IGNORED),
            (self.expires.is_some() && self.max_age.is_some(), Self { max_age: None, s_maxage: None, ..plain }, words::EXPIRES_FIRST),
            (self.modified.is_some(), Self { max_age: Some(0), ..*self }, words::NO_HEURISTIC),
            (self.modified.is_some(), Self { max_age: self.modified, ..*self }, words::WHOLE_AGE),
            (self.age > 0 && may_be_kept, Self { age: 0, ..*self }, words::AGE_IGNORED),
            (self.age > 0 && may_be_kept, Self { held: 0, ..*self }, words::AGE_ONLY),
            (self.authorized, asking, words::AUTHORIZED_VALIDATED),
            (self.authorized && shared, never, words::NEVER_AUTHORIZED),
            (said && self.max_age.is_some(), never, words::NEEDS_PUBLIC),
            (said && self.max_age.is_none(), never, words::NEEDS_CONTROL),
            (said && matches!(self.verdict(), Verdict::Fresh(_)), asking, words::ALWAYS_VALIDATED),
        ];
        all.iter().filter(|(applies, ..)| *applies).map(|(_, as_if, why)| as_if.idea(why)).collect()
    }

    /// The `Cache-Control` field, if it has one; a template.
    fn control(&self) -> String {
        let mut all = match self.storage {
            Storage::NoStore => "no-store, ",
            Storage::Private => "private, ",
            Storage::NoCache => "no-cache, ",
            Storage::Unsaid => "",
        }
        .to_owned();
        all.push_str(if self.max_age.is_some() { "max-age={n4}" } else { "" });
        // The weaker one comes first, as if the order meant something.
        all.push_str(if self.s_maxage.is_some() { ", s-maxage={n5}" } else { "" });
        all
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

    const fn text(code: u64) -> &'static str {
        match (code >> 32, code) {
            (0, 0) => words::NOT_STORED,
            (0, _) => words::VALIDATED,
            (1, _) => words::FRESH,
            _ => words::STALE,
        }
    }
}

/// An option in words: the code's low half is the number in it.
fn named(sheet: &mut Sheet, code: u64) -> String {
    sheet.turn_to(&[code & 0xffff_ffff, 0, 0, 0]);
    sheet.say(Verdict::text(code))
}

/// Noon, in seconds of the day: the `Date` of every response.
const NOON: u64 = 12 * 3_600;

pub(super) fn make(dice: &mut Dice) -> Option<Made> {
    let stored = Stored::draw(dice);
    let Stored { max_age, s_maxage, expires, modified, age, held, .. } = stored;
    let (changed, came) = (modified.unwrap_or_default(), NOON + age);
    let mut sheet = Sheet::new(&[
        max_age.unwrap_or_default(),
        s_maxage.unwrap_or_default(),
        age,
        held,
        changed,
        NOON,
        NOON + expires.unwrap_or_default(),
        NOON - changed,
        came,
        came + held,
    ]);
    for text in [words::IS_FRESH, words::IS_STALE, "", &stored.control()] {
        sheet.text(text.to_owned());
    }
    let body = single(dice, &mut sheet, stored.idea(stored.reason()), &stored.misread(), 2, named)?;
    let rows = [
        (true, words::DATE),
        (max_age.is_some(), words::CONTROL),
        (expires.is_some(), words::EXPIRES_FIELD),
        (modified.is_some(), words::LAST_MODIFIED),
        (age > 0, words::AGE),
        (stored.authorized, words::REQUEST_HAD),
        (modified.is_some(), words::RULE),
        (true, words::CAME),
        (true, words::ASKED),
    ];
    let rows: Vec<[&str; 2]> = rows.iter().filter(|(is_there, _)| *is_there).map(|(_, row)| *row).collect();
    Some(Made { ask: words::ASK.to_owned(), given: sheet.list(&rows), keep: words::KEEP, body })
}

mod words {
    pub(super) const ASK: &str = "A shared cache got this 200 to a GET. What is it to the cache when it is asked for again?";
    // Dates as IMF-fixdate has them (RFC 9110 section 5.6.7).
    pub(super) const DATE: [&str; 2] = ["<code>Date</code>", "<code>Mon, 02 Mar 2026 {c9} GMT</code>"];
    pub(super) const CONTROL: [&str; 2] = ["<code>Cache-Control</code>", "<code>{s3}</code>"];
    pub(super) const EXPIRES_FIELD: [&str; 2] = ["<code>Expires</code>", "<code>Mon, 02 Mar 2026 {ca} GMT</code>"];
    pub(super) const LAST_MODIFIED: [&str; 2] = ["<code>Last-Modified</code>", "<code>Mon, 02 Mar 2026 {cb} GMT</code>"];
    pub(super) const AGE: [&str; 2] = ["<code>Age</code>", "<code>{n6}</code>"];
    pub(super) const KEEP: &str =
        "First ask whether it may be stored, then for how long it is fresh (s-maxage, max-age, Expires, heuristic), then how old it is.";
    pub(super) const REQUEST_HAD: [&str; 2] = ["The request had", "<code>Authorization</code>"];
    pub(super) const RULE: [&str; 2] = ["This cache’s heuristic", "10 % of the time since <code>Last-Modified</code>"];
    pub(super) const CAME: [&str; 2] = ["It came at", "{cc}"];
    pub(super) const ASKED: [&str; 2] = ["It is asked for again at", "{cd}"];
    pub(super) const NOT_STORED: &str = "Not there: the cache may not store it";
    pub(super) const VALIDATED: &str = "Stored, but the origin has to be asked before every use";
    pub(super) const FRESH: &str = "Fresh, for another {n0} s";
    pub(super) const STALE: &str = "Stale, since {n0} s";

    // n1 lifetime, n2 age, t3 how they compare, n4 max-age, n6 the Age field, n7 time in this cache, n8 time since the last change.
    pub(super) const IS_FRESH: &str = "{n1} s of life, {n2} s of age: still fresh.";
    pub(super) const IS_STALE: &str = "{n1} s of life, {n2} s of age: too old.";
    pub(super) const S_MAXAGE: &str =
        "In a shared cache <code>s-maxage</code> comes before everything else. Age is {n6} s on arrival and {n7} s here. {t3}";
    pub(super) const MAX_AGE: &str = "<code>max-age</code> gives the lifetime. Age is {n6} s on arrival and {n7} s here. {t3}";
    pub(super) const MAX_AGE_FIRST: &str =
        "<code>max-age</code> gives the lifetime, whatever <code>Expires</code> says. Age is {n6} s on arrival and {n7} s here. {t3}";
    pub(super) const EXPIRES: &str =
        "Without a max-age, <code>Expires</code> less <code>Date</code> is the lifetime. Age is {n6} s on arrival and {n7} s here. {t3}";
    pub(super) const HEURISTIC: &str =
        "Nothing sets a lifetime, so the heuristic does: {n8} s ÷ 10 = {n1} s. Age is {n6} s on arrival and {n7} s here. {t3}";
    pub(super) const NO_STORE: &str =
        "<code>no-store</code> forbids every cache to keep it. The max-age of {n1} s next to it has nothing left to govern.";
    pub(super) const PRIVATE: &str = "<code>private</code> keeps it out of shared caches. Its {n1} s are for the browser’s own cache.";
    pub(super) const NO_CACHE: &str =
        "<code>no-cache</code> lets it be stored, but not used without asking the origin, not even within its {n1} s.";
    pub(super) const AUTHORIZED: &str = "The answer to a request with <code>Authorization</code> belongs to one user. A shared cache may keep it only if the response says so, and {n1} s of max-age do not.";
    pub(super) const ALLOWED: &str =
        "<code>s-maxage</code> allows a shared cache to keep it in spite of <code>Authorization</code>, and sets the lifetime. {t3}";

    pub(super) const AS_NO_CACHE: &str =
        "That is <code>no-cache</code>: store it, ask every time. <code>no-store</code> leaves nothing to ask about, {n1} s or not.";
    pub(super) const AS_NO_STORE: &str = "That takes <code>no-cache</code> by its name. It does not keep a cache from storing, only from using the copy unasked, even within {n1} s.";
    pub(super) const PRIVATE_VALIDATED: &str = "That takes <code>private</code> for an order to ask first. It says who may store it: the browser, for {n1} s, and no shared cache.";
    pub(super) const FLAG_IGNORED: &str = "That looks at the numbers alone. {t3} But the word in front of them decides.";
    pub(super) const FLAG_IS_ZERO: &str = "That takes the word for a lifetime of {n1} s. {t3} It is not about the lifetime at all.";
    pub(super) const AUTHORIZED_IGNORED: &str = "That overlooks <code>Authorization</code>, which makes the answer one user’s own. {t3}";
    pub(super) const AUTHORIZED_VALIDATED: &str =
        "That thinks the origin is asked each time whether the user may see it. Nothing here says so, as <code>no-cache</code> would.";
    pub(super) const NEVER_AUTHORIZED: &str = "That thinks <code>Authorization</code> always keeps a shared cache out. <code>s-maxage</code>, <code>public</code> and <code>must-revalidate</code> let it in.";
    pub(super) const S_MAXAGE_IGNORED: &str =
        "That goes by <code>max-age</code>, as a browser would. {t3} A shared cache has a number of its own.";
    pub(super) const EXPIRES_FIRST: &str = "That goes by <code>Expires</code>. {t3} It only counts where there is no max-age.";
    pub(super) const NO_HEURISTIC: &str =
        "That takes a response without a lifetime for one of {n1} s. {t3} A cache may use a heuristic, and this one does.";
    pub(super) const WHOLE_AGE: &str =
        "That takes the whole time since the last change, {n1} s, for the lifetime. {t3} The heuristic takes a tenth.";
    pub(super) const AGE_IGNORED: &str = "That counts from the arrival here. {t3} The <code>Age</code> with which it came counts too.";
    pub(super) const AGE_ONLY: &str = "That takes the <code>Age</code> field for the age now. {t3} It goes on growing in this cache.";
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
        assert_eq!(named(&mut Sheet::new(&[]), stored.verdict().code()), expect);
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
