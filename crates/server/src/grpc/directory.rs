//! Organisations, systems and receivers on the wire.

use std::collections::BTreeSet;

use delt_hub::{
    Error, Result,
    audit::Receipt,
    error::code,
    organisation::{self, Directory, operations::ReadDirectory},
};
use delt_policy::OrganisationId;
use delt_proto::directory::v1::{self as v1, directory_service_server};
use tonic::{Request, Response};

use super::{Answer, Api, Call, call::HasContext, status, wire};

/// `delt.directory.v1.DirectoryService`
#[derive(Debug, Clone)]
pub(crate) struct DirectoryService(pub(crate) Api);

#[tonic::async_trait]
impl directory_service_server::DirectoryService for DirectoryService {
    async fn list_organisations(
        &self,
        request: Request<v1::ListOrganisationsRequest>,
    ) -> Answer<v1::ListOrganisationsResponse> {
        let page_max = self.0.hub.settings().page_size_max;
        self.read(request, |message, directory, receipt| {
            list(&message, directory, page_max, receipt)
        })
        .await
    }

    async fn list_systems(
        &self,
        request: Request<v1::ListSystemsRequest>,
    ) -> Answer<v1::ListSystemsResponse> {
        self.read(request, |_, directory, receipt| {
            Ok(v1::ListSystemsResponse {
                systems: directory.systems().iter().map(system).collect(),
                receipt: Some(wire::receipt(receipt)),
            })
        })
        .await
    }

    async fn get_receiver(
        &self,
        request: Request<v1::GetReceiverRequest>,
    ) -> Answer<v1::GetReceiverResponse> {
        self.read(request, |message, directory, receipt| {
            receiver(&message, directory, receipt)
        })
        .await
    }
}

impl DirectoryService {
    async fn read<M: HasContext, T>(
        &self,
        request: Request<M>,
        write: impl FnOnce(M, &Directory, &Receipt) -> Result<T>,
    ) -> Answer<T> {
        let call = Call::of(&request, request.get_ref().context());
        let released = self.0.perform(&call, ReadDirectory).await?;
        write(request.into_inner(), &released.value, &released.receipt)
            .map(Response::new)
            .map_err(|error| status(&error))
    }
}

/// Pages by SOR code, which is the page token: the directory is no secret.
fn list(
    message: &v1::ListOrganisationsRequest,
    directory: &Directory,
    page_max: u32,
    receipt: &Receipt,
) -> Result<v1::ListOrganisationsResponse> {
    let size = wire::page_size(message.page_size, page_max)?;
    let within = wire::optional(&message.within)
        .map(|sor| wire::organisation("within", sor))
        .transpose()?;
    let after = wire::optional(&message.page_token)
        .map(|sor| wire::organisation("page_token", sor))
        .transpose()?;
    let tree = directory.tree();
    let chosen = |id: &OrganisationId| {
        within.as_ref().is_none_or(|root| tree.is_within(id, root))
            && after.as_ref().is_none_or(|after| id > after)
    };
    let mut organisations = directory
        .organisations()
        .filter(|organisation| chosen(&organisation.sor))
        .collect::<Vec<_>>();
    organisations.sort_by(|a, b| a.sor.cmp(&b.sor));
    let more = organisations.len() > size;
    organisations.truncate(size);
    let last = organisations.last().filter(|_| more);
    Ok(v1::ListOrganisationsResponse {
        next_page_token: last
            .map(|last| last.sor.code().to_owned())
            .unwrap_or_default(),
        organisations: organisations
            .into_iter()
            .map(|o| written(o, &tree))
            .collect(),
        receipt: Some(wire::receipt(receipt)),
    })
}

fn written(
    organisation: &organisation::Organisation,
    tree: &delt_policy::OrganisationTree,
) -> v1::Organisation {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    v1::Organisation {
        sor: organisation.sor.code().to_owned(),
        parent_sor: organisation
            .parent
            .as_ref()
            .map(|parent| parent.code().to_owned())
            .unwrap_or_default(),
        name: organisation.name.clone(),
        sector: tree.sector(&organisation.sor).as_str().to_owned(),
        kind: organisation.kind.clone(),
        ydernummer: text(&organisation.ydernummer),
        shak: text(&organisation.shak),
        gln: text(&organisation.gln),
    }
}

fn system(system: &organisation::System) -> v1::System {
    let source = system.source.as_ref();
    v1::System {
        system_id: system.id.clone(),
        name: system.name.clone(),
        organisation: system.organisation.code().to_owned(),
        organisations: system
            .organisations
            .iter()
            .map(|o| o.code().to_owned())
            .collect(),
        source_id: source
            .map(|source| source.source_id.clone())
            .unwrap_or_default(),
        repository_unique_ids: source
            .map(|source| source.repository_unique_ids.clone())
            .unwrap_or_default(),
    }
}

fn receiver(
    message: &v1::GetReceiverRequest,
    directory: &Directory,
    receipt: &Receipt,
) -> Result<v1::GetReceiverResponse> {
    let mut organisation = None;
    let mut types = BTreeSet::new();
    for (_, receiver) in directory.receivers_by_gln(&message.gln) {
        organisation = Some(receiver.organisation.code().to_owned());
        types.extend(receiver.message_types.iter().cloned());
    }
    let organisation = organisation.ok_or(Error::new(code::NOT_FOUND))?;
    Ok(v1::GetReceiverResponse {
        receiver: Some(v1::Receiver {
            gln: message.gln.clone(),
            organisation,
            message_types: types.into_iter().collect(),
        }),
        receipt: Some(wire::receipt(receipt)),
    })
}
