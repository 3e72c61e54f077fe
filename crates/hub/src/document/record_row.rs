//! One row of a record, as a search reads it: no more columns than it needs, because on a long record each column of each row is most of its cost.

use bytes::Bytes;
use delt_policy::{EntryFacts, OrganisationId, PatientKey, Scope};
use sqlx::Row;
use uuid::Uuid;

use super::{
    AvailabilityStatus, IndexedEntry,
    row::{bare, opened, organisation, strictest, uuid},
    rows::RECORD_MAX,
};
use crate::{
    Error, Result,
    clock::Micros,
    error::code,
    keys::Keyring,
    store::{Tx, on, unavailable},
};

/// What stands between the texts of a row that come as one (ASCII unit separator). No code and no id has control characters.
const BETWEEN: char = '\u{1f}';

/// The columns that a filter looks at and nothing else does. Codes are written `system|code`, several on a line each.
#[derive(Debug, Clone, Default)]
pub(crate) struct FilterColumns {
    pub(crate) class_code: String,
    pub(crate) type_code: String,
    pub(crate) format_code: String,
    pub(crate) facility_code: String,
    pub(crate) practice_code: String,
    pub(crate) event_codes: String,
    pub(crate) reference_ids: String,
    pub(crate) on_demand: bool,
}

/// An entry as a search has it. What the source said stays sealed until the entry is on the page.
#[derive(Debug, Clone)]
pub(crate) struct RecordRow {
    pub(crate) facts: EntryFacts,
    pub(crate) status: AvailabilityStatus,
    /// None where they were not asked for.
    pub(crate) codes: Option<FilterColumns>,
    registered_at: Micros,
    status_at: Option<Micros>,
    replaced_by: Option<Uuid>,
    dead_since: Option<Micros>,
    sealed_entry: Vec<u8>,
}

impl RecordRow {
    /// The entry for an answer.
    pub(crate) fn indexed(&self, keys: &Keyring, by_override: bool) -> Result<IndexedEntry> {
        Ok(IndexedEntry {
            entry_uuid: self.facts.entry_uuid,
            encoded: opened(keys, &self.facts, &self.sealed_entry).map(Bytes::from)?,
            status: self.status,
            registered_at: self.registered_at,
            status_at: self.status_at,
            replaced_by: self.replaced_by,
            dead_since: self.dead_since,
            opened_by_override: by_override,
        })
    }

    #[cfg(test)]
    pub(crate) const fn of(facts: EntryFacts, codes: Option<FilterColumns>) -> Self {
        Self {
            facts,
            status: AvailabilityStatus::Approved,
            codes,
            registered_at: 100,
            status_at: None,
            replaced_by: None,
            dead_since: None,
            sealed_entry: Vec::new(),
        }
    }
}

/// The texts that every search needs come as one column, and so do those that only filters look at.
macro_rules! select_record {
    ($name:literal, $codes:literal) => {
        concat!(
            "-- ",
            $name,
            "
SELECT entry_uuid, status, creation_time, service_start, service_stop, registered_at, status_at, replaced_by, dead_since, entry,
    type_code || '\u{1f}' || confidentiality || '\u{1f}' || COALESCE(author_organisation, '') || '\u{1f}' || registered_by",
            $codes,
            "
FROM document_entry WHERE patient_key = $1 LIMIT $2"
        )
    };
}

const SELECT_RECORD: &str = select_record!("document_select_record", "");

pub(crate) const SELECT_RECORD_CODES: &str = select_record!(
    "document_select_record_codes",
    ",
    class_code || '\u{1f}' || format_code || '\u{1f}' || facility_code || '\u{1f}' || practice_code || '\u{1f}' || event_codes || '\u{1f}' ||
        reference_ids || '\u{1f}' || CAST(on_demand AS TEXT)"
);

/// All entries of the scope's patient, of any status, over all the person's numbers, in no order.
///
/// A record that is larger than any person's is refused whole: a part of it would look like all of it.
pub(crate) async fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    with_codes: bool,
) -> Result<Vec<RecordRow>> {
    let mut record = Vec::new();
    for patient in scope.patients() {
        of_number(tx, patient, with_codes, &mut record).await?;
        if i64::try_from(record.len()).is_ok_and(|entries| entries > RECORD_MAX) {
            return Err(Error::new(code::TOO_MANY)
                .with_message("the record has more entries than can be searched"));
        }
    }
    Ok(record)
}

