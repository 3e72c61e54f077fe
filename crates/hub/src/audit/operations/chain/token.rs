//! What a page token of the chains holds: the checkpoint, how far each chain goes in it, and where the next page begins.

use super::super::visits::Place;
use crate::{Error, Result, error::code};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    /// Leaves of the checkpoint.
    pub(super) size: u64,
    /// Which of the citizen's keys.
    pub(super) at: usize,
    /// Behind which entry.
    pub(super) after: Place,
    /// The last number of each key's chain in that checkpoint.
    pub(super) lasts: Vec<u64>,
}

impl Cursor {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.after.to_bytes();
        for number in [self.size, self.at as u64].iter().chain(&self.lasts) {
            put(&mut bytes, *number);
        }
        bytes
    }

    /// For so many keys.
    pub(super) fn from_bytes(bytes: &[u8], keys: usize) -> Result<Self> {
        let wrong = || Error::new(code::PAGE_TOKEN_INVALID);
        let (after, mut rest) = Place::split(bytes).ok_or_else(wrong)?;
        let mut next = || take(&mut rest).ok_or_else(wrong);
        let size = next()?;
        let at = usize::try_from(next()?).map_err(|_| wrong())?;
        let lasts = (0..keys).map(|_| next()).collect::<Result<_>>()?;
        Ok(Self {
            size,
            at,
            after,
            lasts,
        })
    }
}

/// Seven bits a byte, the lowest first: the numbers of many keys must fit a token.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let [low, ..] = number.to_le_bytes();
        number >>= 7;
        if number == 0 {
            bytes.push(low & 0x7f);
            return;
        }
        bytes.push(low | 0x80);
    }
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let cursor = Cursor {
            size: u64::MAX,
            at: 1,
            after: Place {
                at: -1,
                id: Uuid::from_u128(9),
            },
            lasts: vec![0, 127, 128, 1 << 40],
        };
        let bytes = cursor.to_bytes();
        assert_eq!(Cursor::from_bytes(&bytes, 4).unwrap(), cursor);
        assert!(Cursor::from_bytes(&bytes, 5).is_err());
        assert!(Cursor::from_bytes(b"", 0).is_err());
    }
}
