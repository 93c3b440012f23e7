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

/// `cargo xtask check-lessons`: reads and checks every lesson and prints what was found.
pub(crate) fn check(workspace: &Workspace, form: Form) -> Result<(), Failure> {
    match check::check(&workspace.lessons()) {
        Ok(report) => {
            form.show(&report, &report.to_string());
            Ok(())
        }
        Err(problems) if form == Form::Json => {
            form.show(&as_data(&problems), "");
            Err(Failure::Reported)
        }
        Err(problems) => Err(said(&problems)),
    }
}

/// The problems as an editor or a check on a pull request reads them.
fn as_data(problems: &Problems) -> Value {
    let problem = |problem: &Problem| {
        json!({
            "file": problem.file,
            "line": problem.line,
            "what": problem.what,
            "fix": problem.fix,
        })
    };
    json!({ "problems": problems.iter().map(problem).collect::<Vec<_>>() })
}

fn said(problems: &Problems) -> Failure {
    Failure::Check(problems.to_string())
}
