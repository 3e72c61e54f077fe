//! Several `delt serve` on one database, behind `HAProxy` as it is deployed.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Output;

use delt_client::{Backoff, Connection, TokenSource};
use delt_hub::entropy::SystemEntropy;
use delt_server::config::Store;
use delt_server::profile::{Holder, Profile};
use tempfile::TempDir;

use crate::hub::{now, settings, token};
use crate::process::{self, Delt, binary, free_address};
use crate::program::{Program, changed};
use crate::{served, tree};

/// As the deployed `HAProxy` needs it: two checks, half a second apart, and some more for a busy machine.
const NOTICE_MS: u64 = 3_000;

/// Hubs in processes of their own, which can be killed and frozen one by one.
#[derive(Debug)]
pub struct Fleet {
    pub callers: Callers,
    pub hubs: Vec<Delt>,
    front: Program,
    folder: TempDir,
}

/// Who can call a fleet, through its front.
#[derive(Debug, Clone)]
pub struct Callers {
    profile: std::sync::Arc<Profile>,
    api: SocketAddr,
}

impl Fleet {
    /// So many hubs on a store. Blocks until all are ready.
    pub fn start(store: &Store, hubs: usize) -> Self {
        Self::start_as(binary(), store, hubs)
    }

    /// The same of this build of `delt`.
    pub fn start_as(program: &Path, store: &Store, hubs: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the hubs");
        let data = folder.path().join("data");
        let profile = Profile::open_or_create(&data, now(), &SystemEntropy::default());
        let profile = profile.expect("a development profile");
        let places: Vec<_> = (0..hubs)
            .map(|_| (free_address(), free_address()))
            .collect();
        for (number, (api, admin)) in places.iter().enumerate() {
            let mut config = profile.config_at(*api, *admin).expect("loopback");
            config.store = store.clone();
            config.limits.shutdown_notice_ms = NOTICE_MS;
            let file = folder.path().join(format!("hub{number}.toml"));
            std::fs::write(file, served::toml(&config)).expect("a file");
        }
        let started = places.iter().enumerate();
        let hubs = started
            .map(|(number, (_, admin))| serve(program, folder.path(), number, *admin))
            .collect();
        let api = free_address();
        Self {
            front: front(api, &places),
            callers: Callers {
                profile: profile.into(),
                api,
            },
            hubs,
            folder,
        }
    }

    /// Starts a hub again that has ended. Blocks until it is ready.
    pub fn restart(&mut self, number: usize) {
        self.restart_as(binary(), number);
    }

    /// The same of this build of `delt`.
    pub fn restart_as(&mut self, program: &Path, number: usize) {
        let admin = self.hubs[number].admin();
        self.hubs[number] = serve(program, self.folder.path(), number, admin);
    }

    /// Runs a command of `delt` to its end with the configuration of a hub.
    pub fn run(&self, number: usize, command: &str) -> Output {
        let mut command = process::command([command]);
        command
            .args(["--config", &format!("hub{number}.toml")])
            .current_dir(self.folder.path());
        command.output().expect("delt can be started")
    }

    /// What `HAProxy` wrote.
    pub fn front_log(&self) -> String {
        self.front.log()
    }
}

fn serve(program: &Path, folder: &Path, number: usize, admin: SocketAddr) -> Delt {
    served::serve_with(program, folder, &format!("hub{number}"), admin, "info")
}

fn front(api: SocketAddr, hubs: &[(SocketAddr, SocketAddr)]) -> Program {
    let server = |(number, (api, admin)): (usize, &(SocketAddr, SocketAddr))| {
        format!("    server hub{number} {api} check port {}", admin.port())
    };
    let servers: Vec<_> = hubs.iter().enumerate().map(server).collect();
    let deployed = tree::read("deploy/haproxy/delt.cfg");
    let config = changed(
        &deployed,
        &[
            // The tests may open fewer files.
            ("maxconn", "    maxconn 200"),
            ("bind", &format!("    bind {api}")),
            ("server ", &servers.join("\n")),
        ],
    );
    Program::start(
        "haproxy",
        &["-db", "-f", "haproxy.cfg"],
        &[("haproxy.cfg", &config)],
        api,
    )
}

impl Callers {
    /// Callers of one hub by itself.
    pub fn of(profile: Profile, api: SocketAddr) -> Self {
        Self {
            profile: profile.into(),
            api,
        }
    }

    /// A system, and the person behind it where there is one. `retry` is the SDK's.
    pub fn connect(&self, system: &str, holder: Option<Holder>, retry: Backoff) -> Connection {
        let mut settings = settings(&self.profile, self.api, system);
        settings.retry = retry;
        if let Some(holder) = holder {
            let token = token(&self.profile, &holder, system, &[]);
            settings = settings.with_token(TokenSource::text(token));
        }
        Connection::connect_lazily(settings).expect("good settings")
    }
}
