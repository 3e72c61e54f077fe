//! The client commands of `delt`: what a person does at a terminal, over the same API as everybody else.
//!
//! ```text
//! arguments ─ HubArgs ─ connect: flags, then DELT_* variables, then the development profile ─ Session
//!                                                      └ people: --as WHO → a development token
//! register record fetch · inbox send ack · consent relation delegate represent patient quality explain · notifications review audit · revoke token ─
//!   output: table or JSON
//! ```

#![expect(
    clippy::doc_markdown,
    reason = "many comments here are the text of --help, which is no Markdown"
)]

mod arguments;
mod audit;
mod connect;
mod consent;
mod delegate;
mod explain;
mod failure;
mod fetch;
mod filter;
mod json;
mod messages;
mod notifications;
mod output;
mod patient;
mod people;
mod progress;
mod quality;
mod record;
mod register;
mod relation;
mod represent;
mod review;
mod revoke;
mod rights;
pub(crate) mod table;
#[cfg(test)]
mod tests;
mod token;
mod values;

use std::process::ExitCode;

use clap::{Args, Subcommand};
use delt_hub::clock::{Clock as _, SystemClock};
use delt_hub::entropy::SystemEntropy;
use time::OffsetDateTime;

use crate::config::environment::Environment;
use arguments::HubArgs;
use failure::Failure;

/// What a command answers: whether all that was asked for was done.
type Outcome = Result<Done, Failure>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Done {
    /// Exit status 0.
    All,
    /// Exit status 1, and the output has said why.
    NotAll,
}

/// The commands that talk to a hub.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Register pointers to documents from a file, one JSON object a line
    Register(With<register::Register>),
    /// Show a person's record across all sectors
    Record(With<record::Record>),
    /// Fetch a document from its source, through the hub
    Fetch(With<fetch::Fetch>),
    /// Send a MedCom message
    Send(With<messages::Send>),
    /// Take the messages that wait, and keep them in a folder until they are acknowledged
    Inbox(With<messages::Inbox>),
    /// Acknowledge a message that `delt inbox` took, or refuse it
    Ack(With<messages::Ack>),
    /// A citizen's blocks and permits
    Consent(With<consent::Consent>),
    /// Treatment relations, for the systems that know them
    Relation(With<relation::Relation>),
    /// Helpers who act under a professional's responsibility
    Delegate(With<delegate::Delegate>),
    /// Who may act for a citizen: custody, guardian, power of attorney
    Represent(With<represent::Represent>),
    /// What a register of persons tells of a person
    Patient(With<patient::Patient>),
    /// Permissions for quality work at a place of treatment
    Quality(With<quality::Quality>),
    /// What a citizen is told without asking
    Notifications(With<notifications::Notifications>),
    /// What an auditor must look at: broken glass, and words that nothing confirmed
    Review(review::Review),
    /// Take access back at once: a token's, a person's, a system's
    Revoke(With<revoke::Revoke>),
    /// The access log: search, show, export, verify
    Audit(audit::Audit),
    /// Print an access token of the development profile
    Token(With<token::Token>),
    /// Say what a professional would see in a person's record, or who could see it, and why
    Explain(With<explain::Explain>),
}

/// A command with the flags that say which hub, and as whom.
#[derive(Debug, Args)]
pub struct With<T: Args> {
    #[command(flatten)]
    command: T,
    #[command(flatten)]
    hub: HubArgs,
}

impl ClientCommand {
    /// Does it. Exit status: 0 done, 1 refused or failed, 2 bad usage.
    pub async fn run(self, environment: &Environment) -> ExitCode {
        let around = Surroundings::of(environment);
        match Box::pin(self.perform(&around)).await {
            Ok(Done::All) => ExitCode::SUCCESS,
            Ok(Done::NotAll) => ExitCode::from(1),
            Err(failure) => failure.report(),
        }
    }

    async fn perform(self, around: &Surroundings<'_>) -> Outcome {
        match self {
            Self::Register(With { command, hub }) => command.run(&hub, around).await,
            Self::Record(With { command, hub }) => command.run(&hub, around).await,
            Self::Fetch(With { command, hub }) => command.run(&hub, around).await,
            Self::Send(With { command, hub }) => command.run(&hub, around).await,
            Self::Inbox(With { command, hub }) => command.run(&hub, around).await,
            Self::Ack(With { command, hub }) => command.run(&hub, around).await,
            Self::Consent(With { command, hub }) => command.run(&hub, around).await,
            Self::Relation(With { command, hub }) => command.run(&hub, around).await,
            Self::Delegate(With { command, hub }) => command.run(&hub, around).await,
            Self::Represent(With { command, hub }) => command.run(&hub, around).await,
            Self::Patient(With { command, hub }) => command.run(&hub, around).await,
            Self::Quality(With { command, hub }) => command.run(&hub, around).await,
            Self::Notifications(With { command, hub }) => command.run(&hub, around).await,
            Self::Review(review) => review.run(around).await,
            Self::Revoke(With { command, hub }) => command.run(&hub, around).await,
            Self::Audit(audit) => audit.run(around).await,
            Self::Token(With { command, hub }) => command.run(&hub, around),
            Self::Explain(With { command, hub }) => command.run(&hub, around).await,
        }
    }
}

/// What a command takes from outside of its arguments.
struct Surroundings<'a> {
    environment: &'a Environment,
    clock: SystemClock,
    entropy: SystemEntropy,
}

impl<'a> Surroundings<'a> {
    fn of(environment: &'a Environment) -> Self {
        Self {
            environment,
            clock: SystemClock,
            entropy: SystemEntropy::default(),
        }
    }

    fn now(&self) -> OffsetDateTime {
        let nanos = i128::from(self.clock.now()) * 1_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    fn uuid(&self) -> Result<uuid::Uuid, Failure> {
        delt_hub::entropy::uuid(&self.entropy, self.clock.now())
            .map_err(|_| Failure::new("the operating system gives no randomness"))
    }
}
