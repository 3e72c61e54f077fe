//! A record over all sectors, the citizen's consents, MedCom messages, and tokens with something wrong in them.

use bytes::Bytes;
use delt_client::proto::audit::v1::{EntryFilter, SearchEntriesRequest};
use delt_client::proto::common::v1::{OverrideGround, RequestContext};
use delt_client::proto::consent::v1::{
    Consent, ConsentKind, CreateConsentRequest, EndConsentRequest, OrganisationScope, What, Who,
};
use delt_client::proto::message::v1::{
    Message, ReceiveMessagesRequest, SendMessageRequest, SendMessageResponse,
};
use delt_client::proto::record::v1::SearchRecordRequest;
use delt_client::{ClientError, Connection, Delivery, Inbox, RecordView};
use delt_ledger::Entry;
use delt_server::demo::fixtures::{self, SampleDocument};
use delt_server::profile::Holder;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::Value;

use crate::calls::{self, everything};
use crate::entries::{CARDIOLOGY, LONNI, cpr, hour};
use crate::hub::{TestHub, sample};

type Result<T> = std::result::Result<T, ClientError>;

pub const EHR: &str = "ehr-hovedstaden";
pub const REGION_HOVEDSTADEN: &str = "990011000016008";
pub const REGION_MIDTJYLLAND: &str = "990201000016000";
pub const GP_TESTBY: &str = "990401000016001";

pub const LETTER: &str = "xdis01-epikrise-lonni.xml";
pub const CORRECTED_LETTER: &str = "xdis01-epikrise-lonni-rettet.xml";
pub const INVALID_LETTER: &str = "xdis01-epikrise-lonni-ugyldig.xml";
pub const ADMISSION: &str = "fhir-indlaeggelse-stin-lonni.json";
pub const CORRESPONDENCE: &str = "fhir-korrespondance-lonni.json";

/// What the sources hold of a person, registered within the tests' calendar: the fixtures' own dates may lie ahead of this machine's.
pub fn documents_of(person: &str) -> Vec<SampleDocument> {
    let mut documents = fixtures::documents().expect("the fixtures parse");
    documents.retain(|held| {
        held.entry
            .patient
            .as_ref()
            .is_some_and(|p| p.value == person)
    });
    for (held, hours) in documents.iter_mut().zip(0..) {
        held.entry.creation_time = Some(hour(hours));
    }
    documents
}

/// Every source registers what it holds of a person; how many documents that are.
pub async fn register_record(hub: &TestHub, person: &str) -> u32 {
    let documents = documents_of(person);
    for held in &documents {
        calls::register(&hub.system(held.system).await, &held.entry).await;
    }
    u32::try_from(documents.len()).expect("few documents")
}

/// Lonni's whole record, the number of its entries, and the cardiologist who treats her.
pub async fn lonni_at_the_hospital(hub: &TestHub) -> (u32, Connection) {
    let all = register_record(hub, LONNI).await;
    calls::treats(hub, EHR, CARDIOLOGY, cpr(LONNI)).await;
    (all, hub.professional("kard", EHR).await)
}

/// All that a caller may see of a person's record.
pub async fn search(caller: &Connection, person: &str) -> Result<RecordView> {
    search_for(caller, person, None).await
}

/// The same, with what the request says of itself.
pub async fn search_for(
    caller: &Connection,
    person: &str,
    context: Option<RequestContext>,
) -> Result<RecordView> {
    let request = SearchRecordRequest {
        context,
        ..everything(cpr(person))
    };
    caller.record().search_all(request, usize::MAX).await
}

/// A purpose of use and, for a broken glass, the reason.
pub fn purpose(code: &str, reason: &str) -> RequestContext {
    RequestContext {
        purpose_of_use: code.to_owned(),
        override_reason: reason.to_owned(),
        override_ground: match reason {
            "" => OverrideGround::Unspecified,
            _ => OverrideGround::EssentialConsideration,
        }
        .into(),
    }
}

/// An organisation with its units.
pub fn within(organisation: &str) -> Option<OrganisationScope> {
    Some(OrganisationScope {
        organisation: organisation.to_owned(),
        with_underlying: true,
    })
}

/// A block of some data for somebody.
pub fn block(what: What, who: Who) -> Consent {
    Consent {
        kind: ConsentKind::Block.into(),
        what: Some(what),
        who: Some(who),
        ..Consent::default()
    }
}

/// A block of what an organisation and its units wrote, for everybody.
pub fn block_of(organisation: &str) -> Consent {
    block(
        What {
            originating: within(organisation),
            ..What::default()
        },
        Who::default(),
    )
}

/// The citizen registers a consent; its id.
pub async fn consent(citizen: &Connection, person: &str, consent: Consent) -> String {
    let request = CreateConsentRequest {
        patient: Some(cpr(person)),
        consent: Some(consent),
        ..CreateConsentRequest::default()
    };
    let answer = citizen
        .consents()
        .create(request)
        .await
        .expect("a consent is registered");
    answer.consent.expect("the consent comes back").consent_id
}

