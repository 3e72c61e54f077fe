//! One row of the index, read.

use bytes::Bytes;
use delt_policy::{EntryFacts, OrganisationId};
use uuid::Uuid;

use super::{AvailabilityStatus, IndexedEntry, seal};
use crate::{Error, Result, clock::Micros, keys::Keyring, patient::rows::key};

/// An entry as its row has it. What the source said is sealed; the columns beside it are what filters, order and decisions need.
///
/// A code is written `system|code`; several stand on a line each. What only a search's filter looks at is in [`super::record_row`].
#[derive(Debug, Clone)]
pub(crate) struct EntryRow {
    /// What the rules look at; its `source_id` is the registering system's id.
    pub(crate) facts: EntryFacts,
    pub(crate) status: AvailabilityStatus,
    /// XDS `sourceId`.
    pub(crate) source_id: String,
    pub(crate) repository_unique_id: String,
    pub(crate) unique_id: String,
    pub(crate) class_code: String,
    pub(crate) on_demand: bool,
    pub(crate) mime_type: String,
    pub(crate) size: Option<u64>,
    pub(crate) hash: Option<[u8; 20]>,
    pub(crate) hash_sha256: Option<[u8; 32]>,
    pub(crate) sealed_entry: Vec<u8>,
    pub(crate) digest: Vec<u8>,
    pub(crate) registered_at: Micros,
    pub(crate) status_at: Option<Micros>,
    pub(crate) replaced_by: Option<Uuid>,
    pub(crate) dead_since: Option<Micros>,
    /// The message that brought the document, where one did.
    pub(crate) message_id: Option<Uuid>,
}

impl EntryRow {
    /// What the source said, as it was encoded.
    pub(crate) fn opened(&self, keys: &Keyring) -> Result<Bytes> {
        opened(keys, &self.facts, &self.sealed_entry).map(Bytes::from)
    }

    /// The entry for an answer.
    pub(crate) fn indexed(&self, keys: &Keyring, by_override: bool) -> Result<IndexedEntry> {
        Ok(IndexedEntry {
            entry_uuid: self.facts.entry_uuid,
            encoded: self.opened(keys)?,
            status: self.status,
            registered_at: self.registered_at,
            status_at: self.status_at,
            replaced_by: self.replaced_by,
            dead_since: self.dead_since,
            opened_by_override: by_override,
        })
    }
}

/// What a source said of the entry with these facts, as it was encoded.
pub(super) fn opened(keys: &Keyring, facts: &EntryFacts, sealed: &[u8]) -> Result<Vec<u8>> {
    let row = seal::row(&facts.patient, facts.entry_uuid);
    keys.open(seal::PURPOSE, &row, sealed)
}

/// The columns as the database gives them, in the order of [`columns`].
#[derive(sqlx::FromRow)]
pub(super) struct Columns {
    patient_key: Vec<u8>,
    entry_uuid: Vec<u8>,
    status: i64,
    source_id: String,
    repository_unique_id: String,
    unique_id: String,
    class_code: String,
    type_code: String,
    confidentiality: String,
    author_organisation: Option<String>,
    creation_time: Micros,
    service_start: Option<Micros>,
    service_stop: Option<Micros>,
    on_demand: i64,
    mime_type: String,
    size: Option<i64>,
    hash: Option<Vec<u8>>,
    hash_sha256: Option<Vec<u8>>,
    entry: Vec<u8>,
    digest: Vec<u8>,
    registered_at: Micros,
    registered_by: String,
    status_at: Option<Micros>,
    replaced_by: Option<Vec<u8>>,
    dead_since: Option<Micros>,
    message_id: Option<Vec<u8>>,
}

/// The columns of an [`EntryRow`], for `concat!`.
macro_rules! columns {
    () => {
        "patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code, type_code, \
         confidentiality, author_organisation, creation_time, service_start, service_stop, on_demand, mime_type, size, \
         hash, hash_sha256, \
         entry, digest, registered_at, registered_by, status_at, replaced_by, dead_since, message_id"
    };
}
pub(super) use columns;

impl Columns {
    /// Reads the row. A row that cannot be read is a fault of the store, never of the caller.
    pub(super) fn read(self) -> Result<EntryRow> {
        let facts = self.facts()?;
        Ok(EntryRow {
            facts,
            status: AvailabilityStatus::from_row(self.status)?,
            source_id: self.source_id,
            repository_unique_id: self.repository_unique_id,
            unique_id: self.unique_id,
            class_code: self.class_code,
            on_demand: self.on_demand != 0,
            mime_type: self.mime_type,
            size: self
                .size
                .map(u64::try_from)
                .transpose()
                .map_err(Error::internal)?,
            hash: self.hash.map(|hash| fixed(&hash)).transpose()?,
            hash_sha256: self.hash_sha256.map(|hash| fixed(&hash)).transpose()?,
            sealed_entry: self.entry,
            digest: self.digest,
            registered_at: self.registered_at,
            status_at: self.status_at,
            replaced_by: optional_uuid(self.replaced_by.as_deref())?,
            dead_since: self.dead_since,
            message_id: optional_uuid(self.message_id.as_deref())?,
        })
    }

    fn facts(&self) -> Result<EntryFacts> {
        Ok(EntryFacts {
            entry_uuid: uuid(&self.entry_uuid)?,
            patient: key(&self.patient_key)?,
            type_code: bare(&self.type_code).to_owned(),
            confidentiality: strictest(&self.confidentiality).to_owned(),
            author_organisation: organisation(self.author_organisation.as_deref())?,
            creation_time: self.creation_time,
            service_start: self.service_start,
            service_stop: self.service_stop,
            source_id: self.registered_by.clone(),
        })
    }
}

/// The code without its system; systems hold no bar.
pub(super) fn bare(code: &str) -> &str {
    code.split_once('|').map_or(code, |(_, code)| code)
}

/// The code that lets fewest see the entry: anything unknown before restricted before normal. None at all is unknown.
pub(super) fn strictest(codes: &str) -> &str {
    let rank = |code: &&str| match *code {
        "N" => 0,
        "R" => 1,
        _ => 2,
    };
    codes.lines().map(bare).max_by_key(rank).unwrap_or_default()
}

pub(super) fn uuid(bytes: &[u8]) -> Result<Uuid> {
    Uuid::from_slice(bytes).map_err(Error::internal)
}

fn optional_uuid(bytes: Option<&[u8]>) -> Result<Option<Uuid>> {
    bytes.map(uuid).transpose()
}

pub(super) fn organisation(text: Option<&str>) -> Result<Option<OrganisationId>> {
    text.map(OrganisationId::parse)
        .transpose()
        .map_err(Error::internal)
}

fn fixed<const N: usize>(bytes: &[u8]) -> Result<[u8; N]> {
    bytes
        .try_into()
        .map_err(|_| Error::internal("a stored hash of another length"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_confidentiality_codes_count_as_the_strictest() {
        let system = "2.16.840.1.113883.5.25";
        assert_eq!(strictest(&format!("{system}|N")), "N");
        assert_eq!(strictest(&format!("{system}|N\n{system}|R")), "R");
        assert_eq!(
            strictest(&format!("{system}|R\n{system}|V\n{system}|N")),
            "V"
        );
        assert_eq!(
            strictest(&format!("{system}|N\nx|unheard-of")),
            "unheard-of"
        );
        assert_eq!(strictest(""), "");
    }
}
