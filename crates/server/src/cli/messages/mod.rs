//! `delt send`, `delt inbox`, `delt ack`

mod ack;
mod folder;
mod inbox;
mod send;

use delt_proto::message::v1::MessageState;

pub(super) use ack::Ack;
pub(super) use inbox::Inbox;
pub(super) use send::Send;

/// Who receives, when nobody says; a system of the development profile.
const USUAL_RECEIVER: &str = "gp-testby";

/// The word of a message's state.
pub(super) fn state_word(state: i32) -> &'static str {
    match MessageState::try_from(state) {
        Ok(MessageState::Accepted) => "accepted",
        Ok(MessageState::Leased) => "leased",
        Ok(MessageState::Acknowledged) => "acknowledged",
        Ok(MessageState::Refused) => "refused",
        Ok(MessageState::Unspecified) | Err(_) => "",
    }
}
