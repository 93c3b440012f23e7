//! Fresh, stale, or not storable: a response in a shared cache.

use super::Made;
use super::dice::Dice;
use super::idea::{Idea, single};
use super::sheet::Sheet;

/// What a response says about its storage. In the order of the words about it.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Storage {
    Unsaid,
    NoStore,
    Private,
    NoCache,
}

/// A response, and when it is asked for again. Seconds; zero stands for what is not said.
#[derive(Clone, Copy)]
struct Stored {
    storage: Storage,
    s_maxage: u32,
    max_age: u32,
    /// After `Date`.
    expires: u32,
    /// Before `Date`.
    modified: u32,
    /// The `Age` with which it came.
    age: u32,
    /// How long this cache has had it.
    held: u32,
    /// Whether the request had `Authorization`.
    authorized: bool,
}

/// What a shared cache may do with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    NotStored,
    Validated,
    Fresh(u32),
    Stale(u32),
}

impl Stored {
    fn draw(dice: &mut Dice<'_>) -> Self {
        let tricky = dice.is_tricky();
        // Lifetimes end in 0 and neither ages nor sums of them do: nothing is on the edge.
        let age = dice.of(&[22, 34, 46, 62, 88]);
        let mut drawn = Self {
            storage: Storage::Unsaid,
            s_maxage: 0,
            max_age: dice.of(&[60, 120, 180, 300]),
            expires: 0,
            modified: 0,
            age: if tricky || dice.coin() { age } else { 0 },
            held: dice.of(&[25, 55, 75, 105, 155, 205, 245]),
            authorized: false,
        };
        let (longer, storage) = (dice.of(&[90, 150, 240, 400, 600]), dice.below(3));
        match (dice.form(2), dice.below(4)) {
            (0, 0 | 1) if tricky => {
                drawn.max_age = 0;
                drawn.modified = dice.of(&[600, 1_200, 1_800, 3_600]);
            }
            (0, 0) => drawn.age = age,
            (0, 1) => {
                drawn.max_age = 0;
                drawn.expires = longer;
            }
            (0, 2) => drawn.expires = longer,
            (0, _) => {
                drawn.s_maxage = longer;
                // One more number that does not count.
                drawn.expires = if tricky { longer + 60 } else { 0 };
            }
            (_, 0..3) if tricky => {
                drawn.authorized = true;
                drawn.s_maxage = if dice.coin() { longer } else { 0 };
            }
            _ => drawn.storage = [Storage::NoStore, Storage::Private, Storage::NoCache][storage as usize],
        }
        drawn
    }

    /// How long it is fresh (RFC 9111 section 4.2.1, and 4.2.2 with a tenth as the heuristic).
    fn lifetime(&self) -> u32 {
        let said = [self.s_maxage, self.max_age, self.expires];
        said.into_iter().find(|&seconds| seconds > 0).unwrap_or(self.modified / 10)
    }

    /// How old it is when it is asked for again (RFC 9111 section 4.2.3).
    const fn age_now(&self) -> u32 {
        self.age + self.held
    }

    /// RFC 9111 sections 3, 3.5, 4.2 and 5.2.2, for a shared cache.
    fn verdict(&self) -> Verdict {
        match self.storage {
            Storage::NoStore | Storage::Private => return Verdict::NotStored,
            // With `Authorization` in the request the response has to allow it itself.
            _ if self.authorized && self.s_maxage == 0 => return Verdict::NotStored,
            Storage::NoCache => return Verdict::Validated,
            Storage::Unsaid => {}
        }
        let (life, age) = (self.lifetime(), self.age_now());
        if life > age { Verdict::Fresh(life - age) } else { Verdict::Stale(age - life) }
    }

    /// What this response comes to, with its lifetime, its age, and the word that compares them.
    fn idea(&self, why: u8) -> Idea {
        let verdict = self.verdict();
        let sum = match verdict {
            Verdict::Fresh(_) => words::IS_FRESH,
            Verdict::Stale(_) => words::IS_STALE,
            Verdict::NotStored | Verdict::Validated => words::NOTHING,
        };
        Idea::with(verdict.code(), [self.lifetime(), self.age_now(), sum.into()], why)
    }

