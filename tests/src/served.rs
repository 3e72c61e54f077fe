//! `delt serve` as a process of its own, with the development profile at ports that are free.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use delt_client::{Connection, TokenSource};
use delt_hub::entropy::SystemEntropy;
use delt_server::config::{Auth, Config, Issuer, Store};
use delt_server::profile::{Holder, Profile};
use tempfile::TempDir;

use crate::hub::{now, sample, settings, test_person, token};
use crate::process::{self, Delt, free_address};

/// Everything that the code logs of itself, and what a debugging operator would turn on.
const LOG: &str = "info,delt_hub=trace,delt_server=trace,sqlx=debug";

/// A hub in a process, which can be killed.
#[derive(Debug)]
pub struct Served {
    pub profile: Profile,
    pub api: SocketAddr,
    pub process: Delt,
    folder: TempDir,
    log: &'static str,
}

impl Served {
    /// A hub on SQLite, or on the database of this URL.
    pub fn start(store: Option<String>) -> Self {
        Self::start_with(store, None)
    }

    /// The same with a folder of policies.
    pub fn start_with(store: Option<String>, policies: Option<&Path>) -> Self {
        Self::start_as(store, policies, "", LOG)
    }

    /// One that logs next to nothing, with these further tables of a configuration: for measuring.
    pub fn start_quiet(store: Option<String>, tables: &str) -> Self {
        Self::start_as(store, None, tables, "error")
    }

    fn start_as(
        store: Option<String>,
        policies: Option<&Path>,
        tables: &str,
        log: &'static str,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the hub");
        let data = folder.path().join("data");
        let profile = Profile::open_or_create(&data, now(), &SystemEntropy::default())
            .expect("a development profile");
        let (api, admin) = (free_address(), free_address());
        let mut config = profile.config_at(api, admin).expect("loopback");
        if let Some(url) = store {
            config.store = Store::with_url(url);
        }
        config.policy.dir = policies.map(Path::to_owned);
        let text = toml(&config) + tables;
        std::fs::write(folder.path().join("delt.toml"), text).expect("a file");
        let process = serve(folder.path(), admin, log);
        Self {
            profile,
            api,
            process,
            folder,
            log,
        }
    }

    /// Starts it again after it was killed.
    pub fn restart(&mut self) {
        self.process = serve(self.folder.path(), self.process.admin(), self.log);
    }

    /// A system by itself.
    pub async fn system(&self, system: &str) -> Connection {
        let settings = settings(&self.profile, self.api, system);
        Connection::connect(settings).await.expect("a connection")
    }

    /// A professional of the sample people, at work in a system.
    pub async fn professional(&self, key: &str, system: &str) -> Connection {
        self.person(&Holder::Professional(sample(key)), system)
            .await
    }

    /// A test person through the citizens' portal.
    pub async fn citizen(&self, cpr: &str) -> Connection {
        self.person(&Holder::Citizen(test_person(cpr)), "sundhedsportal")
            .await
    }

    async fn person(&self, holder: &Holder, system: &str) -> Connection {
        let token = token(&self.profile, holder, system, &[]);
        let settings = settings(&self.profile, self.api, system);
        let settings = settings.with_token(TokenSource::text(token));
        Connection::connect(settings).await.expect("a connection")
    }

    /// A client command as a user of this hub types it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = process::command(arguments);
        command
            .env("DELT_ADDRESS", format!("https://{}", self.api))
            .env("DELT_DATA_DIR", self.profile.data_dir())
            .current_dir(self.folder.path());
        command
    }

    /// Runs a client command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("delt can be started")
    }

    /// A place for the files of a test.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn serve(folder: &Path, admin: SocketAddr, log: &str) -> Delt {
    serve_with(process::binary(), folder, "delt", admin, log)
}

/// Starts the hub of `<name>.toml` in a folder; it writes to `<name>.log`.
pub(crate) fn serve_with(
    program: &Path,
    folder: &Path,
    name: &str,
    admin: SocketAddr,
    log: &str,
) -> Delt {
    let mut command = process::command_of(program, ["serve"]);
    command
        .args(["--config", &format!("{name}.toml")])
        .current_dir(folder)
        .env("DELT_LOG", log);
    Delt::start(
        hardened(&command),
        admin,
        &folder.join(format!("{name}.log")),
    )
}

/// The command in a shell that ignores the signal of a file that may not grow further, so that writing it is an error
/// as on a full disk, and not the end of the process.
fn hardened(command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", "trap '' XFSZ; exec \"$@\"", "sh"]);
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    shell.stdin(Stdio::null());
    shell
}

/// The parts of a configuration that have no default, and those that tests change.
pub(crate) fn toml(config: &Config) -> String {
    let Config {
        listen,
        tls,
        store,
        keys,
        auth,
        directory,
        audit,
        sources,
        policy,
        limits,
        ..
    } = config;
    let tables = [
        table(
            "listen",
            &[
                ("api", listen.api.as_ref()),
                ("admin", listen.admin.as_ref()),
            ],
        ),
        stored(store),
        format!(
            "[limits]\nshutdown_notice_ms = {}\n",
            limits.shutdown_notice_ms
        ),
        table("audit", &[("origin", audit.origin.as_ref())]),
        table(
            "tls",
            &[
                ("certificate_file", &tls.certificate_file),
                ("key_file", &tls.key_file),
                ("client_ca_file", &tls.client_ca_file),
            ],
        ),
        table(
            "keys",
            &[
                ("patient_key_file", &keys.patient_key_file),
                ("encryption_key_file", &keys.encryption_key_file),
                ("log_signing_key_file", &keys.log_signing_key_file),
            ],
        ),
        table(
            "directory",
            &[
                ("organisations_file", &directory.organisations_file),
                ("systems_file", &directory.systems_file),
            ],
        ),
        table(
            "sources",
            &[
                ("ca_file", &sources.ca_file),
                ("certificate_file", &sources.certificate_file),
                ("key_file", &sources.key_file),
            ],
        ),
    ];
    let policy = policy
        .dir
        .as_ref()
        .map(|dir| table("policy", &[("dir", dir)]));
    tables.concat() + &policy.unwrap_or_default() + &issuers(auth)
}

fn stored(store: &Store) -> String {
    let mut keys: Vec<(&str, &Path)> = vec![("url", store.url.as_ref())];
    let others = [
        ("pooler_url", &store.pooler_url),
        ("standby_url", &store.standby_url),
    ];
    for (key, url) in others {
        keys.extend(url.as_ref().map(|url| (key, url.as_ref())));
    }
    let Store {
        max_connections,
        timeout_ms,
        ..
    } = store;
    table("store", &keys)
        + &format!("max_connections = {max_connections}\ntimeout_ms = {timeout_ms}\n")
}

/// Each issuer of tokens in a table of its own.
fn issuers(auth: &Auth) -> String {
    let one = |issuer: &Issuer| {
        let algorithms: Vec<_> = issuer.algorithms.iter().map(|known| known.name()).collect();
        let audiences = &issuer.audiences;
        let named = table(
            "[auth.issuers]",
            &[
                ("issuer", issuer.issuer.as_ref()),
                ("jwks_file", &issuer.jwks_file),
            ],
        );
        format!("{named}audiences = {audiences:?}\nalgorithms = {algorithms:?}\n")
    };
    auth.issuers.iter().map(one).collect()
}

fn table(name: &str, keys: &[(&str, &Path)]) -> String {
    let lines = keys.iter().map(|(key, value)| {
        let value = value.to_str().expect("the tests' paths are UTF-8");
        format!("{key} = {value:?}\n")
    });
    format!("[{name}]\n{}", lines.collect::<String>())
}
