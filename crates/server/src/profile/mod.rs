//! The development profile: everything that a hub on one machine needs, made at first start.
//!
//! It has its own certificate authority, keys, token issuer, and a sample directory of organisations and systems, and
//! it listens on loopback only. It is for development and for demonstrations, never for real persons.

mod authority;
mod error;
mod fixtures;
mod folder;
mod keys;
mod systems;
#[cfg(test)]
mod tests;
mod token;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use delt_hub::entropy::Entropy;
use time::OffsetDateTime;

pub use error::ProfileError;
pub use fixtures::{
    DIRECTORY, Masked, Person, Professional, RoleCode, person, persons, professional, professionals,
};
pub use systems::{HTTPS_PATH, SYSTEMS, SampleSystem, SourceAddresses, SourceFace};
pub use token::{Holder, TokenRequest};

use crate::config::{
    Algorithm, Audit, Auth, Config, Directory, Issuer, Keys, Limits, Listen, Messages, Policy,
    Review, Sources, Store, Telemetry, Tls,
};
use crate::tls::ClientFiles;
use folder::Folder;

/// Where `delt serve` keeps the profile unless told otherwise.
pub const DEFAULT_DIR: &str = "delt-data";
/// `iss` of the profile's own tokens.
pub const ISSUER: &str = "https://sts.delt.test";
/// `aud` of the profile's own tokens.
pub const AUDIENCE: &str = "https://hub.delt.test";
/// The API port of the profile.
pub const API: &str = "127.0.0.1:7443";
/// The admin port of the profile.
pub const ADMIN: &str = "127.0.0.1:7444";
const ORIGIN: &str = "hub.delt.test/log";
const DATABASE: &str = "delt.db";

/// A complete development profile in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    folder: Folder,
}

impl Profile {
    /// Opens the profile in `data_dir`, and makes what is missing of it. Existing keys are never overwritten.
    ///
    /// # Errors
    /// The folder holds something else, or a profile from which a part was taken away that cannot be made again.
    pub fn open_or_create(
        data_dir: &Path,
        now: OffsetDateTime,
        entropy: &dyn Entropy,
    ) -> Result<Self, ProfileError> {
        let profile = Self {
            folder: Folder::claim(data_dir)?,
        };
        keys::complete(&profile.folder, entropy)?;
        authority::complete(&profile.folder, now, entropy)?;
        fixtures::write(&profile.folder)?;
        profile.write_systems(&SourceAddresses::default())?;
        Ok(profile)
    }

    /// Opens the profile that `delt serve` made, and writes nothing.
    pub fn open(data_dir: &Path) -> Result<Self, ProfileError> {
        Ok(Self {
            folder: Folder::open(data_dir)?,
        })
    }

    pub fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// Writes `systems.json` anew, with the sources at these addresses.
    ///
    /// # Errors
    /// An address is not on loopback.
    pub fn write_systems(&self, addresses: &SourceAddresses) -> Result<(), ProfileError> {
        addresses.all().into_iter().try_for_each(loopback)?;
        self.folder
            .replace(systems::FILE, &systems::to_json(addresses)?)
    }

    /// The PEM files of one of [`SYSTEMS`]: it calls the hub with them, and serves its documents with them.
    pub fn system(&self, id: &str) -> Option<ClientFiles> {
        let known = SYSTEMS.iter().find(|system| system.id == id)?;
        Some(ClientFiles {
            ca: self.ca_file(),
            certificate: self.folder.file(&authority::certificate_of(known.id)),
            key: self.folder.file(&authority::key_of(known.id)),
        })
    }

    /// The authority that issued all certificates of the profile.
    pub fn ca_file(&self) -> PathBuf {
        self.folder.file(authority::CA_CERTIFICATE)
    }

    /// The configuration of a hub with this profile at its usual ports.
    pub fn config(&self) -> Config {
        self.config_for(Listen {
            api: API.to_owned(),
            admin: ADMIN.to_owned(),
        })
    }

    /// The configuration at other ports.
    ///
    /// # Errors
    /// An address is not on loopback.
    pub fn config_at(&self, api: SocketAddr, admin: SocketAddr) -> Result<Config, ProfileError> {
        [api, admin].into_iter().try_for_each(loopback)?;
        Ok(self.config_for(Listen {
            api: api.to_string(),
            admin: admin.to_string(),
        }))
    }

    fn config_for(&self, listen: Listen) -> Config {
        let file = |name: &str| self.folder.file(name);
        Config {
            listen,
            tls: self.tls(),
            store: Store::with_url(Store::sqlite_url(&file(DATABASE))),
            keys: Keys {
                patient_key_file: file(keys::PATIENT),
                encryption_key_file: file(keys::ENCRYPTION),
                log_signing_key_file: file(keys::LOG_SIGNING),
            },
            auth: self.auth(),
            directory: Directory {
                organisations_file: file(fixtures::ORGANISATIONS_FILE),
                systems_file: file(systems::FILE),
            },
            audit: Audit::of(ORIGIN),
            policy: Policy::default(),
            review: Review::default(),
            sources: self.sources(),
            messages: Messages::default(),
            limits: Limits::default(),
            telemetry: Telemetry::default(),
        }
    }

    fn tls(&self) -> Tls {
        Tls {
            certificate_file: self.folder.file(&authority::certificate_of(authority::HUB)),
            key_file: self.folder.file(&authority::key_of(authority::HUB)),
            client_ca_file: self.ca_file(),
        }
    }

    fn auth(&self) -> Auth {
        let issuer = Issuer {
            issuer: ISSUER.to_owned(),
            audiences: vec![AUDIENCE.to_owned()],
            jwks_file: self.folder.file(keys::JWKS),
            algorithms: vec![Algorithm::ES256],
        };
        Auth::with_issuer(issuer)
    }

    fn sources(&self) -> Sources {
        let tls = self.tls();
        Sources::with_files(self.ca_file(), tls.certificate_file, tls.key_file)
    }
}

fn loopback(address: SocketAddr) -> Result<(), ProfileError> {
    if address.ip().is_loopback() {
        Ok(())
    } else {
        Err(ProfileError::NotLoopback(address))
    }
}
