//! The browser front end: it finds the places that the pages keep for labs and quizzes, loads
//! the lesson's data, and mounts what belongs there. It holds no traffic logic; that is the
//! core's. Pages read without it.

mod certificate;
mod home;
mod lab;
mod later;
mod lesson;
mod page;
mod progress;
mod quiz;
mod review;
mod shortcuts;
mod signal;
mod terms;
mod theme;
mod views;

fn main() {
    // Worth its bytes only while building: a panic is a bug, and this says where it is.
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|info| leptos::logging::error!("{info}")));
    theme::wire();
    shortcuts::wire();
    home::wire();
    review::wire();
    page::mount();
}
