//! The browser front end.
fn main() {}
