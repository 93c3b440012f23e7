//! The words of families, and how code refers to them.
//!
//! Code names a word by its place. The words themselves travel in the lesson's data, those of the
//! families that it uses and no others: the wasm that every visitor loads holds none of them, and
//! a lesson in another language brings its own.

/// Names the words of a family by their places and lists them in that order.
///
/// A word is a template, see [`super::sheet::Sheet`]. One with bars in it has several parts: a row
/// of a list or a column of a table has its head and its cell, a step its id, its text and its reason.
///
/// Where it says "in this order", code counts from the first of some words to the others.
macro_rules! places {
    ($($name:ident = $text:literal;)*) => {
        #[allow(dead_code, clippy::upper_case_acronyms, non_camel_case_types, reason = "the names are those of the constants")]
        #[repr(u8)]
        enum Place { $($name),* }
        $(
            #[allow(dead_code, reason = "some are reached by counting from the one before")]
            pub(super) const $name: u8 = Place::$name as u8;
        )*
        /// All of them in English, in order.
        pub(in crate::assess::family) const WORDS: &[&str] = &[$($text),*];
    };
}

pub(super) use places;
