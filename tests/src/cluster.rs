//! A PostgreSQL cluster of the tests' own as `deploy/postgres` has it: etcd, three servers under Patroni, synchronous replication, `HAProxy` before the
//! primary.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use tempfile::TempDir;

use crate::postgres;
use crate::process::free_address;
use crate::program::{find, is_root};
use crate::tree;

/// `HAProxy`, etcd for clients and for its own, and each server with its Patroni.
const PORTS: usize = 9;

/// A running cluster. It ends when this is dropped or when the process ends.
#[derive(Debug)]
pub struct Cluster {
    keeper: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    url: String,
    _folder: TempDir,
}

impl Cluster {
    /// Starts it and waits until one standby is synchronous and another in reserve: some ten seconds.
    ///
    /// # Panics
    /// It did not start; what the servers wrote last is on standard error.
    pub fn start() -> Self {
        for program in ["etcd", "patroni", "haproxy"] {
            find(program);
        }
        let folder = tempfile::tempdir().expect("a folder for a cluster");
        // The user `postgres` may not be able to read the repository.
        for name in ["", "cluster.sh", "patroni.yml", "haproxy.cfg"] {
            let copy = folder.path().join(name);
            if !name.is_empty() {
                fs::write(&copy, tree::read(format!("deploy/postgres/{name}")))
                    .expect("our own folder");
            }
            fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("our own folder");
        }
        let ports: Vec<_> = (0..PORTS)
            .map(|_| free_address().port().to_string())
            .collect();
        let mut keeper = as_postgres()
            .arg(folder.path().join("cluster.sh"))
            .arg(postgres::programs())
            .args(&ports)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("sh can be started");
        let answers = keeper.stdout.take().expect("standard output is a pipe");
        let mut cluster = Self {
            commands: keeper.stdin.take(),
            answers: BufReader::new(answers),
            keeper,
            url: format!("postgres://postgres@127.0.0.1:{}/delt", ports[0]),
            _folder: folder,
        };
        assert_eq!(
            cluster.answer(),
            "ready",
            "the cluster did not start; its logs are above"
        );
        cluster
    }

    /// What `store.url` takes: the primary, whichever that is.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// `kill -9` to the primary and to its Patroni, as if its machine were gone. Which it was.
    pub fn kill_primary(&mut self) -> String {
        self.order("kill")
    }

    /// Starts a server again that was killed.
    pub fn restart(&mut self, server: &str) {
        assert_eq!(self.order(&format!("start {server}")), "done");
    }

    fn order(&mut self, command: &str) -> String {
        let pipe = self.commands.as_mut().expect("open until dropped");
        writeln!(pipe, "{command}").expect("the keeper listens");
        self.answer()
    }

    fn answer(&mut self) -> String {
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("the keeper writes UTF-8");
        line.trim_end().to_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.commands.take());
        drop(self.keeper.wait());
    }
}

/// A shell as the user `postgres` where the tests run as root, which PostgreSQL refuses to be.
fn as_postgres() -> Command {
    if !is_root() {
        return Command::new("sh");
    }
    let mut command = Command::new("setpriv");
    command.args([
        "--reuid=postgres",
        "--regid=postgres",
        "--clear-groups",
        "--",
        "sh",
    ]);
    // Patroni asks for the home of its user.
    command.env("HOME", "/var/lib/postgresql");
    command
}
