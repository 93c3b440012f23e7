//! How long a certificate takes to verify: a lesson, and a course whose every lesson is like it,
//! with twelve changes in each challenge.
//!
//! `cargo bench -p hopscope-bench --bench certificate`

use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use hopscope_bench::median;
use hopscope_core::certificate::{Certificate, Lessons, reference, verify};
use hopscope_core::lesson::Lesson;

const LESSON: &str = include_str!("../../../tests/certificates/l4-vs-l7.toml");

const ROUNDS: usize = 9;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let lesson: Lesson = toml::from_str(LESSON).map_err(|why| format!("l4-vs-l7.toml: {why}"))?;
    for count in [1, 18] {
        let of = |i: usize| Rc::new(Lesson { slug: format!("lesson-{i}"), ..lesson.clone() });
        let all: Vec<Rc<Lesson>> = (0..count).map(of).collect();
        let lessons = |slug: &str| all.iter().find(|lesson| lesson.slug == slug).cloned();
        let mut certificate = Certificate::new("Ada Lovelace").map_err(|why| why.to_string())?;
        for lesson in &all {
            let mut proof = reference("Ada Lovelace", lesson).map_err(|why| why.to_string())?;
            let solution = proof.runs[0].taken.clone();
            proof.runs[0].taken = solution.into_iter().cycle().take(12).collect();
            certificate.lessons.push(proof);
        }
        let text = certificate.to_text(&lessons).map_err(|why| why.to_string())?;
        report(count, &text, &lessons)?;
    }
    Ok(())
}

fn report(count: usize, text: &str, lessons: &Lessons<'_>) -> Result<(), String> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let report = verify(text, lessons).map_err(|why| why.to_string())?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        if !report.holds() {
            return Err(report.to_string());
        }
    }
    println!("certificate lessons={count} link={} took={:.1}ms rounds={ROUNDS}", text.len(), median(times));
    Ok(())
}
