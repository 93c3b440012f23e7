//! `cargo xtask test`: every check there is, in order, with a summary at the end.

use std::time::Instant;

use crate::failure::Failure;
use crate::options::Options;
use crate::report::Form;
use crate::steps::{self, STEPS, Step};
use crate::summary::{Entry, Outcome, Summary};
use crate::toolbox::Toolbox;
use crate::tools::Need;
use crate::workspace::Workspace;

/// Runs the steps that the options ask for. The last line is `N passed, M failed`.
pub(crate) fn test(workspace: &Workspace, tools: &mut Toolbox, options: &Options) -> Result<(), Failure> {
    if options.has("--list") {
        print!("{}", listing());
        return Ok(());
    }
    let chosen = choose(options)?;
    // The steps' own reports stay off standard output when it is for the summary in JSON.
    let (form, inner) = match options.has("--json") {
        true => (Form::Json, Form::Aside),
        false => (Form::Words, Form::Words),
    };
    let mut run = Run { keep_going: options.has("--keep-going"), entries: Vec::new() };
    run.step("tools", true, || tools.prepare(&needs(&chosen)));
    for step in STEPS {
        let wanted = chosen.iter().any(|chosen| chosen.name == step.name);
        if wanted && run.goes_on() {
            eprintln!("\n== {}: {}", step.name, step.what);
        }
        run.step(step.name, wanted, || (step.run)(&steps::Context { workspace, tools, form: inner }));
    }
    Summary::new(run.entries).show(form)
}

/// The steps so far.
struct Run {
    keep_going: bool,
    entries: Vec<Entry>,
}

impl Run {
    fn goes_on(&self) -> bool {
        self.keep_going || self.entries.iter().all(|entry| entry.outcome() != Outcome::Failed)
    }

    fn step(&mut self, name: &'static str, wanted: bool, work: impl FnOnce() -> Result<(), Failure>) {
        let entry = if !wanted {
            Entry::left(name, Outcome::Skipped)
        } else if self.goes_on() {
            let start = Instant::now();
            let result = work();
            Entry::ran(name, result, start.elapsed())
        } else {
            Entry::left(name, Outcome::NotRun)
        };
        if let Some(why) = entry.why() {
            eprintln!("\n{why}");
        }
        self.entries.push(entry);
    }
}

/// The steps that `--only` and `--skip` leave.
fn choose(options: &Options) -> Result<Vec<&'static Step>, Failure> {
    let only: Vec<&str> = options.all("--only").collect();
    let skip: Vec<&str> = options.all("--skip").collect();
    let known = |name: &&&str| STEPS.iter().any(|step| step.name == **name);
    if let Some(unknown) = only.iter().chain(&skip).find(|name| !known(name)) {
        return Err(Failure::Usage(format!("There is no step `{unknown}`. These are the steps:\n{}", listing())));
    }
    let wanted = |step: &&Step| (only.is_empty() || only.contains(&step.name)) && !skip.contains(&step.name);
    Ok(STEPS.iter().filter(wanted).collect())
}

/// What the chosen steps need, each once.
fn needs(chosen: &[&Step]) -> Vec<Need> {
    let mut needs = Vec::new();
    for need in chosen.iter().flat_map(|step| step.needs.iter()) {
        if !needs.contains(need) {
            needs.push(*need);
        }
    }
    needs
}

fn listing() -> String {
    let line = |step: &Step| format!("{:<12}{}\n", step.name, step.what);
    STEPS.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::{Entry, Outcome, Run, choose, needs};
    use crate::failure::Failure;
    use crate::options::{Accepts, Options};
    use crate::tools::Need;

    fn run(keep_going: bool) -> Vec<Outcome> {
        let mut run = Run { keep_going, entries: Vec::new() };
        run.step("a", true, || Ok(()));
        run.step("b", false, || panic!("a step left out does not run"));
        run.step("c", true, || Err(Failure::Check("c is wrong.".to_owned())));
        run.step("d", true, || Ok(()));
        run.entries.iter().map(Entry::outcome).collect()
    }

    #[test]
    fn the_first_failure_ends_the_run() {
        use Outcome::{Failed, NotRun, Passed, Skipped};
        assert_eq!(run(false), [Passed, Skipped, Failed, NotRun]);
        assert_eq!(run(true), [Passed, Skipped, Failed, Passed]);
    }

    fn chosen(line: &str) -> Result<Vec<&'static str>, String> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        let accepts = Accepts { switches: &[], values: &["--only", "--skip"] };
        let options = Options::parse(&arguments, accepts).map_err(|failure| failure.to_string())?;
        let steps = choose(&options).map_err(|failure| failure.to_string())?;
        Ok(steps.iter().map(|step| step.name).collect())
    }

    #[test]
    fn steps_are_chosen_by_name() {
        assert_eq!(chosen("--only size,fmt").expect("known"), ["fmt", "size"]);
        assert!(!chosen("--skip browser").expect("known").contains(&"browser"));
        assert!(chosen("--only nothing").expect_err("refused").contains("`nothing`"));
    }

    #[test]
    fn only_what_the_chosen_steps_need_is_prepared() {
        let steps: Vec<_> = super::STEPS.iter().filter(|step| step.name == "fmt").collect();
        assert_eq!(needs(&steps), [Need::Lints]);
        let all: Vec<_> = super::STEPS.iter().collect();
        let needs = needs(&all);
        assert_eq!(needs.iter().filter(|&&need| need == Need::Chromium).count(), 1);
    }
}
