//! What lets most callers in, so that the finer rules decide more than the doors do.

use delt_policy::{
    AuthorisationId, HelperDelegation, OverrideGround, PersonKind, Purpose, QualityPermission,
    RelationKind, Representation, Right, TreatmentRelation,
};
use uuid::Uuid;

use crate::case::Case;
use crate::world::{DAY, NOW, key, org};

/// Adds the records that the case's caller needs, beside those that it has.
pub(crate) fn ease(case: &mut Case, home: &str) {
    case.facts.relations.push(relation(home));
    if case.purpose == Some(Purpose::Btg) {
        case.reason = Some("bevidstløs, kan ikke spørges".to_owned());
        case.ground = case.ground.or(Some(OverrideGround::CitizenLiftsBlock));
    }
    let responsible = case.party.responsible.as_ref();
    if let Some(responsible) = responsible.and_then(|person| person.authorisation().cloned()) {
        case.party.person_key = Some(key(5));
        case.facts.delegations.push(delegation(responsible, home));
    }
    let person = case.party.person.as_ref();
    if let Some(id) = person.and_then(|person| person.authorisation().cloned()) {
        case.facts.permissions.push(permission(id, home));
    }
    if let (Some(claim), Some(person)) = (&case.party.on_behalf, person)
        && let PersonKind::Citizen { key } = person.kind
    {
        case.facts.representations.push(Representation {
            id: Uuid::from_u128(4),
            patient: claim.patient,
            representative: key,
            kind: claim.relation,
            rights: Right::ALL.to_vec(),
            document_types: vec!["PDC".to_owned(), "11502-2".to_owned()],
            after_fifteen: true,
            from: NOW - DAY,
            until: None,
            ended_at: None,
        });
    }
}

fn relation(home: &str) -> TreatmentRelation {
    TreatmentRelation {
        id: Uuid::from_u128(1),
        patient: key(1),
        organisation: org(home),
        person: None,
        kind: RelationKind::Admission,
        from: NOW - DAY,
        until: None,
        ended_at: None,
        source: "his".to_owned(),
    }
}

fn delegation(responsible: AuthorisationId, home: &str) -> HelperDelegation {
    HelperDelegation {
        id: Uuid::from_u128(2),
        helper: key(5),
        responsible,
        organisation: org(home),
        rights: vec![Right::ReadRecord, Right::IdentifyPatient],
        from: NOW - DAY,
        until: NOW + DAY,
        ended_at: None,
    }
}

fn permission(person: AuthorisationId, home: &str) -> QualityPermission {
    QualityPermission {
        id: Uuid::from_u128(3),
        organisation: org(home),
        person,
        from: NOW - DAY,
        until: NOW + DAY,
        ended_at: None,
    }
}
