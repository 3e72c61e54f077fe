//! A store with all that can be known about a patient.

use std::ops::RangeInclusive;

use delt_policy::{
    AuthorisationId, CitizenRelation, Consent, ConsentKind, HelperDelegation, Opening,
    OrganisationId, OverrideGround, PatientKey, QualityPermission, RelationKind, Representation,
    Right, TreatmentRelation, What, Who,
};
use futures_util::future::BoxFuture;
use tempfile::TempDir;
use uuid::Uuid;

use super::{
    super::{
        rows::{Known, Question, load},
        with_record,
    },
    postgres::Postgres,
};
use crate::{
    Result,
    background::Background,
    consent::{self, KeptConsent},
    delegation::{
        KeptDelegation, KeptPermission, KeptRepresentation, Registrar,
        rows::{helpers, permissions, representations},
    },
    document::rows::Undecided,
    operation::RecordColumns,
    patient::{self, LinkKind, rows::LinkRow},
    store::{AsyncWork, Backend, Store, StoreSettings, Tx, on, unavailable},
};

const INSERT_RELATION: &str =
    "INSERT INTO treatment_relation (patient_key, relation_id, kind, organisation,
    authorisation_id, valid_from, valid_until, created_at, created_by, ended_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";

const INSERT_OPENING: &str =
    "INSERT INTO break_glass (patient_key, opening_id, authorisation_id, role, organisation,
    ground, sealed_reason, reason_tag, opened_at, expires_at, audit_entry_id)
VALUES ($1, $2, $3, 'laege', $4, $5, $2, $2, $6, $7, $2)";

const INSERT_ENTRY: &str =
    "INSERT INTO document_entry (patient_key, entry_uuid, status, source_id, repository_unique_id, unique_id, class_code, type_code,
    format_code, facility_code, practice_code, event_codes, confidentiality, creation_time, on_demand, reference_ids, mime_type, entry, digest,
    registered_at, registered_by)
VALUES ($1, $2, 1, '1.2.3', '1.2.3', $3, 's|class', 's|type', 's|format', 's|facility', 's|practice', '', 's|N', 7, 0, '', 'text/xml', $2, $2, 8, 'ehr')";

/// The store of one test.
pub(super) struct Room {
    store: Store,
    background: Background,
    _folder: TempDir,
}

impl Room {
    pub(super) async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("delt.db").display());
        Self::open(url, folder).await
    }

    pub(super) async fn on_postgres() -> Self {
        Self::open(Postgres::shared().database(), tempfile::tempdir().unwrap()).await
    }

    async fn open(url: String, folder: TempDir) -> Self {
        let background = Background::new();
        let settings = StoreSettings {
            url,
            pooler_url: None,
            standby_url: None,
            read_connections: 1,
            timeout_ms: 10_000,
            statement_ms: 30_000,
        };
        let store = Store::open(&settings, &background).await.unwrap();
        Self {
            store,
            background,
            _folder: folder,
        }
    }

    /// Keeps what is known, and returns it.
    pub(super) async fn keep(&self, known: Known) -> Known {
        self.store.write(Keep(known.clone())).await.unwrap();
        known
    }

    /// Links numbers, from one to the other.
    pub(super) async fn link(&self, links: &[(PatientKey, PatientKey)]) {
        self.store.write(Link(links.to_vec())).await.unwrap();
    }

    /// Puts entries with these numbers into the index.
    pub(super) async fn index(&self, patient: PatientKey, numbers: RangeInclusive<u128>) {
        self.store.write(Index(patient, numbers)).await.unwrap();
    }

    pub(super) const fn is_sqlite(&self) -> bool {
        matches!(self.store.reads(), Backend::Sqlite { .. })
    }

    /// Runs SQL that no operation would.
    pub(super) async fn run(&self, sql: &'static str) {
        self.store.write(Sql(sql)).await.unwrap();
    }

    pub(super) async fn snapshot(&self) -> Tx<'static> {
        self.store.snapshot().await.unwrap()
    }

    pub(super) async fn ask(&self, question: &Question) -> Result<Known> {
        load(&mut self.snapshot().await, question).await
    }

    /// The same with a record, as a search asks.
    pub(super) async fn ask_with_record(
        &self,
        question: &Question,
        columns: RecordColumns,
    ) -> Result<Option<(Known, Undecided)>> {
        with_record::load(&self.store, question, columns).await
    }

    pub(super) async fn close(self) {
        self.background.shut_down().await;
    }
}

