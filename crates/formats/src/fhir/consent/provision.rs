//! The rules of a consent, two levels deep at most.

use super::moment::Period;
use super::reference::Reference;
use super::{Data, DataMeaning, Label, Provision, ProvisionType, Purpose};
use crate::fhir::parts::Place;
use crate::violation::{Problems, ViolationCode};

/// What a provision may hold in PCF. `action`, `class` and `code` may not be there, and what is not read here could
/// limit the rule: each is refused rather than overlooked.
const MEMBERS: [&str; 10] = [
    "id",
    "extension",
    "type",
    "period",
    "actor",
    "purpose",
    "securityLabel",
    "dataPeriod",
    "data",
    "provision",
];
/// How many values one part of a rule may have, and how many exceptions a consent.
const MAX_VALUES: usize = 20;

const ACT_REASON: &str = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
const PARTICIPATION: &str = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";

/// Reads a rule, with its exceptions where `outer`.
pub(super) fn read(
    place: &Place<'_>,
    consent: &Place<'_>,
    outer: bool,
    problems: &mut Problems,
) -> Option<Provision> {
    if !place.is_there() {
        place.missing(problems);
        return None;
    }
    only_known_members(place, problems);
    let kind = kind(&place.get("type"), problems);
    let each = |name: &str, problems: &mut Problems| values(&place.get(name), problems);
    let actors = each("actor", problems);
    let purposes = each("purpose", problems);
    let labels = each("securityLabel", problems);
    let data = each("data", problems);
    let exceptions = each("provision", problems);
    if !outer && !exceptions.is_empty() {
        let message = "an exception has no exceptions: two levels at most";
        place
            .get("provision")
            .wrong(problems, ViolationCode::TooMany, message);
    }
    Some(Provision {
        kind: kind?,
        period: Period::read(&place.get("period"), problems),
        actors: collect(&actors, |actor| self::actor(actor, consent, problems)),
        purposes: collect(&purposes, |coding| purpose(coding, problems)),
        labels: collect(&labels, |coding| label(coding, problems)),
        data_period: Period::read(&place.get("dataPeriod"), problems),
        data: collect(&data, |data| self::data(data, consent, problems)),
        exceptions: if outer {
            collect(&exceptions, |inner| read(inner, consent, false, problems))
        } else {
            Vec::new()
        },
    })
}

fn collect<T>(places: &[Place<'_>], read: impl FnMut(&Place<'_>) -> Option<T>) -> Vec<T> {
    places.iter().filter_map(read).collect()
}

/// The items of a list that may be left out, but not be empty, no list, or too long.
fn values<'a>(list: &Place<'a>, problems: &mut Problems) -> Vec<Place<'a>> {
    let items = list.items();
    if list.is_there() && items.is_empty() {
        let message = "must be a list with something in it";
        list.wrong(problems, ViolationCode::BadFormat, message);
    }
    if items.len() > MAX_VALUES {
        list.wrong(
            problems,
            ViolationCode::TooMany,
            "must have at most twenty values",
        );
    }
    items.into_iter().take(MAX_VALUES).collect()
}

/// FHIR's `modifierExtension` too must not be overlooked, so it is no member here.
fn only_known_members(place: &Place<'_>, problems: &mut Problems) {
    let known = |name: &str| MEMBERS.contains(&name);
    if place.members().any(|name| !known(name)) {
        let message = "has a member that PCF does not allow in a provision";
        place.wrong(problems, ViolationCode::UnknownCode, message);
    }
}

fn kind(place: &Place<'_>, problems: &mut Problems) -> Option<ProvisionType> {
    match place.required(problems)? {
        "permit" => Some(ProvisionType::Permit),
        "deny" => Some(ProvisionType::Deny),
        _ => {
            place.wrong(
                problems,
                ViolationCode::UnknownCode,
                "must be permit or deny",
            );
            None
        }
    }
}

/// Who looks: PCF has information recipients only.
fn actor(place: &Place<'_>, consent: &Place<'_>, problems: &mut Problems) -> Option<Reference> {
    no_modifier(place, problems);
    let role = place.get("role");
    let recipient = role.get("coding").items().iter().any(|coding| {
        coding.get("system").text() == Some(PARTICIPATION)
            && coding.get("code").text() == Some("IRCP")
    });
    if !recipient {
        let message = "must be IRCP, an information recipient";
        role.wrong(problems, ViolationCode::UnknownCode, message);
    }
    Reference::read(&place.get("reference"), consent, problems)
}

/// FHIR: who does not understand a modifier may not go on.
fn no_modifier(place: &Place<'_>, problems: &mut Problems) {
    let modifier = place.get("modifierExtension");
    if modifier.is_there() {
        let message = "changes what a consent means, and is not read here";
        modifier.wrong(problems, ViolationCode::Inconsistent, message);
    }
}

fn purpose(place: &Place<'_>, problems: &mut Problems) -> Option<Purpose> {
    let code = place.get("code").required(problems)?;
    if place.get("system").text() != Some(ACT_REASON) {
        place.wrong(
            problems,
            ViolationCode::UnknownCode,
            "must be a code of v3-ActReason",
        );
        return None;
    }
    bounded(&place.get("code"), code, problems).map(|code| Purpose { code })
}

fn label(place: &Place<'_>, problems: &mut Problems) -> Option<Label> {
    let system = place.get("system").required(problems)?;
    let code = place.get("code").required(problems)?;
    Some(Label {
        system: bounded(&place.get("system"), system, problems)?,
        code: bounded(&place.get("code"), code, problems)?,
    })
}

fn bounded(place: &Place<'_>, text: &str, problems: &mut Problems) -> Option<String> {
    if text.len() > 200 {
        place.wrong(
            problems,
            ViolationCode::TooLong,
            "must have at most 200 bytes",
        );
        return None;
    }
    Some(text.to_owned())
}

fn data(place: &Place<'_>, consent: &Place<'_>, problems: &mut Problems) -> Option<Data> {
    no_modifier(place, problems);
    let field = place.get("meaning");
    let meaning = match field.required(problems)? {
        "instance" => Some(DataMeaning::Instance),
        "related" => Some(DataMeaning::Related),
        "dependents" => Some(DataMeaning::Dependents),
        "authoredby" => Some(DataMeaning::AuthoredBy),
        _ => None,
    };
    if meaning.is_none() {
        let message = "must be instance, related, dependents or authoredby";
        field.wrong(problems, ViolationCode::UnknownCode, message);
    }
    let reference = Reference::read(&place.get("reference"), consent, problems);
    Some(Data {
        meaning: meaning?,
        reference: reference?,
    })
}
