//! Standard output: the only place that writes to it.

use std::io::{self, ErrorKind, Write as _};

use delt_proto::common::v1::AuditReceipt;
use serde_json::Value;

use super::failure::Failure;

/// Writes as a person or as a program wants it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    pub(super) json: bool,
}

impl Output {
    /// The answer as JSON if it was asked for, and as text otherwise.
    pub(super) fn answer(
        self,
        json: impl FnOnce() -> Value,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        if !self.json {
            return write(text().as_bytes());
        }
        let pretty = serde_json::to_string_pretty(&json());
        write(
            format!(
                "{}\n",
                pretty.map_err(|_| Failure::new("the answer has no JSON form"))?
            )
            .as_bytes(),
        )
    }
}

/// Writes bytes as they are. A reader that has gone away (`delt … | head`) wants no more, which is no failure.
pub(super) fn write(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("standard output: {error}")))
        }
        _ => Ok(()),
    }
}

/// The line under an answer that says where in the log it is.
pub(super) fn receipt_line(receipt: Option<&AuditReceipt>) -> String {
    receipt.map_or(String::new(), |receipt| {
        format!("audit entry {}\n", receipt.entry_id)
    })
}
