//! What can be wrong with a ban.

use core::fmt;
use std::rc::Rc;

use super::super::pattern::PatternError;

/// What is wrong with a ban.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BanError {
    /// There is nothing in it.
    Empty,
    /// It ends where an operator should be.
    NoOperator,
    /// It ends where a value should be.
    NoValue,
    /// A quotation mark has no partner.
    Quote,
    /// Between two tests stands something else than `&&`.
    NotAnd(Rc<str>),
    /// A field that bans cannot test.
    Field(Rc<str>),
    /// An operator that the field (first) does not have.
    Operator(Rc<str>, Rc<str>),
    /// A span without its unit, or none at all.
    Span(Rc<str>),
    /// A pattern that cannot be read.
    Pattern(PatternError),
}

impl fmt::Display for BanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("The ban is empty; write a test such as obj.http.x-url ~ ^/news."),
            Self::NoOperator => f.write_str("The ban ends where an operator should be; write ==, !=, ~ or !~ and a value."),
            Self::NoValue => f.write_str("The ban ends where a value should be; write what to compare with."),
            Self::Quote => f.write_str("A quotation mark of the ban has no partner; add it."),
            Self::NotAnd(found) => write!(f, "Between two tests of the ban stands {found}; write &&."),
            Self::Field(found) => write!(
                f,
                "A ban cannot test {found}; it can req.url, req.http.name, obj.status, obj.http.name, obj.ttl, obj.age, obj.grace and obj.keep."
            ),
            Self::Operator(field, found) => {
                write!(f, "{field} cannot be compared by {found}; texts have ==, !=, ~ and !~, and spans ==, !=, >, >=, < and <=.")
            }
            Self::Span(found) => write!(f, "{found} is no span of time; write a number and its unit, such as 10s, 5m or 2h."),
            Self::Pattern(why) => why.fmt(f),
        }
    }
}
