//! How long a certificate's link is, what a change to its actions comes to, and what a hostile one may cost.

use std::rc::Rc;

use hopscope_core::assess::Answer;
use hopscope_core::certificate::{
    CURRENT, Certificate, LabRun, Lack, LessonProof, Sealed, Taken, Unfit, Verification, number, outline, reference, verify,
};
use hopscope_core::lesson::Lesson;
use hopscope_core::rng::{Draw, Purpose};
use hopscope_core::scenario::{ActionKind, Knob, KnobKind, Parts, Scenario, Value};
use hopscope_core::timeline::{Goal, Progress, Timeline};

/// Every lesson of the course, in the order of their numbers.
const COURSE: [&str; 18] = [
    "what-reverse-proxies-do",
    "l4-vs-l7",
    "balancing-algorithms",
    "connection-pooling",
    "tls-termination",
    "request-routing",
    "api-gateway",
    "health-and-failover",
    "sticky-sessions",
    "rate-limiting",
    "rollouts-and-draining",
    "proxy-caching",
    "cdn-edge",
    "dns-and-gslb",
    "delivery-modes",
    "trace-a-request",
    "incident-room",
    "config-review",
];

fn load(text: &str) -> Lesson {
    toml::from_str(text).unwrap_or_else(|why| panic!("{why}"))
}

fn tiny() -> Lesson {
    load(include_str!("../certificates/tiny.toml"))
}

fn layers() -> Lesson {
    load(include_str!("../certificates/l4-vs-l7.toml"))
}

/// The course, were every lesson like lesson 02.
fn course(slug: &str) -> Option<Rc<Lesson>> {
    COURSE.contains(&slug).then(|| Rc::new(Lesson { slug: slug.to_owned(), ..layers() }))
}

fn certificate(proofs: Vec<LessonProof>) -> Certificate {
    let mut certificate = Certificate::new("Maximiliane Featherstonehaugh").unwrap_or_else(|why| panic!("{why}"));
    certificate.lessons = proofs;
    certificate
}

fn text(lesson: &Rc<Lesson>, proof: LessonProof) -> String {
    certificate(vec![proof]).to_text(&|_| Some(Rc::clone(lesson))).unwrap_or_else(|why| panic!("{why}"))
}

fn solved(lesson: &Rc<Lesson>) -> LessonProof {
    reference("Maximiliane Featherstonehaugh", lesson).unwrap_or_else(|why| panic!("{why}"))
}

fn lacks(lesson: &Rc<Lesson>, proof: LessonProof) -> Vec<Lack> {
    let report = verify(&text(lesson, proof), &|_| Some(Rc::clone(lesson))).unwrap_or_else(|why| panic!("{why}"));
    report.lessons[0].lacks.clone()
}

fn set(at: u32, knob: &str, to: Value) -> Taken {
    Taken { at, kind: ActionKind::Set { knob: knob.into(), to } }
}

/// Twelve things somebody might do, at any time.
fn twelve(scenario: &Scenario, lesson: u64) -> Vec<Taken> {
    let draw = |id: u64| Draw::new(lesson, Purpose::Generate, id, 0);
    let mut times: Vec<u32> = (0..12).map(|i| draw(i).below(scenario.horizon.as_micros() / 1_000) as u32).collect();
    times.sort_unstable();
    let turned = |(i, at): (usize, u32)| {
        let draw = draw(100 + i as u64);
        let knob: &Knob = &scenario.knobs[draw.nth(0).below(scenario.knobs.len() as u64) as usize];
        let to = match &knob.kind {
            KnobKind::Choice { of, .. } => Value::Choice(of[draw.nth(1).below(of.len() as u64) as usize].clone()),
            KnobKind::Number { min, step, .. } => Value::Number(min + step * draw.nth(1).below(4) as f64),
            other => other.default_value(),
        };
        Taken { at, kind: ActionKind::Set { knob: knob.id.clone(), to } }
    };
    times.into_iter().enumerate().map(turned).collect()
}

/// The most characters that pass through chat tools, browsers and QR codes without trouble.
const MOST_CHARACTERS: usize = 2_000;

