//! A hub with two sources, a hospital, a GP, a citizen; a hand on the clock and on what the sources answer.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use delt_ledger::Entry;
use delt_policy::{ConsentKind, Origin, RelationKind, RolePolicy, What, Who};
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    fixtures::{
        DEPARTMENT, HOSPITAL, PRACTICE, citizen, lonni, of_bytes, organisation_id, unique_id,
    },
    sources::{Answer, Scripted},
};
use crate::{
    Hub, Operation, Parts, Released, Result, Settings, StoreSettings,
    clock::{Clock, Micros, SECOND},
    consent::{ConsentTerms, operations::CreateConsent},
    document::{DocumentEntry, EncodedEntry, operations::RegisterDocument},
    entropy::SystemEntropy,
    identity::{
        Algorithm, AuthSettings, Authenticator, ClientCertificate, Credentials, Issuer, JwkSet,
        RequestContext,
    },
    keys::Secrets,
    organisation::Directory,
    relation::operations::RegisterRelation,
    store::on,
};

pub(super) const NOW: Micros = 1_800_000_000 * SECOND;
pub(super) struct World {
    pub(super) hub: Hub,
    pub(super) sources: Arc<Scripted>,
    clock: Arc<TestClock>,
    signer: Ed25519KeyPair,
    _dir: TempDir,
}

#[derive(Debug)]
struct TestClock(AtomicI64);

impl Clock for TestClock {
    /// A millisecond passes with every look, so that the order of audit entries shows in their ids.
    fn now(&self) -> Micros {
        self.0.fetch_add(1_000, Ordering::SeqCst)
    }
}

impl World {
    pub(super) async fn new() -> Self {
        Self::with(Settings {
            retrieve_deadline_ms: 200,
            ..Settings::default()
        })
        .await
    }

    pub(super) async fn with(settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(TestClock(AtomicI64::new(NOW)));
        let sources = Arc::new(Scripted::default());
        let signer = Ed25519KeyPair::generate().unwrap();
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
            settings,
            authenticator: authenticator(&signer),
            directory: directory(),
            roles: RolePolicy::builtin().unwrap(),
            sources: sources.clone(),
            clock: clock.clone(),
            entropy: Arc::new(SystemEntropy::default()),
        })
        .await
        .unwrap();
        Self {
            hub,
            sources,
            clock,
            signer,
            _dir: dir,
        }
    }

    /// A world where the hospital treats Lonni.
    pub(super) async fn treating() -> Self {
        let world = Self::new().await;
        world.relate(HOSPITAL).await;
        world
    }

    pub(super) async fn relate(&self, organisation: &str) {
        let relation = RegisterRelation {
            patient: lonni(),
            kind: RelationKind::Admission,
            organisation: organisation_id(organisation),
            person: None,
            from: None,
            until: None,
            request_id: None,
        };
        self.system("hospital", relation).await.unwrap();
    }

    pub(super) fn later(&self, micros: Micros) {
        self.clock.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// As a system for itself.
    pub(super) async fn system<O: Operation>(
        &self,
        id: &str,
        asked: O,
    ) -> Result<Released<O::Outcome>> {
        let (credentials, context) = (credentials(id, None), RequestContext::default());
        Box::pin(self.hub.enter(&credentials, &context, asked)).await
    }

    /// As a person behind the record system.
    pub(super) async fn person<O: Operation>(
        &self,
        claims: &Value,
        asked: O,
    ) -> Result<Released<O::Outcome>> {
        self.person_with(claims, &RequestContext::default(), asked)
            .await
    }

    pub(super) async fn person_with<O: Operation>(
        &self,
        claims: &Value,
        context: &RequestContext,
        asked: O,
    ) -> Result<Released<O::Outcome>> {
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "ed"});
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!("{}.{}", part(&header), part(claims));
        let signature = URL_SAFE_NO_PAD.encode(self.signer.sign(message.as_bytes()));
        let token = format!("{message}.{signature}");
        let credentials = credentials("ejournal", Some(token));
        Box::pin(self.hub.enter(&credentials, context, asked)).await
    }

    pub(super) async fn register(&self, entry: DocumentEntry) {
        let system = if entry.source_id == "1.2.208.99.1" {
            "hospital"
        } else {
            "practice"
        };
        let encoded = EncodedEntry {
            bytes: Bytes::from(format!("entry {}", entry.entry_uuid)),
            decode: |_, _| None,
        };
        self.system(system, RegisterDocument { entry, encoded })
            .await
            .unwrap();
    }

    /// Registers a document of these bytes, and has its source give them.
    pub(super) async fn share(&self, id: u128, bytes: &[u8]) -> Uuid {
        self.register(of_bytes(id, bytes)).await;
        self.answer(id, Answer::Pieces(vec![Bytes::copy_from_slice(bytes)]));
        Uuid::from_u128(id)
    }

    pub(super) fn answer(&self, id: u128, answer: Answer) {
        self.sources
            .book
            .lock()
            .unwrap()
            .insert(unique_id(id), answer);
    }

    /// Has the citizen block what one organisation wrote, for every professional.
    pub(super) async fn block_origin(&self, organisation: &str) {
        let origin = Origin {
            organisation: organisation_id(organisation),
            with_underlying: true,
        };
        let block = CreateConsent {
            patient: lonni(),
            terms: ConsentTerms {
                kind: ConsentKind::Negative,
                what: What {
                    origin: Some(origin),
                    ..What::all()
                },
                who: Who::All,
                valid_from: None,
                valid_until: None,
            },
            request_id: None,
        };
        self.person(&citizen(), block).await.unwrap();
    }

    /// The whole access log of an operation, oldest first.
    pub(super) async fn log(&self, operation: &str) -> Vec<Entry> {
        let mut tx = self.hub.shared.store.snapshot().await.unwrap();
        let rows: Vec<(Vec<u8>,)> = on!(&mut tx, c => sqlx::query_as(
            "SELECT payload FROM log_entry WHERE operation = $1 ORDER BY entry_id")
            .bind(operation)
            .fetch_all(c).await)
        .unwrap();
        rows.iter()
            .map(|(payload,)| Entry::from_json(payload).unwrap())
            .collect()
    }
}

