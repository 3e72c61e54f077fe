//! The files of this repository.

use std::fs;
use std::path::{Path, PathBuf};

/// What is made by building and running, and no part of the project.
const MADE: &[&str] = &["target", ".git", "delt-data", "__pycache__", ".venv"];

/// The root of the work tree.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ stands in the work tree")
}

/// Every file under a folder of the work tree, sorted, as paths from the root.
pub fn files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    found.sort();
    found
}

/// Files whose name ends in one of the extensions, each with its text. Some Danish messages are ISO 8859-1; what is no
/// UTF-8 of them is replaced.
pub fn texts(folder: &str, extensions: &[&str]) -> Vec<(PathBuf, String)> {
    let wanted = |path: &PathBuf| {
        path.extension()
            .is_some_and(|found| extensions.iter().any(|wanted| found == *wanted))
    };
    files(folder)
        .into_iter()
        .filter(wanted)
        .map(|path| (path.clone(), lossy(&path)))
        .collect()
}

/// The text of a file, by its path from the root.
pub fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn lossy(path: &Path) -> String {
    let bytes = fs::read(root().join(path));
    let bytes = bytes.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    String::from_utf8_lossy(&bytes).into_owned()
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries.map(|entry| entry.expect("a readable folder")) {
        let made = MADE.iter().any(|name| entry.file_name() == *name);
        let kind = entry.file_type().expect("a readable folder");
        if kind.is_dir() && !made {
            collect(&entry.path(), found);
        } else if kind.is_file() {
            found.push(
                entry
                    .path()
                    .strip_prefix(root())
                    .expect("below the root")
                    .to_owned(),
            );
        }
    }
}
