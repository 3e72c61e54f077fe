//! `SearchRecord`: what one patient's record holds for this caller.

use std::collections::BTreeMap;

use delt_formats::identifier::PersonNumber;
use delt_policy::{Action, EntryFacts, Ground, Rule, Scope, Verdict, WithheldReason};

use super::{
    filter::RecordFilter,
    order::{self, Place},
};
use crate::{
    Result,
    document::{
        AvailabilityStatus, IndexedEntry,
        rows::{self, RecordRow, Undecided},
    },
    operation::{Context, Effect, Found, Operation, RecordColumns, Sealed, Subject},
    page,
    store::Tx,
};

/// Searches one patient's record over all sectors and all of the person's numbers.
#[derive(Debug, Clone)]
pub struct SearchRecord {
    pub patient: PersonNumber,
    pub filter: RecordFilter,
    /// Entries in a page; brought down to the hub's own limit.
    pub page_size: u32,
    /// From the page before; empty for the first.
    pub page_token: String,
}

/// A page of a record, newest first.
#[derive(Debug, Clone)]
pub struct RecordPage {
    pub documents: Vec<IndexedEntry>,
    /// Empty on the last page.
    pub next_page_token: String,
    /// How many matching entries the caller may see, over all pages.
    pub total: u32,
    /// How many entries were held back, in general terms: see `is_told`. Never [`WithheldReason::OutOfScope`].
    pub withheld: BTreeMap<WithheldReason, u32>,
    /// Why the caller was let in.
    pub grounds: Vec<Ground>,
}

impl Sealed for SearchRecord {}

impl Operation for SearchRecord {
    type Outcome = RecordPage;
    const ACTION: Action = Action::SearchRecord;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject {
            filters: self.filter.named(),
            ..Subject::about(&self.patient)
        }
    }

    fn reads_record(&self) -> Option<RecordColumns> {
        Some(self.columns())
    }

    fn run_on(&self, scope: &Scope, record: Undecided, cx: &Context) -> Result<Found<RecordPage>> {
        self.page(scope, record.within(scope)?, cx)
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<RecordPage>> {
        let record = rows::record(tx, scope, self.columns()).await?;
        self.page(scope, record, cx)
    }
}

impl SearchRecord {
    const fn columns(&self) -> RecordColumns {
        if self.filter.asks_for_codes() {
            RecordColumns::Filtered
        } else {
            RecordColumns::Decided
        }
    }

    fn page(
        &self,
        scope: &Scope,
        record: Vec<RecordRow>,
        cx: &Context,
    ) -> Result<Found<RecordPage>> {
        let after = self.after(cx)?;
        let reviewed = Reviewed::new(record, scope, |row| {
            self.filter.matches(row, &cx.directory.tree())
        });
        let total = count(reviewed.visible.len());
        let withheld = reviewed.withheld;
        let size = self.page_size.clamp(1, cx.settings.page_size_max);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let (page, next) = order::page(reviewed.visible, |(row, _)| place(row), after, size);
        let documents = page
            .iter()
            .map(|(row, verdict)| row.indexed(&cx.keys, *verdict == Verdict::VisibleByOverride))
            .collect::<Result<Vec<_>>>()?;
        let next_page_token = next
            .map(|next| page::token(&cx.keys, &self.query(cx), &next.to_bytes()))
            .unwrap_or_default();
        let outcome = RecordPage {
            documents,
            next_page_token,
            total,
            withheld,
            grounds: told(scope.grounds()),
        };
        Ok(found(outcome))
    }

    fn after(&self, cx: &Context) -> Result<Option<Place>> {
        if self.page_token.is_empty() {
            return Ok(None);
        }
        let cursor = page::cursor(&cx.keys, &self.query(cx), &self.page_token)?;
        Place::from_bytes(&cursor).map(Some)
    }

    /// What a page token is bound to: the patient, the filter and the caller's organisation.
    fn query(&self, cx: &Context) -> String {
        let party = cx.caller.party();
        let organisation = party
            .person
            .as_ref()
            .and_then(|person| person.organisation.as_ref());
        let organisation = organisation.unwrap_or(&party.system.organisation);
        let patient = cx
            .patient_keys
            .first()
            .map(delt_policy::PatientKey::hex)
            .unwrap_or_default();
        format!(
            "record-search|{patient}|{organisation}|{:?}",
            self.filter.named()
        )
    }
}

/// A record, parted by the scope's verdicts.
struct Reviewed {
    /// What matches and may be seen.
    visible: Vec<(RecordRow, Verdict)>,
    withheld: BTreeMap<WithheldReason, u32>,
}

impl Reviewed {
    fn new(rows: Vec<RecordRow>, scope: &Scope, matches: impl Fn(&RecordRow) -> bool) -> Self {
        let verdicts = scope.review(rows.iter().map(|row| -> &EntryFacts { &row.facts }));
        let mut reviewed = Self {
            visible: Vec::new(),
            withheld: BTreeMap::new(),
        };
        for (row, verdict) in rows.into_iter().zip(verdicts) {
            let matches = matches(&row);
            match verdict {
                Verdict::Withheld(reason) if is_told(reason, &row, matches) => {
                    *reviewed.withheld.entry(reason).or_default() += 1;
                }
                Verdict::Withheld(_) => {}
                visible if matches => reviewed.visible.push((row, visible)),
                _ => {}
            }
        }
        reviewed
    }
}

/// Whether an entry counts among the withheld.
///
/// What a role may see is no secret, so it is counted over what matches. What a citizen has blocked is counted over the whole current record,
/// whatever is filtered for: otherwise narrow filters would tell, count by count, what was blocked and where it comes from.
fn is_told(reason: WithheldReason, row: &RecordRow, matches: bool) -> bool {
    match reason {
        WithheldReason::Consent => row.status == AvailabilityStatus::Approved,
        WithheldReason::Role | WithheldReason::Purpose => matches,
        // Not what this request is about, so not even counted.
        WithheldReason::OutOfScope => false,
    }
}

fn place(row: &RecordRow) -> Place {
    Place::new(row.facts.creation_time, row.facts.entry_uuid)
}

/// For the audit entry: exactly what this page discloses, and how much the whole search withheld.
fn found(outcome: RecordPage) -> Found<RecordPage> {
    let disclosed: Vec<_> = outcome
        .documents
        .iter()
        .map(|document| document.entry_uuid)
        .collect();
    let overridden = outcome
        .documents
        .iter()
        .any(|document| document.opened_by_override);
    let withheld = outcome
        .withheld
        .iter()
        .map(|(reason, n)| (reason.as_str(), u64::from(*n)));
    let withheld = withheld.collect();
    Found::new(outcome)
        .disclosing(disclosed)
        .withholding(withheld)
        .overridden(overridden)
}

/// The grounds that a caller is told. The citizen's own decisions are not among them: which blocks and permits there are, and what they name, is
/// between the citizen and the log. That something is blocked shows in the count of what was withheld, and nowhere else.
fn told(grounds: &[Ground]) -> Vec<Ground> {
    let is_told =
        |ground: &&Ground| !matches!(ground.rule, Rule::ConsentBlock | Rule::ConsentPermit);
    grounds.iter().filter(is_told).cloned().collect()
}

fn count(entries: usize) -> u32 {
    u32::try_from(entries).unwrap_or(u32::MAX)
}
