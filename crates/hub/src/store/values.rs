//! Many rows in one SQLite statement, which has no arrays.

/// Most rows of one statement.
const MOST: usize = 64;

/// A statement over a list of rows, of each length: a batch is one statement then, and every statement is a trip to the connection's thread and back.
/// They are kept prepared, some tens of kilobytes each.
#[derive(Debug)]
pub(crate) struct Values(Vec<String>);

impl Values {
    /// `head (?, ?), (?, ?) tail` for rows of so many columns. Without numbers: SQLite looks each numbered place up among all the others.
    pub(crate) fn new(head: &str, columns: usize, tail: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(", "));
        let list = |rows| vec![row.as_str(); rows].join(", ");
        Self(
            (1..=MOST)
                .map(|rows| format!("{head}{}{tail}", list(rows)))
                .collect(),
        )
    }

    /// The rows in as few pieces as can be, in their order, each with its statement.
    pub(crate) fn pieces<'r, T>(
        &'static self,
        rows: &'r [T],
    ) -> impl Iterator<Item = (&'static str, &'r [T])> {
        rows.chunks(MOST).filter_map(|piece| {
            let statement = self.0.get(piece.len().checked_sub(1)?)?;
            Some((statement.as_str(), piece))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static PAIRS: LazyLock<Values> = LazyLock::new(|| Values::new("INSERT ", 2, " END"));

    #[test]
    fn every_row_has_its_place_in_one_piece() {
        for length in [0, 1, 3, 4, 63, 64, 65, 256, 300] {
            let rows: Vec<_> = (0..length).collect();
            let pieces: Vec<_> = PAIRS.pieces(&rows).collect();
            let together: Vec<_> = pieces.iter().flat_map(|(_, rows)| rows.to_vec()).collect();
            assert_eq!(together, rows);
            for (statement, rows) in pieces {
                assert_eq!(statement.matches("(?, ?)").count(), rows.len());
            }
        }
        let two = PAIRS.pieces(&[0, 0]).next().unwrap().0;
        assert_eq!(two, "INSERT (?, ?), (?, ?) END");
    }
}
