//! Which entries of the log are asked for.

use std::collections::BTreeMap;

use delt_formats::identifier::PersonNumber;
use delt_ledger::{Entry, Outcome, Person};
use delt_policy::{OrganisationId, OrganisationTree, Sector};
use uuid::Uuid;

use crate::{clock::Micros, operation::Context};

/// All given parts must match.
#[derive(Debug, Clone, Default)]
pub struct EntryFilter {
    pub patient: Option<PersonNumber>,
    /// The acting or the responsible person.
    pub person_id: Option<String>,
    /// The acting organisation or one above it.
    pub organisation: Option<OrganisationId>,
    pub system_id: Option<String>,
    pub operation: Option<String>,
    pub outcome: Option<Outcome>,
    pub purpose: Option<String>,
    /// Only where break-glass was asked for, refused ones too.
    pub override_only: bool,
    pub from: Option<Micros>,
    pub to: Option<Micros>,
    /// Only entries that disclosed or acted on this document. A source that lists what it holds itself is not among them.
    pub document: Option<Uuid>,
}

impl EntryFilter {
    /// Whether everything is asked for.
    pub(super) fn is_all(&self) -> bool {
        self.named().is_empty()
    }

    /// The parts that are looked up in the entry itself.
    pub(super) fn matches(&self, entry: &Entry, tree: &OrganisationTree) -> bool {
        let equals = |asked: &Option<String>, found: Option<&str>| {
            asked.as_deref().is_none_or(|asked| found == Some(asked))
        };
        let document = self.document.map(|uuid| uuid.to_string());
        self.matches_person(entry)
            && equals(&self.system_id, Some(&entry.actor.system))
            && equals(&self.operation, Some(&entry.operation))
            && equals(&self.purpose, entry.purpose.as_deref())
            && self.outcome.is_none_or(|outcome| outcome == entry.outcome)
            && (!self.override_only || entry.purpose.as_deref() == Some("BTG"))
            && document.is_none_or(|uuid| concerns(entry, &uuid))
            && self
                .organisation
                .as_ref()
                .is_none_or(|asked| acts_within(entry, asked, tree))
    }

    fn matches_person(&self, entry: &Entry) -> bool {
        let is = |person: &Option<Person>, id: &str| person.as_ref().is_some_and(|p| p.id == id);
        self.person_id
            .as_deref()
            .is_none_or(|id| is(&entry.actor.person, id) || is(&entry.actor.responsible, id))
    }

    /// For the audit entry of the search itself: names and codes, never the person number.
    pub(super) fn named(&self) -> BTreeMap<String, String> {
        let parts = [
            ("patient", self.patient.as_ref().map(|_| "given".to_owned())),
            ("person_id", self.person_id.clone()),
            (
                "organisation",
                self.organisation.as_ref().map(ToString::to_string),
            ),
            ("system_id", self.system_id.clone()),
            ("operation", self.operation.clone()),
            (
                "outcome",
                self.outcome
                    .map(|outcome| format!("{outcome:?}").to_lowercase()),
            ),
            ("purpose", self.purpose.clone()),
            (
                "override_only",
                self.override_only.then(|| "true".to_owned()),
            ),
            ("from", self.from.map(crate::clock::rfc3339)),
            ("to", self.to.map(crate::clock::rfc3339)),
            ("document", self.document.map(|uuid| uuid.to_string())),
        ];
        parts
            .into_iter()
            .filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)))
            .collect()
    }
}

/// Whether the entry is about the document. What names no patient and was permitted is a source's list of what it holds itself.
fn concerns(entry: &Entry, uuid: &String) -> bool {
    (entry.patient.is_some() || entry.outcome != Outcome::Permitted)
        && (entry.disclosed.contains(uuid) || entry.target.as_ref() == Some(uuid))
}

/// Whether the person or system behind an entry acted for an organisation or one of its units.
pub(super) fn acts_within(entry: &Entry, root: &OrganisationId, tree: &OrganisationTree) -> bool {
    let person = entry
        .actor
        .person
        .as_ref()
        .and_then(|person| person.organisation.as_deref());
    person
        .or(entry.actor.system_organisation.as_deref())
        .and_then(|id| OrganisationId::parse(id).ok())
        .is_some_and(|id| tree.is_within(&id, root))
}

/// What an auditor may follow up: a national supervisor everything, others their own organisation's users.
pub(super) fn may_follow_up(entry: &Entry, cx: &Context) -> bool {
    let workplace = workplace(cx);
    follows_up_everything(cx)
        || workplace.is_some_and(|own| acts_within(entry, own, &cx.directory.tree()))
}

/// The same of what was done at an organisation.
pub(crate) fn may_follow_up_at(organisation: &OrganisationId, cx: &Context) -> bool {
    follows_up_everything(cx)
        || workplace(cx).is_some_and(|own| cx.directory.tree().is_within(organisation, own))
}

/// Whether the auditor works for a national authority.
pub(super) fn follows_up_everything(cx: &Context) -> bool {
    workplace(cx).is_some_and(|own| cx.directory.tree().sector(own) == Sector::National)
}

pub(super) fn workplace(cx: &Context) -> Option<&OrganisationId> {
    cx.caller.party().person.as_ref()?.organisation.as_ref()
}
