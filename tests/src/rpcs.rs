//! Every RPC of the contract, each with a request that is good enough to be decided on, sent as bytes: so that one table can ask them all.

use bytes::{Buf as _, BufMut as _, Bytes};
use delt_client::Connection;
use delt_proto::common::v1::Identifier;
use delt_proto::document::v1::{RegisterDocumentsResponse, register_documents_response};
use delt_proto::record::v1::{RetrieveDocumentsResponse, retrieve_documents_response};
use delt_proto::{
    access::v1 as access, audit::v1 as audit, consent::v1 as consent, delegation::v1 as delegation,
    directory::v1 as directory, document::v1 as document, message::v1 as message,
    notification::v1 as notification, patient::v1 as patient, record::v1 as record,
    relation::v1 as relation, review::v1 as review,
};
use prost::Message;
use prost_types::Timestamp;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Status, codegen::http::uri::PathAndQuery};
use tonic_types::StatusExt as _;

use crate::entries::{self, CARDIOLOGY, EINER, LONNI, REGION_H, cpr};
use crate::hub::random_uuid;
use crate::samples::{self, EHR};

/// The only system whose own calls these requests suit.
pub const SOURCE: &str = REGION_H;

/// One RPC and the request that is made of it.
#[derive(Debug, Clone)]
pub struct Rpc {
    /// `delt.<area>.v1.<Service>/<Method>`
    pub name: String,
    request: Vec<u8>,
}

/// 1 January 2100: what is valid from then on changes nothing in a test.
#[expect(clippy::unnecessary_wraps, reason = "a field of a message is optional")]
fn far() -> Option<delt_proto::common::v1::Period> {
    let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
    Some(delt_proto::common::v1::Period {
        start: at(4_102_444_800),
        end: at(4_102_444_800 + 86_400),
    })
}

#[expect(clippy::unnecessary_wraps, reason = "a field of a message is optional")]
fn lonni() -> Option<Identifier> {
    Some(cpr(LONNI))
}

fn id() -> String {
    random_uuid().to_string()
}

macro_rules! table {
    ($($area:ident $service:ident { $($method:ident: $message:expr;)* })*) => {
        vec![$($(Rpc {
            name: format!("delt.{}.v1.{}/{}", stringify!($area), stringify!($service), stringify!($method)),
            request: $message.encode_to_vec(),
        },)*)*]
    };
}

/// All of them, as they stand in the contract. They are about Lonni, and what they make begins in the year 2100 or is nobody's.
pub fn all() -> Vec<Rpc> {
    let mut all = about_the_record();
    all.extend(about_rights());
    all.extend(about_acting_for_others());
    all.extend(about_the_log_and_the_rest());
    all.extend(about_access());
    all
}

fn about_the_record() -> Vec<Rpc> {
    table! {
        document DocumentIndexService {
            RegisterDocument: document::RegisterDocumentRequest {
                entry: Some(entries::note(SOURCE, LONNI)),
                ..Default::default()
            };
            RegisterDocuments: document::RegisterDocumentsRequest {
                entry: Some(entries::note(SOURCE, LONNI)),
                ..Default::default()
            };
            UpdateDocumentStatus: document::UpdateDocumentStatusRequest {
                entry_uuid: id(),
                status: document::AvailabilityStatus::Deprecated.into(),
                ..Default::default()
            };
            GetDocument: document::GetDocumentRequest { entry_uuid: id(), ..Default::default() };
            ListSourceDocuments: document::ListSourceDocumentsRequest::default();
        }
        record PatientRecordService {
            SearchRecord: record::SearchRecordRequest { patient: lonni(), ..Default::default() };
            RetrieveDocument: record::RetrieveDocumentRequest {
                patient: lonni(),
                entry_uuid: id(),
                ..Default::default()
            };
            RetrieveDocuments: record::RetrieveDocumentsRequest {
                patient: lonni(),
                entry_uuids: vec![id()],
                ..Default::default()
            };
        }
        patient PatientIdentityService {
            LinkPatient: patient::LinkPatientRequest {
                patient: Some(cpr(EINER)),
                other: Some(entries::number(entries::X_ECPR, "0201601XX1")),
                ..Default::default()
            };
            MergePatient: patient::MergePatientRequest {
                old: Some(entries::number(entries::X_ECPR, "0201601XX1")),
                new: Some(cpr(EINER)),
                ..Default::default()
            };
            GetPatient: patient::GetPatientRequest { patient: lonni(), ..Default::default() };
            RegisterDemographics: patient::RegisterDemographicsRequest {
                patient: lonni(),
                family_name: "Lauridsen".to_owned(),
                address: "Testgade 1, 8000 Aarhus C".to_owned(),
                ..Default::default()
            };
        }
        message MessageService {
            SendMessage: message::SendMessageRequest {
                content: Bytes::from(samples::message(samples::LETTER)),
                mime_type: "text/xml".to_owned(),
                ..Default::default()
            };
            ReceiveMessages: message::ReceiveMessagesRequest { drain: true, ..Default::default() };
            AcknowledgeMessage: message::AcknowledgeMessageRequest {
                message_id: id(),
                lease_token: id(),
                ..Default::default()
            };
            GetMessage: message::GetMessageRequest { message_id: id(), ..Default::default() };
            ListMessages: message::ListMessagesRequest::default();
        }
    }
}

