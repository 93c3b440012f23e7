//! A certificate says nothing that replay does not find: what was changed in it is refused, or
//! judged by what comes of it.

#[path = "../../fuzz/judge.rs"]
mod judge;

use std::rc::Rc;

use hopscope_core::assess::Answer;
use hopscope_core::certificate::{Certificate, LabRun, LessonProof, Report, Sealed, Taken, Verification, reference, rename, verify};
use hopscope_core::lesson::{Lab, Lesson};
use hopscope_core::scenario::{ActionKind, Challenge, Value};
use hopscope_core::time::{Duration, Instant};
use hopscope_core::timeline::{Goal, Progress, Timeline};
use hopscope_core::wire;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::any::{action, case};
use crate::config;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

fn load(text: &str) -> Rc<Lesson> {
    Rc::new(toml::from_str(text).unwrap_or_else(|why| panic!("{why}")))
}

thread_local! {
    static TINY: Rc<Lesson> = load(include_str!("../certificates/tiny.toml"));
    static LAYERS: Rc<Lesson> = load(include_str!("../certificates/l4-vs-l7.toml"));
}

/// A lesson with a knob and a question of every kind.
fn tiny() -> Rc<Lesson> {
    TINY.with(Rc::clone)
}

/// Lesson 02 as it once was.
fn layers() -> Rc<Lesson> {
    LAYERS.with(Rc::clone)
}

fn certificate(name: &str, proofs: Vec<LessonProof>) -> Certificate {
    let mut certificate = Certificate::new(name).unwrap_or_else(|why| panic!("{name:?}: {why}"));
    certificate.lessons = proofs;
    certificate
}

fn text(lesson: &Rc<Lesson>, name: &str, proof: LessonProof) -> String {
    certificate(name, vec![proof]).to_text(&|_| Some(Rc::clone(lesson))).unwrap_or_else(|why| panic!("{why}"))
}

fn solved(lesson: &Rc<Lesson>, name: &str) -> LessonProof {
    reference(name, lesson).unwrap_or_else(|why| panic!("{why}"))
}

fn judged(lesson: &Rc<Lesson>, text: &str) -> Report {
    verify(text, &|_| Some(Rc::clone(lesson))).unwrap_or_else(|why| panic!("{why}: {text}"))
}

/// The bytes of a text without its check.
fn bytes_of(text: &str) -> Vec<u8> {
    let mut bytes = wire::from_letters(&text[3..]).unwrap_or_default();
    bytes.truncate(bytes.len() - 4);
    bytes
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-zА-яé][A-Za-zА-яé' -]{0,20}[A-Za-zé]"
}

fn chosen(ids: &[&str]) -> Answer {
    Answer::Chosen(ids.iter().map(|&id| id.to_owned()).collect())
}

