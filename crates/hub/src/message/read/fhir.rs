//! MedCom FHIR messages.

use delt_formats::{
    Limits,
    fhir::{DestinationUse, Message, MessageError, MessageKind, Organization, parse_message},
};

use super::{Earlier, Head, Revision, Station, invalid, wrong};
use crate::{
    Error, Result,
    message::{MessageType, local_time},
    relation::stay::{Admission, Notice, Said},
};

/// Where a violation of the receiver is told.
const DESTINATION: &str = "Bundle.entry[0].resource.destination";

pub(super) fn read(content: &[u8], limits: &Limits) -> Result<Head> {
    let message = parse_message(content, limits).map_err(refused)?;
    let message_type = message_type(message.kind)?;
    let primary = message
        .primary()
        .ok_or_else(|| wrong(DESTINATION, "must have a primary receiver"))?;
    if message
        .destinations
        .iter()
        .any(|d| d.use_ != DestinationUse::Primary)
    {
        return Err(wrong(
            DESTINATION,
            "a copy (cc) is not delivered: send a message of its own",
        ));
    }
    Ok(Head {
        message_type,
        sender_message_id: message.header_id.clone(),
        sender: station(&message.sender),
        receiver: station(&primary.receiver),
        patient: message
            .patient
            .as_ref()
            .map(|patient| patient.person.clone()),
        episode_of_care: message.episodes_of_care.first().cloned(),
        revision: revision(&message),
        created: local_time::micros(message.timestamp),
        service_start: None,
        service_stop: None,
        stay: (message_type == MessageType::HospitalNotification)
            .then(|| stay(&message))
            .flatten(),
        specialty: None,
    })
}

fn refused(error: MessageError) -> Error {
    match error {
        MessageError::Invalid(violations) => invalid(violations),
        other => wrong("", other.to_string()),
    }
}

fn message_type(kind: MessageKind) -> Result<MessageType> {
    match kind {
        MessageKind::HospitalNotification => Ok(MessageType::HospitalNotification),
        MessageKind::CareCommunication => Ok(MessageType::CareCommunication),
        MessageKind::HomeCareObservation => Ok(MessageType::HomeCareObservation),
        MessageKind::Acknowledgement => Err(wrong(
            "",
            "is a receipt: messages are acknowledged with AcknowledgeMessage",
        )),
        MessageKind::Empty => Err(wrong("", "has no content to deliver")),
    }
}

fn revision(message: &Message) -> Revision {
    let Some(step) = message.activity() else {
        return Revision::New;
    };
    let earlier = step
        .previous
        .as_deref()
        .and_then(|previous| previous.rsplit('/').next());
    match (step.activity.as_str(), earlier) {
        ("modified-message", Some(id)) => Revision::Corrects(Earlier::Named(id.to_owned())),
        ("retract-message", Some(id)) => Revision::Cancels(Earlier::Named(id.to_owned())),
        _ => Revision::New,
    }
}

/// What a hospital notification says of the stay. Leaves change nothing.
fn stay(message: &Message) -> Option<Notice> {
    let step = message.activity()?;
    let encounter = message.encounter.as_ref();
    let over = encounter.is_some_and(|stay| stay.status.as_deref() == Some("finished"));
    let dead = message
        .patient
        .as_ref()
        .is_some_and(|patient| patient.deceased);
    let said = said(&step.activity, over || dead)?;
    let moment = match said {
        Said::Discharged | Said::DischargeRevised => encounter.and_then(|stay| stay.end),
        _ => encounter.and_then(|stay| stay.start),
    };
    Some(Notice {
        said,
        said_at: local_time::micros(step.occurred),
        happened_at: local_time::micros(moment.unwrap_or(step.occurred)),
    })
}

/// `MORS` repeats the present activity, and tells the death by the patient and the end of the stay.
fn said(activity: &str, over: bool) -> Option<Said> {
    Some(match activity {
        "admit-emergency" | "admit-inpatient" | "start-leave-inpatient" | "end-leave-inpatient"
            if over =>
        {
            Said::Discharged
        }
        "admit-emergency" => Said::Admitted(Admission::Emergency),
        "admit-inpatient" => Said::Admitted(Admission::Inpatient),
        "revise-admit-emergency" => Said::AdmissionRevised(Admission::Emergency),
        "revise-admit-inpatient" => Said::AdmissionRevised(Admission::Inpatient),
        "cancel-admit-emergency" => Said::AdmissionCancelled(Admission::Emergency),
        "cancel-admit-inpatient" => Said::AdmissionCancelled(Admission::Inpatient),
        "discharge-emergency-home" | "discharge-inpatient-home" => Said::Discharged,
        "revise-discharge-emergency-home" | "revise-discharge-inpatient-home" => {
            Said::DischargeRevised
        }
        "cancel-discharge-emergency-home" | "cancel-discharge-inpatient-home" => {
            Said::DischargeCancelled
        }
        _ => return None,
    })
}

fn station(organization: &Organization) -> Station {
    Station {
        gln: organization.gln.clone(),
        sor: Some(organization.sor.clone()),
    }
}
