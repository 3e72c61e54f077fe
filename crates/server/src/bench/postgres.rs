//! A PostgreSQL for one run, from the programs that are installed, on a Unix socket that nobody else can reach.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use super::Failure;

/// Keeps the server, and ends it with us.
const KEEPER: &str = include_str!("postgres.sh");
/// Where Debian's packages are, a folder for each version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// PostgreSQL refuses to run as root, so root runs it as the user that Debian's package made.
const USER: &str = "postgres";
const ABSENT: &str = "no PostgreSQL is installed here: install Debian's package `postgresql`, name an empty database with --postgres, \
    or measure SQLite alone with --store sqlite";

/// A running server. It stops when its run ends, however it ends.
#[derive(Debug)]
pub(super) struct Postgres {
    keeper: Child,
    socket_dir: String,
}

impl Postgres {
    /// Makes a cluster and starts it.
    pub(super) async fn start() -> Result<Self, Failure> {
        let mut keeper = keeper()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = keeper.stdout.take().ok_or("a process without output")?;
        let answer = BufReader::new(output).lines().next_line().await?;
        match answer.as_deref() {
            Some("absent") => Err(ABSENT.into()),
            Some(dir) if !dir.is_empty() => Ok(Self {
                socket_dir: dir.to_owned(),
                keeper,
            }),
            _ => Err("PostgreSQL did not start; its log is above".into()),
        }
    }

    /// Its one database, empty.
    pub(super) fn url(&self) -> String {
        format!(
            "postgres://{USER}@localhost/postgres?host={}",
            self.socket_dir
        )
    }

    /// Stops it and removes its files.
    pub(super) async fn stop(mut self) -> Result<(), Failure> {
        drop(self.keeper.stdin.take());
        self.keeper.wait().await?;
        Ok(())
    }
}

fn keeper() -> Command {
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let mut command = Command::new(if root { "runuser" } else { "sh" });
    if root {
        command.args(["-u", USER, "--", "sh"]);
    }
    command
        .args(["-c", KEEPER, "delt-bench-postgres"])
        .arg(debian().unwrap_or_default())
        .current_dir("/");
    command
}

/// The programs of the newest version that Debian installed; none where they are on `PATH`, or nowhere.
fn debian() -> Option<PathBuf> {
    let version = |path: &PathBuf| -> Option<u32> { path.file_name()?.to_str()?.parse().ok() };
    let installed = std::fs::read_dir(Path::new(DEBIAN))
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()));
    let newest = installed
        .filter(|path| path.join("bin/initdb").exists())
        .max_by_key(version)?;
    Some(newest.join("bin"))
}
