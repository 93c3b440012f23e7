//! One recording of a real server, as read from its file.

use std::path::Path;

use serde_json::Value;

/// What happened at one moment, without what the server decided.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Its place in the recording, from 1.
    pub(crate) seq: u64,
    /// Milliseconds since the server was started.
    pub(crate) t_ms: f64,
    /// `request`, `open`, `close`, `burst`, `batch`, `open_batch`, `control`, `observe`, `check` or `lookup`.
    pub(crate) kind: String,
    /// What was asked; `Null` where nothing was.
    pub(crate) request: Value,
    /// What was done to the servers; `Null` where nothing was.
    pub(crate) control: Value,
}

/// A recording as a replayer sees it. What the server decided is kept from it, so that a decision
/// cannot come from anywhere but the model.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    /// Its name.
    pub(crate) id: String,
    /// Which server, with its version.
    pub(crate) system: String,
    /// What it is about.
    pub(crate) feature: String,
    /// The server's configuration; an object of texts where there are several.
    pub(crate) config: Value,
    /// Names, weights and addresses of the backends, and whatever else was set up.
    pub(crate) setup: Value,
    /// How far times may be off, in milliseconds, where the recording says so.
    #[allow(dead_code, reason = "for the replayers of recordings that are about times")]
    pub(crate) tolerance_ms: Option<f64>,
    /// What happened.
    pub(crate) steps: Vec<Step>,
}

/// A recording with what was decided, in the order of its steps.
pub(crate) struct Recording {
    pub(crate) trace: Trace,
    pub(crate) decided: Vec<Value>,
}

/// All recordings of a folder, by name.
pub(crate) fn read_all(folder: &Path) -> Result<Vec<Recording>, String> {
    let entries = std::fs::read_dir(folder).map_err(|why| format!("{}: {why}", folder.display()))?;
    let mut paths: Vec<_> =
        entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
    paths.sort();
    paths.iter().map(|path| read(path).map_err(|why| format!("{}: {why}", path.display()))).collect()
}

fn read(path: &Path) -> Result<Recording, String> {
    let text = std::fs::read_to_string(path).map_err(|why| why.to_string())?;
    let mut file: Value = serde_json::from_str(&text).map_err(|why| why.to_string())?;
    if file["schema"] != "fidelity-trace/1" {
        return Err(format!("its schema is {} and not \"fidelity-trace/1\"", file["schema"]));
    }
    let Value::Array(events) = file["events"].take() else { return Err("it has no list of events".into()) };
    let (mut steps, mut decided) = (Vec::new(), Vec::new());
    for mut event in events {
        decided.push(event["decision"].take());
        steps.push(Step {
            seq: event["seq"].as_u64().unwrap_or(0),
            t_ms: event["t_ms"].as_f64().unwrap_or(0.0),
            kind: text_of(&event["kind"]),
            request: event["request"].take(),
            control: event["control"].take(),
        });
    }
    let trace = Trace {
        id: text_of(&file["id"]),
        system: text_of(&file["system"]),
        feature: text_of(&file["feature"]),
        config: file["config"].take(),
        setup: file["setup"].take(),
        tolerance_ms: file["timing"]["tolerance_ms"].as_f64(),
        steps,
    };
    Ok(Recording { trace, decided })
}

fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
