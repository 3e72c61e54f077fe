//! From flags, variables and the development profile to a connection.

use std::path::{Path, PathBuf};
use std::time::Duration;

use delt_client::{Connection, Settings, TokenSource};
use delt_proto::common::v1::{Identifier, RequestContext};

use super::Surroundings;
use super::arguments::HubArgs;
use super::failure::Failure;
use super::output::Output;
use super::people::{Who, system_for, system_of};
use crate::profile::{self, Holder, Profile, TokenRequest};
use crate::tls::{ClientCertificate, ClientFiles, pem};

const TOKEN_LIFETIME: Duration = Duration::from_hours(1);

/// Who speaks in the development profile when nobody says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Usually<'a> {
    /// Nobody: it must be said.
    Somebody,
    /// The citizen whose record it is.
    Citizen(&'a Identifier),
    Auditor,
    Operator,
    /// A system, without a person.
    System(&'a str),
    /// The system of an organisation, without a person.
    SystemOf(&'a str),
}

/// A connection, and what is said with each request.
pub(super) struct Session {
    pub(super) hub: Connection,
    pub(super) context: Option<RequestContext>,
    pub(super) output: Output,
}

/// Which certificate, and which token.
struct Identity {
    files: ClientFiles,
    token: Option<TokenSource>,
}

impl HubArgs {
    /// Connects as the flags say, then the `DELT_*` variables, then the development profile.
    pub(super) async fn connect(
        &self,
        around: &Surroundings<'_>,
        usually: Usually<'_>,
    ) -> Result<Session, Failure> {
        let Identity { files, token } = self.identity(around, usually)?;
        let address = self
            .address
            .clone()
            .or_else(|| around.environment.address.clone());
        let address = address.unwrap_or_else(|| profile::API.to_owned());
        let address = if address.contains("://") {
            address
        } else {
            format!("https://{address}")
        };
        let (ca, certificate, key) = (
            read(&files.ca)?,
            read(&files.certificate)?,
            read(&files.key)?,
        );
        let mut settings = Settings::new(address, ca, certificate, key, around.uuid()?);
        settings.token = token;
        let hub = Connection::connect(settings).await?;
        Ok(Session {
            hub,
            context: self.context(),
            output: Output { json: self.json },
        })
    }

    /// The folder of the development profile.
    pub(super) fn data_dir(&self, around: &Surroundings<'_>) -> PathBuf {
        let named = self
            .data_dir
            .clone()
            .or_else(|| around.environment.data_dir.clone());
        named.unwrap_or_else(|| PathBuf::from(profile::DEFAULT_DIR))
    }

    fn identity(
        &self,
        around: &Surroundings<'_>,
        usually: Usually<'_>,
    ) -> Result<Identity, Failure> {
        let token = self.given_token(around);
        if let Some(files) = self.given_files(around)? {
            if self.who.is_some() || self.system.is_some() {
                return Err(Failure::usage(
                    "--as and --system are for the development profile",
                ));
            }
            return Ok(Identity { files, token });
        }
        let profile = Profile::open(&self.data_dir(around))?;
        match (token, self.speaker(usually)?) {
            (Some(token), _) => {
                let system = self.system.as_deref().ok_or_else(|| {
                    Failure::usage("a token is bound to its system: say which with --system")
                })?;
                Ok(Identity {
                    files: files(&profile, system)?,
                    token: Some(token),
                })
            }
            (None, Speaker::System(system)) => Ok(Identity {
                files: files(&profile, system)?,
                token: None,
            }),
            (None, Speaker::Person(holder, system)) => {
                let token = self.issue(around, &profile, &holder, system, TOKEN_LIFETIME)?;
                let files = files(&profile, system)?;
                Ok(Identity {
                    files,
                    token: Some(TokenSource::text(token)),
                })
            }
        }
    }

    /// All three files, or none of them.
    fn given_files(&self, around: &Surroundings<'_>) -> Result<Option<ClientFiles>, Failure> {
        let environment = around.environment;
        let ca = self.ca.as_ref().or(environment.ca_file.as_ref());
        let certificate = self.cert.as_ref().or(environment.certificate_file.as_ref());
        let key = self.key.as_ref().or(environment.key_file.as_ref());
        match (ca, certificate, key) {
            (None, None, None) => Ok(None),
            (Some(ca), Some(certificate), Some(key)) => Ok(Some(ClientFiles {
                ca: ca.clone(),
                certificate: certificate.clone(),
                key: key.clone(),
            })),
            _ => Err(Failure::usage("--ca, --cert and --key are needed together")),
        }
    }

    /// A flag goes before a variable, also where the flag is `--as`.
    fn given_token(&self, around: &Surroundings<'_>) -> Option<TokenSource> {
        if let Some(token) = &self.token {
            return Some(TokenSource::text(token.0.clone()));
        }
        if let Some(file) = &self.token_file {
            return Some(TokenSource::file(file.clone()));
        }
        if self.who.is_some() {
            return None;
        }
        let environment = around.environment;
        let text = environment.token.clone().map(TokenSource::text);
        text.or_else(|| environment.token_file.clone().map(TokenSource::file))
    }

    fn speaker<'a>(&'a self, usually: Usually<'a>) -> Result<Speaker<'a>, Failure> {
        let chosen = self.system.as_deref();
        let person = |who: &Who| {
            let holder = who.holder()?;
            let system = chosen.map_or_else(|| system_of(&holder), Ok)?;
            Ok(Speaker::Person(Box::new(holder), system))
        };
        match (&self.who, usually) {
            (Some(who), _) => person(who),
            (None, Usually::Citizen(number)) if chosen.is_none() => person(&Who::citizen(&number.value)),
            (None, Usually::Auditor) => person(&Who::auditor()),
            (None, Usually::Operator) => person(&Who::operator()),
            (None, Usually::System(system)) => Ok(Speaker::System(chosen.unwrap_or(system))),
            (None, Usually::SystemOf(sor)) => {
                Ok(Speaker::System(chosen.map_or_else(|| system_for(sor), Ok)?))
            }
            (None, Usually::Somebody | Usually::Citizen(_)) => match chosen {
                Some(system) => Ok(Speaker::System(system)),
                None => Err(Failure::usage("nobody asks").hint(
                    "say who with --as, such as --as gp, --as kard or --as 0201609996; or give --token",
                )),
            },
        }
    }

    /// A token of the development profile.
    pub(super) fn issue(
        &self,
        around: &Surroundings<'_>,
        profile: &Profile,
        holder: &Holder,
        system: &str,
        lifetime: Duration,
    ) -> Result<String, Failure> {
        let files = files(profile, system)?;
        let chain =
            pem::certificates(&files.certificate).map_err(|e| Failure::new(e.to_string()))?;
        let certificate = chain
            .first()
            .and_then(ClientCertificate::from_der)
            .ok_or_else(|| Failure::new("the system's certificate cannot be read"))?;
        let purposes: Vec<&str> = self.purpose().into_iter().collect();
        Ok(profile.issue_token(&TokenRequest {
            holder,
            client_id: system,
            certificate: &certificate,
            purposes: &purposes,
            issued_at: around.now(),
            lifetime,
            jti: &around.uuid()?.to_string(),
        })?)
    }
}

enum Speaker<'a> {
    System(&'a str),
    Person(Box<Holder>, &'a str),
}

fn files(profile: &Profile, system: &str) -> Result<ClientFiles, Failure> {
    profile.system(system).ok_or_else(|| {
        let ids: Vec<&str> = profile::SYSTEMS.iter().map(|system| system.id).collect();
        Failure::usage("the development profile has no such system")
            .hint(format!("it has {}", ids.join(", ")))
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|cause| Failure::file(path, &cause))
}
