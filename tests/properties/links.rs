//! Invariant 7, saved states: what was saved opens at the same event, and anything else is an error in words.

use hopscope_core::scenario::{Action, ActionKind};
use hopscope_core::timeline::{Saved, SavedError, Timeline};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::any::{any_value, case, somewhere};
use crate::config;

proptest! {
    #![proptest_config(config(64))]

    #[test]
    fn a_saved_state_opens_at_the_same_event(case in case(), place in any::<Index>()) {
        let mut run = case.run();
        run.seek(somewhere(place, &run));
        let saved = run.save("lab", "digest");
        let read = Saved::from_text(&saved.to_text());
        prop_assert_eq!(read.as_ref(), Ok(&saved));
        let (mut again, position, trouble) = Timeline::restore(&case.spec(), "digest", &saved);
        again.seek(position);
        prop_assert_eq!(trouble, None);
        prop_assert_eq!((again.position(), again.now(), again.fingerprint()), (run.position(), run.now(), run.fingerprint()));
        prop_assert_eq!(again.save("lab", "digest"), saved);
    }

    #[test]
    fn a_foreign_state_is_taken_as_far_as_it_goes(
        case in case(),
        actions in vec((0u32..500, "[a-z.]{1,12}", any_value(), any::<bool>()), 0..6),
        position in any::<u32>(),
        seed in any::<u64>(),
    ) {
        let knob = |name: String| if name.len() < 6 { "a.rate".to_owned() } else { name };
        let kind = |name, to, on, fault| if fault { ActionKind::Fault { id: name, on } } else { ActionKind::Set { knob: knob(name), to } };
        let actions = actions.into_iter().map(|(at, name, to, on)| Action { at, kind: kind(name, to, on, at % 3 == 0) }).collect();
        let saved = Saved { lab: "other".into(), digest: "old".into(), seed, actions, position };
        let (mut run, wanted, trouble) = Timeline::restore(&case.spec(), "new", &saved);
        prop_assert!(trouble.is_some(), "another digest is at least worth a word");
        run.seek(wanted);
        prop_assert!(run.position() <= wanted);
    }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn any_text_is_read_or_refused(text in ".{0,200}") {
        prop_assert!(Saved::from_text(&text).is_err());
    }

    #[test]
    fn any_bytes_are_read_or_refused(text in "[A-Za-z0-9_-]{0,200}") {
        prop_assert!(!matches!(Saved::from_text(&text), Err(ref why) if why.to_string().is_empty()));
    }

    #[test]
    fn a_mangled_state_is_noticed(seed in any::<u64>(), position in any::<u32>(), at in any::<Index>(), with in "[A-Za-z0-9_-]", cut in any::<bool>()) {
        let text = Saved { lab: "lab".into(), digest: "digest".into(), seed, actions: Vec::new(), position }.to_text();
        let place = at.index(text.len());
        let mangled = if cut { text[..place].to_owned() } else { format!("{}{with}{}", &text[..place], &text[place + 1..]) };
        prop_assume!(mangled != text);
        // A checksum of 16 bits misses one in 65,536; a base64 digit may also carry bits of no meaning.
        let read = Saved::from_text(&mangled);
        prop_assert!(read.is_err() || read.as_ref().map(Saved::to_text) == Ok(text), "{mangled} {read:?}");
    }
}

#[test]
fn each_trouble_is_a_sentence() {
    let all = [
        SavedError::Mangled,
        SavedError::Version(9),
        SavedError::OtherLab("x".into()),
        SavedError::Changed,
        SavedError::Action("why".into()),
    ];
    for trouble in all {
        let text = trouble.to_string();
        assert!(text.len() > 30 && text.ends_with('.') && text.starts_with(char::is_uppercase), "{text}");
    }
}
