//! From the hub's own lines to FHIR lines, as they stream by.

use delt_ledger::Checkpoint;
use delt_ledger::export::{Header, Line};

use super::lines::{LineFault, body_lines, header_line};

/// Takes text in whole lines or in parts of lines, and gives whole lines.
#[derive(Debug)]
pub struct Converter {
    verifier_key: String,
    /// Known once the header has passed.
    origin: Option<String>,
    /// The beginning of a line whose end has not come yet.
    rest: String,
}

impl Converter {
    /// `verifier_key` goes into the header, for information: who verifies brings their own.
    pub fn new(verifier_key: impl Into<String>) -> Self {
        Self {
            verifier_key: verifier_key.into(),
            origin: None,
            rest: String::new(),
        }
    }

    /// What the next part of Delt's own export becomes.
    ///
    /// # Errors
    /// Where it is not one, or holds an entry that this version does not know.
    pub fn convert(&mut self, text: &str) -> Result<String, LineFault> {
        let mut all = std::mem::take(&mut self.rest);
        all.push_str(text);
        let mut out = String::with_capacity(all.len().saturating_mul(3));
        for line in all.split_inclusive('\n') {
            match line.strip_suffix('\n') {
                Some(line) => self.line(line, &mut out)?,
                None => line.clone_into(&mut self.rest),
            }
        }
        Ok(out)
    }

    fn line(&mut self, line: &str, out: &mut String) -> Result<(), LineFault> {
        let mut push = |line: String| {
            out.push_str(&line);
            out.push('\n');
        };
        let malformed = |_| LineFault::Malformed;
        if let Some(origin) = &self.origin {
            let leaf = Line::from_line(line.as_bytes()).map_err(malformed)?;
            body_lines(&leaf, origin)?.into_iter().for_each(push);
            return Ok(());
        }
        let header = Header::from_line(line.as_bytes()).map_err(malformed)?;
        push(header_line(&header, &self.verifier_key)?);
        let checkpoint = Checkpoint::from_text(header.checkpoint.text());
        self.origin = Some(checkpoint.map_err(|_| LineFault::Malformed)?.origin);
        Ok(())
    }
}
