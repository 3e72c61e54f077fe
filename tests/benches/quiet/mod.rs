//! A hub in a process of its own that logs next to nothing, with a patient to search for, and what it costs.

use std::time::Duration;

use delt_client::proto::relation::v1::{RegisterRelationRequest, RelationKind, TreatmentRelation};
use delt_client::{Connection, TokenSource};
use delt_proto::record::v1::patient_record_service_client::PatientRecordServiceClient;
use delt_proto::record::v1::{SearchRecordRequest, SearchRecordResponse};
use delt_server::profile::Holder;
use delt_tests::calls::{everything, register};
use delt_tests::entries::{CARDIOLOGY, LONNI, REGION_H, cpr, note};
use delt_tests::hub::{sample, settings, token};
use delt_tests::served::Served;
use tonic::{Request, Status};

const ENTRIES: usize = 20;
const EHR: &str = "ehr-hovedstaden";

/// The hub, and somebody who may search.
pub(crate) struct Quiet {
    pub(crate) hub: Served,
    reader: Connection,
}

impl Quiet {
    pub(crate) async fn start(store: Option<String>, tables: &str) -> Self {
        let hub = Served::start_quiet(store, tables);
        let source = hub.system(REGION_H).await;
        for _ in 0..ENTRIES {
            register(&source, &note(REGION_H, LONNI)).await;
        }
        let request = RegisterRelationRequest {
            patient: Some(cpr(LONNI)),
            relation: Some(TreatmentRelation {
                kind: RelationKind::Referral.into(),
                organisation: CARDIOLOGY.to_owned(),
                ..TreatmentRelation::default()
            }),
            ..RegisterRelationRequest::default()
        };
        source
            .relations()
            .register(request)
            .await
            .expect("a relation");
        let reader = reader(&hub).await;
        Self { hub, reader }
    }

    pub(crate) fn reader(&self) -> &Connection {
        &self.reader
    }

    /// CPU that the hub has used since its start.
    pub(crate) fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.hub.process.id()));
        let stat = stat.expect("Linux tells of processes");
        let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
        let ticks = |at: usize| {
            fields
                .split_whitespace()
                .nth(at)
                .and_then(|f| f.parse::<u64>().ok())
        };
        let ticks = ticks(11).unwrap_or_default() + ticks(12).unwrap_or_default();
        // A tick is a hundredth of a second on every Linux that Rust runs on.
        Duration::from_millis(ticks * 10)
    }
}

/// A connection of the reader's own, as of a machine of theirs.
pub(crate) async fn reader(hub: &Served) -> Connection {
    let holder = Holder::Professional(sample("kard"));
    let token = token(&hub.profile, &holder, EHR, &[]);
    let settings = settings(&hub.profile, hub.api, EHR).with_token(TokenSource::text(token));
    Connection::connect(settings).await.expect("a connection")
}

/// One search, as it is, without a retry.
pub(crate) async fn search(
    reader: &Connection,
    deadline: Duration,
) -> Result<SearchRecordResponse, Status> {
    let mut request: Request<SearchRecordRequest> =
        reader.signed(everything(cpr(LONNI))).expect("a good token");
    request.set_timeout(deadline);
    let mut client = PatientRecordServiceClient::new(reader.channel());
    Ok(client.search_record(request).await?.into_inner())
}
