//! The command line after the task's name.

use crate::failure::Failure;

/// What one task accepts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Accepts {
    /// Switches without a value, such as `--json`.
    pub(crate) switches: &'static [&'static str],
    /// Options with a value, such as `--only browser`.
    pub(crate) values: &'static [&'static str],
}

/// The options that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    switches: Vec<String>,
    values: Vec<(String, String)>,
}

impl Options {
    /// Reads `arguments`, refusing what `accepts` does not list.
    pub(crate) fn parse(arguments: &[String], accepts: Accepts) -> Result<Self, Failure> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (argument.as_str(), None),
            };
            if accepts.values.contains(&name) {
                let value =
                    inline.or_else(|| rest.next().cloned()).ok_or_else(|| Failure::Usage(format!("`{name}` needs a value after it.")))?;
                options.values.push((name.to_owned(), value));
            } else if accepts.switches.contains(&name) && inline.is_none() {
                options.switches.push(name.to_owned());
            } else {
                return Err(Failure::Usage(refusal(argument, accepts)));
            }
        }
        Ok(options)
    }

    /// Whether the switch was given.
    pub(crate) fn has(&self, switch: &str) -> bool {
        self.switches.iter().any(|given| given == switch)
    }

    /// Every value given for `name`, in order; a value may be a list with commas.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(given, _)| given == name).flat_map(|(_, value)| value.split(','))
    }

    /// The last value given for `name`, read as a number.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        let Some((_, text)) = self.values.iter().rfind(|(given, _)| given == name) else {
            return Ok(None);
        };
        text.replace('_', "").parse().map(Some).map_err(|_| Failure::Usage(format!("`{name} {text}`: a whole number in range is needed.")))
    }
}

fn refusal(argument: &str, accepts: Accepts) -> String {
    let known: Vec<&str> = [accepts.switches, accepts.values].concat();
    if known.is_empty() {
        format!("`{argument}` is not understood; this task takes no options.")
    } else {
        format!("`{argument}` is not understood; this task takes {}.", known.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::{Accepts, Options};

    const ACCEPTS: Accepts = Accepts { switches: &["--json"], values: &["--only", "--port"] };

    fn parse(line: &str) -> Result<Options, String> {
        let arguments: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Options::parse(&arguments, ACCEPTS).map_err(|failure| failure.to_string())
    }

    #[test]
    fn reads_switches_and_values() {
        let options = parse("--json --only fmt,clippy --only=size").expect("accepted");
        assert!(options.has("--json"));
        assert_eq!(options.all("--only").collect::<Vec<_>>(), ["fmt", "clippy", "size"]);
    }

    #[test]
    fn reads_numbers() {
        let options = parse("--port 8_081").expect("accepted");
        assert_eq!(options.number::<u16>("--port").expect("a number"), Some(8081));
        assert_eq!(options.number::<u16>("--only").expect("absent"), None);
        let wrong = parse("--port x").expect("accepted").number::<u16>("--port");
        assert!(wrong.is_err());
    }

    #[test]
    fn names_what_it_does_not_know() {
        let text = parse("--jsn").expect_err("refused");
        assert!(text.contains("`--jsn`") && text.contains("--json"), "{text}");
        assert!(parse("--only").expect_err("refused").contains("needs a value"));
    }
}