fn credentials(system: &str, bearer: Option<String>) -> Credentials {
    let names = vec![format!("{system}.example.dk")];
    Credentials {
        certificate: Some(ClientCertificate {
            sha256: [0; 32],
            names,
        }),
        bearer,
    }
}

fn authenticator(signer: &Ed25519KeyPair) -> Authenticator {
    let x = URL_SAFE_NO_PAD.encode(signer.public_key().as_ref());
    let jwks = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": x}]});
    let issuer = Issuer {
        issuer: "https://sts.example.dk".to_owned(),
        audiences: vec!["https://delt.example.dk".to_owned()],
        algorithms: vec![Algorithm::EdDSA],
        jwks: serde_json::from_value::<JwkSet>(jwks).unwrap(),
    };
    let settings = AuthSettings {
        issuers: vec![issuer],
        require_binding: false,
        ..AuthSettings::default()
    };
    Authenticator::new(settings).unwrap()
}

fn directory() -> Directory {
    let organisations = json!([
        {"sor": "990011000016008", "name": "Region", "sector": "region", "kind": "region"},
        {"sor": HOSPITAL, "parent": "990011000016008", "name": "Hospital", "kind": "hospital"},
        {"sor": DEPARTMENT, "parent": HOSPITAL, "name": "Afdeling", "kind": "department"},
        {"sor": PRACTICE, "name": "Lægerne", "sector": "general-practice", "kind": "gp-practice"},
    ]);
    let source = |id: &str, organisation: &str, at: u8| {
        let source = format!("1.2.208.99.{at}");
        json!({"id": id, "name": id, "organisation": organisation, "kinds": ["source"], "validation": "off",
            "certificate_names": [format!("{id}.example.dk")], "organisations": [organisation],
            "source": {"source_id": source, "repository_unique_ids": [format!("{source}.1")],
                "address": "grpc+tls://source.example.dk:443"}})
    };
    let systems = json!([
        source("hospital", HOSPITAL, 1),
        source("practice", PRACTICE, 2),
        {"id": "ejournal", "name": "ejournal", "organisation": HOSPITAL, "kinds": ["consumer"],
            "certificate_names": ["ejournal.example.dk"], "organisations": [HOSPITAL]},
    ]);
    Directory::from_json(&organisations.to_string(), &systems.to_string()).unwrap()
}
