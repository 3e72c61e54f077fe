//! What a page token of the visits holds.

use super::{
    group::{MOST_OPEN, Next},
    rows::Place,
};
use crate::{Error, Result, error::code};

pub(super) fn encode(next: &Next) -> Vec<u8> {
    let mut bytes = next.before.to_bytes();
    for (key, until) in &next.shown {
        bytes.extend_from_slice(key);
        bytes.extend_from_slice(&until.to_be_bytes());
    }
    bytes
}

pub(super) fn decode(bytes: &[u8]) -> Result<Next> {
    let wrong = || Error::new(code::PAGE_TOKEN_INVALID);
    let (before, mut rest) = Place::split(bytes).ok_or_else(wrong)?;
    let mut shown = Vec::new();
    while let Some((key, after)) = rest.split_first_chunk::<8>() {
        let (until, after) = after.split_first_chunk::<8>().ok_or_else(wrong)?;
        shown.push((*key, i64::from_be_bytes(*until)));
        rest = after;
    }
    if rest.is_empty() && shown.len() <= MOST_OPEN {
        Ok(Next { before, shown })
    } else {
        Err(wrong())
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let before = Place {
            at: 5,
            id: Uuid::from_u128(7),
        };
        let shown = vec![([1; 8], 4), ([2; 8], -3)];
        let next = Next { before, shown };
        assert_eq!(decode(&encode(&next)).unwrap(), next);
        let mut longer = encode(&next);
        longer.push(0);
        assert!(decode(&longer).is_err() && decode(b"x").is_err());
    }
}
