//! `ReceiveMessages`: hands the oldest waiting message to its receiver under a lease.

use bytes::Bytes;
use delt_policy::{Action, OrganisationId, Scope};

use crate::{
    Error, Result, entropy,
    message::{
        Delivery, Event, EventKind, Mailbox, State,
        rows::{self, MessageRow},
        state::Lease,
    },
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    organisation::Directory,
    store::Tx,
};

/// How many messages a receiver may hold where it does not say.
const MAX_LEASED_DEFAULT: u32 = 10;
/// How many at most.
const MAX_LEASED: u32 = 100;

/// Leases the oldest message that waits for the calling system.
///
/// One at a time, so that each delivery has an audit entry of its own, about its own patient, and a citizen can find it.
#[derive(Debug, Clone)]
pub struct ReceiveMessages {
    location: Option<Location>,
    max_leased: u32,
}

#[derive(Debug, Clone)]
struct Location {
    gln: String,
    organisations: Vec<OrganisationId>,
}

/// What waited.
#[derive(Debug, Clone)]
pub struct Received {
    /// None where nothing waits, or the receiver holds as many messages as it may.
    pub delivery: Option<Delivery>,
    /// Where the next one can be waited for.
    pub mailbox: Mailbox,
}

impl ReceiveMessages {
    /// At one receiving location, or at all of the system's; `max_leased` messages unacknowledged at once (0: 10; at most 100).
    ///
    /// # Errors
    /// `INVALID_ARGUMENT` naming `receiver_gln` where there is no mailbox, or `max_leased`.
    pub fn new(receiver_gln: Option<&str>, max_leased: u32, directory: &Directory) -> Result<Self> {
        if max_leased > MAX_LEASED {
            return Err(Error::invalid(
                "max_leased",
                format!("must be at most {MAX_LEASED}"),
            ));
        }
        let max_leased = if max_leased == 0 {
            MAX_LEASED_DEFAULT
        } else {
            max_leased
        };
        let location = receiver_gln
            .map(|gln| location(gln, directory))
            .transpose()?;
        Ok(Self {
            location,
            max_leased,
        })
    }
}

fn location(gln: &str, directory: &Directory) -> Result<Location> {
    let mut organisations: Vec<_> = directory
        .receivers_by_gln(gln)
        .map(|(_, receiver)| receiver.organisation.clone())
        .collect();
    organisations.dedup();
    if organisations.is_empty() {
        return Err(Error::invalid(
            "receiver_gln",
            "is no location that receives messages",
        ));
    }
    Ok(Location {
        gln: gln.to_owned(),
        organisations,
    })
}

impl Sealed for ReceiveMessages {}

impl Operation for ReceiveMessages {
    type Outcome = Received;
    const ACTION: Action = Action::ReceiveMessages;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let Some(location) = &self.location else {
            return Subject::default();
        };
        Subject {
            organisations: location.organisations.clone(),
            filters: [("receiver".to_owned(), location.gln.clone())].into(),
            ..Subject::default()
        }
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Received>> {
        let location = self.location.as_ref().map(|location| location.gln.as_str());
        let mailbox = Mailbox::of(cx, scope, location, self.max_leased)?;
        let row = rows::next_offered(tx, scope, &mailbox, cx.now).await?;
        // The statement finds what the states allow; the states have the last word.
        let Some(row) = row.filter(|row| row.standing.is_offered(cx.now)) else {
            return Ok(Found::new(Received {
                delivery: None,
                mailbox,
            }));
        };
        let (id, patient, entry) = (row.message.message_id, row.patient, row.message.entry_uuid);
        let delivery = Some(lease(scope, tx, cx, row).await?);
        let found = Found::new(Received { delivery, mailbox })
            .on(&id)
            .disclosing(entry);
        Ok(match patient {
            Some(patient) => found.about(patient),
            None => found,
        })
    }
}

async fn lease(scope: &Scope, tx: &mut Tx<'_>, cx: &Context, row: MessageRow) -> Result<Delivery> {
    let system = &cx.caller.party().system.id;
    let mut message = row.message;
    let id = message.message_id;
    let lease = Lease {
        token: entropy::random(&*cx.entropy)?,
        expires: cx.now.saturating_add(cx.settings.message_lease),
    };
    if let Some(lapsed) = row
        .standing
        .lease
        .filter(|_| message.state == State::Leased)
    {
        let event = event(EventKind::LeaseExpired, lapsed.expires, "");
        rows::add_event(tx, scope, id, &event).await?;
    }
    rows::lease(tx, scope, id, &lease, system).await?;
    rows::add_event(tx, scope, id, &event(EventKind::Leased, cx.now, system)).await?;
    message.state = State::Leased;
    message.attempts = message.attempts.saturating_add(1);
    Ok(Delivery {
        message,
        content: Bytes::from(rows::content(tx, scope, &cx.keys, id).await?),
        lease_token: lease.token,
        lease_expires: lease.expires,
    })
}

fn event(kind: EventKind, at: crate::clock::Micros, detail: &str) -> Event {
    Event {
        kind,
        at,
        detail: detail.to_owned(),
    }
}
