//! What a receiver waits at: its locations, with the message types that it takes there.

use std::time::Duration;

use delt_policy::{OrganisationId, Scope};

use super::rows;
use crate::{Error, Hub, Result, error::code, operation::Context, organisation::Receiver};

/// Another instance of the hub may have accepted a message, and a lease may have run out; nobody tells of either.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The mailboxes of one system, as a permitted lease found them. Nothing else makes one.
#[derive(Debug, Clone)]
pub struct Mailbox {
    pub(super) system: String,
    /// A JSON array of location numbers.
    pub(super) locations: String,
    /// A JSON array of location number, slash, message type.
    pub(super) pairs: String,
    /// How many messages the system may hold here at once.
    pub(super) max_leased: u32,
}

/// Why a wait at a mailbox ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wake {
    /// A message is offered and there is room for it; another receiver may be quicker all the same.
    Waiting,
    /// The hub shuts down.
    Stopping,
}

impl Mailbox {
    /// The calling system's mailboxes, all or those at one location, as far as it may still receive for their organisations.
    pub(super) fn of(
        cx: &Context,
        scope: &Scope,
        location: Option<&str>,
        max_leased: u32,
    ) -> Result<Self> {
        let system = &cx.caller.party().system.id;
        let registered = cx
            .directory
            .system(system)
            .map_or(&[][..], |system| &system.receives);
        let receivers: Vec<&Receiver> = registered
            .iter()
            .filter(|receiver| location.is_none_or(|gln| gln == receiver.gln))
            .filter(|receiver| scope.may_write_for(&receiver.organisation))
            .collect();
        if receivers.is_empty() {
            return Err(Error::new(code::ACCESS_DENIED)
                .with_message("the system has no mailbox that it may empty here"));
        }
        let locations: Vec<&str> = receivers
            .iter()
            .map(|receiver| receiver.gln.as_str())
            .collect();
        let pairs: Vec<String> = receivers
            .iter()
            .flat_map(|r| {
                r.message_types
                    .iter()
                    .map(move |taken| format!("{}/{taken}", r.gln))
            })
            .collect();
        Ok(Self {
            system: system.clone(),
            locations: serde_json::to_string(&locations).map_err(Error::internal)?,
            pairs: serde_json::to_string(&pairs).map_err(Error::internal)?,
            max_leased,
        })
    }
}

/// The organisation that the calling system receives for at a location and type, if it does.
pub(super) fn receives_for<'a>(
    cx: &'a Context,
    scope: &Scope,
    gln: &str,
    message_type: &str,
) -> Option<&'a OrganisationId> {
    let (system, receiver) = cx.directory.receiver(gln, message_type)?;
    let own = system.id == cx.caller.party().system.id;
    Some(&receiver.organisation).filter(|to| own && scope.may_write_for(to))
}

impl Hub {
    /// Tells those who wait that something changed at a mailbox. Called once a message is accepted or answered; a call that is missed costs
    /// them a second.
    pub fn announce_messages(&self) {
        self.shared
            .arrivals
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Whether a message is offered at the mailbox and the receiver has room for it.
    pub async fn has_message(&self, mailbox: &Mailbox) -> Result<bool> {
        let mut tx = self.shared.store.snapshot().await?;
        rows::is_waiting(&mut tx, mailbox, self.now()).await
    }

    /// Waits until a message is offered at the mailbox and the receiver has room for it, or the hub shuts down.
    pub async fn await_message(&self, mailbox: &Mailbox) -> Result<Wake> {
        let mut arrivals = self.shared.arrivals.subscribe();
        let mut leaving = self.shared.leaving.subscribe();
        loop {
            if self.has_message(mailbox).await? {
                return Ok(Wake::Waiting);
            }
            tokio::select! {
                _ = arrivals.changed() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
                _ = leaving.wait_for(|leaving| *leaving) => return Ok(Wake::Stopping),
            }
        }
    }
}
