//! A certificate on paper: [`svg`] draws it, [`qr`] puts its link into a code for cameras.
//!
//! Both are pure functions from text to text. The picture needs no font, image or style from
//! elsewhere and holds no HTML, so that a page can show it, save it, print it, or paint it on a
//! canvas.

mod chain;
mod fit;
mod qr;
mod ring;
mod sheet;

pub use qr::{Qr, qr};
pub use sheet::{Paper, Sheet, svg};
