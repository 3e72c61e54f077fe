//! Many rows in one SQLite statement, which has no arrays.

/// Rows that one statement takes: few sizes, so that few statements are kept prepared.
const SIZES: [usize; 4] = [64, 16, 4, 1];

/// A statement over a list of rows, in each of the sizes.
#[derive(Debug)]
pub(crate) struct Values([(usize, String); SIZES.len()]);

impl Values {
    /// `head ($1, $2), ($3, $4) tail` for rows of so many columns.
    pub(crate) fn new(head: &str, columns: usize, tail: &str) -> Self {
        Self(SIZES.map(|rows| (rows, format!("{head}{}{tail}", list(columns, rows)))))
    }

    /// The rows in as few pieces as the sizes allow, in their order, each with its statement.
    pub(crate) fn pieces<'r, T>(
        &'static self,
        rows: &'r [T],
    ) -> impl Iterator<Item = (&'static str, &'r [T])> {
        let mut rest = rows;
        std::iter::from_fn(move || {
            let (size, statement) = self.0.iter().find(|(size, _)| *size <= rest.len())?;
            let (piece, after) = rest.split_at_checked(*size)?;
            rest = after;
            Some((statement.as_str(), piece))
        })
    }
}

fn list(columns: usize, rows: usize) -> String {
    let row = |row: usize| {
        let places = (1..=columns).map(|column| format!("${}", row * columns + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
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
                assert_eq!(statement.matches('(').count(), rows.len());
                assert!(statement.ends_with(&format!("${}) END", rows.len() * 2)));
            }
        }
        let one = PAIRS.pieces(&[0]).next().unwrap().0;
        assert_eq!(one, "INSERT ($1, $2) END");
    }
}