#[test]
fn a_whole_course_fits_into_a_link() {
    let proof = |(i, slug): (usize, &&str)| {
        let lesson = course(slug).unwrap_or_else(|| panic!("{slug}"));
        let taken = twelve(&lesson.labs[0].scenario, i as u64);
        LessonProof { runs: vec![LabRun { lab: "even-out".into(), taken }], ..solved(&lesson) }
    };
    let certificate = certificate(COURSE.iter().enumerate().map(proof).collect());
    assert!(certificate.lessons.iter().all(|proof| proof.runs[0].taken.len() == 12 && proof.answers.len() >= 10));
    let text = certificate.to_text(&course).unwrap_or_else(|why| panic!("{why}"));
    println!("{} lessons of 12 actions and {} answers: {} characters", COURSE.len(), certificate.lessons[0].answers.len(), text.len());
    assert!(text.len() < MOST_CHARACTERS, "{} characters", text.len());
    assert_eq!(Certificate::from_text(&text, &course), Ok(certificate));
}

#[test]
fn lessons_of_the_course_are_numbered_in_their_order() {
    let numbers: Vec<u8> = COURSE.iter().map(|slug| number(slug)).collect();
    assert_eq!(numbers, (1..=18).collect::<Vec<u8>>(), "a link says a lesson by its number, for ever");
}

#[test]
fn an_action_that_is_left_out_or_put_in_changes_what_comes_of_it() {
    let lesson = Rc::new(layers());
    let with = |change: fn(&mut Vec<Taken>)| {
        let mut proof = solved(&lesson);
        change(&mut proof.runs[0].taken);
        lacks(&lesson, proof)
    };
    assert_eq!(with(|_| {}), []);
    for lost in [
        with(|taken| drop(taken.remove(0))),
        with(|taken| drop(taken.remove(1))),
        with(|taken| taken.push(set(1, "policy", Value::Choice("ip_hash".into())))),
    ] {
        assert!(!lost.is_empty() && lost.iter().all(|lack| matches!(lack, Lack::Missed(_))), "{lost:?}");
    }
}

#[test]
fn a_run_without_end_is_left() {
    let mut lesson = tiny();
    let mut scenario = Scenario::clone(&lesson.labs[0].scenario);
    scenario.knobs[1].kind = KnobKind::Number { min: 0.0, max: 1e6, step: 1.0, unit: String::new(), default: 50.0 };
    lesson.labs[0].scenario = scenario.into();
    let lesson = Rc::new(lesson);
    let mut proof = solved(&lesson);
    proof.runs[0].taken.push(set(0, "rate", Value::Number(1e6)));
    let text = text(&lesson, proof.clone());
    let mut verification = Verification::new(&text, &|_| Some(Rc::clone(&lesson))).unwrap_or_else(|why| panic!("{why}"));
    let mut slices = 0;
    while verification.work(5_000) == Progress::More {
        slices += 1;
        assert!(slices < 200, "more slices than there may be events");
    }
    assert!(slices > 50, "{slices} slices of 5,000 events");
    let of_slices = verification.report().lessons[0].lacks.clone();
    assert!(matches!(of_slices.as_slice(), [Lack::Trouble(_, why)] if why.contains("events")), "{of_slices:?}");
    assert_eq!(lacks(&lesson, proof), of_slices);
}

#[test]
fn what_cannot_be_written_is_said() {
    let lesson = Rc::new(tiny());
    let check = |change: &dyn Fn(&mut Certificate), expect: &str| {
        let mut certificate = certificate(vec![solved(&lesson)]);
        change(&mut certificate);
        let why: Unfit = certificate.to_text(&|slug| (slug == "tiny").then(|| Rc::clone(&lesson))).expect_err("it cannot be written");
        assert!(why.to_string().contains(expect) && why.to_string().ends_with('.'), "{why}");
    };
    check(&|c| c.name = " ".into(), "needs a name");
    check(&|c| c.rules = 7, "Version 7");
    check(&|c| c.lessons[0].lesson = "other".into(), "\"other\" is not to be had");
    check(&|c| c.lessons.push(c.lessons[0].clone()), "twice");
    check(&|c| c.lessons[0].runs[0].taken = vec![set(0, "none", Value::Toggle(true))], "no such knob");
    check(&|c| c.lessons[0].runs[0].taken = vec![set(2_001, "rate", Value::Number(0.0))], "after the end");
    check(&|c| c.lessons[0].runs[0].taken = vec![set(5, "rate", Value::Number(0.0)), set(4, "rate", Value::Number(0.0))], "in order");
    check(&|c| c.lessons[0].runs[0].taken = vec![set(0, "rate", Value::Number(0.0)); CURRENT.actions + 1], "too many");
}

