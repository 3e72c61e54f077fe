//! `AttestRelation`: a professional's own word that they treat the patient.

use std::fmt;

use delt_formats::identifier::PersonNumber;
use delt_policy::{
    Action, AuthorisationId, OrganisationId, Party, PatientKey, PersonKind, RelationKind, Scope,
    TreatmentRelation,
};
use uuid::Uuid;

use crate::{
    Error, Result, entropy,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    patient::rows::keep_number,
    relation::{Attestation, KeptRelation, follow_up, reason, rows},
    store::Tx,
};

/// So many words of one professional about one patient may wait for a fact: more than one a day until the usual deadline. Following up looks at all of
/// a patient's relations for each of them.
const WAITING_MAX: usize = 20;
/// Length of a reason without surrounding space, in characters.
const REASON: std::ops::RangeInclusive<usize> = 10..=500;

/// Opens a record on a professional's own word, for their own place and person only. A fact must confirm it afterwards.
#[derive(Clone)]
pub struct AttestRelation {
    pub patient: PersonNumber,
    /// Why the patient is treated here though nothing says so yet: 10 to 500 characters. Kept sealed.
    pub reason: String,
    /// The caller's own id of the request: a retry with the same one answers the same.
    pub request_id: Option<Uuid>,
}

impl fmt::Debug for AttestRelation {
    /// Without the reason, which may name people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttestRelation({:?})", self.patient)
    }
}

impl Sealed for AttestRelation {}

impl Operation for AttestRelation {
    type Outcome = KeptRelation;
    const ACTION: Action = Action::AttestRelation;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject::about(&self.patient)
    }

    async fn run(
        &self,
        scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<KeptRelation>> {
        let text = self.checked_reason()?;
        let witness = Witness::of(cx.caller.party())?;
        let patient = keep_number(tx, &cx.keys, &self.patient, cx.now).await?;
        let kept = self.kept(&witness, patient, cx)?;
        let id = kept.relation.id;
        check_waiting(&rows::load(tx, scope.patients()).await?, &witness, id)?;
        let word = rows::Word {
            sealed_reason: &reason::seal(&cx.keys, &patient, id, text)?,
            role: witness.role,
        };
        if rows::add(tx, &kept, Some(word)).await? {
            let tree = cx.directory.tree();
            follow_up::confirm(tx, scope.patients(), &tree, cx.now).await?;
        } else if reason::of(tx, &cx.keys, &patient, id).await?.as_deref() != Some(text) {
            return Err(Error::new(code::REQUEST_ID_REUSED));
        }
        let kept = rows::load(tx, &[patient]).await?;
        kept.into_iter()
            .find(|kept| kept.relation.id == id && kept.relation.organisation == *witness.place)
            .map(|kept| Found::new(kept).on(&id))
            .ok_or(Error::new(code::REQUEST_ID_REUSED))
    }
}

impl AttestRelation {
    fn checked_reason(&self) -> Result<&str> {
        let text = self.reason.trim();
        if text.len() > REASON.end() * 4 || !REASON.contains(&text.chars().count()) {
            return Err(Error::invalid("reason", "must have 10 to 500 characters"));
        }
        Ok(text)
    }

    fn kept(
        &self,
        witness: &Witness<'_>,
        patient: PatientKey,
        cx: &Context,
    ) -> Result<KeptRelation> {
        let system = &cx.caller.party().system.id;
        let relation = TreatmentRelation {
            id: self.id(witness, &patient, cx)?,
            patient,
            organisation: witness.place.clone(),
            person: Some(witness.person.clone()),
            kind: RelationKind::Attestation,
            from: cx.now,
            until: Some(cx.now.saturating_add(cx.settings.attestation)),
            ended_at: None,
            source: system.clone(),
        };
        let verify_by = cx.now.saturating_add(cx.settings.attestation_deadline);
        Ok(KeptRelation {
            relation,
            created_at: cx.now,
            episode_of_care: None,
            attestation: Some(Attestation::until(verify_by)),
        })
    }

    /// Follows from who says it of whom, so that a retry meets what the first try made, and nobody else's request does.
    fn id(&self, witness: &Witness<'_>, patient: &PatientKey, cx: &Context) -> Result<Uuid> {
        let Some(request) = self.request_id else {
            return cx.uuid();
        };
        let system = &cx.caller.party().system.id;
        let request = format!("{}|{}|{request}", patient.hex(), witness.person.as_str());
        Ok(entropy::derived("attestation", system, &request))
    }
}

/// A retry of one that is kept already is none more.
fn check_waiting(relations: &[KeptRelation], witness: &Witness<'_>, id: Uuid) -> Result<()> {
    let waits = |kept: &&KeptRelation| {
        kept.attestation.is_some_and(|word| word.is_pending())
            && kept.relation.person.as_ref() == Some(witness.person)
    };
    let is_new = relations.iter().all(|kept| kept.relation.id != id);
    if is_new && relations.iter().filter(waits).count() >= WAITING_MAX {
        return Err(Error::new(code::TOO_MANY)
            .with_message("too many of your attestations for this patient wait for a fact"));
    }
    Ok(())
}

/// Who gives their word, and where.
struct Witness<'a> {
    person: &'a AuthorisationId,
    role: &'a str,
    place: &'a OrganisationId,
}

impl<'a> Witness<'a> {
    /// An authorised professional on their own responsibility, at a place of work. A helper cannot give the word of the one who is responsible.
    fn of(party: &'a Party) -> Result<Self> {
        let person = party
            .person
            .as_ref()
            .filter(|_| party.responsible.is_none());
        match person.map(|person| (&person.kind, &person.organisation)) {
            Some((
                PersonKind::Professional {
                    authorisation,
                    role,
                },
                Some(place),
            )) => Ok(Self {
                person: authorisation,
                role,
                place,
            }),
            _ => Err(Error::new(code::ACCESS_DENIED)),
        }
    }
}