async fn of_number(
    tx: &mut Tx<'_>,
    patient: &PatientKey,
    with_codes: bool,
    record: &mut Vec<RecordRow>,
) -> Result<()> {
    let statement = if with_codes {
        SELECT_RECORD_CODES
    } else {
        SELECT_RECORD
    };
    on!(tx, c => {
        let rows = sqlx::query(statement)
            .bind(patient.as_bytes().as_slice())
            .bind(RECORD_MAX + 1)
            .fetch_all(c).await
            .map_err(unavailable)?;
        for row in &rows {
            record.push(read(row, *patient, with_codes)?);
        }
    });
    Ok(())
}

/// Reads a row by the places of its columns: looking up their names is a good part of what reading costs.
fn read<'r, R>(row: &'r R, patient: PatientKey, with_codes: bool) -> Result<RecordRow>
where
    R: Row,
    usize: sqlx::ColumnIndex<R>,
    &'r [u8]: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    &'r str: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
{
    let number = |at: usize| row.try_get::<Option<i64>, _>(at).map_err(unavailable);
    let needed = |at: usize| row.try_get::<i64, _>(at).map_err(unavailable);
    let bytes = |at: usize| row.try_get::<Option<&[u8]>, _>(at).map_err(unavailable);
    let text = |at: usize| row.try_get::<&str, _>(at).map_err(unavailable);
    let [type_code, confidentiality, author, registered_by] = texts(text(10)?)?;
    let codes = with_codes.then(|| text(11)).transpose()?;
    Ok(RecordRow {
        facts: EntryFacts {
            entry_uuid: uuid(bytes(0)?.unwrap_or_default())?,
            patient,
            type_code: bare(type_code).to_owned(),
            confidentiality: strictest(confidentiality).to_owned(),
            author_organisation: author_of(author)?,
            creation_time: needed(2)?,
            service_start: number(3)?,
            service_stop: number(4)?,
            source_id: registered_by.to_owned(),
        },
        status: AvailabilityStatus::from_row(needed(1)?)?,
        codes: codes
            .map(|codes| read_codes(codes, type_code))
            .transpose()?,
        registered_at: needed(5)?,
        status_at: number(6)?,
        replaced_by: bytes(7)?.map(uuid).transpose()?,
        dead_since: number(8)?,
        sealed_entry: bytes(9)?.unwrap_or_default().to_vec(),
    })
}

fn author_of(text: &str) -> Result<Option<OrganisationId>> {
    organisation(Some(text).filter(|text| !text.is_empty()))
}

fn read_codes(text: &str, type_code: &str) -> Result<FilterColumns> {
    let [
        class,
        format,
        facility,
        practice,
        events,
        references,
        on_demand,
    ] = texts(text)?;
    Ok(FilterColumns {
        class_code: class.to_owned(),
        type_code: type_code.to_owned(),
        format_code: format.to_owned(),
        facility_code: facility.to_owned(),
        practice_code: practice.to_owned(),
        event_codes: events.to_owned(),
        reference_ids: references.to_owned(),
        on_demand: on_demand != "0",
    })
}

/// The texts that came as one.
fn texts<const N: usize>(text: &str) -> Result<[&str; N]> {
    let mut parts = text.split(BETWEEN);
    let mut texts = [""; N];
    for place in &mut texts {
        *place = parts.next().ok_or_else(malformed)?;
    }
    match parts.next() {
        None => Ok(texts),
        Some(_) => Err(malformed()),
    }
}

fn malformed() -> Error {
    Error::internal("a row of the index with other texts than it should have")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_texts_and_no_others() {
        assert_eq!(texts::<3>("a\u{1f}\u{1f}c").unwrap(), ["a", "", "c"]);
        assert!(texts::<2>("a").is_err());
        assert!(texts::<2>("a\u{1f}b\u{1f}c").is_err());
    }

    #[test]
    fn codes_are_read_in_their_order() {
        let codes = read_codes("c\u{1f}f\u{1f}h\u{1f}p\u{1f}e\u{1f}r\u{1f}1", "t").unwrap();
        assert!(codes.on_demand);
        assert_eq!(codes.class_code, "c");
        assert_eq!(codes.type_code, "t");
        assert_eq!(codes.event_codes, "e");
        assert_eq!(codes.reference_ids, "r");
    }
}
