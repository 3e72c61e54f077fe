//! From the configuration to what a hub is opened with. `delt check-config` goes the same way, so that what it accepts
//! is what `delt serve` can open.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use delt_hub::clock::{HOUR, Micros, SECOND};
use delt_hub::identity::{self, AuthSettings, Authenticator, RoleAliases};
use delt_hub::keys::Secrets;
use delt_hub::{Settings, StoreSettings, organisation};
use delt_policy::RolePolicy;

use super::{Auth, Config, Directory, Issuer, Key, Policy, Problem, Problems, read_key};

/// In a policy folder: the schema beside its `.cedar` files.
const SCHEMA_FILE: &str = "delt.cedarschema";

impl Config {
    /// The store, with its password.
    ///
    /// # Errors
    /// The password file cannot be read.
    pub fn store_settings(&self) -> Result<StoreSettings, Problem> {
        let unread = |error| Problem::new("store.password_file", error);
        let pooler = self.store.pooler_connection_url().transpose();
        let standby = self.store.standby_connection_url().transpose();
        Ok(StoreSettings {
            url: self.store.connection_url().map_err(unread)?.to_string(),
            pooler_url: pooler.map_err(unread)?.map(|url| url.to_string()),
            standby_url: standby.map_err(unread)?.map(|url| url.to_string()),
            read_connections: self.store.max_connections,
            timeout_ms: self.store.timeout_ms,
            statement_ms: self.limits.deadline_ms.max(self.store.timeout_ms),
        })
    }

    /// The limits and terms of the hub.
    ///
    /// # Errors
    /// The witness policy cannot be read, or is none.
    pub fn hub_settings(&self) -> Result<Settings, Problem> {
        Ok(Settings {
            page_size_max: self.limits.page_size_max,
            message_lease: micros(self.messages.lease_seconds, SECOND),
            message_bytes_max: self.messages.max_bytes,
            document_bytes_max: self.sources.max_document_bytes,
            retrieve_deadline_ms: self.sources.deadline_ms,
            retrieve_parallel: self.sources.parallel,
            checkpoint_interval_ms: self.audit.checkpoint_interval_ms,
            log_origin: self.audit.origin.clone(),
            retention: self
                .audit
                .retention_days
                .map(|days| micros(days, 24 * HOUR)),
            promise: micros(self.audit.promise_seconds, SECOND),
            witnesses: self.audit.witness_policy()?,
            witness_interval_ms: self.audit.witness_interval_ms,
            review: self.review.settings(),
            terms: self.policy.terms(),
            assumed_ground: self.policy.assumed_ground(),
            break_glass: micros(self.policy.break_glass_minutes, 60 * SECOND),
            attestation: micros(self.policy.attestation_hours, HOUR),
            attestation_deadline: micros(self.policy.attestation_deadline_days, 24 * HOUR),
            discharge_run_out: micros(self.policy.discharge_run_out_days, 24 * HOUR),
            citizen_log: self
                .policy
                .citizen_log_days()
                .map(|days| micros(days, 24 * HOUR)),
            citizen_names: self.policy.show_names == super::ShowNames::Names,
            visit_pause: micros(self.policy.visit_pause_hours, HOUR),
            follow_up_interval_ms: self.policy.follow_up_interval_ms,
        })
    }

    /// The three keys.
    pub fn secrets(&self) -> Result<Secrets, Problem> {
        Ok(Secrets {
            patient: secret("keys.patient_key_file", &self.keys.patient_key_file)?,
            encryption: secret("keys.encryption_key_file", &self.keys.encryption_key_file)?,
            log_signing: secret("keys.log_signing_key_file", &self.keys.log_signing_key_file)?,
        })
    }
}

fn micros(count: u64, of: Micros) -> Micros {
    i64::try_from(count).unwrap_or(i64::MAX).saturating_mul(of)
}

fn secret(field: &str, path: &Path) -> Result<Key, Problem> {
    read_key(path).map_err(|error| Problem::new(field, format_args!("{}: {error}", path.display())))
}

