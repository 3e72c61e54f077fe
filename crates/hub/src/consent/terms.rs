//! What somebody asks to register: a consent without the identity that registering gives it.

use delt_policy::{Consent, ConsentKind, Micros, OrganisationTree, PatientKey, What, Who};
use uuid::Uuid;

use crate::{Error, Result};

/// The terms of a consent that is not registered yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentTerms {
    pub kind: ConsentKind,
    pub what: What,
    pub who: Who,
    /// From now where none is given.
    pub valid_from: Option<Micros>,
    pub valid_until: Option<Micros>,
}

impl ConsentTerms {
    /// The consent that these terms make of a citizen at `now`.
    ///
    /// # Errors
    /// The hub may not keep it; names the field by its wire path under `at`.
    pub(crate) fn consent(
        &self,
        at: &str,
        id: Uuid,
        patient: PatientKey,
        now: Micros,
        tree: &OrganisationTree,
    ) -> Result<Consent> {
        let consent = Consent {
            id,
            patient,
            kind: self.kind,
            what: self.what.clone(),
            who: self.who.clone(),
            valid_from: self.valid_from.unwrap_or(now),
            valid_until: self.valid_until,
            ended_at: None,
        };
        consent.check(tree).map_err(|invalid| {
            Error::invalid(format!("{at}.{}", field(invalid.field)), invalid.problem)
        })?;
        check_opt_out(at, &consent)?;
        Ok(consent)
    }

    /// Whether an earlier consent is what these terms ask for. A start that was not given is not compared.
    pub(crate) fn made(&self, earlier: &Consent) -> bool {
        earlier.kind == self.kind
            && earlier.what == self.what
            && earlier.who == self.who
            && earlier.valid_until == self.valid_until
            && self
                .valid_from
                .is_none_or(|from| from == earlier.valid_from)
    }
}

/// The wire's name of a field of [`Consent`].
fn field(of_consent: &'static str) -> &'static str {
    match of_consent {
        "valid_from" => "validity.start",
        "valid_until" => "validity.end",
        "what.document_types" => "what.type_codes",
        "what.period" => "what.data_period",
        "what.origin.organisation" => "what.originating.organisation",
        "who.organisation" => "who.organisation.organisation",
        other => other,
    }
}

/// A letter tells of the whole stay, and goes to a place: an opt-out of a part of it, or from one person, would promise what nobody can keep.
fn check_opt_out(at: &str, consent: &Consent) -> Result<()> {
    if consent.kind != ConsentKind::LetterOptOut {
        return Ok(());
    }
    if !consent.what.is_all() {
        let problem = "an opt-out from discharge letters is of all data";
        return Err(Error::invalid(format!("{at}.what"), problem));
    }
    if matches!(consent.who, Who::Person(_)) {
        let problem = "letters go to organisations, not to one professional";
        return Err(Error::invalid(
            format!("{at}.who.authorisation_id"),
            problem,
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use delt_policy::AuthorisationId;

    use super::*;

    fn refused(what: What, who: Who) -> Option<String> {
        let terms = ConsentTerms {
            kind: ConsentKind::LetterOptOut,
            what,
            who,
            valid_from: None,
            valid_until: None,
        };
        let patient = PatientKey::new([1; 32]);
        let made = terms.consent(
            "consent",
            Uuid::nil(),
            patient,
            0,
            &OrganisationTree::default(),
        );
        let error = made.err()?;
        error
            .field_violations()
            .first()
            .map(|wrong| wrong.field.clone())
    }

    #[test]
    fn an_opt_out_from_letters_is_of_all_data_and_from_places() {
        assert_eq!(refused(What::default(), Who::All), None);
        let one = What {
            entry: Some(Uuid::nil()),
            ..What::default()
        };
        assert_eq!(refused(one, Who::All).as_deref(), Some("consent.what"));
        let person = Who::Person(AuthorisationId::parse("9RK1H").unwrap());
        let refused = refused(What::default(), person);
        assert!(refused.unwrap().starts_with("consent.who"));
    }
}
