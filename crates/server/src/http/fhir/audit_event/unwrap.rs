//! From FHIR lines back to the lines that an export is verified by, each event held against its entry on the way.

use std::cell::RefCell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

use delt_ledger::Checkpoint;
use delt_ledger::export::{Line, MAX_PROBLEMS};
use serde::Serialize;

use super::lines::{body_lines, header_line, header_of, leaf_of};

/// Longest line: an entry of the greatest size with an entity for each of its documents.
pub const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;

/// What is wrong with a line as FHIR, beside what verifying the entries shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Problem {
    /// It holds no header, or one that says something else than its checkpoint and the key.
    #[error("the header was altered, or is signed by another key")]
    Header,
    /// It holds no leaf.
    #[error("neither an event with its proof nor an erased entry")]
    Malformed,
    /// It is not what the mapping makes of the entry in it.
    #[error("the event is not what its entry says")]
    EventChanged,
    /// An event that the entry before makes is not there.
    #[error("an event of the entry before this line is missing")]
    EventMissing,
    /// It is longer than any line can be.
    #[error("the line is too long")]
    TooLong,
    /// The file ends within it.
    #[error("the file ends in the middle of this line")]
    Truncated,
}

/// What was found, by line of the file from 1.
#[derive(Debug, Default, Serialize)]
pub struct Problems {
    /// At most as many as a verification lists.
    pub listed: Vec<(u64, Problem)>,
    /// How many more there are.
    pub omitted: u64,
    /// How many lines are events that are what their entries say.
    pub events: u64,
}

impl Problems {
    /// Whether nothing wrong was found.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty() && self.omitted == 0
    }

    fn add(&mut self, line: u64, problem: Problem) {
        if self.listed.len() < MAX_PROBLEMS {
            self.listed.push((line, problem));
        } else {
            self.omitted = self.omitted.saturating_add(1);
        }
    }
}

/// Reads as Delt's own export.
#[derive(Debug)]
pub struct Unwrapped<R> {
    input: R,
    verifier_key: String,
    origin: Option<String>,
    number: u64,
    /// A line that was read ahead and belongs to the next entry.
    ahead: Option<Vec<u8>>,
    out: Vec<u8>,
    given: usize,
    problems: Rc<RefCell<Problems>>,
}

impl<R: BufRead> Unwrapped<R> {
    /// `verifier_key` is the one that the verifying party trusts. What is found stands in the second value once all is read.
    pub fn new(input: R, verifier_key: &str) -> (Self, Rc<RefCell<Problems>>) {
        let problems = Rc::new(RefCell::new(Problems::default()));
        let unwrapped = Self {
            input,
            verifier_key: verifier_key.to_owned(),
            origin: None,
            number: 0,
            ahead: None,
            out: Vec::new(),
            given: 0,
            problems: Rc::clone(&problems),
        };
        (unwrapped, problems)
    }

    fn problem(&self, problem: Problem) {
        self.problems.borrow_mut().add(self.number, problem);
    }

    /// The next whole line without its newline; none at the end.
    fn next_line(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let mut line = Vec::new();
            let limit = u64::try_from(MAX_LINE_BYTES).unwrap_or(u64::MAX);
            let read = self
                .input
                .by_ref()
                .take(limit)
                .read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(None);
            }
            self.number = self.number.saturating_add(1);
            if line.pop() == Some(b'\n') {
                return Ok(Some(line));
            }
            if read < MAX_LINE_BYTES {
                self.problem(Problem::Truncated);
                return Ok(None);
            }
            self.problem(Problem::TooLong);
            self.input.skip_until(b'\n')?;
        }
    }

    /// Makes the next line of Delt's own export; false at the end.
    fn fill(&mut self) -> io::Result<bool> {
        self.out.clear();
        self.given = 0;
        while self.out.is_empty() {
            let line = match self.ahead.take() {
                Some(line) => Some(line),
                None => self.next_line()?,
            };
            let Some(line) = line else {
                return Ok(false);
            };
            match self.origin.clone() {
                None => self.header(&line),
                Some(origin) => self.leaf(&line, &origin)?,
            }
        }
        Ok(true)
    }

    /// Without a header nothing can be checked, so that the verification is given what it refuses.
    fn header(&mut self, line: &[u8]) {
        let header = header_of(line);
        let same = |written: String| written.as_bytes() == line;
        let written = header
            .as_ref()
            .map(|header| header_line(header, &self.verifier_key));
        if !written.is_some_and(|written| written.is_ok_and(same)) {
            self.problem(Problem::Header);
        }
        let checkpoint = header
            .as_ref()
            .and_then(|header| Checkpoint::from_text(header.checkpoint.text()).ok());
        self.origin = Some(checkpoint.map(|known| known.origin).unwrap_or_default());
        let own = header.and_then(|header| header.to_line().ok());
        self.give(own.as_deref().unwrap_or("not a header"));
    }

    fn leaf(&mut self, line: &[u8], origin: &str) -> io::Result<()> {
        let Some(leaf) = leaf_of(line) else {
            self.problem(Problem::Malformed);
            return Ok(());
        };
        let expected = body_lines(&leaf, origin).unwrap_or_default();
        let mut expected = expected.iter();
        self.compare(expected.next(), line);
        for event in expected {
            let Some(line) = self.next_line()? else {
                self.problem(Problem::EventMissing);
                break;
            };
            let here = leaf_of(&line).is_none_or(|other| other.index == leaf.index);
            if !here {
                self.problem(Problem::EventMissing);
                self.ahead = Some(line);
                break;
            }
            self.compare(Some(event), &line);
        }
        self.give_leaf(&leaf);
        Ok(())
    }

    fn compare(&self, expected: Option<&String>, line: &[u8]) {
        if expected.is_some_and(|expected| expected.as_bytes() == line) {
            let mut problems = self.problems.borrow_mut();
            problems.events = problems.events.saturating_add(1);
        } else {
            self.problem(Problem::EventChanged);
        }
    }

    fn give_leaf(&mut self, leaf: &Line) {
        match leaf.to_line() {
            Ok(own) => self.give(&own),
            Err(_) => self.problem(Problem::Malformed),
        }
    }

    fn give(&mut self, line: &str) {
        self.out.extend_from_slice(line.as_bytes());
        self.out.push(b'\n');
    }
}

impl<R: BufRead> BufRead for Unwrapped<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.given >= self.out.len() {
            self.fill()?;
        }
        Ok(self.out.get(self.given..).unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.given = self.given.saturating_add(amount);
    }
}

impl<R: BufRead> Read for Unwrapped<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut available = self.fill_buf()?;
        let read = available.read(into)?;
        self.consume(read);
        Ok(read)
    }
}
