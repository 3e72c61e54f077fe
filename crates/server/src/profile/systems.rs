//! The sample systems, as `systems.json` of the hub's directory.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::{Value, json};

use super::ProfileError;

pub(super) const FILE: &str = "systems.json";
/// Where the sources stand until somebody says otherwise: the ports after the hub's own.
const FIRST_SOURCE_PORT: u16 = 7451;
const SOURCE_DEADLINE_MS: u64 = 3_000;

/// SOR codes of the sample directory.
mod sor {
    pub(super) const REGION_HOVEDSTADEN: &str = "990011000016008";
    pub(super) const REGION_MIDTJYLLAND: &str = "990201000016000";
    pub(super) const LAEGERNE_TESTBY: &str = "990401000016001";
    pub(super) const LAEGEKLINIKKEN_GUDENAADAL: &str = "990421000016008";
    pub(super) const TESTBY_KOMMUNE: &str = "990601000016003";
    pub(super) const TESTBY_HJEMMESYGEPLEJEN: &str = "990631000016007";
    pub(super) const NATIONAL_DRIFT: &str = "990991000016000";
}

/// A system of the sample directory. It has a client certificate named `<id>.delt.test`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleSystem {
    /// Also the `client_id` of the tokens its users bring.
    pub id: &'static str,
    pub name: &'static str,
    /// SOR code of the organisation that answers for it.
    pub organisation: &'static str,
    /// SOR codes of the organisations that it acts for, with the units below them.
    pub organisations: &'static [&'static str],
    /// What it may be used for, in the words of `systems.json`.
    pub kinds: &'static [&'static str],
    /// XDS repository OID, where it is a document source.
    pub repository: Option<&'static str>,
    /// XDS source OID, where it is a document source.
    pub source_id: Option<&'static str>,
    /// How its documents are fetched, where it is a document source.
    pub face: SourceFace,
    /// Its mailboxes: GLN, SOR code and message types.
    pub receives: &'static [(&'static str, &'static str, &'static [&'static str])],
}

/// How a source gives out its documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceFace {
    /// `delt.source.v1.DocumentSourceService`.
    Grpc,
    /// A plain HTTPS GET of [`HTTPS_PATH`].
    Https,
}

/// Where a source with [`SourceFace::Https`] has its documents.
pub const HTTPS_PATH: &str = "/documents/{repositoryUniqueId}/{uniqueId}";

/// All sample systems.
pub const SYSTEMS: [SampleSystem; 10] = [
    source(
        "ejournal-hovedstaden",
        "Regional e-journal, Region Hovedstaden (test)",
        &[sor::REGION_HOVEDSTADEN],
        [
            "2.25.21025213019922425102143423241226559808",
            "2.25.102610766127522291887326282530999264632",
        ],
        &[],
    ),
    source(
        "ejournal-midtjylland",
        "Regional e-journal, Region Midtjylland (test)",
        &[sor::REGION_MIDTJYLLAND],
        [
            "2.25.65666442480444615862603814751474720315",
            "2.25.16367831436934674463764470697578559487",
        ],
        &[],
    ),
    source(
        "gp-testby",
        "Lægepraksissystem, Lægerne Testby",
        &[sor::LAEGERNE_TESTBY],
        [
            "2.25.199925378380866936315535743361603623285",
            "2.25.81015557039911021048569405795783198258",
        ],
        &[(
            "5790009900405",
            sor::LAEGERNE_TESTBY,
            &["XDIS01", "CareCommunication"],
        )],
    ),
    SampleSystem {
        face: SourceFace::Https,
        ..source(
            "kommune-testby",
            "Elektronisk omsorgsjournal, Testby Kommune",
            &[sor::TESTBY_KOMMUNE],
            [
                "2.25.182403039040210719888798740525170639345",
                "2.25.17447549966762731258788244550222531895",
            ],
            &[(
                "5790009900634",
                sor::TESTBY_HJEMMESYGEPLEJEN,
                &["HospitalNotification", "CareCommunication"],
            )],
        )
    },
    SampleSystem {
        kinds: &["source", "consumer"],
        ..tool(
            "ehr-hovedstaden",
            "Hospitalssystem, Region Hovedstaden (test)",
            &[sor::REGION_HOVEDSTADEN],
        )
    },
    SampleSystem {
        organisations: &[],
        kinds: &["consumer"],
        ..tool(
            "sundhedsportal",
            "Borgerportal (test)",
            &[sor::NATIONAL_DRIFT],
        )
    },
    SampleSystem {
        kinds: &["consumer"],
        ..tool(
            "gp-gudenaadal",
            "Lægepraksissystem, Lægeklinikken Gudenådal",
            &[sor::LAEGEKLINIKKEN_GUDENAADAL],
        )
    },
    tool(
        "tilsyn",
        "Logkontrol (test)",
        &[
            sor::NATIONAL_DRIFT,
            sor::REGION_HOVEDSTADEN,
            sor::REGION_MIDTJYLLAND,
            sor::LAEGERNE_TESTBY,
            sor::TESTBY_KOMMUNE,
        ],
    ),
    tool(
        "operator-cli",
        "Driftens kommandolinje (test)",
        &[sor::NATIONAL_DRIFT],
    ),
    SampleSystem {
        organisations: &[],
        kinds: &["register"],
        ..tool(
            "personregister",
            "CPR- og værgemålsregister (test)",
            &[sor::NATIONAL_DRIFT],
        )
    },
];

