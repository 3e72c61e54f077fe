//! Page tokens: opaque, and good only for the query that gave them out (AIP-158).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{Error, Result, error::code, keys::Keyring};

/// Longest token that is looked at, in characters.
const TOKEN_MAX: usize = 512;

/// A token for the place `cursor` in the results of `query`.
///
/// `query` is everything that must not change between two pages: the kind of list, its filter, and whose list it is.
pub(crate) fn token(keys: &Keyring, query: &str, cursor: &[u8]) -> String {
    let mut bytes = keys.tag("page", &[query.as_bytes(), cursor]).to_vec();
    bytes.extend_from_slice(cursor);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The place that a token stands for. A token of another query, or one that was tampered with, is refused.
pub(crate) fn cursor(keys: &Keyring, query: &str, token: &str) -> Result<Vec<u8>> {
    let wrong = || Error::new(code::PAGE_TOKEN_INVALID);
    if token.len() > TOKEN_MAX {
        return Err(wrong());
    }
    let bytes = URL_SAFE_NO_PAD.decode(token).map_err(|_| wrong())?;
    let (tag, cursor) = bytes.split_first_chunk::<32>().ok_or_else(wrong)?;
    let expected = keys.tag("page", &[query.as_bytes(), cursor]);
    if aws_lc_rs::constant_time::verify_slices_are_equal(tag, &expected).is_err() {
        return Err(wrong());
    }
    Ok(cursor.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Secrets;

    fn keyring(seed: u8) -> Keyring {
        let key = || zeroize::Zeroizing::new([seed; 32]);
        Keyring::new(&Secrets {
            patient: key(),
            encryption: key(),
            log_signing: key(),
        })
        .unwrap()
    }

    #[test]
    fn a_token_is_good_for_its_own_query_only() {
        let keys = keyring(1);
        let given = token(&keys, "list|a", b"place");
        assert_eq!(cursor(&keys, "list|a", &given).unwrap(), b"place");
        for (keys, query, token) in [
            (&keys, "list|b", given.as_str()),
            (&keyring(2), "list|a", given.as_str()),
            (&keys, "list|a", ""),
            (&keys, "list|a", "æ"),
            (
                &keys,
                "list|a",
                given.trim_start_matches(|c| given.starts_with(c)),
            ),
        ] {
            let error = cursor(keys, query, token).unwrap_err();
            assert_eq!(error.code(), code::PAGE_TOKEN_INVALID);
        }
    }
}
