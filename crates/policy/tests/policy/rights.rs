//! In the small world: who may act for whom, who may do quality work, and who has broken the glass.

use delt_policy::*;

use crate::world::*;

/// The responsible professional's word that the helper with key 5 may read the record at a place, and identify.
pub(crate) fn delegation(place: &str) -> HelperDelegation {
    HelperDelegation {
        id: id(0xd0),
        helper: key(5),
        responsible: auth("7LK1D"),
        organisation: org(place),
        rights: vec![Right::ReadRecord, Right::IdentifyPatient],
        from: NOW - DAY,
        until: NOW + DAY,
        ended_at: None,
    }
}

/// A secretary with key 5 who helps a physician, both at a place.
pub(crate) fn helper(place: &str) -> Party {
    let secretary = Person {
        kind: PersonKind::Administrative {
            role: "laegesekretaer".to_owned(),
        },
        organisation: Some(org(place)),
    };
    Party {
        responsible: Some(professional("laege", "7LK1D", place)),
        person_key: Some(key(5)),
        ..at(secretary)
    }
}

/// The right of citizen 2 to do everything that can be done for patient 1, by custody.
pub(crate) fn representation(kind: CitizenRelation) -> Representation {
    Representation {
        id: id(0xd1),
        patient: key(1),
        representative: key(2),
        kind,
        rights: Right::ALL
            .into_iter()
            .filter(|right| right.goes_to_representatives())
            .collect(),
        document_types: Vec::new(),
        after_fifteen: false,
        from: NOW - DAY,
        until: (kind == CitizenRelation::Proxy).then_some(NOW + DAY),
        ended_at: None,
    }
}

/// Citizen 2 acts for patient 1.
pub(crate) fn representative(relation: CitizenRelation) -> Party {
    let patient = key(1);
    Party {
        on_behalf: Some(OnBehalf { patient, relation }),
        ..citizen(key(2))
    }
}

/// The management's permission for the physician of [`physician`].
pub(crate) fn quality_permission(place: &str) -> QualityPermission {
    QualityPermission {
        id: id(0xd2),
        organisation: org(place),
        person: auth("7LK1D"),
        from: NOW - DAY,
        until: NOW + DAY,
        ended_at: None,
    }
}

/// The glass that the physician of [`physician`] broke at a place, an hour ago.
pub(crate) fn opening(place: &str, ground: OverrideGround) -> Opening {
    Opening {
        id: id(0xd3),
        patient: key(1),
        person: auth("7LK1D"),
        organisation: org(place),
        ground,
        from: NOW - HOUR,
        until: NOW + 3 * HOUR,
    }
}