fn about_rights() -> Vec<Rpc> {
    let relation = relation::TreatmentRelation {
        kind: relation::RelationKind::Appointment.into(),
        organisation: CARDIOLOGY.to_owned(),
        validity: far(),
        ..Default::default()
    };
    table! {
        consent ConsentService {
            CreateConsent: consent::CreateConsentRequest {
                patient: lonni(),
                consent: Some(consent::Consent {
                    kind: consent::ConsentKind::Block.into(),
                    validity: far(),
                    ..Default::default()
                }),
                ..Default::default()
            };
            EndConsent: consent::EndConsentRequest {
                patient: lonni(),
                consent_id: id(),
                ..Default::default()
            };
            ListConsents: consent::ListConsentsRequest { patient: lonni(), ..Default::default() };
            ExplainAccess: consent::ExplainAccessRequest {
                patient: lonni(),
                role: "laege".to_owned(),
                organisation: CARDIOLOGY.to_owned(),
                authorisation_id: "9RK1H".to_owned(),
                ..Default::default()
            };
        }
        relation TreatmentRelationService {
            RegisterRelation: relation::RegisterRelationRequest {
                patient: lonni(),
                relation: Some(relation),
                ..Default::default()
            };
            EndRelation: relation::EndRelationRequest {
                patient: lonni(),
                relation_id: id(),
                ..Default::default()
            };
            ListRelations: relation::ListRelationsRequest { patient: lonni(), ..Default::default() };
            AttestRelation: relation::AttestRelationRequest {
                patient: Some(cpr(EINER)),
                reason: "Patienten er her uden henvisning".to_owned(),
                ..Default::default()
            };
            ListRelationAlerts: relation::ListRelationAlertsRequest::default();
        }
    }
}

fn about_acting_for_others() -> Vec<Rpc> {
    table! {
        delegation DelegationService {
            DelegateToHelper: delegation::DelegateToHelperRequest {
                helper: Some(cpr(EINER)),
                rights: vec![delegation::Right::ReadRecord.into()],
                validity: far(),
                ..Default::default()
            };
            EndHelperDelegation: delegation::EndHelperDelegationRequest {
                delegation_id: id(),
                ..Default::default()
            };
            ListHelperDelegations: delegation::ListHelperDelegationsRequest::default();
            RegisterRepresentation: delegation::RegisterRepresentationRequest {
                patient: lonni(),
                representation: Some(delegation::Representation {
                    kind: delegation::RepresentationKind::Proxy.into(),
                    rights: vec![delegation::Right::SeeAccesses.into()],
                    validity: far(),
                    representative: Some(cpr(EINER)),
                    ..Default::default()
                }),
                ..Default::default()
            };
            EndRepresentation: delegation::EndRepresentationRequest {
                patient: lonni(),
                representation_id: id(),
                ..Default::default()
            };
            ListRepresentations: delegation::ListRepresentationsRequest {
                patient: lonni(),
                ..Default::default()
            };
            RegisterQualityPermission: delegation::RegisterQualityPermissionRequest {
                permission: Some(delegation::QualityPermission {
                    organisation: CARDIOLOGY.to_owned(),
                    authorisation_id: "9RK1H".to_owned(),
                    reference: "KVAL-2100-1".to_owned(),
                    validity: far(),
                    ..Default::default()
                }),
                ..Default::default()
            };
            EndQualityPermission: delegation::EndQualityPermissionRequest {
                organisation: CARDIOLOGY.to_owned(),
                permission_id: id(),
                ..Default::default()
            };
            ListQualityPermissions: delegation::ListQualityPermissionsRequest {
                organisation: CARDIOLOGY.to_owned(),
                ..Default::default()
            };
        }
    }
}

