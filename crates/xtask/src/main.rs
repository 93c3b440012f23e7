//! The project's own tasks: set-up, build, checks and serving. `cargo xtask` lists them.

mod bench;
mod browser;
mod bundle;
mod compact;
mod failure;
mod first_visit;
mod html;
mod lessons;
mod neighbours;
mod npm;
mod options;
mod packs;
mod process;
mod report;
#[cfg(test)]
mod scratch;
mod serve;
mod site;
mod size;
mod split;
mod steps;
mod suite;
mod summary;
mod toolbox;
mod tools;
mod trim;
mod wasm_opt;
mod workspace;

use std::process::ExitCode;

use failure::Failure;
use options::{Accepts, Options};
use report::Form;
use site::Profile;
use toolbox::Toolbox;
use tools::SITE;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask <task>

  serve          Build the site, serve it on this machine and print the address.
                   --port <number>   instead of 8080, or any free one
                   --dev             build faster; the labs then run slower
  test           Run every check. The last line is `N passed, M failed`.
                   --list            name the steps
                   --only <steps>    these alone, with commas between
                   --skip <steps>    all but these
                   --keep-going      do not stop at the first failure
  build          Build the site into dist.   --dev
  check-lessons  Check every lesson, its labs and its challenge.
  size           Measure what a visitor downloads, against budget.toml.
  bench          Measure the engine's speed.   --requests <number>

test, build, check-lessons, size and bench take --json.
What a task needs and is not there is installed, with a line that says what and why.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Reported) => ExitCode::FAILURE,
        Err(failure @ Failure::Usage(_)) => {
            eprintln!("{failure}");
            ExitCode::from(2)
        }
        Err(failure) => {
            eprintln!("\n{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Failure> {
    let Some((task, rest)) = arguments.split_first() else {
        print!("{USAGE}");
        return Ok(());
    };
    let workspace = Workspace::find();
    let options = |switches, values| Options::parse(rest, Accepts { switches, values });
    let toolbox = |form| Toolbox::new(&workspace, form == Form::Json);
    match task.as_str() {
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        "serve" => {
            let options = options(&["--dev"], &["--port"])?;
            let port = options.number("--port")?;
            serve::serve(&mut toolbox(Form::Words), profile(&options), port)
        }
        "test" => {
            let switches = &["--list", "--keep-going", "--json"];
            let options = options(switches, &["--only", "--skip"])?;
            suite::test(&workspace, &mut toolbox(form(&options)), &options)
        }
        "build" => {
            let options = options(&["--dev", "--json"], &[])?;
            let mut tools = toolbox(form(&options));
            tools.prepare(SITE)?;
            site::build(&workspace, &tools, profile(&options), form(&options))
        }
        "check-lessons" => lessons::check(&workspace, form(&options(&["--json"], &[])?)),
        "size" => size::size(&workspace, form(&options(&["--json"], &[])?)),
        "bench" => {
            let options = options(&["--json"], &["--requests"])?;
            let requests = options.number("--requests")?;
            bench::bench(&toolbox(form(&options)), requests, form(&options))
        }
        // The two that only our own programs call.
        "hook" => site::hook(&workspace, &mut toolbox(Form::Words)),
        "announce" => announce(rest),
        unknown => Err(Failure::Usage(format!("There is no task `{unknown}`.\n\n{USAGE}"))),
    }
}

fn form(options: &Options) -> Form {
    if options.has("--json") { Form::Json } else { Form::Words }
}

fn profile(options: &Options) -> Profile {
    if options.has("--dev") { Profile::Debug } else { Profile::Release }
}

fn announce(arguments: &[String]) -> Result<(), Failure> {
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<u32>().ok());
    let port = number(0).and_then(|port| u16::try_from(port).ok());
    let (Some(port), Some(parent)) = (port, number(1)) else {
        return Err(Failure::Usage("`announce` is called by `serve`.".to_owned()));
    };
    serve::announce(port, parent);
    Ok(())
}
