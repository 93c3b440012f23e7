//! Checks that the engine takes each scenario, and points at the line that it refuses.

use hopscope_core::scenario::ScenarioError;

use crate::file::SourceFile;
use crate::load::Lesson;
use crate::problem::{Problem, Problems};
use crate::suggest;

pub(crate) fn note(lesson: &Lesson, problems: &mut Problems) {
    for lab in &lesson.labs {
        if let Err(error) = lab.scenario.compile() {
            problems.push(explain(&lab.file, &error));
        }
    }
}

/// The engine names what it refuses by name; the line is the one where that name stands.
fn explain(file: &SourceFile, error: &ScenarioError) -> Problem {
    match error {
        ScenarioError::Twice { what, name } => {
            file.problem(last_quoted(file, name), format!("There are two {what}s called `{name}`."), "Give one of them another name.")
        }
        ScenarioError::Unknown { what, name, at, known } => file.problem(
            last_quoted(file, name),
            format!("`{at}` names the {what} `{name}`, which does not exist."),
            suggest::fix_unknown(name, known.iter().map(String::as_str)),
        ),
        ScenarioError::Invalid { at, why } => {
            let (what, fix) = why.split_once(". ").unwrap_or((why, "Correct the value."));
            file.problem(place(file, at), format!("`{at}`: {}.", what.trim_end_matches('.')), sentence(fix))
        }
        other => file.problem(0, other.to_string(), "Correct the scenario."),
    }
}

/// The last place where a name stands in quotes: its uses come after its definition.
fn last_quoted(file: &SourceFile, name: &str) -> usize {
    file.text.rfind(&format!("\"{name}\"")).unwrap_or(0)
}

/// The place of a path such as `proxies.lb.pools.web`: its last part that the file names.
fn place(file: &SourceFile, at: &str) -> usize {
    at.rsplit('.').find_map(|part| file.text.find(&format!("\"{part}\""))).unwrap_or(0)
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", chars.as_str().trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(error: &ScenarioError, expect: &str) {
        let text = "[[proxies]]\nname = \"lb\"\n[[proxies.pools]]\nmembers = [{ node = \"b9\" }]\n";
        assert_eq!(explain(&SourceFile::new("lessons/x/labs/a.toml", text), error).to_string(), expect);
    }

    #[test]
    fn refusals_point_at_the_name() {
        let known = vec!["b1".to_owned(), "b2".to_owned()];
        check(
            &ScenarioError::Unknown { what: "node", name: "b9".into(), at: "proxies.lb.pools".into(), known },
            "lessons/x/labs/a.toml:4: `proxies.lb.pools` names the node `b9`, which does not exist. Fix: Use one of `b1`, `b2`.",
        );
        check(
            &ScenarioError::Twice { what: "node", name: "lb".into() },
            "lessons/x/labs/a.toml:2: There are two nodes called `lb`. Fix: Give one of them another name.",
        );
        check(
            &ScenarioError::Invalid { at: "proxies.lb.queue".into(), why: "the queue is negative. use zero or more".into() },
            "lessons/x/labs/a.toml:2: `proxies.lb.queue`: the queue is negative. Fix: Use zero or more.",
        );
    }
}