/// The citizen ends a consent.
pub async fn end_consent(citizen: &Connection, person: &str, id: &str) {
    let request = EndConsentRequest {
        context: None,
        patient: Some(cpr(person)),
        consent_id: id.to_owned(),
    };
    citizen
        .consents()
        .end(request)
        .await
        .expect("a consent is ended");
}

/// Entries of the log as the national supervisor finds them, newest first.
pub async fn entries(hub: &TestHub, filter: EntryFilter) -> Vec<Entry> {
    let request = SearchEntriesRequest {
        filter: Some(filter),
        page_size: 500,
        ..SearchEntriesRequest::default()
    };
    let answer = hub.supervisor().await.audit().search(request).await;
    let entries = answer.expect("the supervisor may search").entries;
    entries
        .iter()
        .map(|entry| Entry::from_json(&entry.entry_json).expect("an entry"))
        .collect()
}

/// A filter for one operation's entries.
pub fn of(operation: &str) -> EntryFilter {
    EntryFilter {
        operation: operation.to_owned(),
        ..EntryFilter::default()
    }
}

/// The bytes of one of the sample messages.
pub fn message(file: &str) -> Vec<u8> {
    let all = fixtures::messages().expect("the fixtures parse");
    let found = all.iter().find(|message| message.file == file);
    found
        .and_then(fixtures::SampleMessage::bytes)
        .expect("one of the sample messages")
        .to_vec()
}

/// A message with one text in the place of another. Letters are ISO 8859-1, so this is done on bytes.
pub fn changed(content: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut rest = content;
    let mut changed = Vec::new();
    while let Some(at) = rest
        .windows(from.len())
        .position(|window| window == from.as_bytes())
    {
        let (before, after) = rest.split_at(at);
        changed.extend_from_slice(before);
        changed.extend_from_slice(to.as_bytes());
        rest = after.split_at(from.len()).1;
    }
    changed.extend_from_slice(rest);
    assert!(changed != content, "the text to change is not there");
    changed
}

/// A system sends a message of this form.
pub async fn send(
    sender: &Connection,
    content: Vec<u8>,
    mime_type: &str,
) -> Result<SendMessageResponse> {
    let request = SendMessageRequest {
        context: None,
        content: Bytes::from(content),
        mime_type: mime_type.to_owned(),
    };
    sender.messages().send(request).await
}

/// A system sends a sample message, which is accepted.
pub async fn sent(sender: &Connection, file: &str) -> Message {
    let xml = std::path::Path::new(file)
        .extension()
        .is_some_and(|extension| extension == "xml");
    let mime_type = if xml {
        "text/xml"
    } else {
        "application/fhir+json"
    };
    let answer = send(sender, message(file), mime_type)
        .await
        .expect("a good message is accepted");
    answer.message.expect("the message comes back")
}

/// What waits for a receiver; ends when nothing does.
pub async fn inbox(receiver: &Connection) -> Inbox {
    let request = ReceiveMessagesRequest {
        drain: true,
        ..ReceiveMessagesRequest::default()
    };
    receiver
        .messages()
        .receive(request)
        .await
        .expect("a receiver may receive")
}

/// The next message that waits, and no lease on any other.
pub async fn take(receiver: &Connection) -> Option<Delivery> {
    let request = ReceiveMessagesRequest {
        drain: true,
        max_leased: 1,
        ..ReceiveMessagesRequest::default()
    };
    let inbox = receiver.messages().receive(request).await;
    inbox
        .expect("a receiver may receive")
        .next()
        .await
        .expect("the stream holds")
}

/// A token of the cardiologist in the hospital's system, with changed claims, signed with the issuer's own key.
pub fn forged(hub: &TestHub, change: impl FnOnce(&mut Value)) -> String {
    let (header, claims) = good(hub, change);
    let pem = std::fs::read(hub.profile.data_dir().join("token.key")).expect("the issuer's key");
    let key = EncodingKey::from_ec_pem(&pem).expect("a P-256 key");
    encode(&header, &claims, &key).expect("a token")
}

/// The same token, signed with a shared secret.
pub fn signed_with_secret(hub: &TestHub, secret: &[u8]) -> String {
    let (header, claims) = good(hub, |_| {});
    let header = Header {
        alg: Algorithm::HS256,
        ..header
    };
    encode(&header, &claims, &EncodingKey::from_secret(secret)).expect("a token")
}

/// Header and claims of a good token, with changed claims.
pub fn good(hub: &TestHub, change: impl FnOnce(&mut Value)) -> (Header, Value) {
    let token = hub.token(&Holder::Professional(sample("kard")), EHR, &[]);
    let mut claims = jsonwebtoken::dangerous::insecure_decode_claims(&token).expect("a token");
    change(&mut claims);
    (
        jsonwebtoken::decode_header(&token).expect("a token"),
        claims,
    )
}