fn about_the_log_and_the_rest() -> Vec<Rpc> {
    table! {
        audit AuditLogService {
            SearchEntries: audit::SearchEntriesRequest::default();
            GetEntry: audit::GetEntryRequest { entry_id: id(), ..Default::default() };
            ExportEntries: audit::ExportEntriesRequest::default();
            GetCheckpoint: audit::GetCheckpointRequest::default();
            GetInclusionProof: audit::GetInclusionProofRequest { leaf_index: 0, tree_size: 1, ..Default::default() };
            GetConsistencyProof: audit::GetConsistencyProofRequest {
                first_tree_size: 1,
                second_tree_size: 1,
            };
            ListPatientAccesses: audit::ListPatientAccessesRequest {
                patient: lonni(),
                ..Default::default()
            };
            ListPatientVisits: audit::ListPatientVisitsRequest { patient: lonni(), ..Default::default() };
            ListPatientChain: audit::ListPatientChainRequest { patient: lonni(), ..Default::default() };
            ListWitnesses: audit::ListWitnessesRequest::default();
        }
        review ReviewService {
            ListReviewCases: review::ListReviewCasesRequest::default();
            GetReviewCase: review::GetReviewCaseRequest { number: 1_000_000, ..Default::default() };
            AssignReviewCase: review::AssignReviewCaseRequest { number: 1_000_000, ..Default::default() };
            CommentReviewCase: review::CommentReviewCaseRequest {
                number: 1_000_000,
                text: "Spurgt afdelingen.".to_owned(),
                ..Default::default()
            };
            DecideReviewCase: review::DecideReviewCaseRequest {
                number: 1_000_000,
                decision: review::ReviewDecision::Justified.into(),
                text: "Patienten var i behandling.".to_owned(),
                ..Default::default()
            };
            DrawSample: review::DrawSampleRequest {
                request_id: id(),
                organisation: CARDIOLOGY.to_owned(),
                period: far(),
                seed: "Lotto 47/2026: 3 9 14 22 30 31 35".to_owned(),
                size: 1,
                ..Default::default()
            };
            ListSamples: review::ListSamplesRequest::default();
            GetPeriodReport: review::GetPeriodReportRequest {
                organisation: CARDIOLOGY.to_owned(),
                period: far(),
                ..Default::default()
            };
        }
        notification NotificationService {
            ListNotifications: notification::ListNotificationsRequest {
                patient: lonni(),
                ..Default::default()
            };
        }
        directory DirectoryService {
            ListOrganisations: directory::ListOrganisationsRequest::default();
            ListSystems: directory::ListSystemsRequest::default();
            GetReceiver: directory::GetReceiverRequest {
                gln: "5790009900405".to_owned(),
                ..Default::default()
            };
        }
    }
}

fn about_access() -> Vec<Rpc> {
    table! {
        access AccessRevocationService {
            RevokeAccess: access::RevokeAccessRequest {
                subject: Some(access::AccessSubject {
                    subject: Some(access::access_subject::Subject::Token(access::TokenSubject {
                        issuer: "https://sts.nobody.test".to_owned(),
                        token_id: id(),
                    })),
                }),
                reason: "Hændelse 4711".to_owned(),
                ..Default::default()
            };
            LiftRevocation: access::LiftRevocationRequest { revocation_id: id(), ..Default::default() };
            ListRevocations: access::ListRevocationsRequest::default();
        }
    }
}

/// What a caller gets: `ok`, or the stable reason of the refusal.
pub async fn ask(caller: &Connection, rpc: &Rpc) -> String {
    let request = Bytes::from(rpc.request.clone());
    let stream = tokio_stream::once(request);
    let signed = caller.signed(stream).expect("a token that can be sent");
    let path = PathAndQuery::try_from(format!("/{}", rpc.name)).expect("a path");
    let mut client = tonic::client::Grpc::new(caller.channel());
    client.ready().await.expect("the hub is there");
    let answer = match client.streaming(signed, path, AsBytes).await {
        Ok(answer) => answer.into_inner().message().await,
        Err(status) => Err(status),
    };
    match answer {
        Ok(message) => item(&rpc.name, message.unwrap_or_default()),
        Err(status) => reason(&status),
    }
}

fn reason(status: &Status) -> String {
    let details = status.get_error_details();
    match details.error_info() {
        Some(info) => info.reason.clone(),
        None if status.code() == Code::Unimplemented => "not there".to_owned(),
        None => panic!("the hub gave no answer of its own: {status}"),
    }
}

/// Some answers have an outcome for each of their items.
fn item(name: &str, message: Bytes) -> String {
    let error = if name.ends_with("/RegisterDocuments") {
        match RegisterDocumentsResponse::decode(message).map(|answer| answer.outcome) {
            Ok(Some(register_documents_response::Outcome::Error(error))) => Some(error),
            _ => None,
        }
    } else if name.ends_with("/RetrieveDocuments") {
        match RetrieveDocumentsResponse::decode(message).map(|answer| answer.part) {
            Ok(Some(retrieve_documents_response::Part::Error(error))) => Some(error),
            _ => None,
        }
    } else {
        None
    };
    error.map_or_else(|| "ok".to_owned(), |error| error.reason)
}

/// The system whose users the hospital's people are.
pub const HOSPITAL_SYSTEM: &str = EHR;

/// Messages as they are.
#[derive(Debug, Clone, Copy)]
struct AsBytes;

impl Codec for AsBytes {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for AsBytes {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, into: &mut EncodeBuf<'_>) -> Result<(), Status> {
        into.put(item);
        Ok(())
    }
}

impl Decoder for AsBytes {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = from.remaining();
        Ok(Some(from.copy_to_bytes(length)))
    }
}
