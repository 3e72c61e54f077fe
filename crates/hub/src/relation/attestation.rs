//! A professional's own word that they treat the patient, and which fact bears it out.

use delt_policy::{OrganisationTree, RelationKind, TreatmentRelation};
use uuid::Uuid;

use super::KeptRelation;
use crate::clock::Micros;

/// What becomes of a professional's own word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attestation {
    /// A fact must arrive before this moment.
    pub verify_by: Micros,
    pub confirmed_at: Option<Micros>,
    /// The relation that confirmed it.
    pub confirmed_by: Option<Uuid>,
    /// When it became an alert.
    pub alerted_at: Option<Micros>,
}

impl Attestation {
    /// A new one, which nothing has confirmed yet.
    pub(super) const fn until(verify_by: Micros) -> Self {
        Self {
            verify_by,
            confirmed_at: None,
            confirmed_by: None,
            alerted_at: None,
        }
    }

    /// Whether it still waits for a fact.
    pub const fn is_pending(&self) -> bool {
        self.confirmed_at.is_none() && self.alerted_at.is_none()
    }
}

/// The fact among `relations` that bears out the word `attested`: of the same place and person, holding at some moment of the word's time, and
/// known before the deadline. Of several the one that was known first.
pub(super) fn confirming(
    attested: &KeptRelation,
    relations: &[KeptRelation],
    tree: &OrganisationTree,
) -> Option<Uuid> {
    let deadline = attested.attestation?.verify_by;
    let word = &attested.relation;
    relations
        .iter()
        .filter(|fact| {
            fact.relation.kind != RelationKind::Attestation
                && fact.created_at < deadline
                && fact
                    .relation
                    .covers(&word.organisation, word.person.as_ref(), tree)
                && meet(&fact.relation, word)
        })
        .min_by_key(|fact| (fact.created_at, fact.relation.id))
        .map(|fact| fact.relation.id)
}

/// Whether there is a moment at which both hold.
fn meet(one: &TreatmentRelation, other: &TreatmentRelation) -> bool {
    let from = one.from.max(other.from);
    one.active_at(from) && other.active_at(from)
}

#[cfg(test)]
mod tests {
    use delt_policy::{AuthorisationId, OrganisationId, PatientKey};

    use super::*;

    fn place(code: &str) -> OrganisationId {
        OrganisationId::sor(code).unwrap()
    }

    fn relation(kind: RelationKind, at: &str, from: Micros, until: Option<Micros>) -> KeptRelation {
        KeptRelation {
            relation: TreatmentRelation {
                id: Uuid::from_u128(from.unsigned_abs().into()),
                patient: PatientKey::new([1; 32]),
                organisation: place(at),
                person: None,
                kind,
                from,
                until,
                ended_at: None,
                source: "ehr".to_owned(),
            },
            created_at: 50,
            episode_of_care: None,
            attestation: None,
        }
    }

    fn word() -> KeptRelation {
        let mut word = relation(RelationKind::Attestation, "12", 10, Some(20));
        word.relation.person = AuthorisationId::parse("AB123").ok();
        word.attestation = Some(Attestation::until(100));
        word
    }

    fn tree() -> OrganisationTree {
        let unit = |code: &str, parent: Option<&str>| (place(code), parent.map(place), None);
        OrganisationTree::new([
            unit("1", None),
            unit("12", Some("1")),
            unit("123", Some("12")),
            unit("13", Some("1")),
        ])
    }

    #[test]
    fn a_fact_that_held_meanwhile_at_the_place_or_above_it_confirms() {
        let tree = tree();
        let confirms = |fact: KeptRelation| confirming(&word(), &[fact], &tree).is_some();
        let admission = RelationKind::Admission;
        for (at, from, until, expected) in [
            ("12", 5, None, true),
            ("1", 19, Some(30), true),
            ("1", 5, Some(11), true),
            // Over before the word, or begun after it.
            ("12", 5, Some(10), false),
            ("12", 20, None, false),
            // A ward's patient is not the whole hospital's, nor the next ward's.
            ("123", 5, None, false),
            ("13", 5, None, false),
        ] {
            assert_eq!(
                confirms(relation(admission, at, from, until)),
                expected,
                "{at} {from} {until:?}"
            );
        }
        let another = relation(RelationKind::Attestation, "12", 5, None);
        assert!(!confirms(another), "one word does not bear out another");
    }

    #[test]
    fn it_must_be_known_in_time_for_this_person_and_not_ended_before() {
        let tree = tree();
        let fact = || relation(RelationKind::Referral, "12", 5, None);
        let with = |change: fn(&mut KeptRelation)| {
            let mut fact = fact();
            change(&mut fact);
            confirming(&word(), &[fact], &tree).is_some()
        };
        assert!(with(|fact| fact.created_at = 99));
        assert!(!with(|fact| fact.created_at = 100));
        assert!(!with(|fact| fact.relation.ended_at = Some(10)));
        assert!(with(|fact| fact.relation.ended_at = Some(11)));
        assert!(with(
            |fact| fact.relation.person = AuthorisationId::parse("ab123").ok()
        ));
        assert!(!with(
            |fact| fact.relation.person = AuthorisationId::parse("AB124").ok()
        ));
        assert_eq!(
            confirming(&fact(), &[fact()], &tree),
            None,
            "no attestation"
        );
    }
}
