//! A PostgreSQL of the tests' own, from Debian's package, on a Unix socket that nobody else can reach.

use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// Keeps the server, and ends it with us.
const KEEPER: &str = include_str!("postgres.sh");
const DEBIAN: &str = "/usr/lib/postgresql";
const SMALL: &str =
    "-c listen_addresses= -c shared_buffers=32MB -c max_connections=300 -c autovacuum_naptime=10s";
/// With little kept of the write-ahead log: what is fast need not be large.
const FAST: &str = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_wal_size=64MB -c min_wal_size=32MB";

/// What a commit is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nothing is flushed: for tests of behaviour.
    Fast,
    /// As in production: for tests that crash the server, and for measurements.
    Durable,
}

/// A running server. It stops when this is dropped or when the process ends, however it ends.
#[derive(Debug)]
pub struct Postgres {
    keeper: Mutex<Keeper>,
    programs: PathBuf,
    socket_dir: String,
    databases: AtomicU32,
}

#[derive(Debug)]
struct Keeper {
    process: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Postgres {
    /// The server that the tests of one binary share, [`Durability::Fast`].
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(Durability::Fast))
    }

    /// A server for one test that crashes it or measures it.
    pub fn start(durability: Durability) -> Self {
        let programs = programs();
        let mut process = keeper(&programs, durability)
            .spawn()
            .expect("sh can be started");
        let commands = process.stdin.take();
        let mut answers = BufReader::new(process.stdout.take().expect("standard output is a pipe"));
        let socket_dir = answer(&mut answers);
        assert!(
            !socket_dir.is_empty(),
            "PostgreSQL did not start; its log is above"
        );
        Self {
            keeper: Mutex::new(Keeper {
                process,
                commands,
                answers,
            }),
            programs,
            socket_dir,
            databases: AtomicU32::new(0),
        }
    }

    /// A fresh, empty database, as the URL that `store.url` takes; it stays as long as the server. Blocks for some tens of milliseconds.
    pub fn database(&self) -> String {
        let name = format!("t{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let made = Command::new(self.programs.join("createdb"))
            .args(["-h", &self.socket_dir, "-U", "postgres", &name])
            .current_dir("/")
            .output()
            .expect("createdb can be started");
        assert!(
            made.status.success(),
            "createdb: {}",
            String::from_utf8_lossy(&made.stderr)
        );
        format!(
            "postgres://postgres@localhost/{name}?host={}",
            self.socket_dir
        )
    }

    /// Ends whatever is still connected to one of its databases, and removes it. One that cannot be removed goes with the server.
    pub fn drop_database(&self, url: &str) {
        let dropped = Command::new(self.programs.join("dropdb"))
            .args(["-h", &self.socket_dir, "-U", "postgres", "--force"])
            .arg(name(url))
            .current_dir("/")
            .status();
        drop(dropped);
    }

    /// All that one of its databases holds, as SQL: bytes are written in hex there.
    pub fn dump(&self, url: &str) -> Vec<u8> {
        let dumped = Command::new(self.programs.join("pg_dump"))
            .args(["-h", &self.socket_dir, "-U", "postgres", name(url)])
            .current_dir("/")
            .output()
            .expect("pg_dump can be started");
        assert!(
            dumped.status.success(),
            "pg_dump: {}",
            String::from_utf8_lossy(&dumped.stderr)
        );
        dumped.stdout
    }

    /// Stops the server as a power cut would: connections break, nothing is written any more.
    pub fn crash(&self) {
        self.order("crash");
    }

    /// Starts it again after [`Postgres::crash`], with the data that was durable.
    pub fn restart(&self) {
        self.order("start");
    }

    /// Starts a server that follows this one, and says where it has a database of this one's. It has all databases.
    pub fn start_standby(&self, url: &str) -> String {
        self.order("standby");
        url.replacen("@localhost/", "@localhost:5433/", 1)
    }

    /// Stops it as a power cut would.
    pub fn crash_standby(&self) {
        self.order("stop-standby");
    }

    /// What one of its databases, or of its standby's, answers to a question.
    pub fn ask(&self, url: &str, sql: &str) -> String {
        let asked = Command::new(self.programs.join("psql"))
            .args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql])
            .current_dir("/")
            .output()
            .expect("psql can be started");
        assert!(
            asked.status.success(),
            "psql: {}",
            String::from_utf8_lossy(&asked.stderr)
        );
        String::from_utf8_lossy(&asked.stdout).trim().to_owned()
    }

    fn order(&self, command: &str) {
        let mut keeper = self.keeper.lock().expect("no test panicked in here");
        let pipe = keeper.commands.as_mut().expect("open until dropped");
        writeln!(pipe, "{command}").expect("the keeper listens");
        assert_eq!(
            answer(&mut keeper.answers),
            "done",
            "PostgreSQL did not {command}"
        );
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Ok(keeper) = self.keeper.get_mut() {
            drop(keeper.commands.take());
            drop(keeper.process.wait());
        }
    }
}

/// The name of a database in its URL.
fn name(url: &str) -> &str {
    url.split(['/', '?']).nth(3).expect("a URL of ours")
}

fn answer(answers: &mut impl BufRead) -> String {
    let mut line = String::new();
    answers
        .read_line(&mut line)
        .expect("the keeper writes UTF-8");
    line.trim_end().to_owned()
}

/// PostgreSQL refuses to run as root, so root runs it as the user that Debian's package made.
fn keeper(programs: &Path, durability: Durability) -> Command {
    let root = std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0);
    let mut command = Command::new(if root { "runuser" } else { "sh" });
    if root {
        command.args(["-u", "postgres", "--", "sh"]);
    }
    command
        .args(["-c", KEEPER, "delt-postgres"])
        .arg(programs)
        .arg(SMALL);
    if durability == Durability::Fast {
        command.arg(FAST);
    }
    command
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// The folder of the newest PostgreSQL: Debian's, or the one on `PATH`.
pub(crate) fn programs() -> PathBuf {
    debian().or_else(on_path).unwrap_or_else(|| {
        panic!("no PostgreSQL: run `tests/run`, or install Debian's package `postgresql` (apt-get install postgresql)")
    })
}

fn debian() -> Option<PathBuf> {
    let version = |path: &PathBuf| -> Option<u32> { path.file_name()?.to_str()?.parse().ok() };
    let installed = std::fs::read_dir(DEBIAN)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()));
    let newest = installed
        .filter(|path| path.join("bin/initdb").exists())
        .max_by_key(version)?;
    Some(newest.join("bin"))
}

fn on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).find(|folder| folder.join("initdb").exists())
}
