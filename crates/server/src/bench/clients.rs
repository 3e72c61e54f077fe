//! Who calls: connections with the certificates of the development profile's systems, and professionals with tokens of their own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use delt_client::{Connection, Settings, TokenSource};
use delt_hub::clock::{Clock as _, SystemClock};
use delt_hub::entropy::{self, SystemEntropy};
use time::OffsetDateTime;
use tonic::Request;
use tonic::metadata::{Ascii, MetadataValue};
use uuid::Uuid;

use super::Failure;
use crate::profile::{self, Holder, Person, Professional, Profile, TokenRequest};
use crate::tls::{ClientCertificate, ClientFiles, pem};

/// The system that reads, and the sample professional whose colleagues the callers are.
pub(super) const READER: &str = "ehr-hovedstaden";
const PHYSICIAN: &str = "kard";
/// Requests under way on one connection at most, as EHRs share theirs.
pub(super) const STREAMS: usize = 16;
const TOKEN_LIFETIME: Duration = Duration::from_hours(1);
const DEADLINE: Duration = Duration::from_secs(30);

/// A professional at work.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) hub: Connection,
    bearer: MetadataValue<Ascii>,
}

impl Caller {
    /// A request as the SDK sends it, with this caller's token.
    pub(super) fn request<Q>(&self, message: Q) -> Result<Request<Q>, Failure> {
        self.request_with(message, self.bearer.clone())
    }

    pub(super) fn request_with<Q>(
        &self,
        message: Q,
        bearer: MetadataValue<Ascii>,
    ) -> Result<Request<Q>, Failure> {
        let mut request = self.hub.signed(message)?;
        request.metadata_mut().insert("authorization", bearer);
        request.set_timeout(DEADLINE);
        Ok(request)
    }
}

/// Makes connections and tokens.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    profile: Profile,
    tokens: Arc<AtomicU64>,
}

impl Clients {
    pub(super) fn new(profile: Profile) -> Self {
        Self {
            profile,
            tokens: Arc::default(),
        }
    }

    /// So many callers who share connections, each a physician of another name.
    pub(super) async fn callers(
        &self,
        address: &str,
        count: usize,
    ) -> Result<Arc<[Caller]>, Failure> {
        let mut callers = Vec::with_capacity(count);
        let mut hub = None;
        for number in 0..count {
            if number % STREAMS == 0 {
                hub = Some(self.system(address, READER).await?);
            }
            if let Some(hub) = &hub {
                callers.push(Caller {
                    hub: hub.clone(),
                    bearer: self.bearer(number)?,
                });
            }
        }
        Ok(callers.into())
    }

    /// A new token for the how manieth caller.
    pub(super) fn bearer(&self, number: usize) -> Result<MetadataValue<Ascii>, Failure> {
        let token = self.token(&Holder::Professional(physician(number)?), READER)?;
        Ok(format!("Bearer {token}").parse()?)
    }

    /// A system by itself.
    pub(super) async fn system(&self, address: &str, system: &str) -> Result<Connection, Failure> {
        Ok(Connection::connect(self.settings(address, system)?).await?)
    }

    /// A source by itself, without the hub between.
    pub(super) async fn of_source(
        &self,
        address: &str,
        source: &str,
    ) -> Result<Connection, Failure> {
        let mut settings = self.settings(address, READER)?;
        settings.server_name = Some(format!("{source}.delt.test"));
        Ok(Connection::connect(settings).await?)
    }

    /// A citizen through the portal.
    pub(super) async fn citizen(
        &self,
        address: &str,
        citizen: Person,
    ) -> Result<Connection, Failure> {
        let portal = "sundhedsportal";
        let token = self.token(&Holder::Citizen(citizen), portal)?;
        let settings = self.settings(address, portal)?;
        let settings = settings.with_token(TokenSource::text(token));
        Ok(Connection::connect(settings).await?)
    }

    fn token(&self, holder: &Holder, system: &str) -> Result<String, Failure> {
        let number = self.tokens.fetch_add(1, Ordering::Relaxed);
        Ok(self.profile.issue_token(&TokenRequest {
            holder,
            client_id: system,
            certificate: &self.certificate(system)?,
            purposes: &[],
            issued_at: now(),
            lifetime: TOKEN_LIFETIME,
            jti: &format!("bench-{number}"),
        })?)
    }

    fn settings(&self, address: &str, system: &str) -> Result<Settings, Failure> {
        let files = self.files(system)?;
        Ok(Settings::new(
            format!("https://{address}"),
            read(&files.ca)?,
            read(&files.certificate)?,
            read(&files.key)?,
            uuid()?,
        ))
    }

    fn certificate(&self, system: &str) -> Result<ClientCertificate, Failure> {
        let chain = pem::certificates(&self.files(system)?.certificate)?;
        let leaf = chain.first().and_then(ClientCertificate::from_der);
        Ok(leaf.ok_or("a system without a certificate")?)
    }

    fn files(&self, system: &str) -> Result<ClientFiles, Failure> {
        Ok(self.profile.system(system).ok_or("no such system")?)
    }
}

/// A physician of the cardiology department, a different one for each number.
fn physician(number: usize) -> Result<Professional, Failure> {
    let sample = profile::professional(PHYSICIAN)?.ok_or("nobody of that key works anywhere")?;
    Ok(Professional {
        key: format!("bench-{number}"),
        authorisation_id: Some(format!("9B{number:03}")),
        ..sample
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// A name that no other run has.
pub(super) fn uuid() -> Result<Uuid, Failure> {
    Ok(entropy::uuid(&SystemEntropy::default(), SystemClock.now())?)
}

pub(super) fn now() -> OffsetDateTime {
    let nanos = i128::from(SystemClock.now()) * 1_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
