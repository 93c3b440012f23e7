//! Marks: shape first, colour second.

/// What the marks on the stage mean.
pub fn legend() -> String {
    String::new()
}
