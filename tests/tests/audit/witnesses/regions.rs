//! Witnesses that regions run: in this process on real sockets, or as processes of their own.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use delt_hub::clock::SystemClock;
use delt_hub::entropy::SystemEntropy;
use delt_ledger::{Signer, Verifier};
use delt_server::config::{Config, read_key};
use delt_server::listen::serve_plain;
use delt_server::tasks::{ShutdownHandle, shutdown};
use delt_server::witness::{Folder, LogToWitness, Witness, router};
use delt_tests::process::{Delt, command, free_address};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The key of the log that a hub of this configuration signs.
pub(crate) fn log_key(config: &Config) -> Verifier {
    let seed = read_key(&config.keys.log_signing_key_file).expect("the profile's key");
    let signer = Signer::from_seed(&config.audit.origin, &seed).expect("the profile's origin");
    signer.verifier().clone()
}

/// A witness that a region runs, up or down.
#[derive(Debug)]
pub(crate) struct Region {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    pub(crate) vkey: String,
    log: Verifier,
    folder: TempDir,
    up: Option<(ShutdownHandle, JoinHandle<()>)>,
}

impl Region {
    /// A new one, up.
    pub(crate) async fn start(name: &'static str, log: &Verifier) -> Self {
        let mut region = Self {
            name,
            address: free_address(),
            vkey: String::new(),
            log: log.clone(),
            folder: tempfile::tempdir().expect("a folder"),
            up: None,
        };
        region.rise().await;
        region
    }

    /// Up, with what its folder remembers.
    #[expect(clippy::disallowed_methods, reason = "waited for when it falls")]
    pub(crate) async fn rise(&mut self) {
        let mut folder = Folder::open(self.folder.path()).expect("nobody else has it");
        let name = format!("witness.{}.example", self.name);
        let cosigner = folder
            .identity(Some(&name), None, &SystemEntropy::default())
            .expect("a key");
        let logs = [LogToWitness {
            verifier: self.log.clone(),
        }];
        let witness = Witness::open(folder, cosigner, &logs, &[], Arc::new(SystemClock));
        let witness = Arc::new(witness.expect("it remembers"));
        self.vkey = witness.verifier_key();
        let listener = TcpListener::bind(self.address).await.expect("its port");
        let (stop, stopped) = shutdown();
        let serving = async move {
            serve_plain(listener, router(witness), stopped)
                .await
                .expect("it serves");
        };
        self.up = Some((stop, tokio::spawn(serving)));
    }

    /// Down: nobody answers at its port.
    pub(crate) async fn fall(&mut self) {
        let (stop, serving) = self.up.take().expect("it is up");
        stop.request();
        serving.await.expect("it served to the end");
    }

    /// The kinds of evidence that it keeps.
    pub(crate) fn evidence(&self) -> Vec<String> {
        evidence(self.folder.path())
    }
}

pub(crate) fn evidence(folder: &Path) -> Vec<String> {
    std::fs::read_dir(folder.join("evidence"))
        .expect("every witness has it")
        .map(|entry| entry.expect("readable").file_name())
        .map(|name| name.to_string_lossy().split('-').next().unwrap().to_owned())
        .collect()
}

/// Three regions, of which two are enough.
pub(crate) async fn three(log: &Verifier) -> [Region; 3] {
    [
        Region::start("north", log).await,
        Region::start("middle", log).await,
        Region::start("south", log).await,
    ]
}

/// The policy file: two of these.
pub(crate) fn two_of(log: &Verifier, witnesses: &[(&str, &str, SocketAddr)]) -> String {
    let mut lines = vec![format!("log {log}")];
    for (name, vkey, address) in witnesses {
        lines.push(format!("witness {name} {vkey} http://{address}"));
    }
    let names: Vec<_> = witnesses.iter().map(|(name, ..)| *name).collect();
    lines.push(format!("group regions 2 {}", names.join(" ")));
    lines.push("quorum regions\n".to_owned());
    lines.join("\n")
}

pub(crate) fn policy_of(log: &Verifier, regions: &[Region; 3]) -> String {
    let all = regions
        .each_ref()
        .map(|region| (region.name, region.vkey.as_str(), region.address));
    two_of(log, &all)
}

/// Lets a configuration ask the witnesses of a policy.
pub(crate) fn follow(config: &mut Config, policy: &str) {
    let file = config
        .keys
        .log_signing_key_file
        .with_file_name("witness-policy");
    std::fs::write(&file, policy).expect("the profile's folder");
    config.audit.witness_policy_file = Some(file);
    config.audit.witness_interval_ms = 100;
}

/// `delt witness`, as a region runs it.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) process: Delt,
    pub(crate) address: SocketAddr,
}

impl Running {
    pub(crate) fn start(folder: &Path, name: &str, log: &Verifier, address: SocketAddr) -> Self {
        let name = format!("witness.{name}.example");
        let command = command([
            "witness",
            "--listen",
            &address.to_string(),
            "--data-dir",
            folder.to_str().expect("a path of ours"),
            "--name",
            &name,
            "--log",
            &log.to_string(),
        ]);
        let process = Delt::start(command, address, &folder.with_extension("log"));
        Self { process, address }
    }
}
