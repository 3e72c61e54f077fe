//! A patient's record on the wire.

mod lanes;
mod parts;
mod search;

use std::sync::Arc;

use delt_hub::{
    Error, Operation as _, Released, Result,
    error::code,
    identity::Caller,
    record::{RetrieveDocument, Ticket},
};
use delt_proto::record::v1::{self as v1, patient_record_service_server::PatientRecordService};
use tonic::{Request, Response};
use tracing::Instrument as _;
use uuid::Uuid;

use crate::telemetry::span;

use self::{
    lanes::Lanes,
    parts::{Outlet, Parts, Retrieved, pass_on},
};
use super::{Answer, Api, Call, counted_as, status, wire};

/// Documents in one call of `RetrieveDocuments`.
const DOCUMENTS_MAX: usize = 50;

/// How the fetching of content counts in the metrics, beside the decision that goes before it.
const FETCH: &str = "FetchDocument";

/// `delt.record.v1.PatientRecordService`
#[derive(Debug, Clone)]
pub(crate) struct RecordService(pub(crate) Api);

#[tonic::async_trait]
impl PatientRecordService for RecordService {
    type RetrieveDocumentStream = Parts<v1::RetrieveDocumentResponse>;
    type RetrieveDocumentsStream = Parts<v1::RetrieveDocumentsResponse>;

    async fn search_record(
        &self,
        request: Request<v1::SearchRecordRequest>,
    ) -> Answer<v1::SearchRecordResponse> {
        let page_max = self.0.hub.settings().page_size_max;
        let read = |message| search::read(message, page_max);
        self.0.answer(request, read, search::written).await
    }

    async fn retrieve_document(
        &self,
        request: Request<v1::RetrieveDocumentRequest>,
    ) -> Answer<Self::RetrieveDocumentStream> {
        let call = Call::of(&request, request.get_ref().context.as_ref());
        let call = call.in_one_span("RetrieveDocument call");
        let read = one(&request.into_inner());
        let operation = self
            .0
            .understood(&call, RetrieveDocument::ACTION, read)
            .await?;
        let released = self.0.perform(&call, operation).await?;
        let counted = self.0.metrics.request(FETCH);
        let span = call.origin.operation(FETCH);
        let fetch = self.0.hub.fetch(released, call.left());
        let document = match fetch.instrument(span.clone()).await {
            Ok(document) => document,
            // What is wrong before the first byte is the status of the call.
            Err(error) => {
                span::ended(&span, counted_as(Some(&error)));
                counted.end(counted_as(Some(&error)));
                return Err(status(&error));
            }
        };
        let (outlet, mut parts) = Parts::new();
        parts.pump(async move {
            let outcome = pass_on(document, &outlet).instrument(span.clone()).await;
            span::ended(&span, counted_as(outcome.as_ref().err()));
            counted.end(counted_as(outcome.as_ref().err()));
            if let Err(error) = outcome {
                outlet.put(Retrieved::Failed(error)).await;
            }
        });
        Ok(Response::new(parts))
    }

    async fn retrieve_documents(
        &self,
        request: Request<v1::RetrieveDocumentsRequest>,
    ) -> Answer<Self::RetrieveDocumentsStream> {
        let call = Call::of(&request, request.get_ref().context.as_ref());
        let call = call.in_one_span("RetrieveDocuments call");
        let read = many(request.into_inner());
        let operations = self
            .0
            .understood(&call, RetrieveDocument::ACTION, read)
            .await?;
        let action = RetrieveDocument::ACTION.as_str();
        let caller = self
            .0
            .hub
            .caller(&call.credentials, &call.context, action)
            .await;
        let caller = caller.map_err(|error| status(&error))?;
        let lanes = Arc::new(Lanes::new(self.0.hub.settings().retrieve_parallel));
        let (outlet, mut parts) = Parts::new();
        for operation in operations {
            let outlet = outlet.of_entry(operation.entry_uuid);
            parts.pump(retrieve(
                (self.0.clone(), call.clone()),
                caller.clone(),
                operation,
                outlet,
                lanes.clone(),
            ));
        }
        Ok(Response::new(parts))
    }
}

fn one(message: &v1::RetrieveDocumentRequest) -> Result<RetrieveDocument> {
    Ok(RetrieveDocument {
        patient: wire::person("patient", message.patient.as_ref())?,
        entry_uuid: wire::uuid("entry_uuid", &message.entry_uuid)?,
    })
}

fn many(message: v1::RetrieveDocumentsRequest) -> Result<Vec<RetrieveDocument>> {
    let patient = wire::person("patient", message.patient.as_ref())?;
    let texts = wire::at_most("entry_uuids", message.entry_uuids, DOCUMENTS_MAX)?;
    let mut entries: Vec<Uuid> = Vec::with_capacity(texts.len());
    for (at, text) in texts.iter().enumerate() {
        let field = format!("entry_uuids[{at}]");
        let entry = wire::uuid(&field, text)?;
        // The parts of an answer are told apart by their entry.
        if entries.contains(&entry) {
            return Err(Error::invalid(field, "is there twice"));
        }
        entries.push(entry);
    }
    if entries.is_empty() {
        return Err(Error::invalid("entry_uuids", "is required"));
    }
    let operation = |entry_uuid| RetrieveDocument {
        patient: patient.clone(),
        entry_uuid,
    };
    Ok(entries.into_iter().map(operation).collect())
}

/// One of several documents: its own decision, its own audit entry, its own outcome.
async fn retrieve(
    (api, call): (Api, Call),
    caller: Caller,
    operation: RetrieveDocument,
    outlet: Outlet<v1::RetrieveDocumentsResponse>,
    lanes: Arc<Lanes>,
) {
    let outcome = async {
        let released = {
            let _turn = lanes.decision().await;
            perform(&api, &call, &caller, operation).await?
        };
        let _turn = lanes.source(released.value.source_id()).await;
        let counted = api.metrics.request(FETCH);
        let outcome =
            async { pass_on(api.hub.fetch(released, call.left()).await?, &outlet).await }.await;
        counted.end(counted_as(outcome.as_ref().err()));
        outcome
    };
    if let Err(error) = outcome.await {
        outlet.put(Retrieved::Failed(error)).await;
    }
}

async fn perform(
    api: &Api,
    call: &Call,
    caller: &Caller,
    operation: RetrieveDocument,
) -> Result<Released<Ticket>> {
    let counted = api.metrics.request(RetrieveDocument::ACTION.as_str());
    let span = call.origin.operation(RetrieveDocument::ACTION.as_str());
    let performed = api.hub.perform(caller, operation).instrument(span.clone());
    let late = |_| Err(Error::new(code::DEADLINE_EXCEEDED));
    let deadline = call.deadline(api.deadline);
    let outcome = tokio::time::timeout(deadline, performed)
        .await
        .unwrap_or_else(late);
    span::ended(&span, counted_as(outcome.as_ref().err()));
    counted.end(counted_as(outcome.as_ref().err()));
    outcome
}
