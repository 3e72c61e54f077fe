//! Aligned columns for people.

use std::fmt;

/// A cell is cut after this many characters.
const WIDEST: usize = 56;

/// Rows under a heading, each column as wide as its widest cell.
pub(crate) struct Table<const N: usize> {
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(crate) fn new(heading: [&str; N]) -> Self {
        Self {
            rows: vec![heading.map(str::to_owned)],
        }
    }

    pub(crate) fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells.map(|cell| cut(&plain(&cell))));
    }
}

impl<const N: usize> fmt::Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut widths = [0; N];
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for row in &self.rows {
            let cells = row
                .iter()
                .zip(widths)
                .map(|(cell, width)| format!("{cell:width$}"));
            writeln!(f, "{}", cells.collect::<Vec<_>>().join("  ").trim_end())?;
        }
        Ok(())
    }
}

/// Text of others without what could command a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|letter| if steers(letter) { '\u{fffd}' } else { letter })
        .collect()
}

/// Control characters, and those that turn the direction of writing.
fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn cut(text: &str) -> String {
    if text.chars().count() <= WIDEST {
        return text.to_owned();
    }
    text.chars().take(WIDEST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_characters() {
        let mut table = Table::new(["NAVN", "BY", ""]);
        table.row(["Åse".into(), "Rødovre".into(), "x".into()]);
        table.row(["Bo Test".into(), "Ry".into(), String::new()]);
        assert_eq!(
            table.to_string(),
            "NAVN     BY\nÅse      Rødovre  x\nBo Test  Ry\n"
        );
    }

    #[test]
    fn nothing_from_outside_commands_the_terminal() {
        let mut table = Table::new(["A"]);
        table.row(["\u{1b}[2Jx\n\u{202e}y".into()]);
        assert_eq!(table.to_string(), "A\n\u{fffd}[2Jx\u{fffd}\u{fffd}y\n");
    }

    #[test]
    fn long_cells_are_cut() {
        let mut table = Table::new(["A"]);
        table.row(["æ".repeat(200)]);
        let text = table.to_string();
        assert_eq!(text.lines().last().unwrap().chars().count(), WIDEST);
        assert!(text.ends_with("…\n"));
    }
}
