//! The order of a record, and pages that stay true while others register.

use std::cmp::Reverse;

use uuid::Uuid;

use crate::{Error, Result, clock::Micros, error::code};

/// An entry's place in the record. The lesser comes first: newest, and among equals the lesser entryUUID.
///
/// A place is of the entry itself, so the place of another entry never moves it: what existed when a first page was read is neither repeated
/// nor skipped by the pages after it, whatever is registered in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    created: Reverse<Micros>,
    entry: Uuid,
}

impl Place {
    pub(crate) const fn new(created: Micros, entry: Uuid) -> Self {
        Self {
            created: Reverse(created),
            entry,
        }
    }

    /// As a page token holds it.
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.created.0.to_be_bytes().to_vec();
        bytes.extend_from_slice(self.entry.as_bytes());
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let wrong = || Error::new(code::PAGE_TOKEN_INVALID);
        let (created, entry) = bytes.split_first_chunk::<8>().ok_or_else(wrong)?;
        let entry = Uuid::from_slice(entry).map_err(|_| wrong())?;
        Ok(Self::new(Micros::from_be_bytes(*created), entry))
    }
}

/// One page of `items`, which come in any order, and the place to go on from where there is more.
pub(crate) fn page<T>(
    mut items: Vec<T>,
    place: impl Fn(&T) -> Place,
    after: Option<Place>,
    size: usize,
) -> (Vec<T>, Option<Place>) {
    items.retain(|item| after.is_none_or(|after| place(item) > after));
    items.sort_unstable_by_key(&place);
    let more = items.len() > size;
    items.truncate(size);
    let next = items.last().map(place).filter(|_| more);
    (items, next)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn place(item: &(Micros, u8)) -> Place {
        Place::new(item.0, Uuid::from_u128(item.1.into()))
    }

    type Items = BTreeSet<(Micros, u8)>;

    fn items() -> impl Strategy<Value = Items> {
        // Few moments, so that many entries share one.
        proptest::collection::btree_set((0..5i64, any::<u8>()), 0..40)
    }

    /// All pages, with `arriving` becoming visible one by one between them.
    fn read(existing: &Items, arriving: &[(Micros, u8)], size: usize) -> Vec<(Micros, u8)> {
        let mut now: Items = existing.clone();
        let mut arriving = arriving.iter();
        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let (entries, next) = page(now.iter().copied().collect(), place, after, size);
            read.extend(entries);
            // Through the bytes of the token.
            let Some(next) = next else { return read };
            after = Some(Place::from_bytes(&next.to_bytes()).unwrap());
            now.extend(arriving.next());
        }
    }

    proptest! {
        #[test]
        fn the_pages_together_are_the_whole(existing in items(), size in 1usize..7) {
            let mut whole: Vec<_> = existing.iter().copied().collect();
            whole.sort_by_key(|(created, id)| (Reverse(*created), *id));
            prop_assert_eq!(read(&existing, &[], size), whole);
        }

        #[test]
        fn what_arrives_meanwhile_neither_repeats_nor_hides_anything(existing in items(), arriving in items(), size in 1usize..7) {
            let arriving: Vec<_> = arriving.into_iter().collect();
            let read = read(&existing, &arriving, size);
            let once: Items = read.iter().copied().collect();
            prop_assert_eq!(once.len(), read.len());
            prop_assert!(once.is_superset(&existing));
            prop_assert!(read.is_sorted_by_key(place));
        }
    }

    #[test]
    fn bytes_of_another_length_are_no_place() {
        for bytes in [&[][..], &[0; 8], &[0; 23], &[0; 25]] {
            assert_eq!(
                Place::from_bytes(bytes).unwrap_err().code(),
                code::PAGE_TOKEN_INVALID
            );
        }
    }
}
