//! Any bytes are refused in words or judged, and never a panic. From this folder:
//! `cargo +nightly fuzz run certificate`.

#![no_main]

#[path = "../judge.rs"]
mod judge;

use std::cell::OnceCell;
use std::rc::Rc;

use hopscope_core::lesson::Lesson;
use libfuzzer_sys::fuzz_target;

thread_local! {
    static LESSON: OnceCell<Rc<Lesson>> = const { OnceCell::new() };
}

fn lesson() -> Rc<Lesson> {
    let text = include_str!("../../tests/certificates/tiny.toml");
    Rc::new(toml::from_str(text).unwrap_or_else(|why| panic!("tiny.toml: {why}")))
}

fuzz_target!(|data: &[u8]| LESSON.with(|cell| judge::judge(data, cell.get_or_init(lesson))));
