//! What of a caller can be revoked.

use super::subject::Mark;
use crate::{clock::Micros, identity::Caller, keys::Keyring};

/// The most marks that one caller can have: token, account, number, own and responsible authorisation, system.
pub(crate) const MARKS: usize = 6;

/// Every mark that a revocation of the caller could stand under, and when the caller's token was issued.
///
/// All of it follows from the token, or from the system where there is none: it is made once for each token that is remembered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) marks: [Option<Mark>; MARKS],
    issued: Option<Micros>,
}

impl Credential {
    pub(crate) fn of(caller: &Caller, keys: &Keyring) -> Self {
        let party = caller.party();
        let token = caller.token();
        let authorisation = |person: &Option<delt_policy::Person>| {
            let person = person.as_ref()?;
            Some(Mark::professional(keys, person.authorisation()?))
        };
        let marks = [
            token.map(|token| Mark::token(keys, token.issuer(), token.id())),
            token.map(|token| Mark::account(keys, token.issuer(), token.subject())),
            caller.person_key().map(|key| Mark::person(keys, key)),
            authorisation(&party.person),
            authorisation(&party.responsible),
            Some(Mark::system(keys, &party.system.id)),
        ];
        Self {
            marks,
            issued: token.map(crate::identity::TokenFacts::issued_at),
        }
    }

    /// Whether a revocation that stands under one of the marks takes this access: one of older tokens leaves newer ones alone.
    pub(crate) fn is_taken_by(&self, issued_before: Option<Micros>) -> bool {
        match (issued_before, self.issued) {
            (Some(before), Some(issued)) => issued < before,
            (None, _) | (_, None) => true,
        }
    }

    /// Whether a revocation under these marks would take it.
    pub(super) fn would_be_taken(&self, marks: &[Mark], issued_before: Option<Micros>) -> bool {
        let own = self.marks.iter().flatten();
        self.is_taken_by(issued_before) && own.into_iter().any(|mark| marks.contains(mark))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use zeroize::Zeroizing;

    use super::*;
    use crate::{keys::Secrets, revocation::AccessSubject};

    fn keys() -> Keyring {
        let key = || Zeroizing::new([7; 32]);
        Keyring::new(&Secrets {
            patient: key(),
            encryption: key(),
            log_signing: key(),
        })
        .unwrap()
    }

    /// Somebody with this token in this system, issued at this time.
    fn credential(
        keys: &Keyring,
        token: &AccessSubject,
        system: &str,
        issued: Micros,
    ) -> Credential {
        let mut marks = [None; MARKS];
        marks[0] = token.marks(keys, &[]).first().copied();
        marks[5] = Some(Mark::system(keys, system));
        Credential {
            marks,
            issued: Some(issued),
        }
    }

    proptest! {
        #[test]
        fn a_revocation_takes_what_it_names_and_nothing_else(
            (issuer, id, other_issuer, other_id) in ("[a-c]{1,3}", "[a-c]{1,3}", "[a-c]{1,3}", "[a-c]{1,3}"),
            (system, other_system) in ("[a-c]{1,2}", "[a-c]{1,2}"),
            (issued, before) in (0_i64..4, proptest::option::of(0_i64..4)),
        ) {
            let keys = keys();
            let token = AccessSubject::Token { issuer: issuer.clone(), token_id: id.clone() };
            let caller = credential(&keys, &token, &system, issued);
            let named = |subject: &AccessSubject| caller.would_be_taken(&subject.marks(&keys, &[]), before);
            let in_time = before.is_none_or(|before| issued < before);
            let other = AccessSubject::Token { issuer: other_issuer.clone(), token_id: other_id.clone() };
            prop_assert_eq!(named(&other), in_time && (issuer, id) == (other_issuer.clone(), other_id.clone()));
            prop_assert_eq!(named(&AccessSubject::System(other_system.clone())), in_time && system == other_system);
            // The same words as another kind are another subject.
            let account = AccessSubject::Account { issuer: other_issuer, subject: other_id };
            prop_assert!(!named(&account));
        }

        #[test]
        fn a_subject_is_read_back_as_it_was_sealed(issuer in "\\PC{1,20}", id in "\\PC{1,20}", row in any::<u128>()) {
            let (keys, row) = (keys(), uuid::Uuid::from_u128(row));
            for subject in [
                AccessSubject::Token { issuer: issuer.clone(), token_id: id.clone() },
                AccessSubject::Account { issuer, subject: id.clone() },
                AccessSubject::System(id),
            ] {
                let sealed = subject.sealed(&keys, row).unwrap().unwrap();
                let opened = AccessSubject::opened(&keys, row, subject.kind(), &sealed).unwrap();
                prop_assert!(opened == subject);
            }
        }
    }

    #[test]
    fn where_no_token_tells_its_age_every_revocation_counts() {
        let marks = [None; MARKS];
        let caller = Credential {
            marks,
            issued: None,
        };
        assert!(caller.is_taken_by(Some(0)) && caller.is_taken_by(None));
    }
}
