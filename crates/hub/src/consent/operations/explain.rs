//! Who would see what, and why.

use delt_formats::identifier::PersonNumber;
use delt_policy::{
    Action, AuthorisationId, Decision, EntryFacts, Ground, OrganisationId, OverrideGround, Party,
    Person, PersonKind, Purpose, Request, Scope, Verdict, WithheldReason, decide,
};

use crate::{
    Error, Result,
    document::{self, AvailabilityStatus},
    facts,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// What a professional of a role at an organisation would see now.
#[derive(Debug, Clone)]
pub struct ExplainAccess {
    pub patient: PersonNumber,
    /// MedCom's role code, such as `laege`.
    pub role: String,
    pub organisation: OrganisationId,
    pub authorisation: AuthorisationId,
    pub purpose: Purpose,
}

/// The answer, with what determined it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Whether the professional would be let in at all.
    pub admitted: bool,
    pub grounds: Vec<Ground>,
    pub visible: u32,
    pub withheld_by_consent: u32,
    pub withheld_by_role: u32,
}

impl Sealed for ExplainAccess {}

impl Operation for ExplainAccess {
    type Outcome = Explained;
    const ACTION: Action = Action::ExplainAccess;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        let filters = [
            ("role", self.role.clone()),
            ("organisation", self.organisation.to_string()),
            ("authorisation", self.authorisation.as_str().to_owned()),
            ("purpose", self.purpose.as_str().to_owned()),
        ];
        Subject {
            filters: filters
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
            ..Subject::about(&self.patient)
        }
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Explained>> {
        if !cx.directory.tree().contains(&self.organisation) {
            return Err(Error::invalid(
                "organisation",
                "is not an organisation in the directory",
            ));
        }
        let party = self.party(cx);
        let facts = facts::about(tx, cx, &cx.patient_keys).await?;
        let request = Request {
            party: &party,
            action: Action::SearchRecord,
            purpose: Some(self.purpose),
            // What-if: as though a sufficient reason had been given.
            override_reason: (self.purpose == Purpose::Btg).then_some("what-if explanation"),
            override_ground: (self.purpose == Purpose::Btg)
                .then_some(OverrideGround::EssentialConsideration),
            patients: &cx.patient_keys,
            organisations: &[],
        };
        let explained = match decide(&request, &facts, cx.now) {
            Decision::Deny(denial) => refused(denial.grounds),
            Decision::Permit(theirs) => {
                let record = document::rows::of_patient(tx, scope).await?;
                let current = record
                    .into_iter()
                    .filter(|row| row.status == AvailabilityStatus::Approved);
                admitted(&theirs, &current.map(|row| row.facts).collect::<Vec<_>>())
            }
        };
        Ok(Found::new(explained))
    }
}

impl ExplainAccess {
    /// The professional asked about, behind a system of their own organisation.
    fn party(&self, cx: &Context) -> Party {
        let mut system = cx.caller.party().system.clone();
        system.organisation = self.organisation.clone();
        Party {
            system,
            person: Some(Person {
                kind: PersonKind::Professional {
                    authorisation: self.authorisation.clone(),
                    role: self.role.clone(),
                },
                organisation: Some(self.organisation.clone()),
            }),
            responsible: None,
            on_behalf: None,
            person_key: None,
        }
    }
}

fn refused(grounds: Vec<Ground>) -> Explained {
    Explained {
        admitted: false,
        grounds,
        visible: 0,
        withheld_by_consent: 0,
        withheld_by_role: 0,
    }
}

fn admitted(theirs: &Scope, entries: &[EntryFacts]) -> Explained {
    let verdicts = theirs.review(entries);
    let count = |of: &dyn Fn(Verdict) -> bool| {
        u32::try_from(verdicts.iter().filter(|verdict| of(**verdict)).count()).unwrap_or(u32::MAX)
    };
    let mut grounds = theirs.grounds().to_vec();
    for entry in entries {
        for ground in theirs.explain(entry).grounds {
            if !grounds.contains(&ground) {
                grounds.push(ground);
            }
        }
    }
    Explained {
        admitted: true,
        grounds,
        visible: count(&Verdict::is_visible),
        withheld_by_consent: count(&|v| v == Verdict::Withheld(WithheldReason::Consent)),
        withheld_by_role: count(&|v| v == Verdict::Withheld(WithheldReason::Role)),
    }
}