fn names(of: &[&'static str], len: core::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> + use<> {
    vec(select(of.to_vec()).prop_map(str::to_owned), len)
}

/// Any answer to the questions of the tiny lesson, fitting or not.
fn answer() -> impl Strategy<Value = (String, Answer)> {
    let id = select(vec!["one", "any", "order", "join", "fill", "number", "foresee", "foresee-next", "none"]);
    let answer = prop_oneof![
        names(&["a", "b", "c", "half", "b1", "x"], 0..4).prop_map(Answer::Chosen),
        Just(vec!["a", "b", "c"]).prop_shuffle().prop_map(|ids| Answer::Ordered(ids.into_iter().map(str::to_owned).collect())),
        names(&["a", "b", "c"], 2..4).prop_map(Answer::Matched),
        vec("( ?3|Three|1|.{0,12})", 0..3).prop_map(Answer::Filled),
        "(57[.,]1|-?[0-9]{0,17}([.,][0-9]{0,17})?(e-?[0-9]{1,3})?|abc)".prop_map(Answer::Number),
    ];
    (id.prop_map(str::to_owned), answer)
}

/// Anything that may be done in the tiny lesson's lab, in order of time.
fn taken(lesson: &Lesson) -> impl Strategy<Value = Vec<Taken>> + use<> {
    let kind = action(&lesson.labs[0].scenario).prop_map(|kind| match kind {
        ActionKind::Fault { on, .. } => ActionKind::Fault { id: "kill-b1".into(), on },
        set => set,
    });
    vec((prop_oneof![Just(0u32), 0..2_001u32], kind), 0..6).prop_map(|mut taken| {
        taken.sort_by_key(|&(at, _)| at);
        taken.into_iter().map(|(at, kind)| Taken { at, kind }).collect()
    })
}

/// An action whose number has no more digits than are kept.
fn short(kind: &ActionKind) -> ActionKind {
    match kind {
        ActionKind::Set { knob, to: Value::Number(n) } => {
            ActionKind::Set { knob: knob.clone(), to: Value::Number((n * 1_000.0).round() / 1_000.0) }
        }
        other => other.clone(),
    }
}

/// What the run of a challenge comes to, by other means than the verifier's.
fn is_won(lesson: &Lesson, seed: u64, taken: &[Taken]) -> bool {
    let scenario = &lesson.labs[0].scenario;
    let mut run = Timeline::new(Rc::new(scenario.compile().unwrap_or_else(|why| panic!("{why}"))), seed);
    for Taken { at, kind } in taken {
        if *at > 0 {
            run.seek_time(Instant::START + Duration::from_millis((*at).into()));
        }
        let is_late = *at > 0 && matches!(kind, ActionKind::Set { knob, .. } if knob == "policy");
        if is_late || run.act(kind.clone()).is_err() {
            return false;
        }
    }
    run.work(Goal::End, u32::MAX);
    scenario.goals.iter().all(|goal| goal.holds(run.world().measure(&goal.measure)))
}

proptest! {
    #![proptest_config(config(2_000))]

    #[test]
    fn a_changed_letter_is_noticed(name in name(), place in any::<Index>(), with in any::<char>(), how in 0..4) {
        let lesson = layers();
        // Reading needs no run, so any answers do.
        let proof = LessonProof { lesson: lesson.slug.clone(), answers: vec![("n-plus-one".into(), chosen(&["third"]))], ..LessonProof::default() };
        let good = text(&lesson, &name, proof);
        let place = place.index(good.len());
        let letter = if how == 0 { with } else { char::from(ALPHABET.as_bytes()[with as usize % 64]) };
        let (before, after) = good.split_at(place);
        let changed = match how {
            0 | 1 => format!("{before}{letter}{}", &after[1..]),
            2 => format!("{before}{letter}{after}"),
            _ => format!("{before}{}", &after[1..]),
        };
        prop_assert!(Sealed::from_text(&good).is_ok());
        prop_assert!(changed == good || Sealed::from_text(&changed).is_err(), "{changed}");
        prop_assert!(Sealed::from_text(before).is_err(), "cut off at {place}");
    }

    #[test]
    fn any_text_is_refused(text in prop_oneof![".{0,200}", "v1\\.[A-Za-z0-9_-]{0,200}", "v[0-9]{1,3}\\..{0,40}"]) {
        let refused = Sealed::from_text(&text);
        prop_assert!(refused.as_ref().is_err_and(|why| why.to_string().ends_with('.')), "{text} {refused:?}");
    }

    #[test]
    fn any_bytes_with_a_check_are_read_or_refused(body in vec(any::<u8>(), 0..120)) {
        let text = judge::mended(&body);
        if let Ok(sealed) = Sealed::from_text(&text) {
            prop_assert_eq!(sealed.to_text(), text);
        }
    }
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn whatever_was_done_and_answered_is_judged_by_what_comes_of_it(
        name in name(),
        taken in taken(&tiny()),
        answers in vec(answer(), 0..9),
        budget in 1u32..3_000,
    ) {
        let lesson = tiny();
        let mut proof = solved(&lesson, &name);
        proof.runs[0].taken.clone_from(&taken);
        for (id, answer) in answers {
            proof.answers.retain(|(known, _)| *known != id);
            proof.answers.push((id, answer));
        }
        let text = text(&lesson, &name, proof);
        let report = judged(&lesson, &text);
        let lab = &report.lessons[0].labs[0];
        prop_assert_eq!(lab.won, is_won(&lesson, lab.seed.unwrap_or_default(), &taken));
        let right = report.lessons[0].right();
        prop_assert_eq!(report.holds(), lab.won && right.0 >= 7, "{}", report);

        let lessons = |_: &str| Some(Rc::clone(&lesson));
        let read = Certificate::from_text(&text, &lessons);
        prop_assert_eq!(read.and_then(|c| c.to_text(&lessons).map_err(|why| panic!("{why}"))), Ok(text.clone()), "one text");
        let mut sliced = Verification::new(&text, &lessons).unwrap_or_else(|why| panic!("{why}"));
        while sliced.work(budget) == Progress::More {}
        prop_assert_eq!(sliced.report(), &report);
    }

    #[test]
    fn bytes_that_are_changed_with_their_check_prove_nothing_new(name in name(), place in any::<Index>(), with in any::<u8>()) {
        let lesson = tiny();
        let good = text(&lesson, &name, solved(&lesson, &name));
        let mut bytes = bytes_of(&good);
        let place = place.index(bytes.len());
        prop_assume!(bytes[place] != with);
        bytes[place] = with;
        let changed = judge::mended(&bytes);
        let lessons = |slug: &str| (slug == "tiny").then(|| Rc::clone(&lesson));
        let Ok(report) = verify(&changed, &lessons) else { return Ok(()) };
        let is_same = report.name == certificate(&name, Vec::new()).name;
        prop_assert!(is_same || !report.holds(), "the name is another: {}", report);
        if report.holds() {
            // Then it is a proof: it stands for what somebody may do, and this comes of it.
            let proof = Certificate::from_text(&changed, &lessons).unwrap_or_else(|why| panic!("{why}")).lessons.remove(0);
            let lab = &report.lessons[0].labs[0];
            prop_assert!(is_won(&lesson, lab.seed.unwrap_or_default(), &proof.runs[0].taken));
            prop_assert!(report.lessons[0].right().0 >= 7);
        }
    }

    #[test]
    fn a_name_that_is_swapped_in_does_not_hold(name in name(), other in name()) {
        let tidy = certificate(&other, Vec::new()).name;
        prop_assume!(tidy != certificate(&name, Vec::new()).name);
        for lesson in [tiny(), layers()] {
            let bytes = bytes_of(&text(&lesson, &name, solved(&lesson, &name)));
            let rest = &bytes[2 + usize::from(bytes[1])..];
            let swapped = judge::mended(&[&[0, tidy.len() as u8], tidy.as_bytes(), rest].concat());
            let report = judged(&lesson, &swapped);
            prop_assert_eq!(&report.name, &tidy);
            prop_assert!(!report.holds(), "{}", report);
        }
    }

    #[test]
    fn an_answer_that_is_claimed_is_graded(name in name(), question in 0usize..12, option in any::<Index>()) {
        let lesson = layers();
        let mut proof = solved(&lesson, &name);
        let claimed = match &proof.answers[question].1 {
            Answer::Chosen(_) => chosen(&[["nothing", "pinned", "slow-start", "fair", "higher", "cdn-attack", "faster", "path"][option.index(8)]]),
            Answer::Ordered(ids) => Answer::Ordered(ids.iter().rev().cloned().collect()),
            Answer::Matched(ids) => Answer::Matched(ids.iter().rev().cloned().collect()),
            Answer::Filled(_) => Answer::Filled(vec!["10.0.1.1".into(), "10.0.2.1".into()]),
            Answer::Number(_) => Answer::Number("12.5".into()),
        };
        let is_right = claimed == proof.answers[question].1;
        proof.answers[question].1 = claimed;
        let report = judged(&lesson, &text(&lesson, &name, proof));
        let graded = &report.lessons[0].questions;
        for (i, found) in graded.iter().enumerate() {
            prop_assert_eq!(found.right, i != question || is_right, "{}", found.question);
        }
    }

    #[test]
    fn a_renamed_one_holds_or_says_what_to_ask_again(name in name(), other in name()) {
        let lesson = tiny();
        let lessons = |_: &str| Some(Rc::clone(&lesson));
        let old = certificate(&name, vec![solved(&lesson, &name)]);
        let same = rename(&old, &format!(" {name} "), &lessons).unwrap_or_else(|why| panic!("{why}"));
        prop_assert_eq!((same.kept().len(), same.again().len(), same.report.holds()), (3, 0, true));

        let mut renamed = rename(&old, &other, &lessons).unwrap_or_else(|why| panic!("{why}"));
        let again: Vec<String> = renamed.again().into_iter().map(|part| part.part).collect();
        prop_assert_eq!(renamed.kept().len() + again.len(), 3);
        // Asked again and answered rightly, it holds.
        let right = solved(&lesson, &other);
        for (id, answer) in &mut renamed.certificate.lessons[0].answers {
            if again.contains(id) {
                answer.clone_from(right.answer(id).unwrap_or_else(|| panic!("{id}")));
            }
        }
        let text = renamed.certificate.to_text(&lessons).unwrap_or_else(|why| panic!("{why}"));
        prop_assert!(judged(&lesson, &text).holds());
    }

    #[test]
    fn any_bytes_are_judged_or_refused(data in vec(any::<u8>(), 0..140)) {
        judge::judge(&data, &tiny());
    }

    #[test]
    fn the_actions_of_any_lab_read_back(case in case(), horizon in 1u64..2_500, times in vec(0u32..2_500, 8)) {
        let mut scenario = case.scenario.clone();
        scenario.horizon = Duration::from_millis(horizon);
        scenario.challenge = Some(Challenge { par: 1, mechanism: Vec::new(), solution: Vec::new() });
        let lab = Lab { id: "lab".into(), scenario: scenario.into(), ..Lab::default() };
        let lesson = Rc::new(Lesson { slug: "any".into(), labs: vec![lab], ..Lesson::default() });
        let mut taken: Vec<Taken> =
            case.actions.iter().zip(&times).map(|((_, kind), &at)| Taken { at: at.min(horizon as u32), kind: short(kind) }).collect();
        taken.sort_by_key(|taken| taken.at);
        let run = LabRun { lab: "lab".into(), taken };
        let proof = LessonProof { lesson: "any".into(), runs: vec![run], answers: Vec::new() };
        let text = text(&lesson, "Ada", proof.clone());
        let lessons = |_: &str| Some(Rc::clone(&lesson));
        let read = Certificate::from_text(&text, &lessons).unwrap_or_else(|why| panic!("{why}"));
        prop_assert_eq!(read.to_text(&lessons), Ok(text));
        prop_assert_eq!(format!("{:?}", read.lessons), format!("{:?}", [proof]));
    }
}
