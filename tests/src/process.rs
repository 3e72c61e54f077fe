//! The built `delt`, as a user starts it.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, SystemTime};

/// Time between two questions whether the hub is ready.
const PAUSE: Duration = Duration::from_millis(20);
/// So many are asked: 60 seconds, for a busy machine.
const QUESTIONS: usize = 3_000;

/// A `delt` that goes on running, such as `delt serve`. Killed when dropped.
#[derive(Debug)]
pub struct Delt {
    process: Child,
    log: PathBuf,
    admin: SocketAddr,
}

/// `delt` with these arguments and none of the `DELT_…` variables of the one who runs the tests.
pub fn command<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    command_of(binary(), arguments)
}

/// The same of another build of it.
pub fn command_of<S: AsRef<std::ffi::OsStr>>(
    program: &Path,
    arguments: impl IntoIterator<Item = S>,
) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DELT_") {
            command.env_remove(name);
        }
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs `delt` to its end.
pub fn run<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    command(arguments).output().expect("delt can be started")
}

/// A loopback address with a port that is free now.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener
        .local_addr()
        .expect("a bound listener has an address")
}

/// Asks a plain HTTP port: the status and the body.
///
/// # Errors
/// Nobody answers there.
pub fn get(address: SocketAddr, path: &str) -> std::io::Result<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status, body.to_owned()))
}

impl Delt {
    /// Starts `command` with everything it writes going to the file `log`, and waits until `/readyz` on its admin
    /// port says 200.
    ///
    /// # Panics
    /// It ended, or was not ready within a minute; says what it wrote.
    pub fn start(mut command: Command, admin: SocketAddr, log: &Path) -> Self {
        let out = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("the log can be written");
        let err = out.try_clone().expect("a file can be shared");
        let process = command
            .stdout(out)
            .stderr(err)
            .spawn()
            .expect("delt can be started");
        let mut delt = Self {
            process,
            log: log.to_owned(),
            admin,
        };
        delt.wait_until_ready();
        delt
    }

    fn wait_until_ready(&mut self) {
        for _ in 0..QUESTIONS {
            if let Some(status) = self.process.try_wait().expect("a child can be asked") {
                panic!("delt ended with {status}:\n{}", self.log());
            }
            if get(self.admin, "/readyz").is_ok_and(|(status, _)| status == 200) {
                return;
            }
            thread::sleep(PAUSE);
        }
        panic!("delt was not ready in time:\n{}", self.log());
    }

    /// The admin port.
    pub fn admin(&self) -> SocketAddr {
        self.admin
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// All that it wrote, and what those wrote that ran before it with the same log.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("delt writes UTF-8")
    }

    /// `kill -9`: it gets no chance to finish anything. Returns when it is gone.
    pub fn kill(&mut self) {
        self.process.kill().expect("our own child can be killed");
        self.process
            .wait()
            .expect("our own child can be waited for");
    }

    /// Asks it to stop (SIGTERM), and waits until it has.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.process
            .wait()
            .expect("our own child can be waited for")
    }

    /// Sends it a signal: `TERM`, `HUP`.
    pub fn signal(&self, name: &str) {
        let id = self.process.id().to_string();
        let sent = Command::new("sh")
            .args(["-c", "kill -\"$1\" \"$2\"", "sh", name, &id])
            .status();
        assert!(
            sent.expect("sh can be started").success(),
            "delt {id} was gone already"
        );
    }
}

impl Drop for Delt {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// The `delt` of this build.
///
/// # Panics
/// It was not built, or a source is newer: `cargo test -p delt-tests` alone does not build it.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let path = beside_the_tests();
        let remedy = "run `tests/run`, or `cargo build --workspace --bins --tests` first";
        let built = modified(&path);
        let Some(built) = built else {
            panic!("{} is not built: {remedy}", path.display())
        };
        if let Some(newer) = sources(&path)
            .into_iter()
            .find(|source| modified(source) > Some(built))
        {
            panic!(
                "{} is newer than {}: {remedy}",
                newer.display(),
                path.display()
            );
        }
        path
    })
}

/// Tests run from `target/<profile>/deps/`; binaries are one folder up.
fn beside_the_tests() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    test.ancestors()
        .nth(2)
        .expect("cargo puts tests into deps/")
        .join("delt")
}

/// The sources that cargo says the binary was made from, out of the make-style file that it writes beside it.
fn sources(binary: &Path) -> Vec<PathBuf> {
    let made_from = fs::read_to_string(binary.with_extension("d")).expect("cargo writes delt.d");
    let (_, sources) = made_from
        .split_once(": ")
        .expect("delt.d is `target: source…`");
    let escaped = sources.trim_end().replace("\\ ", "\0");
    escaped
        .split(' ')
        .map(|source| PathBuf::from(source.replace('\0', " ")))
        .collect()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}
