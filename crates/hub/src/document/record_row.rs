//! One row of a record, as a search reads it: no more columns than it needs, because on a long record each column of each row is most of its cost.

use bytes::Bytes;
use delt_policy::{EntryFacts, PatientKey, Scope};
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
    operation::RecordColumns,
    store::{Cells, Tx, on, unavailable},
};

/// What stands between the codes of a row that come as one (ASCII unit separator). No code has control characters.
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

/// Entries that were read together with the facts, before it was decided who may see them. What their sources said is sealed still.
#[derive(Debug)]
#[doc(hidden)]
pub struct Undecided {
    patient: PatientKey,
    record: Vec<RecordRow>,
}

impl Undecided {
    pub(crate) const fn of(patient: PatientKey, record: Vec<RecordRow>) -> Self {
        Self { patient, record }
    }

    #[cfg(test)]
    pub(crate) fn all(&self) -> &[RecordRow] {
        &self.record
    }

    /// The entries, for whom it has been decided. The scope's verdicts say which of them may be seen.
    pub(crate) fn within(self, scope: &Scope) -> Result<Vec<RecordRow>> {
        if scope.patients() == [self.patient] {
            Ok(self.record)
        } else {
            Err(Error::internal(
                "entries of another than the scope's patient",
            ))
        }
    }
}

/// The columns of entries `e`, in the places of those of facts, so that one statement can read both. What only filters look at comes as one column.
macro_rules! select_entries {
    (without_codes) => {
        $crate::document::rows::select_entries!("CAST(NULL AS TEXT)")
    };
    (with_codes) => {
        $crate::document::rows::select_entries!(
            "e.class_code || '\u{1f}' || e.format_code || '\u{1f}' || e.facility_code || '\u{1f}' || e.practice_code || '\u{1f}' ||
        e.event_codes || '\u{1f}' || e.reference_ids || '\u{1f}' || CAST(e.on_demand AS TEXT)"
        )
    };
    ($codes:literal) => {
        concat!(
            "SELECT 'entry', e.replaced_by, e.entry_uuid, e.entry, e.type_code, e.author_organisation, e.confidentiality, ",
            $codes,
            ", e.registered_by,
    e.creation_time, e.status_at, e.dead_since, e.registered_at, e.status, e.service_start, e.service_stop"
        )
    };
}
pub(crate) use select_entries;

/// What the first column of an entry says, where those of facts say what they are.
pub(crate) const ENTRY: &str = "entry";

const SELECT_RECORD: &str = concat!(
    "-- document_select_record
",
    select_entries!(without_codes),
    "
FROM document_entry AS e WHERE e.patient_key = $1 LIMIT $2"
);

const SELECT_RECORD_CODES: &str = concat!(
    "-- document_select_record_codes
",
    select_entries!(with_codes),
    "
FROM document_entry AS e WHERE e.patient_key = $1 LIMIT $2"
);

/// All entries of the scope's patient, of any status, over all the person's numbers, in no order.
///
/// A record that is larger than any person's is refused whole: a part of it would look like all of it.
pub(crate) async fn record(
    tx: &mut Tx<'_>,
    scope: &Scope,
    columns: RecordColumns,
) -> Result<Vec<RecordRow>> {
    let mut record = Vec::new();
    for patient in scope.patients() {
        of_number(tx, patient, columns, &mut record).await?;
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
    columns: RecordColumns,
    record: &mut Vec<RecordRow>,
) -> Result<()> {
    let statement = match columns {
        RecordColumns::Decided => SELECT_RECORD,
        RecordColumns::Filtered => SELECT_RECORD_CODES,
    };
    on!(tx, c => {
        let rows = sqlx::query(statement)
            .bind(patient.as_bytes().as_slice())
            .bind(RECORD_MAX + 1)
            .fetch_all(c).await
            .map_err(unavailable)?;
        for row in &rows {
            record.push(RecordRow::read(row, *patient)?);
        }
    });
    Ok(())
}

impl RecordRow {
    /// Reads it by the places of [`select_entries`].
    pub(crate) fn read(row: &impl Cells, patient: PatientKey) -> Result<Self> {
        let text = |at| row.text(at)?.ok_or_else(malformed);
        let number = |at| row.number(at)?.ok_or_else(malformed);
        let bytes = |at| row.bytes(at)?.ok_or_else(malformed);
        let type_code = text(4)?;
        let codes = row.text(7)?.map(|codes| read_codes(codes, type_code));
        Ok(Self {
            facts: EntryFacts {
                entry_uuid: uuid(bytes(2)?)?,
                patient,
                type_code: bare(type_code).to_owned(),
                confidentiality: strictest(text(6)?).to_owned(),
                author_organisation: organisation(row.text(5)?)?,
                creation_time: number(9)?,
                service_start: row.number(14)?,
                service_stop: row.number(15)?,
                source_id: text(8)?.to_owned(),
            },
            status: AvailabilityStatus::from_row(number(13)?)?,
            codes: codes.transpose()?,
            registered_at: number(12)?,
            status_at: row.number(10)?,
            replaced_by: row.bytes(1)?.map(uuid).transpose()?,
            dead_since: row.number(11)?,
            sealed_entry: bytes(3)?.to_vec(),
        })
    }
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