#[test]
fn a_run_of_the_lab_is_taken_over_as_it_was() {
    let lesson = tiny();
    let spec = Rc::new(lesson.labs[0].spec(Parts::every()).unwrap_or_else(|why| panic!("{why}")));
    let mut run = Timeline::new(Rc::clone(&spec), 11);
    let turn = |run: &mut Timeline, knob: &str, to: f64| {
        run.act(ActionKind::Set { knob: knob.into(), to: Value::Number(to) }).unwrap_or_else(|why| panic!("{why}"));
    };
    turn(&mut run, "weight-b2", 2.0);
    turn(&mut run, "rate", 100.0);
    turn(&mut run, "weight-b2", 6.0);
    run.seek(300);
    turn(&mut run, "rate", 25.0);
    run.work(Goal::End, u32::MAX);
    let taken = LabRun::of("lean-on-b2", &run).taken;
    let at = taken[2].at;
    assert!(at > 0 && u64::from(at) == run.time_of(300).as_micros().div_ceil(1_000));
    assert_eq!(
        taken,
        [set(0, "rate", Value::Number(100.0)), set(0, "weight-b2", Value::Number(6.0)), set(at, "rate", Value::Number(25.0))]
    );
}

#[test]
fn a_lesson_that_changed_is_told_from_a_forgery() {
    let old = Rc::new(layers());
    let text = text(&old, solved(&old));
    let with = |change: fn(&mut Lesson)| {
        let mut now = Lesson::clone(&old);
        change(&mut now);
        let sealed = Sealed::from_text(&text).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!((sealed.parts()[0].lesson(), sealed.parts()[0].outline()), ("l4-vs-l7", outline(&old)));
        let now = Rc::new(now);
        verify(&text, &|_| Some(Rc::clone(&now))).unwrap_or_else(|why| panic!("{why}")).lessons.remove(0)
    };
    // Another word is no change; a question that is put in or taken out shifts every bit after it.
    let same = with(|lesson| lesson.title = "Another title".into());
    assert!(!same.has_changed && same.is_passed());
    let other = with(|lesson| drop(lesson.questions.remove(3)));
    assert!(other.has_changed && other.lacks == [Lack::Changed], "{other}");
    // The lab is another and the proof holds all the same: then it holds, and the change is told.
    let looser = with(|lesson| {
        let mut scenario = Scenario::clone(&lesson.labs[0].scenario);
        scenario.goals[1].at_most = Some(150.0);
        lesson.labs[0].scenario = scenario.into();
        lesson.labs[0].digest = "12345678".into();
    });
    assert!(looser.has_changed && looser.is_passed(), "{looser}");
    // What a question takes as right has changed: graded as it is now, one answer fewer is right.
    let stricter = with(|lesson| {
        let hopscope_core::assess::Body::Numeric(numeric) = &mut lesson.questions[0].body else { panic!("a number") };
        numeric.answer = 12.0;
    });
    assert!(stricter.has_changed && stricter.right() == (11, 12), "{stricter}");
}

#[test]
fn an_answer_that_cannot_be_right_is_none() {
    let lesson = Rc::new(tiny());
    let mut proof = solved(&lesson);
    proof.answers[2].1 = Answer::Ordered(vec!["b".into()]);
    let report = verify(&text(&lesson, proof), &|_| Some(Rc::clone(&lesson))).unwrap_or_else(|why| panic!("{why}"));
    let answered: Vec<bool> = report.lessons[0].questions.iter().map(|q| q.answered).collect();
    assert_eq!(answered, [true, true, false, true, true, true, true, true]);
    assert!(report.holds(), "seven of eight are enough: {report}");
}
