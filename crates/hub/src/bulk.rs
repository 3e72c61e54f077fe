//! Many keys in one statement: as a JSON array, which both backends read, each in its own way.

use std::fmt::Write as _;

use crate::store::Tx;

/// The text of a statement on the backend at hand.
pub(crate) const fn fork(
    tx: &Tx<'_>,
    sqlite: &'static str,
    postgres: &'static str,
) -> &'static str {
    match tx {
        Tx::Sqlite(_) => sqlite,
        Tx::Postgres(_) => postgres,
    }
}

/// Keys as a JSON array of hexadecimal texts. Each is written once.
pub(crate) fn hex_array<K: AsRef<[u8]> + Ord>(keys: impl IntoIterator<Item = K>) -> String {
    let keys = keys
        .into_iter()
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .enumerate();
    let mut text = "[".to_owned();
    for (index, key) in keys {
        text.push_str(if index == 0 { "\"" } else { ",\"" });
        for byte in key.as_ref() {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push('"');
    }
    text.push(']');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_written_once() {
        assert_eq!(hex_array::<[u8; 1]>([]), "[]");
        assert_eq!(
            hex_array([[1, 171], [0, 2], [1, 171]]),
            r#"["0002","01ab"]"#
        );
    }
}
