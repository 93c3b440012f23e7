//! What native runs come to, as JSON, for the browser test that compares Chromium with them:
//! every shipped lab and every scenario of the tests, each on many seeds with actions.

#[path = "../../crates/core/tests/runs/mod.rs"]
mod runs;

use std::path::Path;

use serde_json::{Value, json};

fn main() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut folders = vec![root.join("tests/scenarios")];
    for lesson in list(&root.join("lessons"))? {
        folders.push(lesson.join("labs"));
    }
    let mut found = Vec::new();
    for file in folders.iter().filter(|folder| folder.is_dir()).map(|folder| list(folder)).collect::<Result<Vec<_>, _>>()?.concat() {
        if file.extension().is_some_and(|extension| extension == "toml") {
            found.push(of_file(&file)?);
        }
    }
    println!("{}", Value::Array(found));
    Ok(())
}

fn list(folder: &Path) -> Result<Vec<std::path::PathBuf>, String> {
    let entries = std::fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut found: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    found.sort();
    Ok(found)
}

fn of_file(file: &Path) -> Result<Value, String> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|why| format!("{name}: {why}"))?;
    let (scenario, spec) = runs::read(&name, &text);
    let run = |seed: u64| {
        let actions: Vec<Value> = runs::actions(&scenario, seed).iter().map(|(at, kind)| json!({ "at": at, "kind": kind })).collect();
        let run = runs::run(&scenario, &spec, seed);
        let fingerprint = format!("{:016x}", run.fingerprint());
        json!({ "seed": seed.to_string(), "actions": actions, "end": runs::end(seed), "position": run.position(), "fingerprint": fingerprint })
    };
    let runs: Vec<Value> = (0..runs::SEEDS).map(run).collect();
    let name = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    Ok(json!({ "name": name, "scenario": scenario, "runs": runs }))
}
