//! A process that is measured, from outside.

use std::ffi::OsString;
use std::fs::File;
use std::path::Path;
use std::process::Stdio;

use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child as Process, ChildStdin, ChildStdout, Command};

use super::Failure;
use super::peers::order::{self, Order};

/// A process of this program. It ends when this is dropped, and also when this process ends without dropping anything.
#[derive(Debug)]
pub(super) struct Child {
    kind: &'static str,
    process: Process,
    orders: Option<ChildStdin>,
    answers: Lines<BufReader<ChildStdout>>,
    /// What it said when it was ready.
    pub(super) ready: Value,
}

impl Child {
    /// Starts `delt bench-peer KIND …`; what it logs goes into a file. Returns when it is ready.
    pub(super) async fn start(
        kind: &'static str,
        arguments: impl IntoIterator<Item = OsString>,
        log: &Path,
    ) -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["bench-peer", kind])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(log)?)
            .kill_on_drop(true)
            .spawn()?;
        let orders = process.stdin.take();
        let answers = process.stdout.take().ok_or("a process without output")?;
        let mut child = Self {
            kind,
            process,
            orders,
            answers: BufReader::new(answers).lines(),
            ready: Value::Null,
        };
        let ready = child.answer().await;
        child.ready = ready.map_err(|error| {
            let said = std::fs::read_to_string(log).unwrap_or_default();
            format!("the {kind} did not start: {error}\n{said}")
        })?;
        Ok(child)
    }

    /// Has it do something, and waits until it is done.
    pub(super) async fn ask<T: DeserializeOwned>(&mut self, order: &Order) -> Result<T, Failure> {
        let mut line = serde_json::to_string(order)?;
        line.push('\n');
        let orders = self.orders.as_mut().ok_or("a process that was ended")?;
        orders.write_all(line.as_bytes()).await?;
        orders.flush().await?;
        self.answer().await
    }

    async fn answer<T: DeserializeOwned>(&mut self) -> Result<T, Failure> {
        let line = self.answers.next_line().await?;
        let kind = self.kind;
        let line = line.ok_or_else(|| format!("the {kind} ended"))?;
        order::read(&line)
    }

    pub(super) fn id(&self) -> Result<u32, Failure> {
        Ok(self.process.id().ok_or("a process that has ended")?)
    }

    /// Where it answers.
    pub(super) fn address(&self) -> Result<String, Failure> {
        let address = self.ready.get("api").and_then(Value::as_str);
        Ok(address.ok_or("a process without an address")?.to_owned())
    }

    /// Lets it end in order.
    pub(super) async fn stop(mut self) -> Result<(), Failure> {
        drop(self.orders.take());
        self.process.wait().await?;
        Ok(())
    }
}
