//! Clients that others wrote: they show that Delt speaks gRPC and not only to itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::tree;

/// Python with grpcio and gRPC reflection, from `tests/python/requirements.txt`.
pub fn python() -> Command {
    let mut command = Command::new(program("python"));
    // No `__pycache__` in the work tree.
    command
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(tree::root().join("tests/python"));
    command
}

/// `grpcurl`.
pub fn grpcurl() -> Command {
    Command::new(program("grpcurl"))
}

/// `buf`, in the folder of the contract's workspace.
pub fn buf() -> Command {
    let mut command = Command::new(program("buf"));
    command.current_dir(tree::root());
    command
}

/// What the command wrote to standard output.
///
/// # Panics
/// It did not end with 0; says what it wrote.
pub fn succeed(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(
        output.status.success(),
        "{command:?} ended with {}\n{}",
        output.status,
        all(&output)
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// All that a command wrote.
pub fn all(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes);
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// `target/python/bin/<name>`, beside the build that this test belongs to.
fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own path");
    let installed = |folder: &Path| folder.join("python/bin").join(name);
    test.ancestors()
        .map(installed)
        .find(|path| path.exists())
        .unwrap_or_else(|| {
            panic!("no target/python/bin/{name}: run `tests/run`, or `tests/run --prepare` once")
        })
}
