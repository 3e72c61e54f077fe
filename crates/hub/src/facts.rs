//! What a decision needs to know, loaded in the same snapshot or transaction as the operation itself.

use delt_policy::{Action, Facts, OrganisationId, PatientKey, Request};

use crate::{Result, consent, operation::Context, patient, relation, store::Tx};

/// Loads the facts about a patient (none: only those about the caller) and notes the keys of the patient's linked numbers.
pub(crate) async fn load(
    tx: &mut Tx<'_>,
    cx: &mut Context,
    asked: Option<PatientKey>,
) -> Result<Facts> {
    cx.patient_keys = match asked {
        Some(asked) => patient::rows::linked_keys(tx, asked).await?,
        None => Vec::new(),
    };
    about(tx, cx, &cx.patient_keys).await
}

/// The facts about a person with these keys, for the caller.
pub(crate) async fn about(tx: &mut Tx<'_>, cx: &Context, keys: &[PatientKey]) -> Result<Facts> {
    let consents = consent::rows::load(tx, keys).await?;
    let relations = relation::rows::load(tx, keys).await?;
    Ok(Facts {
        consents: consents.into_iter().map(|kept| kept.consent).collect(),
        relations: relations.into_iter().map(|kept| kept.relation).collect(),
        organisations: cx.directory.tree(),
        roles: cx.roles.clone(),
        registered_organisations: cx
            .directory
            .system(&cx.caller.party().system.id)
            .map(|system| system.organisations.clone())
            .unwrap_or_default(),
        delegations: Vec::new(),
        representations: Vec::new(),
        permissions: Vec::new(),
        openings: Vec::new(),
        born: None,
        terms: cx.settings.terms,
    })
}

/// The question to the policy.
pub(crate) fn request<'a>(
    cx: &'a Context,
    action: Action,
    organisations: &'a [OrganisationId],
) -> Request<'a> {
    Request {
        party: cx.caller.party(),
        action,
        purpose: cx.caller.purpose(),
        override_reason: cx.caller.override_reason(),
        override_ground: cx.caller.override_ground(),
        patients: &cx.patient_keys,
        organisations,
    }
}
