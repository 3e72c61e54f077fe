//! A hub on a fresh SQLite file with two source systems of one hospital region and one of another.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use bytes::Bytes;
use delt_formats::identifier::PersonNumber;
use delt_policy::{AuthorisationId, OrganisationId, RolePolicy};
use futures_util::future::BoxFuture;
use serde_json::json;
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    Error, Hub, Operation, Parts, Result, Settings, StoreSettings,
    clock::{Clock, Micros, SECOND},
    document::{
        Author, Code, Content, DocumentEntry, EncodedEntry, EntryType, Institution, Locator,
        Person, Relation, RelationCode, SourceFault, Sources,
        operations::{RegisterDocument, Registered},
    },
    entropy::SystemEntropy,
    identity::{AuthSettings, Authenticator, ClientCertificate, Credentials, RequestContext},
    keys::Secrets,
    organisation::{Directory, SourceEndpoint},
    patient::{
        LinkKind,
        rows::{LinkRow, insert_link},
    },
    store::{AsyncWork, Tx},
};

pub(in crate::document) const NOW: Micros = 1_800_000_000 * SECOND;
/// Official test persons.
pub(in crate::document) const LONNI: &str = "0201609996";
pub(in crate::document) const EINER: &str = "0201609995";
pub(in crate::document) const SOURCE_ID: &str = "1.2.208.99.1";
pub(in crate::document) const REPOSITORY: &str = "1.2.208.99.1.1";

pub(in crate::document) struct World {
    pub(in crate::document) hub: Hub,
    clock: Arc<TestClock>,
    _dir: TempDir,
}

#[derive(Debug)]
struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Micros {
        self.0.load(Ordering::SeqCst)
    }
}

#[derive(Debug)]
struct NoSources;

impl Sources for NoSources {
    fn open(
        &self,
        _: &SourceEndpoint,
        _: &Locator,
    ) -> BoxFuture<'static, std::result::Result<Content, SourceFault>> {
        Box::pin(async { Err(SourceFault::Unavailable) })
    }
}

impl World {
    pub(in crate::document) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(NOW)));
        let url = format!("sqlite://{}", dir.path().join("delt.db").display());
        let secret = |byte| Zeroizing::new([byte; 32]);
        let hub = Hub::open(Parts {
            store: StoreSettings {
                url,
                pooler_url: None,
                standby_url: None,
                read_connections: 2,
                timeout_ms: 5_000,
                statement_ms: 30_000,
            },
            secrets: Secrets {
                patient: secret(1),
                encryption: secret(2),
                log_signing: secret(3),
            },
            settings: Settings {
                page_size_max: 3,
                ..Settings::default()
            },
            authenticator: Authenticator::new(AuthSettings::default()).unwrap(),
            directory: directory(),
            roles: RolePolicy::builtin().unwrap(),
            sources: Arc::new(NoSources),
            clock: clock.clone(),
            entropy: Arc::new(SystemEntropy::default()),
        })
        .await
        .unwrap();
        Self {
            hub,
            clock,
            _dir: dir,
        }
    }

    pub(in crate::document) fn later(&self, micros: Micros) {
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Performs an operation as a system.
    pub(in crate::document) async fn ask<O: Operation>(
        &self,
        system: &str,
        asked: O,
    ) -> Result<O::Outcome> {
        let credentials = Credentials {
            certificate: Some(ClientCertificate {
                sha256: [0; 32],
                names: vec![format!("{system}.example.dk")],
            }),
            bearer: None,
        };
        let done = self
            .hub
            .enter(&credentials, &RequestContext::default(), asked)
            .await?;
        Ok(done.value)
    }

    /// Links two numbers of one person.
    pub(in crate::document) async fn link(&self, from: &str, to: &str) {
        let key = |number| {
            self.hub
                .shared
                .keys
                .patient_key(&PersonNumber::cpr(number).unwrap())
        };
        let link = Link(LinkRow {
            from: key(from),
            to: key(to),
            kind: LinkKind::Merged,
            created_at: NOW,
        });
        self.hub.shared.store.write(link).await.unwrap();
    }

    /// Registers as the strict source.
    pub(in crate::document) async fn register(&self, entry: DocumentEntry) -> Result<Registered> {
        self.register_as("strict", entry).await
    }

    pub(in crate::document) async fn register_as(
        &self,
        system: &str,
        entry: DocumentEntry,
    ) -> Result<Registered> {
        let encoded = encoded(&entry);
        Box::pin(self.ask(system, RegisterDocument { entry, encoded })).await
    }
}

struct Link(LinkRow);

impl AsyncWork<()> for Link {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { insert_link(tx, &self.0, "test").await.map(drop) })
    }
}