const fn source(
    id: &'static str,
    name: &'static str,
    organisations: &'static [&'static str; 1],
    [source_id, repository]: [&'static str; 2],
    receives: &'static [(&'static str, &'static str, &'static [&'static str])],
) -> SampleSystem {
    SampleSystem {
        kinds: &["source", "consumer"],
        repository: Some(repository),
        source_id: Some(source_id),
        receives,
        ..tool(id, name, organisations)
    }
}

/// The first organisation is the one that answers for it.
const fn tool(
    id: &'static str,
    name: &'static str,
    organisations: &'static [&'static str],
) -> SampleSystem {
    let organisation = match organisations {
        [first, ..] => first,
        [] => sor::NATIONAL_DRIFT,
    };
    SampleSystem {
        id,
        name,
        organisation,
        organisations,
        kinds: &["operations"],
        repository: None,
        source_id: None,
        face: SourceFace::Grpc,
        receives: &[],
    }
}

/// Where the sample sources listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceAddresses(Vec<(&'static str, SocketAddr)>);

impl Default for SourceAddresses {
    fn default() -> Self {
        let sources = SYSTEMS.iter().filter(|system| system.repository.is_some());
        Self(
            sources
                .zip(FIRST_SOURCE_PORT..)
                .map(|(system, port)| (system.id, SocketAddr::from((Ipv4Addr::LOCALHOST, port))))
                .collect(),
        )
    }
}

impl SourceAddresses {
    /// Puts the source with this id at another address. An id that is no source changes nothing.
    #[must_use]
    pub fn with(mut self, id: &str, address: SocketAddr) -> Self {
        for (_, place) in self.0.iter_mut().filter(|(known, _)| *known == id) {
            *place = address;
        }
        self
    }

    /// The address of the source with this id.
    pub fn get(&self, id: &str) -> Option<SocketAddr> {
        self.0
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, address)| *address)
    }

    pub(super) fn all(&self) -> Vec<SocketAddr> {
        self.0.iter().map(|(_, address)| *address).collect()
    }
}

/// The subject alternative name of a sample system's certificate.
pub(super) fn certificate_name(id: &str) -> String {
    format!("{id}.delt.test")
}

pub(super) fn to_json(addresses: &SourceAddresses) -> Result<Vec<u8>, ProfileError> {
    let systems: Vec<Value> = SYSTEMS
        .iter()
        .map(|system| entry(system, addresses))
        .collect();
    serde_json::to_vec_pretty(&systems).map_err(|error| ProfileError::Fixture(error.to_string()))
}

fn entry(system: &SampleSystem, addresses: &SourceAddresses) -> Value {
    let receives: Vec<Value> = system
        .receives
        .iter()
        .map(|(gln, organisation, types)| {
            json!({ "gln": gln, "organisation": organisation, "message_types": types })
        })
        .collect();
    json!({
        "id": system.id,
        "name": system.name,
        "organisation": system.organisation,
        "certificate_names": [certificate_name(system.id)],
        "organisations": system.organisations,
        "source": endpoint(system, addresses),
        "validation": "reject",
        "receives": receives,
        "kinds": system.kinds,
    })
}

fn endpoint(system: &SampleSystem, addresses: &SourceAddresses) -> Option<Value> {
    let repository = system.repository?;
    let address = addresses.get(system.id)?;
    let address = match system.face {
        SourceFace::Grpc => format!("grpc+tls://{address}"),
        SourceFace::Https => format!("https://{address}{HTTPS_PATH}"),
    };
    Some(json!({
        "source_id": system.source_id,
        "repository_unique_ids": [repository],
        "address": address,
        "server_name": certificate_name(system.id),
        "deadline_ms": SOURCE_DEADLINE_MS,
    }))
}
