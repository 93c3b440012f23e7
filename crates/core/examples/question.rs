//! Prints generated questions with everything that is said to every answer:
//! `cargo run -p hopscope-core --example question -- next_backend ip_hash tricky 3 4`.
//!
//! The family comes first; a form, `tricky` and seeds may follow in any order.

use std::process::ExitCode;

use hopscope_core::assess::{Body, Family, Level, Question, Recipe, generate};
use hopscope_core::decimal::Decimal;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match read(&words) {
        Ok((recipe, seeds)) => {
            for seed in seeds {
                println!("seed {seed}\n{}", shown(&generate(recipe, seed)));
            }
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn read(words: &[String]) -> Result<(Recipe, Vec<u64>), String> {
    let names: Vec<&str> = Family::ALL.iter().map(|family| family.name()).collect();
    let unknown = || format!("Name a family first: {}.", names.join(", "));
    let (name, rest) = words.split_first().ok_or_else(unknown)?;
    let family = *Family::ALL.iter().find(|family| family.name() == name).ok_or_else(unknown)?;
    let mut recipe = Recipe { family, form: None, level: Level::Plain };
    let mut seeds = Vec::new();
    for word in rest {
        match (word.as_str(), word.parse(), family.forms().iter().position(|form| form == word)) {
            ("tricky", ..) => recipe.level = Level::Tricky,
            (_, Ok(seed), _) => seeds.push(seed),
            (.., Some(form)) => recipe.form = Some(form as u8),
            _ => return Err(format!("`{word}` is neither a seed nor `tricky` nor a form of {name}: {}.", family.forms().join(", "))),
        }
    }
    if seeds.is_empty() {
        seeds.push(1);
    }
    Ok((recipe, seeds))
}

fn shown(question: &Question) -> String {
    let mut lines = vec![question.ask.clone(), plain(&question.given)];
    match &question.body {
        Body::Single(choices) => {
            lines.extend(choices.iter().map(|c| format!("  {} {}\n      {}", if c.correct { "*" } else { " " }, c.text, c.why)));
        }
        Body::Order(items) => lines.extend(items.iter().map(|item| format!("  {}. {}\n      {}", item.id, item.text, item.why))),
        Body::Numeric(n) => {
            let said = |mark: &str, value: f64, within: f64, why: &str| {
                format!("  {mark} {} ± {} {}\n      {why}", Decimal(value), Decimal(within), n.unit)
            };
            lines.push(said("*", n.answer, n.tolerance, &n.why));
            lines.extend(n.wrong.iter().map(|(value, within, why)| said(" ", *value, *within, why)));
            lines.push(format!("    any other\n      {}", n.otherwise));
        }
        other => lines.push(format!("{other:?}")),
    }
    lines.push(format!("  keep: {}\n", question.keep));
    lines.join("\n")
}

/// A table as lines.
fn plain(html: &str) -> String {
    let rows = html.replace("</tr>", "\n").replace("</p>", "\n").replace("</th>", " | ").replace("</td>", " | ");
    let mut text = String::new();
    let mut inside = false;
    for c in rows.chars() {
        match c {
            '<' => inside = true,
            '>' => inside = false,
            _ if !inside => text.push(c),
            _ => {}
        }
    }
    text.lines().map(|line| format!("    {line}\n")).collect()
}