fn directory() -> Directory {
    let organisations = json!([
        {"sor": "990011000016008", "name": "Region", "sector": "region", "kind": "region"},
        {"sor": "990021000016004", "parent": "990011000016008", "name": "Hospital", "kind": "hospital"},
        {"sor": "990401000016001", "name": "Lægerne", "sector": "general-practice", "kind": "gp-practice"},
    ]);
    let system = |id: &str, organisation: &str, at: u8, level: &str| {
        let source = format!("1.2.208.99.{at}");
        json!({"id": id, "name": id, "organisation": organisation, "kinds": ["source"],
            "certificate_names": [format!("{id}.example.dk")], "organisations": [organisation], "validation": level,
            "source": {"source_id": source, "repository_unique_ids": [format!("{source}.1")],
                "address": "grpc+tls://source.example.dk:443"}})
    };
    let systems = json!([
        system("strict", "990021000016004", 1, "reject"),
        system("lenient", "990021000016004", 2, "warn"),
        system("unchecked", "990021000016004", 3, "off"),
        system("practice", "990401000016001", 4, "reject"),
    ]);
    Directory::from_json(&organisations.to_string(), &systems.to_string()).unwrap()
}

fn code(system: &str, code: &str) -> Code {
    Code {
        system: system.to_owned(),
        code: code.to_owned(),
    }
}

/// An appointment of the hospital for Lonni, right in every respect, of the strict source.
pub(in crate::document) fn appointment(id: u128) -> DocumentEntry {
    let signer = Person {
        authorisation: Some(AuthorisationId::parse("9RK1H").unwrap()),
        family_name: "Ravnkilde-Holm".to_owned(),
        given_name: "Signe".to_owned(),
    };
    DocumentEntry {
        entry_uuid: Uuid::from_u128(id),
        unique_id: format!("1.2.208.184^{}", Uuid::from_u128(id)),
        source_id: SOURCE_ID.to_owned(),
        repository_unique_id: REPOSITORY.to_owned(),
        home_community_id: "1.2.208.176.8.1".to_owned(),
        patient: PersonNumber::cpr(LONNI).unwrap(),
        source_patient: None,
        class_code: code("1.2.208.184.100.9", "001"),
        type_code: code("2.16.840.1.113883.6.1", "39289-4"),
        format_code: code("1.2.208.184.100.10", "urn:ad:dk:medcom:apd-v2.0.1:full"),
        healthcare_facility_type_code: code("2.16.840.1.113883.6.96", "22232009"),
        practice_setting_code: code("2.16.840.1.113883.6.96", "394579002"),
        event_codes: vec![code("1.2.208.176.2.4", "ALAL02")],
        confidentiality_codes: vec![code("2.16.840.1.113883.5.25", "N")],
        author: Author {
            institution: Institution {
                organisation: OrganisationId::sor("990021000016004").unwrap(),
                name: "Hospital".to_owned(),
            },
            person: Some(signer.clone()),
        },
        legal_authenticator: Some(signer),
        creation_time: NOW - SECOND,
        service_start_time: Some(NOW),
        service_stop_time: Some(NOW + SECOND),
        language_code: "da-DK".to_owned(),
        mime_type: "text/xml".to_owned(),
        size: Some(1_000),
        hash: Some([1; 20]),
        hash_sha256: None,
        title: "Aftale for 0201609996".to_owned(),
        comments: String::new(),
        entry_type: EntryType::Stable,
        relations: Vec::new(),
        reference_ids: Vec::new(),
    }
}

/// The appointment under another of the systems' source ids.
pub(in crate::document) fn appointment_of(source: u8, id: u128) -> DocumentEntry {
    DocumentEntry {
        source_id: format!("1.2.208.99.{source}"),
        repository_unique_id: format!("1.2.208.99.{source}.1"),
        ..appointment(id)
    }
}

pub(in crate::document) fn related(id: u128, code: RelationCode, target: u128) -> DocumentEntry {
    let relations = vec![Relation {
        code,
        target: Uuid::from_u128(target),
    }];
    DocumentEntry {
        relations,
        ..appointment(id)
    }
}

pub(in crate::document) fn ids(ids: &[u128]) -> Vec<Uuid> {
    ids.iter().copied().map(Uuid::from_u128).collect()
}

/// The fields that an error names.
pub(in crate::document) fn fields(error: &Error) -> Vec<&str> {
    error
        .field_violations()
        .iter()
        .map(|v| v.field.as_str())
        .collect()
}

/// What an edge does: bytes that leave the person out, and a way back. Here the way back is a memory of what was encoded.
static ENCODED: Mutex<Option<HashMap<Vec<u8>, DocumentEntry>>> = Mutex::new(None);

pub(in crate::document) fn encoded(entry: &DocumentEntry) -> EncodedEntry {
    let nobody = PersonNumber::cpr("0101000000").unwrap();
    let kept = DocumentEntry {
        patient: nobody,
        source_patient: None,
        ..entry.clone()
    };
    let bytes = format!("{kept:?}").into_bytes();
    ENCODED
        .lock()
        .unwrap()
        .get_or_insert_default()
        .insert(bytes.clone(), kept);
    EncodedEntry {
        bytes: Bytes::from(bytes),
        decode,
    }
}

fn decode(bytes: &[u8], number: &PersonNumber) -> Option<DocumentEntry> {
    let kept = ENCODED.lock().unwrap().as_ref()?.get(bytes).cloned()?;
    Some(DocumentEntry {
        patient: number.clone(),
        ..kept
    })
}
