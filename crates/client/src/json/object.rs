//! An object that is read field by field, so that what is left over is what nobody knows.

use bytes::Bytes;
use prost_types::Timestamp;

use super::node::Node;
use super::{JsonError, hex, time};

type Result<T> = std::result::Result<T, JsonError>;

/// Names of fields are shown up to this length.
const MAX_NAME: usize = 40;

pub(super) struct Object {
    path: String,
    fields: Vec<(String, Node)>,
}

impl Object {
    pub(super) fn root(node: Node) -> Result<Self> {
        Self::at(String::new(), node)
    }

    fn at(path: String, node: Node) -> Result<Self> {
        match node {
            Node::Fields(fields) => Ok(Self { path, fields }),
            _ if path.is_empty() => Err(wrong("the line".to_owned(), "must be an object")),
            _ => Err(wrong(path, "must be an object")),
        }
    }

    fn take(&mut self, name: &str) -> Result<Option<Node>> {
        let mut found = self.fields.extract_if(.., |(field, _)| field == name);
        let (first, second) = (found.next(), found.next());
        drop(found);
        if second.is_some() {
            return Err(self.wrong(name, "is given twice"));
        }
        match first {
            Some((_, Node::Null)) => Err(self.wrong(name, "is null; leave it out instead")),
            other => Ok(other.map(|(_, node)| node)),
        }
    }

    /// A text; empty where it is absent, as on the wire.
    pub(super) fn text(&mut self, name: &str) -> Result<String> {
        match self.take(name)? {
            None => Ok(String::new()),
            Some(Node::Text(text)) => Ok(text),
            Some(_) => Err(self.wrong(name, "must be a text")),
        }
    }

    pub(super) fn whole(&mut self, name: &str) -> Result<Option<u64>> {
        match self.take(name)? {
            None => Ok(None),
            Some(Node::Whole(number)) => Ok(Some(number)),
            Some(_) => Err(self.wrong(name, "must be a whole number that is not negative")),
        }
    }

    pub(super) fn time(&mut self, name: &str) -> Result<Option<Timestamp>> {
        match self.text(name)?.as_str() {
            "" => Ok(None),
            text => match time::from_rfc3339(text) {
                Some(moment) => Ok(Some(moment)),
                None => Err(self.wrong(name, "must be a time such as 2026-10-20T09:05:00Z")),
            },
        }
    }

    pub(super) fn hex(&mut self, name: &str) -> Result<Bytes> {
        let text = self.text(name)?;
        hex::from_hex(&text)
            .map(Bytes::from)
            .ok_or_else(|| self.wrong(name, "must be hexadecimal"))
    }

    /// One of these words, as the number of its enumeration; 0 where it is absent.
    pub(super) fn word(&mut self, name: &str, words: &[(i32, &str)]) -> Result<i32> {
        let text = self.text(name)?;
        if text.is_empty() {
            return Ok(0);
        }
        let known = words.iter().find(|(_, word)| *word == text);
        known
            .map(|(number, _)| *number)
            .ok_or_else(|| self.wrong(name, "is not one of its words"))
    }

    pub(super) fn object<T>(
        &mut self,
        name: &str,
        read: fn(Self) -> Result<T>,
    ) -> Result<Option<T>> {
        let path = self.path_of(name);
        self.take(name)?
            .map(|node| Self::at(path, node).and_then(read))
            .transpose()
    }

    pub(super) fn list<T>(&mut self, name: &str, read: fn(Self) -> Result<T>) -> Result<Vec<T>> {
        let path = self.path_of(name);
        let items = match self.take(name)? {
            None => Vec::new(),
            Some(Node::List(items)) => items,
            Some(_) => return Err(self.wrong(name, "must be a list")),
        };
        let each = |(index, node)| Self::at(format!("{path}[{index}]"), node).and_then(read);
        items.into_iter().enumerate().map(each).collect()
    }

    /// Refuses what nobody asked for.
    pub(super) fn finish(self) -> Result<()> {
        match self.fields.first() {
            None => Ok(()),
            Some((name, _)) => Err(self.wrong(shown(name), "is not known")),
        }
    }

    fn wrong(&self, name: &str, problem: &'static str) -> JsonError {
        wrong(self.path_of(name), problem)
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }
}

fn wrong(field: String, problem: &'static str) -> JsonError {
    JsonError::Field { field, problem }
}

/// A name that somebody made up may itself be a person number: only what looks like the name of a field is repeated.
fn shown(name: &str) -> &str {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if plain && (1..=MAX_NAME).contains(&name.len()) {
        name
    } else {
        "(a field)"
    }
}
