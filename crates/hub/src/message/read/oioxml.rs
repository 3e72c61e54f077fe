//! OIOXML letters.

use delt_formats::{
    Limits,
    oioxml::{
        self, DischargeLetter, LetterStatus, OioxmlError, OrganisationId, Party, PatientId,
        parse_discharge_letter,
    },
};

use super::{Earlier, Head, Revision, Station, invalid, wrong};
use crate::{
    Error, Result,
    message::{MessageType, local_time},
    relation::stay::{Notice, Said},
};

pub(super) fn read(content: &[u8], limits: &Limits) -> Result<Head> {
    let letter = parse_discharge_letter(content, limits).map_err(refused)?;
    let head = &letter.header.letter;
    let created = head.authorised.unwrap_or(letter.header.envelope.sent);
    Ok(Head {
        message_type: MessageType::Xdis01,
        sender_message_id: head.identifier.clone(),
        sender: station(&letter.header.sender),
        receiver: station(&letter.header.receiver),
        patient: match &letter.patient.id {
            PatientId::Person(number) => Some(number.clone()),
            PatientId::Alternative(_) => None,
        },
        episode_of_care: head.episode_of_care.map(|episode| episode.to_string()),
        revision: revision(&letter),
        created: local_time::to_micros(created),
        service_start: letter.admission.map(local_time::to_micros),
        service_stop: Some(local_time::to_micros(letter.discharge)),
        stay: Some(Notice {
            said: match head.status {
                Some(LetterStatus::Corrected) => Said::LetterCorrected,
                Some(LetterStatus::Cancelled) => Said::LetterCancelled,
                Some(LetterStatus::New) | None => Said::Letter,
            },
            said_at: local_time::to_micros(created),
            happened_at: local_time::to_micros(letter.discharge),
        }),
        specialty: letter.header.sender.specialty.clone(),
    })
}

fn refused(error: OioxmlError) -> Error {
    match error {
        OioxmlError::Invalid(violations) => invalid(violations),
        OioxmlError::OtherLetter { found, .. } if is_receipt(found) => wrong(
            "",
            "is a receipt: messages are acknowledged with AcknowledgeMessage",
        ),
        other => wrong("", other.to_string()),
    }
}

const fn is_receipt(kind: oioxml::LetterKind) -> bool {
    matches!(
        kind,
        oioxml::LetterKind::NegativeVansReceipt
            | oioxml::LetterKind::NegativeReceipt
            | oioxml::LetterKind::PositiveReceipt
    )
}

fn revision(letter: &DischargeLetter) -> Revision {
    match letter.header.letter.status {
        Some(LetterStatus::Corrected) => Revision::Corrects(Earlier::InEpisode),
        Some(LetterStatus::Cancelled) => Revision::Cancels(Earlier::InEpisode),
        Some(LetterStatus::New) | None => Revision::New,
    }
}

fn station(party: &Party) -> Station {
    let sor = match &party.identifier {
        Some(OrganisationId::Sor(sor)) => Some(sor.clone()),
        _ => None,
    };
    Station {
        gln: party.gln.clone(),
        sor,
    }
}
