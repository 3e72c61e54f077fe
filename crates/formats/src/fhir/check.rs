//! Rules between the parts of a message.

use super::message::{DestinationUse, Message, MessageKind, ResponseCode};
use super::parts::Place;
use crate::identifier::PersonNumberKind;
use crate::violation::{Problems, ViolationCode};

/// Adds what is wrong between parts that are each right.
pub(super) fn message(message: &Message, header: &Place<'_>, problems: &mut Problems) {
    destinations(message, &header.get("destination"), problems);
    history(message, problems);
    patient(message, problems);
    response(message, &header.get("response"), problems);
}

/// One primary receiver; notifications and acknowledgements have no copy.
fn destinations(message: &Message, place: &Place<'_>, problems: &mut Problems) {
    let all = || {
        message
            .destinations
            .iter()
            .map(|destination| destination.use_)
    };
    let primary = all()
        .filter(|use_| *use_ == DestinationUse::Primary)
        .count();
    if primary == 0 && !message.destinations.is_empty() {
        place.wrong(
            problems,
            ViolationCode::Missing,
            "must have a primary receiver",
        );
    }
    if primary > 1 {
        place.wrong(
            problems,
            ViolationCode::TooMany,
            "must have only one primary receiver",
        );
    }
    let copies = all().any(|use_| use_ == DestinationUse::CarbonCopy);
    let no_copies = matches!(
        message.kind,
        MessageKind::HospitalNotification | MessageKind::Acknowledgement
    );
    if copies && no_copies {
        place.wrong(
            problems,
            ViolationCode::TooMany,
            "this message has no receiver of a copy",
        );
    }
}

/// The last step made this message, by an activity of its kind.
fn history(message: &Message, problems: &mut Problems) {
    if message.kind == MessageKind::Empty {
        return;
    }
    let path = "Bundle.entry.resource.ofType(Provenance)";
    let Some(step) = message.activity() else {
        problems.push(
            path,
            ViolationCode::Missing,
            "must have one that targets this message",
        );
        return;
    };
    let hospital = ["-emergency", "-inpatient", "-home"]
        .iter()
        .any(|e| step.activity.ends_with(e));
    let acknowledges = step.activity == "acknowledgement";
    let fits = match message.kind {
        MessageKind::HospitalNotification => hospital,
        MessageKind::Acknowledgement => acknowledges,
        _ => !hospital && !acknowledges,
    };
    if !fits {
        problems.push(
            path,
            ViolationCode::Inconsistent,
            "is not an activity of this message type",
        );
    }
    if message.kind == MessageKind::Acknowledgement && message.provenances.len() < 2 {
        problems.push(
            path,
            ViolationCode::Missing,
            "must have one for the answered message too",
        );
    }
}

/// A hospital notification is sent for official CPR numbers only (`MedCom`, `HospitalNotification` use cases).
fn patient(message: &Message, problems: &mut Problems) {
    let official = |kind| kind == PersonNumberKind::Cpr;
    let notification = message.kind == MessageKind::HospitalNotification;
    if let Some(patient) = &message.patient
        && notification
        && !official(patient.person.kind())
    {
        let path = "Bundle.entry.resource.ofType(Patient).identifier";
        problems.push(path, ViolationCode::Inconsistent, "must be a CPR number");
    }
}

/// An acknowledgement answers, and one that is not ok says why.
fn response(message: &Message, place: &Place<'_>, problems: &mut Problems) {
    if message.kind != MessageKind::Acknowledgement {
        return;
    }
    match &message.response {
        None if place.is_there() => {}
        None => place.missing(problems),
        Some(response) if response.code != ResponseCode::Ok && response.issues.is_empty() => {
            place.get("details").missing(problems);
        }
        Some(_) => {}
    }
}
