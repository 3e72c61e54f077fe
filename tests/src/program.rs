//! A server of somebody else's that a test runs beside its hubs: `HAProxy`, `PgBouncer`.

use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

/// Time between two attempts to connect, and how many there are: 30 seconds.
const PAUSE: Duration = Duration::from_millis(50);
const ATTEMPTS: usize = 600;

/// A running server with a folder of its own. Killed when dropped.
#[derive(Debug)]
pub struct Program {
    process: Child,
    folder: TempDir,
}

/// Where Debian puts a server, which is not on everybody's `PATH`.
///
/// # Panics
/// It is not installed.
pub fn find(name: &str) -> PathBuf {
    let found = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"]
        .map(|folder| Path::new(folder).join(name))
        .into_iter()
        .find(|path| path.exists());
    found.unwrap_or_else(|| {
        panic!("no {name}: run `tests/run`, or install Debian's package `{name}`")
    })
}

/// Whether the tests run as root.
pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

impl Program {
    /// Starts it with these files in its folder, where its arguments may name them, and waits until it answers at `address`. As the user `postgres` where
    /// the tests run as root: some servers refuse to be root.
    ///
    /// # Panics
    /// It ended, or did not answer in time; says what it wrote.
    pub fn start(
        name: &str,
        arguments: &[&str],
        files: &[(&str, &str)],
        address: SocketAddr,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder for a program");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))
            .expect("our own folder");
        for (file, text) in files {
            fs::write(folder.path().join(file), text).expect("our own folder");
        }
        let log = File::create(folder.path().join("log")).expect("our own folder");
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command
                .args([
                    "--reuid=postgres",
                    "--regid=postgres",
                    "--clear-groups",
                    "--",
                ])
                .arg(find(name));
            command
        } else {
            Command::new(find(name))
        };
        command
            .args(arguments)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a file can be shared"))
            .stderr(log);
        let process = command.spawn().expect("it can be started");
        let mut program = Self { process, folder };
        program.wait_for(name, address);
        program
    }

    fn wait_for(&mut self, name: &str, address: SocketAddr) {
        for _ in 0..ATTEMPTS {
            if let Some(status) = self.process.try_wait().expect("a child can be asked") {
                panic!("{name} ended with {status}:\n{}", self.log());
            }
            if TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok() {
                return;
            }
            thread::sleep(PAUSE);
        }
        panic!("{name} does not answer:\n{}", self.log());
    }

    /// What it wrote.
    pub fn log(&self) -> String {
        let log = fs::read(self.folder.path().join("log")).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A configuration that is deployed, with the lines that begin so (leading blanks aside) changed for a test.
///
/// # Panics
/// No line begins so: the file has changed.
pub fn changed(text: &str, lines: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in lines {
        let kept: Vec<_> = text.lines().collect();
        assert!(
            kept.iter().any(|line| line.trim_start().starts_with(from)),
            "no line begins with {from}"
        );
        let first = kept
            .iter()
            .position(|line| line.trim_start().starts_with(from));
        let changed = kept.iter().enumerate().filter_map(|(number, line)| {
            match line.trim_start().starts_with(from) {
                true if Some(number) == first => Some(*to),
                true => None,
                false => Some(*line),
            }
        });
        text = changed.collect::<Vec<_>>().join("\n") + "\n";
    }
    text
}
