use super::*;

#[test]
fn a_pattern_fits_what_it_says() {
    let check = |pattern: &str, fits: &[&str], not: &[&str]| {
        let read = Pattern::new(pattern).unwrap_or_else(|why| panic!("{pattern}: {why}"));
        for text in fits {
            assert!(read.fits(text), "{pattern} fits {text:?}");
        }
        for text in not {
            assert!(!read.fits(text), "{pattern} does not fit {text:?}");
        }
    };
    check("", &["", "a"], &[]);
    check("red", &["red", "a red b"], &["re", "rEd", ""]);
    check("^/p/[12]", &["/p/1", "/p/2x"], &["/p/3", "a/p/1"]);
    check("^/p/[^12]$", &["/p/3"], &["/p/1", "/p/33"]);
    check(r"\.(png|jpe?g)$", &["a.png", ".jpg", "x.jpeg"], &["apng", "a.jpeeg", "a.png?x"]);
    check("a|b|", &["", "c"], &[]);
    check("^(a|bc)+$", &["a", "bca", "aabc"], &["", "b", "ac"]);
    check("^a{2,3}$", &["aa", "aaa"], &["a", "aaaa"]);
    check("^a{2}$", &["aa"], &["a", "aaa"]);
    check("^(ab){2,}c*?$", &["abab", "ababababccc"], &["ab", "ababac"]);
    check(r"^\d+ \w+ \S$", &["12 a_b !"], &["x a b"]);
    check(r"\bnews\b", &["news", "/news/", "a news"], &["newsy", "anews"]);
    check("(?i)^News[a-c]$", &["newsA", "NEWSb"], &["newsd"]);
    check("^[]a-]+$", &["]", "a-"], &["b"]);
    check("^.$", &["x"], &["\n", ""]);
    check("(a*)*b", &["b", "aab"], &["a"]);
    check("^(x|())*y", &["y", "xxy"], &["zy"]);
    check("a$", &["a", "a\n"], &["a\nb"]);
}

#[test]
fn a_pattern_that_explodes_elsewhere_is_read_in_one_go() {
    let text = "a".repeat(3_000);
    assert!(!Pattern::new("^(a+)+b").is_ok_and(|pattern| pattern.fits(&text)));
}

#[test]
fn what_is_not_known_is_refused() {
    let check = |pattern: &str, why: PatternError| assert_eq!(Pattern::new(pattern).err(), Some(why), "{pattern}");
    check("(a", PatternError::Bracket);
    check("a)", PatternError::Bracket);
    check("[a", PatternError::Bracket);
    check("*a", PatternError::Repetition);
    check("a{3,1}", PatternError::Repetition);
    check("a{x}", PatternError::Repetition);
    check(r"(a)\1", PatternError::Unknown);
    check("(?=a)", PatternError::Unknown);
    check("[[:alpha:]]", PatternError::Unknown);
    check(r"a\", PatternError::Unknown);
    check("(a{100}){100}", PatternError::TooLong);
    check(&"(".repeat(100_000), PatternError::TooLong);
    check("(){99999999}", PatternError::TooLong);
    check("a{99999999999999999999}", PatternError::Repetition);
    check("a|".repeat(60_000).as_str(), PatternError::TooLong);
}