struct Keep(Known);

impl AsyncWork<()> for Keep {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(insert(tx, &self.0))
    }
}

struct Index(PatientKey, RangeInclusive<u128>);

impl AsyncWork<()> for Index {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for number in self.1.clone() {
                on!(tx, c => sqlx::query(INSERT_ENTRY)
                    .bind(self.0.as_bytes().as_slice())
                    .bind(Uuid::from_u128(number).as_bytes().as_slice())
                    .bind(number.to_string())
                    .execute(c).await.map(drop))
                .map_err(unavailable)?;
            }
            Ok(())
        })
    }
}

struct Sql(&'static str);

impl AsyncWork<()> for Sql {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            on!(tx, c => sqlx::query(self.0).execute(c).await.map(drop)).map_err(unavailable)
        })
    }
}

struct Link(Vec<(PatientKey, PatientKey)>);

impl AsyncWork<()> for Link {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for (from, to) in self.0.iter().copied() {
                let link = LinkRow {
                    from,
                    to,
                    kind: LinkKind::Linked,
                    created_at: 1,
                };
                patient::rows::insert_link(tx, &link, "test").await?;
            }
            Ok(())
        })
    }
}

pub(super) fn physician() -> AuthorisationId {
    AuthorisationId::parse("9RK1H").unwrap()
}

pub(super) fn ward() -> OrganisationId {
    OrganisationId::sor("265161000016002").unwrap()
}

/// All kinds of facts about a patient, with a helper and a professional who has permission and has broken the glass.
pub(super) fn everything(patient: PatientKey, helper: PatientKey, who: &AuthorisationId) -> Known {
    Known {
        keys: vec![patient],
        consents: consents(patient, who),
        relations: relations(patient, who),
        representations: representations_of(patient, helper),
        openings: vec![Opening {
            id: id(patient, 31),
            patient,
            person: who.clone(),
            organisation: ward(),
            ground: OverrideGround::EssentialConsideration,
            from: 600,
            until: 700,
        }],
        delegations: vec![HelperDelegation {
            id: id(helper, 41),
            helper,
            responsible: who.clone(),
            organisation: ward(),
            rights: vec![Right::ReadRecord, Right::IdentifyPatient],
            from: 50,
            until: 5_000,
            ended_at: Some(900),
        }],
        permissions: vec![QualityPermission {
            id: id(helper, 51),
            organisation: ward(),
            person: who.clone(),
            from: 60,
            until: 6_000,
            ended_at: None,
        }],
    }
}