    /// Why the verdict is what it is.
    const fn reason(&self) -> u8 {
        match self.storage {
            Storage::Unsaid if self.authorized && self.s_maxage == 0 => words::AUTHORIZED,
            Storage::Unsaid if self.authorized => words::ALLOWED,
            Storage::Unsaid if self.s_maxage > 0 => words::S_MAXAGE,
            Storage::Unsaid => match (self.max_age, self.expires) {
                (0, 0) => words::HEURISTIC,
                (0, _) => words::EXPIRES,
                (_, 0) => words::MAX_AGE,
                _ => words::MAX_AGE_FIRST,
            },
            storage => words::NO_STORE + storage as u8 - 1,
        }
    }

    /// What misconceptions make of it: each reads another response, and judges that one rightly.
    fn misread(&self) -> Vec<Idea> {
        let (storage, shared) = (self.storage, self.s_maxage > 0);
        let plain = Self { storage: Storage::Unsaid, authorized: false, ..*self };
        let never = Self { storage: Storage::NoStore, ..*self };
        let asking = Self { storage: Storage::NoCache, authorized: false, ..*self };
        let mut ideas = Vec::new();
        let mut read = |as_if: Self, why: u8| ideas.push(as_if.idea(why));
        if storage != Storage::Unsaid {
            read(if storage == Storage::NoCache { never } else { asking }, words::AS_NO_CACHE + storage as u8 - 1);
            read(plain, words::FLAG_IGNORED);
            read(Self { max_age: 0, ..plain }, words::FLAG_IS_ZERO);
            return ideas;
        }
        if shared {
            read(Self { s_maxage: 0, ..plain }, words::S_MAXAGE_IGNORED);
        }
        if self.authorized {
            read(plain, words::AUTHORIZED_IGNORED);
            read(asking, words::AUTHORIZED_VALIDATED);
            read(never, words::NEVER_AUTHORIZED);
            return ideas;
        }
        if self.expires > 0 && self.max_age > 0 {
            read(Self { max_age: 0, s_maxage: 0, ..*self }, words::EXPIRES_FIRST);
        }
        if self.modified > 0 {
            read(Self { modified: 0, ..*self }, words::NO_HEURISTIC);
            read(Self { max_age: self.modified, ..*self }, words::WHOLE_AGE);
        }
        if self.age > 0 {
            read(Self { age: 0, ..*self }, words::AGE_IGNORED);
            read(Self { held: 0, ..*self }, words::AGE_ONLY);
        }
        read(never, if self.max_age > 0 { words::NEEDS_PUBLIC } else { words::NEEDS_CONTROL });
        if matches!(self.verdict(), Verdict::Fresh(_)) {
            read(asking, words::ALWAYS_VALIDATED);
        }
        ideas
    }
}

impl Verdict {
    /// The verdict as one number: how long it is fresh or stale in the low part, which of the four in the high one.
    const fn code(self) -> u32 {
        match self {
            Self::NotStored => 0,
            Self::Validated => 1 << 28,
            Self::Fresh(left) => 2 << 28 | left,
            Self::Stale(over) => 3 << 28 | over,
        }
    }
}

/// An option in words.
fn named(sheet: &mut Sheet<'_>, code: u32) -> String {
    sheet.turn_to(&[code & 0x0fff_ffff, 0, 0, 0]);
    sheet.say(words::NOT_STORED + (code >> 28) as u8)
}

/// Noon, in seconds of the day: the `Date` of every response.
const NOON: u32 = 12 * 3_600;

pub(super) fn make(dice: &mut Dice<'_>) -> Option<Made> {
    let stored = Stored::draw(dice);
    let Stored { max_age, s_maxage, expires, modified, age, held, .. } = stored;
    let came = NOON + age;
    let control = if s_maxage > 0 { words::BOTH_AGES } else { words::CONTROL_MAX_AGE + stored.storage as u8 };
    let facts = [max_age, s_maxage, age, held, modified, NOON, NOON + expires, NOON - modified, came, came + held, u32::from(control)];
    let mut sheet = Sheet::new(dice.words, &facts);
    let body = single(dice, &mut sheet, stored.idea(stored.reason()), &stored.misread(), 2, named)?;
    let mut rows = vec![words::DATE];
    let mut row = |is_there: bool, word: u8| {
        if is_there {
            rows.push(word);
        }
    };
    row(max_age > 0, words::CONTROL);
    row(expires > 0, words::EXPIRES_FIELD);
    row(modified > 0, words::LAST_MODIFIED);
    row(age > 0, words::AGE);
    row(stored.authorized, words::REQUEST_HAD);
    row(modified > 0, words::RULE);
    row(true, words::CAME);
    row(true, words::ASKED);
    let given = sheet.list(&rows);
    Some(Made { ask: sheet.say(words::ASK), given, keep: sheet.say(words::KEEP), body })
}

