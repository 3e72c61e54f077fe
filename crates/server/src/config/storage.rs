//! `[store]`, `[keys]` and `[audit]`: what the hub keeps, and under which keys.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::duration::ms;
use super::secret;

/// `[store]`: the database.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    /// `sqlite:///var/lib/delt/delt.db` or `postgres://delt@db.example.dk/delt?sslmode=verify-full`.
    /// Without a password: that stands in `password_file`.
    pub url: String,
    /// `PgBouncer` in transaction mode in front of `url`, such as `postgres://delt@127.0.0.1:6432/delt`: requests go through it. The schema is brought
    /// up to date over `url`, past it. Default: none.
    #[serde(default)]
    pub pooler_url: Option<String>,
    /// A streaming standby of the database, such as `postgres://delt@db2.example.dk/delt?sslmode=verify-full`: searches of the access log and reports
    /// are read there, as soon as it has what the primary has. Default: none.
    #[serde(default)]
    pub standby_url: Option<String>,
    /// The password of the `PostgreSQL` user, on the file's first line.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Connections for reading; the writers have their own. Default 16.
    #[serde(default = "default_connections")]
    pub max_connections: u32,
    /// Longest wait for a connection or a commit; past it a request fails, and nothing is disclosed.
    /// Milliseconds, default 5000.
    #[serde(default = "default_timeout_ms")]
    pub timeout_ms: u64,
}

const fn default_timeout_ms() -> u64 {
    5_000
}

const fn default_connections() -> u32 {
    16
}

/// The databases that the hub knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

impl Store {
    /// A database of this URL without a password, and everything else as by default.
    pub fn with_url(url: String) -> Self {
        Self {
            url,
            pooler_url: None,
            standby_url: None,
            password_file: None,
            max_connections: default_connections(),
            timeout_ms: default_timeout_ms(),
        }
    }

    /// The URL of a `SQLite` file. What has a meaning in a URL is escaped.
    pub fn sqlite_url(path: &Path) -> String {
        format!("sqlite://{}", path.display())
            .replace('%', "%25")
            .replace('?', "%3F")
    }

    /// The file behind a URL made like [`Store::sqlite_url`].
    pub(super) fn sqlite_file(&self) -> Option<PathBuf> {
        let file = self.url.strip_prefix("sqlite:")?;
        let file = file.strip_prefix("//").unwrap_or(file).split('?').next()?;
        Some(PathBuf::from(file.replace("%3F", "?").replace("%25", "%")))
    }

    /// By the URL's scheme; `None` where the hub knows no such database.
    pub fn backend(&self) -> Option<Backend> {
        match self.url.split_once(':')?.0 {
            "sqlite" => Some(Backend::Sqlite),
            "postgres" | "postgresql" => Some(Backend::Postgres),
            _ => None,
        }
    }

    /// Whether a password stands in a URL, where logs and process lists could show it.
    pub(super) fn has_password_in_url(&self) -> bool {
        let others = [&self.pooler_url, &self.standby_url].into_iter().flatten();
        std::iter::once(&self.url)
            .chain(others)
            .any(|url| has_password(url))
    }

    /// The URL with the password of `password_file` in its place. Must not be logged.
    ///
    /// # Errors
    /// The file cannot be read, or the URL names no user.
    pub fn connection_url(&self) -> std::io::Result<Zeroizing<String>> {
        self.with_password(&self.url)
    }

    /// The same for the pooler's URL, where there is one.
    pub fn pooler_connection_url(&self) -> Option<std::io::Result<Zeroizing<String>>> {
        self.pooler_url
            .as_deref()
            .map(|url| self.with_password(url))
    }

    /// The same for the standby's URL, where there is one.
    pub fn standby_connection_url(&self) -> Option<std::io::Result<Zeroizing<String>>> {
        self.standby_url
            .as_deref()
            .map(|url| self.with_password(url))
    }

    fn with_password(&self, url: &str) -> std::io::Result<Zeroizing<String>> {
        let Some(file) = &self.password_file else {
            return Ok(Zeroizing::new(url.to_owned()));
        };
        let password = secret::read_line(file)?;
        let user = user_information(url).ok_or_else(|| {
            std::io::Error::other(
                "store.url names no user that store.password_file could belong to",
            )
        })?;
        let with = format!("://{user}:{}@", *secret::percent_encode(&password));
        Ok(Zeroizing::new(url.replacen(
            &format!("://{user}@"),
            &with,
            1,
        )))
    }
}

/// The user information of a URL, such as `delt` or `delt:secret`.
fn user_information(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?']).next()?;
    Some(authority.rsplit_once('@')?.0)
}

fn has_password(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    query.split('&').any(|pair| pair.starts_with("password="))
        || user_information(url).is_some_and(|user| user.contains(':'))
}

/// `[keys]`: each file holds 32 random bytes, in hexadecimal or base64 (`openssl rand -hex 32`).
///
/// Changing the patient key makes every stored key unreachable, so it lives as long as the database. The
/// signing key may change together with the log's `origin`: a new log begins.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// HMAC-SHA-256 key: from person numbers to the patient keys of the index tables.
    pub patient_key_file: PathBuf,
    /// AEAD key: the person numbers themselves, and message content, at rest.
    pub encryption_key_file: PathBuf,
    /// Ed25519 seed: signs the checkpoints of the audit log.
    pub log_signing_key_file: PathBuf,
}

/// `[audit]`: the access log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// The log's name in its checkpoints (C2SP tlog-checkpoint "origin"): a host name and a path without a
    /// scheme, such as `delt.example.dk/log/1`. Also the name of the signing key, so it never changes for a log.
    pub origin: String,
    /// How often new entries are sealed under a signed checkpoint. Milliseconds, 50 to 1000, default 500.
    #[serde(default = "default_checkpoint_interval_ms")]
    pub checkpoint_interval_ms: u64,
    /// How long entries are kept; then their content is erased, and their places in the tree stay. Days, 730 to 36500: citizens may look two years
    /// back. Default: for ever.
    #[serde(default)]
    pub retention_days: Option<u64>,
    /// Within what time an entry stands in the log, as receipts promise. Seconds, 5 to 3600, default 60.
    #[serde(default = "default_promise_seconds")]
    pub promise_seconds: u64,
    /// Whose cosignatures a checkpoint needs (C2SP tlog-policy), with the URL of each witness. Default: nobody's.
    #[serde(default)]
    pub witness_policy_file: Option<PathBuf>,
    /// The authorities that issued the certificates of witnesses with an `https` URL.
    #[serde(default)]
    pub witness_ca_file: Option<PathBuf>,
    /// How often witnesses are asked, where there is a new checkpoint. Milliseconds, 100 to 60000, default 1000.
    #[serde(default = "default_witness_interval_ms")]
    pub witness_interval_ms: u64,
}

const fn default_checkpoint_interval_ms() -> u64 {
    500
}

const fn default_promise_seconds() -> u64 {
    60
}

const fn default_witness_interval_ms() -> u64 {
    1_000
}

impl Audit {
    /// A log of this name, and everything else as by default.
    pub fn of(origin: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            checkpoint_interval_ms: default_checkpoint_interval_ms(),
            retention_days: None,
            promise_seconds: default_promise_seconds(),
            witness_policy_file: None,
            witness_ca_file: None,
            witness_interval_ms: default_witness_interval_ms(),
        }
    }

    pub const fn checkpoint_interval(&self) -> Duration {
        ms(self.checkpoint_interval_ms)
    }
}
