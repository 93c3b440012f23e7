//! The lessons: their pages, and their checks.

use std::path::Path;

use hopscope_curriculum::{Problem, Problems, check, site};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::report::Form;
use crate::workspace::Workspace;

/// Names of the files every page links, relative to the site's root.
pub(crate) type Assets = site::Assets;

/// Writes one page per lesson, and what else the lessons give, into `out`.
pub(crate) fn write_pages(workspace: &Workspace, out: &Path, assets: &Assets) -> Result<(), Failure> {
    site::write(&workspace.lessons(), out, assets).map_err(|problems| said(&problems))?;
    Ok(())
}

/// `cargo xtask check-lessons`: reads and checks every lesson and prints what they hold, then what
/// is wrong with them.
pub(crate) fn check(workspace: &Workspace, form: Form) -> Result<(), Failure> {
    let (report, problems) = check::examine(&workspace.lessons());
    form.show(&json!({ "lessons": report.lessons, "problems": as_data(&problems) }), &report.to_string());
    match (problems.is_empty(), form) {
        (true, _) => Ok(()),
        (false, Form::Json) => Err(Failure::Reported),
        (false, _) => Err(said(&problems)),
    }
}

/// The problems as an editor or a check on a pull request reads them.
fn as_data(problems: &Problems) -> Vec<Value> {
    let problem = |problem: &Problem| {
        json!({
            "file": problem.file,
            "line": problem.line,
            "what": problem.what,
            "fix": problem.fix,
        })
    };
    problems.iter().map(problem).collect()
}

fn said(problems: &Problems) -> Failure {
    Failure::Check(problems.to_string())
}
