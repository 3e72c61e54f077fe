//! Sender and receiver in the directory.

use delt_policy::OrganisationId;

use super::{Head, Station};
use crate::{
    Error, Result,
    error::{FieldViolation, code},
    organisation::Directory,
};

/// The organisations behind the sender's location number and behind the mailbox that takes the message. Both are looked at, so that the sender
/// is told all at once.
pub(super) fn find(head: &Head, directory: &Directory) -> Result<(OrganisationId, OrganisationId)> {
    match (sender(&head.sender, directory), receiver(head, directory)) {
        (Ok(sender), Ok(receiver)) => Ok((sender, receiver)),
        (sender, receiver) => {
            let problems = [("sender", sender.err()), ("receiver", receiver.err())];
            let violations = problems.into_iter().filter_map(|(field, problem)| {
                Some(FieldViolation {
                    field: field.to_owned(),
                    description: problem?.to_owned(),
                })
            });
            Err(Error::new(code::MESSAGE_INVALID).with_violations(violations.collect()))
        }
    }
}

type Found<T> = std::result::Result<T, &'static str>;

fn sender(station: &Station, directory: &Directory) -> Found<OrganisationId> {
    let organisation = directory
        .by_gln(station.gln.as_str())
        .ok_or("the location number is not in the directory")?;
    if says_another(station, organisation) {
        return Err("the SOR code is not that of the location number");
    }
    Ok(organisation.clone())
}

/// MedCom's issue codes `MSG_Receiver_Identifier_UNKNOWN` and `MSG_RECEIVER_UNABLE_TO_RECEIVE_MSG_TYPE`, in words.
fn receiver(head: &Head, directory: &Directory) -> Found<OrganisationId> {
    let gln = head.receiver.gln.as_str();
    if directory.receivers_by_gln(gln).next().is_none() {
        return Err("no mailbox is known at the receiver's location number");
    }
    let (_, mailbox) = directory
        .receiver(gln, head.message_type.as_str())
        .ok_or("the receiver does not take messages of this type")?;
    if says_another(&head.receiver, &mailbox.organisation) {
        return Err("the SOR code is not that of the location number");
    }
    Ok(mailbox.organisation.clone())
}

fn says_another(station: &Station, organisation: &OrganisationId) -> bool {
    station
        .sor
        .as_ref()
        .is_some_and(|sor| sor.as_str() != organisation.code())
}
