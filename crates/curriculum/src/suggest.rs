//! "Did you mean": near names, and fixes for the TOML reader's messages.

/// The known name closest to `given`, when it is close enough to be a slip.
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(given, name), name))
        .filter(|(score, _)| *score >= 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

/// A fix for an unknown name: the near one, or the list of what exists.
pub fn fix_unknown<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match nearest(given, known.iter().copied()) {
        Some(name) => format!("Did you mean `{name}`?"),
        None if known.is_empty() => "Remove it; nothing of the kind exists here.".into(),
        None => format!("Use one of {}.", list(&known)),
    }
}

/// Names in backticks, separated by commas.
pub fn list(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// What and fix for a message of the TOML reader.
pub(crate) fn explain_toml(message: &str) -> (String, String) {
    let names = backticked(message);
    let first = names.first().copied().unwrap_or_default();
    if message.starts_with("unknown field") {
        return (format!("There is no field `{first}` here."), fix_unknown(first, names[1..].iter().copied()));
    }
    if message.starts_with("unknown variant") {
        return (format!("`{first}` is not a value this field knows."), fix_unknown(first, names[1..].iter().copied()));
    }
    if message.starts_with("missing field") {
        return (format!("The field `{first}` is missing."), format!("Add `{first} = …` here."));
    }
    if message.starts_with("duplicate key") {
        return ("The same key stands here twice.".into(), "Keep one of the two.".into());
    }
    if message.starts_with("invalid type") || message.starts_with("invalid value") {
        return (
            format!("A value has the wrong form: {}.", message.trim_end_matches('.')),
            "Write the value in the form that is expected.".into(),
        );
    }
    let shown = message.lines().next().unwrap_or("unreadable").trim_end_matches('.');
    (format!("This is not valid TOML: {shown}."), "Correct the syntax on this line.".into())
}

fn backticked(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        let known = ["round_robin", "least_conn", "ip_hash"];
        assert_eq!(nearest("roundrobin", known), Some("round_robin"));
        assert_eq!(nearest("lest_conn", known), Some("least_conn"));
        assert_eq!(nearest("zebra", known), None);
        assert_eq!(fix_unknown("zebra", known), "Use one of `round_robin`, `least_conn`, `ip_hash`.");
    }
}