pub(super) use words::WORDS;

mod words {
    super::super::words::places! {
        ASK = "A shared cache got this 200 to a GET. What is it to the cache when it is asked for again?";
        // Dates as IMF-fixdate has them (RFC 9110 section 5.6.7).
        DATE = "<code>Date</code>|<code>Mon, 02 Mar 2026 {c9} GMT</code>";
        CONTROL = "<code>Cache-Control</code>|<code>{we}</code>";
        // In this order, which is that of the storage, and the one with the weaker number first, as if the order meant something.
        CONTROL_MAX_AGE = "max-age={n4}";
        CONTROL_NO_STORE = "no-store, max-age={n4}";
        CONTROL_PRIVATE = "private, max-age={n4}";
        CONTROL_NO_CACHE = "no-cache, max-age={n4}";
        BOTH_AGES = "max-age={n4}, s-maxage={n5}";
        NOTHING = "";
        EXPIRES_FIELD = "<code>Expires</code>|<code>Mon, 02 Mar 2026 {ca} GMT</code>";
        LAST_MODIFIED = "<code>Last-Modified</code>|<code>Mon, 02 Mar 2026 {cb} GMT</code>";
        AGE = "<code>Age</code>|<code>{n6}</code>";
        KEEP = "First ask whether it may be stored, then for how long it is fresh (s-maxage, max-age, Expires, heuristic), then how old it is.";
        REQUEST_HAD = "The request had|<code>Authorization</code>";
        RULE = "This cache’s heuristic|10 % of the time since <code>Last-Modified</code>";
        CAME = "It came at|{cc}";
        ASKED = "It is asked for again at|{cd}";
        // In this order, which is that of the verdicts.
        NOT_STORED = "Not there: the cache may not store it";
        VALIDATED = "Stored, but the origin has to be asked before every use";
        FRESH = "Fresh, for another {n0} s";
        STALE = "Stale, since {n0} s";
        // n1 lifetime, n2 age, w3 how they compare, n4 max-age, n6 the Age field, n7 time in this cache, n8 time since the last change, we Cache-Control.
        IS_FRESH = "{n1} s of life, {n2} s of age: still fresh.";
        IS_STALE = "{n1} s of life, {n2} s of age: too old.";
        S_MAXAGE = "In a shared cache <code>s-maxage</code> comes before everything else. Age is {n6} s on arrival and {n7} s here. {w3}";
        MAX_AGE = "<code>max-age</code> gives the lifetime. Age is {n6} s on arrival and {n7} s here. {w3}";
        MAX_AGE_FIRST = "<code>max-age</code> gives the lifetime, whatever <code>Expires</code> says. Age is {n6} s on arrival and {n7} s here. {w3}";
        EXPIRES = "Without a max-age, <code>Expires</code> less <code>Date</code> is the lifetime. Age is {n6} s on arrival and {n7} s here. {w3}";
        HEURISTIC = "Nothing sets a lifetime, so the heuristic does: {n8} s ÷ 10 = {n1} s. Age is {n6} s on arrival and {n7} s here. {w3}";
        // In this order, which is that of the storage.
        NO_STORE = "<code>no-store</code> forbids every cache to keep it. The max-age of {n1} s next to it has nothing left to govern.";
        PRIVATE = "<code>private</code> keeps it out of shared caches. Its {n1} s are for the browser’s own cache.";
        NO_CACHE = "<code>no-cache</code> lets it be stored, but not used without asking the origin, not even within its {n1} s.";
        AUTHORIZED = "The answer to a request with <code>Authorization</code> belongs to one user. A shared cache may keep it only if the response says so, and {n1} s of max-age do not.";
        ALLOWED = "<code>s-maxage</code> allows a shared cache to keep it in spite of <code>Authorization</code>, and sets the lifetime. {w3}";
        // In this order, which is that of the storage.
        AS_NO_CACHE = "That is <code>no-cache</code>: store it, ask every time. <code>no-store</code> leaves nothing to ask about, {n1} s or not.";
        PRIVATE_VALIDATED = "That takes <code>private</code> for an order to ask first. It says who may store it: the browser, for {n1} s, and no shared cache.";
        AS_NO_STORE = "That takes <code>no-cache</code> by its name. It does not keep a cache from storing, only from using the copy unasked, even within {n1} s.";
        FLAG_IGNORED = "That looks at the numbers alone. {w3} But the word in front of them decides.";
        FLAG_IS_ZERO = "That takes the word for a lifetime of {n1} s. {w3} It is not about the lifetime at all.";
        AUTHORIZED_IGNORED = "That overlooks <code>Authorization</code>, which makes the answer one user’s own. {w3}";
        AUTHORIZED_VALIDATED = "That thinks the origin is asked each time whether the user may see it. Nothing here says so, as <code>no-cache</code> would.";
        NEVER_AUTHORIZED = "That thinks <code>Authorization</code> always keeps a shared cache out. <code>s-maxage</code>, <code>public</code> and <code>must-revalidate</code> let it in.";
        S_MAXAGE_IGNORED = "That goes by <code>max-age</code>, as a browser would. {w3} A shared cache has a number of its own.";
        EXPIRES_FIRST = "That goes by <code>Expires</code>. {w3} It only counts where there is no max-age.";
        NO_HEURISTIC = "That takes a response without a lifetime for one of {n1} s. {w3} A cache may use a heuristic, and this one does.";
        WHOLE_AGE = "That takes the whole time since the last change, {n1} s, for the lifetime. {w3} The heuristic takes a tenth.";
        AGE_IGNORED = "That counts from the arrival here. {w3} The <code>Age</code> with which it came counts too.";
        AGE_ONLY = "That takes the <code>Age</code> field for the age now. {w3} It goes on growing in this cache.";
        NEEDS_PUBLIC = "That thinks a shared cache needs the word <code>public</code>. A 200 to a GET with a max-age may be stored without it.";
        NEEDS_CONTROL = "That thinks nothing is stored without <code>Cache-Control</code>. A 200 to a GET may be stored unless something forbids it.";
        ALWAYS_VALIDATED = "That is what <code>no-cache</code> would do. Without it a fresh copy is used and nobody is asked.";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Stored =
        Stored { storage: Storage::Unsaid, s_maxage: 0, max_age: 60, expires: 0, modified: 0, age: 0, held: 50, authorized: false };

    fn check(stored: Stored, expect: &str) {
        let english: Vec<String> = words::WORDS.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(named(&mut Sheet::new(&english, &[]), stored.verdict().code()), expect);
    }

    #[test]
    fn the_lifetime_comes_from_the_strongest_source() {
        check(PLAIN, "Fresh, for another 10 s");
        check(Stored { age: 20, ..PLAIN }, "Stale, since 10 s");
        check(Stored { s_maxage: 40, expires: 500, ..PLAIN }, "Stale, since 10 s");
        check(Stored { expires: 500, ..PLAIN }, "Fresh, for another 10 s");
        check(Stored { max_age: 0, expires: 500, ..PLAIN }, "Fresh, for another 450 s");
        check(Stored { max_age: 0, modified: 600, ..PLAIN }, "Fresh, for another 10 s");
        check(Stored { max_age: 0, ..PLAIN }, "Stale, since 50 s");
        // A lifetime has to be greater than the age (RFC 9111 section 4.2).
        check(Stored { held: 60, ..PLAIN }, "Stale, since 0 s");
    }

    #[test]
    fn storage_is_asked_about_first() {
        let never = "Not there: the cache may not store it";
        check(Stored { storage: Storage::NoStore, ..PLAIN }, never);
        check(Stored { storage: Storage::Private, s_maxage: 900, ..PLAIN }, never);
        check(Stored { storage: Storage::NoCache, ..PLAIN }, "Stored, but the origin has to be asked before every use");
        check(Stored { authorized: true, ..PLAIN }, never);
        check(Stored { authorized: true, s_maxage: 90, ..PLAIN }, "Fresh, for another 40 s");
    }
}
