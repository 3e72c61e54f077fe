//! A hospital, a practice, a municipality and a stranger; the project's sample messages; a clock that stands still until it is moved.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use bytes::Bytes;
use delt_policy::RolePolicy;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    Hub, Operation, Parts, Result, Settings, StoreSettings,
    clock::{Clock, Micros, SECOND},
    document::{Content, DocumentEntry, EncodedEntry, Locator, SourceFault, Sources},
    identity::{AuthSettings, Authenticator, ClientCertificate, Credentials, RequestContext},
    keys::Secrets,
    message::{
        Delivery, Message,
        operations::{AcknowledgeMessage, ReceiveMessages, Refusal, SendMessage, Sent},
    },
    organisation::{Directory, SourceEndpoint},
};

/// 2 November 2026, 08:00 UTC: after the sample messages were written.
pub(in crate::message) const NOW: Micros = 1_793_606_400 * SECOND;
pub(in crate::message) const LEASE: Micros = 300 * SECOND;

pub(in crate::message) const LETTER: &str = "xdis01-epikrise-lonni.xml";
pub(in crate::message) const CORRECTED: &str = "xdis01-epikrise-lonni-rettet.xml";
pub(in crate::message) const INVALID: &str = "xdis01-epikrise-lonni-ugyldig.xml";
pub(in crate::message) const ADMISSION: &str = "fhir-indlaeggelse-stin-lonni.json";
pub(in crate::message) const CARE: &str = "fhir-korrespondance-lonni.json";
/// The number of the official test person whom the messages are about.
pub(in crate::message) const LONNI: &str = "0201609996";

#[derive(Debug)]
struct StandingClock(AtomicI64);

impl Clock for StandingClock {
    fn now(&self) -> Micros {
        self.0.load(Ordering::Relaxed)
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

pub(in crate::message) struct World {
    pub(in crate::message) hub: Hub,
    clock: Arc<StandingClock>,
    _dir: TempDir,
}

pub(in crate::message) fn sample(name: &str) -> Vec<u8> {
    std::fs::read(fixtures().join("messages").join(name)).unwrap()
}

/// A sample with one text changed; letters are ISO 8859-1, so this is done on bytes.
pub(in crate::message) fn changed(name: &str, from: &str, to: &str) -> Vec<u8> {
    let sample = sample(name);
    let at = sample
        .windows(from.len())
        .position(|w| w == from.as_bytes())
        .expect("the text is there");
    [&sample[..at], to.as_bytes(), &sample[at + from.len()..]].concat()
}

fn fixtures() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../server/fixtures"))
}

pub(in crate::message) fn directory() -> Directory {
    let organisations = std::fs::read_to_string(fixtures().join("directory.json")).unwrap();
    let system = |id: &str, organisation: &str, receives: Value| {
        json!({"id": id, "name": id, "organisation": organisation, "kinds": ["source"],
            "certificate_names": [format!("{id}.example.dk")], "organisations": [organisation], "receives": receives})
    };
    let practice = "990401000016001";
    let nursing = "990631000016007";
    let systems = json!([
        system("ehr", "990011000016008", json!([])),
        system(
            "gp",
            practice,
            json!([
            {"gln": "5790009900405", "organisation": practice, "message_types": ["XDIS01", "CareCommunication"]}])
        ),
        system(
            "kommune",
            "990601000016003",
            json!([
            {"gln": "5790009900634", "organisation": nursing,
             "message_types": ["HospitalNotification", "CareCommunication"]}])
        ),
        system("stranger", "990201000016000", json!([])),
    ]);
    Directory::from_json(&organisations, &systems.to_string()).unwrap()
}

fn encode(entry: &DocumentEntry) -> EncodedEntry {
    EncodedEntry {
        bytes: Bytes::from(entry.title.clone()),
        decode: |_, _| None,
    }
}

pub(in crate::message) fn send(content: Vec<u8>, mime_type: &str) -> Result<SendMessage> {
    SendMessage::new(
        Bytes::from(content),
        mime_type,
        1 << 20,
        &directory(),
        encode,
    )
}

pub(in crate::message) fn letter(name: &str) -> SendMessage {
    send(sample(name), "text/xml; charset=ISO-8859-1").unwrap()
}

impl World {
    pub(in crate::message) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", dir.path().join("delt.db").display());
        let clock = Arc::new(StandingClock(AtomicI64::new(NOW)));
        let (_, entropy) = Parts::ambient();
        let key = |byte| Zeroizing::new([byte; 32]);
        let hub = Hub::open(Parts {
            store: StoreSettings {
                url,
                pooler_url: None,
                standby_url: None,
                read_connections: 2,
                timeout_ms: 10_000,
                statement_ms: 30_000,
            },
            secrets: Secrets {
                patient: key(1),
                encryption: key(2),
                log_signing: key(3),
            },
            settings: Settings {
                message_lease: LEASE,
                ..Settings::default()
            },
            authenticator: Authenticator::new(AuthSettings::default()).unwrap(),
            directory: directory(),
            roles: RolePolicy::builtin().unwrap(),
            sources: Arc::new(NoSources),
            clock: clock.clone(),
            entropy,
        })
        .await
        .unwrap();
        Self {
            hub,
            clock,
            _dir: dir,
        }
    }

    pub(in crate::message) fn pass(&self, time: Micros) {
        self.clock.0.fetch_add(time, Ordering::Relaxed);
    }

    /// What the system with this id gets for an operation.
    pub(in crate::message) async fn ask<O: Operation>(
        &self,
        system: &str,
        operation: O,
    ) -> Result<O::Outcome> {
        let names = vec![format!("{system}.example.dk")];
        let sha256 = [u8::try_from(system.len()).unwrap(); 32];
        let credentials = Credentials {
            certificate: Some(ClientCertificate { sha256, names }),
            bearer: None,
        };
        let context = RequestContext::default();
        self.hub
            .enter(&credentials, &context, operation)
            .await
            .map(|released| released.value)
    }

    pub(in crate::message) async fn sent(&self, operation: SendMessage) -> Sent {
        self.ask("ehr", operation).await.unwrap()
    }

    pub(in crate::message) async fn take(&self, system: &str) -> Option<Delivery> {
        let receive = ReceiveMessages::new(None, 0, &directory()).unwrap();
        self.ask(system, receive).await.unwrap().delivery
    }

    pub(in crate::message) async fn answer(
        &self,
        system: &str,
        delivery: &Delivery,
        refusal: Option<(&str, &str)>,
    ) -> Result<Message> {
        let operation = acknowledge(delivery.message.message_id, &delivery.lease_token, refusal);
        self.ask(system, operation).await
    }
}

pub(in crate::message) fn acknowledge(
    message_id: Uuid,
    token: &[u8],
    refusal: Option<(&str, &str)>,
) -> AcknowledgeMessage {
    let refusal = refusal.map(|(code, text)| Refusal {
        code: code.to_owned(),
        text: text.to_owned(),
    });
    AcknowledgeMessage {
        message_id,
        lease_token: token.to_vec(),
        refusal,
    }
}
