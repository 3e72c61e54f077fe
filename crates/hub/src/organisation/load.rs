//! Reads a directory from its two files, and finds every problem in one reading.

use super::directory::{Directory, DirectoryError};
use super::{Organisation, System, check};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The largest file, in bytes: room for all of SOR in these few fields.
const FILE_MAX: usize = 64 * 1024 * 1024;
const ORGANISATIONS_MAX: usize = 250_000;
const SYSTEMS_MAX: usize = 10_000;

impl Directory {
    /// Reads the organisations and the systems: each a JSON array, or an object that has it as a member of that name
    /// (other members are for other readers).
    ///
    /// # Errors
    /// Every problem that was found (up to a bound), each in a sentence that says where it is.
    pub fn from_json(organisations: &str, systems: &str) -> Result<Self, DirectoryError> {
        let mut problems = Vec::new();
        let organisations: Vec<Organisation> = read(
            "organisations",
            organisations,
            ORGANISATIONS_MAX,
            &mut problems,
        );
        let systems: Vec<System> = read("systems", systems, SYSTEMS_MAX, &mut problems);
        if problems.is_empty() {
            return Self::new(organisations, systems);
        }
        Err(DirectoryError::new(problems))
    }

    /// Builds the snapshot from what was read.
    ///
    /// # Errors
    /// As [`Directory::from_json`].
    pub fn new(
        mut organisations: Vec<Organisation>,
        systems: Vec<System>,
    ) -> Result<Self, DirectoryError> {
        let mut problems = check::organisations(&mut organisations);
        problems.extend(check::systems(&organisations, &systems));
        if !problems.is_empty() {
            return Err(DirectoryError::new(problems));
        }
        let directory = Self::index(organisations, systems);
        let problems = check::routes(&directory);
        if problems.is_empty() {
            Ok(directory)
        } else {
            Err(DirectoryError::new(problems))
        }
    }
}

/// Reads an array item by item, so that one bad item does not hide the next.
fn read<T: DeserializeOwned>(
    file: &str,
    text: &str,
    most: usize,
    problems: &mut Vec<String>,
) -> Vec<T> {
    let items = match items(file, text, most) {
        Ok(items) => items,
        Err(problem) => {
            problems.push(format!("{file}: {problem}"));
            return Vec::new();
        }
    };
    let mut read = Vec::with_capacity(items.len());
    for (at, item) in items.into_iter().enumerate() {
        match serde_json::from_value(item) {
            Ok(item) => read.push(item),
            Err(fault) => problems.push(format!("{file}[{at}]: {fault}")),
        }
    }
    read
}

fn items(file: &str, text: &str, most: usize) -> Result<Vec<Value>, String> {
    if text.len() > FILE_MAX {
        return Err(format!("larger than {FILE_MAX} bytes"));
    }
    let value: Value = serde_json::from_str(text).map_err(|fault| fault.to_string())?;
    let items = match value {
        Value::Array(items) => items,
        Value::Object(mut members) => match members.remove(file) {
            Some(Value::Array(items)) => items,
            _ => return Err("has no such list".to_owned()),
        },
        _ => return Err("is no list".to_owned()),
    };
    if items.len() > most {
        Err(format!("more than {most} items"))
    } else {
        Ok(items)
    }
}
