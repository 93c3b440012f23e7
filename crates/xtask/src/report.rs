//! Reports for programs: `--json` on any task that reports.

use serde::Serialize;

/// How a task shows its report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// In words, on standard output.
    Words,
    /// As one JSON value, which is then all there is on standard output.
    Json,
    /// In words, on standard error, because standard output is for another report.
    Aside,
}

impl Form {
    /// Prints the report.
    pub(crate) fn show<T: Serialize + ?Sized>(self, report: &T, words: &str) {
        match self {
            Self::Words => println!("{}", words.trim_end()),
            Self::Aside => eprintln!("{}", words.trim_end()),
            Self::Json => println!("{}", json(report)),
        }
    }
}

fn json<T: Serialize + ?Sized>(report: &T) -> String {
    match serde_json::to_string_pretty(report) {
        Ok(text) => text,
        // Our reports hold strings, numbers and lists, which always serialise.
        Err(bug) => panic!("a report did not serialise: {bug}"),
    }
}

/// A table with its first column on the left and the others on the right.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max();
        widest.unwrap_or(0).max(head[column].chars().count())
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let head: Vec<String> = head.iter().map(|&cell| cell.to_owned()).collect();
    let lines = std::iter::once(&head).chain(rows).map(|row| line(row, &widths));
    lines.collect()
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).enumerate().map(
        |(column, (cell, &width))| {
            if column == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") }
        },
    );
    let text: String = cells.collect();
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_line_up() {
        let rows = [vec!["a.js".to_owned(), "7".to_owned()], vec!["b".to_owned(), "1234".to_owned()]];
        assert_eq!(table(&["file", "raw"], &rows), "file   raw\na.js     7\nb     1234\n");
    }
}
