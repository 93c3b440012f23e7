//! Starting other programs.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::Failure;

/// Where programs are looked for, and where our own come first for the programs we start.
#[derive(Clone, Debug, Default)]
pub(crate) struct SearchPath {
    folders: Vec<PathBuf>,
}

impl SearchPath {
    /// `PATH`, then cargo's own bin folder, which a fresh shell may not have on `PATH` yet.
    pub(crate) fn from_environment() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
        if let Some(bin) = cargo_bin().filter(|bin| !folders.contains(bin)) {
            folders.push(bin);
        }
        Self { folders }
    }

    /// Puts `folder` before all others.
    pub(crate) fn prepend(&mut self, folder: PathBuf) {
        self.folders.insert(0, folder);
    }

    /// The first program of that name.
    pub(crate) fn find(&self, name: &str) -> Option<PathBuf> {
        let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        self.folders.iter().map(|folder| folder.join(&file)).find(|path| path.is_file())
    }

    fn joined(&self) -> OsString {
        std::env::join_paths(&self.folders).unwrap_or_default()
    }
}

/// Where `cargo install` puts programs.
fn cargo_bin() -> Option<PathBuf> {
    std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .map(|cargo| cargo.join("bin"))
}

/// One program with its arguments, run to its end.
#[derive(Debug)]
pub(crate) struct Program {
    command: Command,
    shown: String,
}

impl Program {
    /// `name` found through `path`.
    pub(crate) fn new(name: &str, path: &SearchPath) -> Self {
        let found = path.find(name);
        let file = found.as_deref().map_or(OsStr::new(name), Path::as_os_str);
        Self::from_file(file, name.to_owned(), path)
    }

    /// The program that this file is.
    pub(crate) fn at(file: &Path, path: &SearchPath) -> Self {
        Self::from_file(file.as_os_str(), file.display().to_string(), path)
    }

    fn from_file(file: &OsStr, shown: String, path: &SearchPath) -> Self {
        let mut command = Command::new(file);
        command.env("PATH", path.joined()).stdin(Stdio::null());
        forget_own_package(&mut command);
        Self { command, shown }
    }

    /// Adds arguments.
    pub(crate) fn args<S: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        for argument in arguments {
            self.shown.push(' ');
            self.shown.push_str(&argument.as_ref().to_string_lossy());
            self.command.arg(argument);
        }
        self
    }

    /// Sets a variable of the program's environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Sets the folder that the program runs in.
    pub(crate) fn folder(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        self
    }

    /// Runs with its output shown. `aside` moves standard output to standard error, so that ours
    /// holds the report alone.
    pub(crate) fn run(mut self, aside: bool) -> Result<(), Failure> {
        if aside {
            self.command.stdout(io::stderr());
        }
        let status = self.command.status().map_err(|source| Failure::Start { command: self.shown.clone(), source })?;
        if status.success() {
            return Ok(());
        }
        Err(Failure::Exit { command: self.shown, status: status.to_string() })
    }

    /// Runs with its output shown, line by line, and gives back what it printed.
    pub(crate) fn watch(mut self, aside: bool) -> Result<String, Failure> {
        self.command.stdout(Stdio::piped());
        let failed = |source| Failure::Start { command: self.shown.clone(), source };
        let mut child = self.command.spawn().map_err(failed)?;
        let mut printed = String::new();
        for line in child.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines) {
            let line = line.map_err(failed)?;
            if aside {
                eprintln!("{line}");
            } else {
                println!("{line}");
            }
            printed.push_str(&line);
            printed.push('\n');
        }
        let status = child.wait().map_err(failed)?;
        if status.success() {
            return Ok(printed);
        }
        Err(Failure::Exit { command: self.shown, status: status.to_string() })
    }

    /// Runs and gives back standard output; standard error stays visible.
    pub(crate) fn read(mut self) -> Result<String, Failure> {
        self.command.stderr(Stdio::inherit());
        let output = self.command.output().map_err(|source| Failure::Start { command: self.shown.clone(), source })?;
        if !output.status.success() {
            return Err(Failure::Exit { command: self.shown, status: output.status.to_string() });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs without a word, unless it fails: then with all that it said.
    pub(crate) fn run_silently(mut self) -> Result<(), Failure> {
        let output = self.command.output().map_err(|source| Failure::Start { command: self.shown.clone(), source })?;
        if output.status.success() {
            return Ok(());
        }
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        Err(Failure::Exit { command: self.shown, status: output.status.to_string() })
    }

    /// Starts without waiting for the end.
    pub(crate) fn start(mut self) -> Result<(), Failure> {
        match self.command.spawn() {
            Ok(_) => Ok(()),
            Err(source) => Err(Failure::Start { command: self.shown, source }),
        }
    }

    /// Runs in place of this process, so that ending this process ends the program.
    #[cfg(unix)]
    pub(crate) fn become_it(mut self) -> Result<(), Failure> {
        use std::os::unix::process::CommandExt as _;
        // Only a failure comes back.
        let source = self.command.exec();
        Err(Failure::Start { command: self.shown, source })
    }

    /// Runs to the end; this system cannot replace a process.
    #[cfg(not(unix))]
    pub(crate) fn become_it(self) -> Result<(), Failure> {
        self.run(false)
    }
}

/// Cargo tells us about the package `xtask` through the environment. A cargo that we start would
/// hand that on to build scripts, which then rebuild for no reason.
fn forget_own_package(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Program, SearchPath};

    #[test]
    fn a_program_that_fails_is_named_with_its_status() {
        let path = SearchPath::from_environment();
        let failure = Program::new("cargo", &path).args(["no-such-task-anywhere"]).read().expect_err("fails");
        let text = failure.to_string();
        assert!(text.contains("`cargo no-such-task-anywhere`"), "{text}");
        assert!(text.contains("101"), "{text}");
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let path = SearchPath::from_environment();
        assert!(path.find("hopscope-no-such-program").is_none());
        let failure = Program::new("hopscope-no-such-program", &path).read().expect_err("fails");
        assert!(failure.to_string().contains("did not start"), "{failure}");
    }
}
