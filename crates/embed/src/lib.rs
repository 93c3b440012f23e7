//! The engine as a small package.