/// Sorted as they are registered.
fn id(of: PatientKey, number: u8) -> Uuid {
    let [first, ..] = of.as_bytes();
    Uuid::from_bytes([number, *first, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
}

fn consents(patient: PatientKey, who: &AuthorisationId) -> Vec<Consent> {
    let block = Consent {
        id: id(patient, 1),
        patient,
        kind: ConsentKind::Negative,
        what: What {
            document_types: vec!["11506-3".to_owned()],
            ..What::default()
        },
        who: Who::All,
        valid_from: 10,
        valid_until: None,
        ended_at: None,
    };
    let permit = Consent {
        id: id(patient, 2),
        kind: ConsentKind::Positive,
        who: Who::Person(who.clone()),
        valid_until: Some(1_000),
        ..block.clone()
    };
    let ended = Consent {
        id: id(patient, 3),
        kind: ConsentKind::LetterOptOut,
        what: What::default(),
        ended_at: Some(500),
        ..block.clone()
    };
    vec![block, permit, ended]
}

fn relations(patient: PatientKey, who: &AuthorisationId) -> Vec<TreatmentRelation> {
    let admission = TreatmentRelation {
        id: id(patient, 11),
        patient,
        organisation: ward(),
        person: None,
        kind: RelationKind::Admission,
        from: 20,
        until: None,
        ended_at: None,
        source: "region-h".to_owned(),
    };
    let attested = TreatmentRelation {
        id: id(patient, 12),
        person: Some(who.clone()),
        kind: RelationKind::Attestation,
        until: Some(30),
        ended_at: Some(25),
        ..admission.clone()
    };
    vec![admission, attested]
}

fn representations_of(patient: PatientKey, representative: PatientKey) -> Vec<Representation> {
    let custody = Representation {
        id: id(patient, 21),
        patient,
        representative,
        kind: CitizenRelation::Custody,
        rights: Right::ALL.to_vec(),
        document_types: Vec::new(),
        after_fifteen: true,
        from: 40,
        until: None,
        ended_at: None,
    };
    let proxy = Representation {
        id: id(patient, 22),
        kind: CitizenRelation::Proxy,
        rights: vec![Right::ReadRecord],
        document_types: vec!["11506-3".to_owned()],
        after_fifteen: false,
        until: Some(4_000),
        ended_at: Some(400),
        ..custody
    };
    let guardian = Representation {
        id: id(patient, 23),
        kind: CitizenRelation::Guardian,
        ended_at: None,
        ..proxy.clone()
    };
    vec![custody, proxy, guardian]
}

async fn insert(tx: &mut Tx<'_>, known: &Known) -> Result<()> {
    for consent in &known.consents {
        keep_consent(tx, consent).await?;
    }
    for relation in &known.relations {
        keep_relation(tx, relation).await?;
    }
    for representation in &known.representations {
        keep_representation(tx, representation).await?;
    }
    for opening in &known.openings {
        keep_opening(tx, opening).await?;
    }
    for delegation in &known.delegations {
        keep_delegation(tx, delegation).await?;
    }
    for permission in &known.permissions {
        keep_permission(tx, permission).await?;
    }
    Ok(())
}

async fn keep_consent(tx: &mut Tx<'_>, consent: &Consent) -> Result<()> {
    let kept = KeptConsent {
        consent: consent.clone(),
        created_at: consent.valid_from,
        created_by: "test".to_owned(),
        on_behalf: None,
    };
    assert!(consent::rows::insert(tx, &kept).await?);
    if let Some(at) = consent.ended_at {
        assert!(consent::rows::end(tx, &consent.patient, consent.id, at, "test").await?);
    }
    Ok(())
}

async fn keep_relation(tx: &mut Tx<'_>, relation: &TreatmentRelation) -> Result<()> {
    on!(tx, c => sqlx::query(INSERT_RELATION)
        .bind(relation.patient.as_bytes().as_slice())
        .bind(relation.id.as_bytes().as_slice())
        .bind(relation.kind.as_str())
        .bind(relation.organisation.as_str())
        .bind(relation.person.as_ref().map(AuthorisationId::as_str))
        .bind(relation.from)
        .bind(relation.until)
        .bind(relation.from)
        .bind(relation.source.as_str())
        .bind(relation.ended_at)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

async fn keep_representation(tx: &mut Tx<'_>, representation: &Representation) -> Result<()> {
    let registrar = Registrar::Register;
    let kept = KeptRepresentation {
        representation: representation.clone(),
        created_at: representation.from,
        registrar,
    };
    assert!(representations::insert(tx, &kept, "test").await?);
    if let Some(at) = representation.ended_at {
        let (patient, id) = (&representation.patient, representation.id);
        assert!(representations::end(tx, patient, id, at, (registrar, "test")).await?);
    }
    Ok(())
}

async fn keep_opening(tx: &mut Tx<'_>, opening: &Opening) -> Result<()> {
    on!(tx, c => sqlx::query(INSERT_OPENING)
        .bind(opening.patient.as_bytes().as_slice())
        .bind(opening.id.as_bytes().as_slice())
        .bind(opening.person.as_str())
        .bind(opening.organisation.as_str())
        .bind(opening.ground.as_str())
        .bind(opening.from)
        .bind(opening.until)
        .execute(c).await.map(drop))
    .map_err(unavailable)
}

async fn keep_delegation(tx: &mut Tx<'_>, delegation: &HelperDelegation) -> Result<()> {
    let kept = KeptDelegation {
        delegation: delegation.clone(),
        created_at: delegation.from,
    };
    assert!(helpers::insert(tx, &kept, "test").await?);
    if let Some(at) = delegation.ended_at {
        assert!(helpers::end(tx, &delegation.responsible, delegation.id, at, "test").await?);
    }
    Ok(())
}

async fn keep_permission(tx: &mut Tx<'_>, permission: &QualityPermission) -> Result<()> {
    let kept = KeptPermission {
        permission: permission.clone(),
        reference: "2026-17".to_owned(),
        created_at: permission.from,
    };
    assert!(permissions::insert(tx, &kept, "test").await?);
    Ok(())
}