impl Auth {
    /// Whom the hub believes.
    ///
    /// # Errors
    /// Each file that cannot be read, or what is wrong with the issuers taken together.
    pub fn authenticator(&self) -> Result<Authenticator, Problems> {
        let settings = AuthSettings {
            issuers: self.trusted_issuers()?,
            require_binding: self.require_binding,
            clock_skew_s: i64::try_from(self.clock_skew_seconds).unwrap_or(i64::MAX),
            cached_tokens: self.cached_tokens,
            role_aliases: self.aliases().map_err(Problems::one)?,
            assumed_responsible_role: self.assumed_responsible_role.clone(),
        };
        Authenticator::new(settings).map_err(|error| Problems::one(Problem::new("auth", error)))
    }

    fn trusted_issuers(&self) -> Result<Vec<identity::Issuer>, Problems> {
        let mut problems = Vec::new();
        let mut issuers = Vec::new();
        for (index, issuer) in self.issuers.iter().enumerate() {
            match issuer.trusted() {
                Ok(trusted) => issuers.push(trusted),
                Err(error) => {
                    problems.push(Problem::new(
                        format!("auth.issuers[{index}].jwks_file"),
                        error,
                    ));
                }
            }
        }
        Problems::none_of(problems).map(|()| issuers)
    }

    pub(super) fn aliases(&self) -> Result<RoleAliases, Problem> {
        let Some(table) = &self.role_aliases else {
            return Ok(RoleAliases::default());
        };
        RoleAliases::new(table.clone())
            .map_err(|problems| Problem::new("auth.role_aliases", problems.join("; ")))
    }
}

impl Issuer {
    fn trusted(&self) -> Result<identity::Issuer, String> {
        let file = |error: &dyn std::fmt::Display| format!("{}: {error}", self.jwks_file.display());
        let bytes = fs::read(&self.jwks_file).map_err(|error| file(&error))?;
        Ok(identity::Issuer {
            issuer: self.issuer.clone(),
            audiences: self.audiences.clone(),
            algorithms: self.algorithms.iter().copied().map(Into::into).collect(),
            jwks: serde_json::from_slice(&bytes).map_err(|error| file(&error))?,
        })
    }
}

impl Directory {
    /// Organisations and systems, checked against each other.
    pub fn open(&self) -> Result<organisation::Directory, Problems> {
        let read = |field: &str, path: &PathBuf| {
            fs::read_to_string(path).map_err(|error| {
                Problems::one(Problem::new(
                    field,
                    format_args!("{}: {error}", path.display()),
                ))
            })
        };
        let organisations = read("directory.organisations_file", &self.organisations_file)?;
        let systems = read("directory.systems_file", &self.systems_file)?;
        organisation::Directory::from_json(&organisations, &systems)
            .map_err(|error| Problems::one(Problem::new("directory", error)))
    }
}

impl Policy {
    /// The rules of roles: those of the folder, or the built-in ones.
    pub fn roles(&self) -> Result<RolePolicy, Problem> {
        let wrong = |error: &dyn std::fmt::Display| Problem::new("policy.dir", error);
        let Some(dir) = &self.dir else {
            return RolePolicy::builtin().map_err(|error| wrong(&error));
        };
        let (schema, files) =
            sources(dir).map_err(|error| wrong(&format_args!("{}: {error}", dir.display())))?;
        if files.is_empty() {
            return Err(wrong(&"holds no .cedar file"));
        }
        let named: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        RolePolicy::from_sources(&schema, &named).map_err(|error| wrong(&error))
    }
}

/// The schema, and the policy files with their names.
fn sources(dir: &Path) -> io::Result<(String, Vec<(String, String)>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "cedar")
        {
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            files.push((name, fs::read_to_string(path)?));
        }
    }
    files.sort_unstable();
    Ok((fs::read_to_string(dir.join(SCHEMA_FILE))?, files))
}
