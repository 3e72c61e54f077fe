//! From a filter to the index that narrows most, and what is left to hold beside it.

use std::collections::BTreeSet;

use delt_ledger::Outcome;
use delt_policy::{OrganisationId, PatientKey};
use uuid::Uuid;

use super::filter::{EntryFilter, follows_up_everything, workplace};
use crate::{
    Error, Result,
    audit::{
        search_rows::{Before, Conditions, Search},
        ways::Way,
    },
    clock::Micros,
    operation::Context,
    patient::rows::{key, linked_keys},
    store::{Tx, on, unavailable},
};

/// The purpose of use of a broken glass.
const BREAK_GLASS: &str = "BTG";
/// What most entries have, so that no index is kept of it.
const TREATMENT: &str = "TREAT";
/// Places that are each looked up by themselves; more than that, and their entries are found among everybody's.
const PLACES_MAX: usize = 64;
/// Places that are listed to the database; more than that, and each entry is looked at.
const LIST_MAX: usize = 10_000;
/// Rows of each index that are passed to see which reaches furthest back.
const PROBE: i64 = 500;

const SELECT_PATIENT: &str = "-- audit_select_patient_of_document
SELECT patient_key FROM document_entry WHERE entry_uuid = $1";

/// The search for a filter, as far as this auditor may follow up; none where nothing can match.
pub(super) async fn narrowed(
    tx: &mut Tx<'_>,
    filter: &EntryFilter,
    cx: &Context,
    before: Before,
) -> Result<Option<Search>> {
    let Some(asked) = Asked::of(filter, cx) else {
        return Ok(None);
    };
    let since = filter.from.unwrap_or(Micros::MIN);
    if !cx.patient_keys.is_empty() {
        let way = Way::Patient(cx.patient_keys.clone());
        return Ok(Some(asked.by(&way, since)));
    }
    if let Some(document) = filter.document {
        let way = asked.way_to(tx, document).await?;
        return Ok(Some(asked.by(&way, since)));
    }
    let mut ways = asked.ways().into_iter().map(|way| asked.by(&way, since));
    let Some(first) = ways.next() else {
        return Ok(Some(asked.by(&Way::Time, since)));
    };
    let rest: Vec<Search> = ways.collect();
    furthest(tx, first, rest, before).await.map(Some)
}

/// Of several ways, the one whose next rows reach furthest back: it has the fewest in the time that is searched.
async fn furthest(
    tx: &mut Tx<'_>,
    first: Search,
    rest: Vec<Search>,
    before: Before,
) -> Result<Search> {
    if rest.is_empty() {
        return Ok(first);
    }
    let mut best: Option<(Before, Search)> = None;
    for search in std::iter::once(first).chain(rest) {
        // A range that ends before that is as short as it gets.
        let Some(floor) = search.floor(tx, before, PROBE).await? else {
            return Ok(search);
        };
        if best.as_ref().is_none_or(|(least, _)| floor < *least) {
            best = Some((floor, search));
        }
    }
    best.map(|(_, search)| search)
        .ok_or_else(|| Error::internal("a search without a way"))
}

/// The filter's parts as the rows have them.
struct Asked {
    person: Option<String>,
    /// Where the users work whose entries are asked for; none for everywhere.
    places: Option<Vec<String>>,
    system: Option<String>,
    operation: Option<String>,
    outcome: Option<&'static str>,
    purpose: Option<String>,
    document: Option<Uuid>,
}

impl Asked {
    /// None where the parts contradict each other, or the auditor has no users.
    fn of(filter: &EntryFilter, cx: &Context) -> Option<Self> {
        let purpose = match (&filter.purpose, filter.override_only) {
            (Some(purpose), true) if purpose != BREAK_GLASS => return None,
            (_, true) => Some(BREAK_GLASS.to_owned()),
            (purpose, false) => purpose.clone(),
        };
        let places = places(filter, cx)?;
        if places.as_ref().is_some_and(Vec::is_empty) {
            return None;
        }
        Some(Self {
            person: filter.person_id.clone(),
            places,
            system: filter.system_id.clone(),
            operation: filter.operation.clone(),
            outcome: filter.outcome.map(word),
            purpose,
            document: filter.document,
        })
    }

    /// The ways that some part has an index for.
    fn ways(&self) -> Vec<Way> {
        let few = |places: &&Vec<String>| places.len() <= PLACES_MAX;
        let rare = |purpose: &&String| *purpose != TREATMENT;
        let permitted = word(Outcome::Permitted);
        let ways = [
            self.person.clone().map(Way::Person),
            self.places
                .as_ref()
                .filter(few)
                .cloned()
                .map(Way::Organisation),
            self.purpose
                .as_ref()
                .filter(rare)
                .cloned()
                .map(Way::Purpose),
            self.outcome
                .filter(|outcome| *outcome != permitted)
                .map(Way::Outcome),
            self.system.clone().map(Way::System),
        ];
        ways.into_iter().flatten().collect()
    }

    /// A document's entries are its patient's. An attempt at it under another's number was refused, so it lies among the refused.
    async fn way_to(&self, tx: &mut Tx<'_>, document: Uuid) -> Result<Way> {
        let permitted = word(Outcome::Permitted);
        if let Some(refused) = self.outcome.filter(|outcome| *outcome != permitted) {
            return Ok(Way::Outcome(refused));
        }
        let row: Option<(Vec<u8>,)> = on!(tx, c => sqlx::query_as(SELECT_PATIENT)
            .bind(document.as_bytes().as_slice())
            .fetch_optional(c).await)
        .map_err(unavailable)?;
        let patients: Vec<PatientKey> = match row {
            Some((patient,)) => linked_keys(tx, key(&patient)?).await?,
            None => Vec::new(),
        };
        Ok(match self.outcome {
            Some(_) => Way::Patient(patients),
            None => Way::Document(patients),
        })
    }

    /// A way, and as conditions what it does not say itself.
    fn by(&self, way: &Way, since: Micros) -> Search {
        let list = |places: &Vec<String>| serde_json::to_string(places).ok();
        let listed = self.places.as_ref().filter(|all| all.len() <= LIST_MAX);
        let mut conditions = Conditions {
            person: self.person.clone(),
            organisations: listed.and_then(list),
            system: self.system.clone(),
            operation: self.operation.clone(),
            outcome: self.outcome,
            purpose: self.purpose.clone(),
            document: self.document.map(|uuid| uuid.to_string().into_bytes()),
        };
        match way {
            Way::Person(_) => conditions.person = None,
            Way::Organisation(_) => conditions.organisations = None,
            Way::System(_) => conditions.system = None,
            Way::Outcome(_) => conditions.outcome = None,
            Way::Purpose(_) => conditions.purpose = None,
            Way::Patient(_) | Way::Document(_) | Way::Time => {}
        }
        Search::new(way, conditions, since)
    }
}

/// The organisations that are asked for and that the auditor may follow up, each with its units. `Some(None)` is everywhere, `None` nowhere.
#[expect(clippy::option_option, reason = "nowhere and everywhere are not alike")]
fn places(filter: &EntryFilter, cx: &Context) -> Option<Option<Vec<String>>> {
    let own = if follows_up_everything(cx) {
        None
    } else {
        Some(workplace(cx)?)
    };
    let roots: Vec<&OrganisationId> = own.into_iter().chain(&filter.organisation).collect();
    if roots.is_empty() {
        return Some(None);
    }
    let tree = cx.directory.tree();
    let within = |id: &OrganisationId| roots.iter().all(|root| tree.is_within(id, root));
    let known = cx.directory.organisations().map(|listed| &listed.sor);
    let all = known.chain(roots.iter().copied()).filter(|id| within(id));
    let places: BTreeSet<&OrganisationId> = all.collect();
    Some(Some(places.iter().map(ToString::to_string).collect()))
}

/// The outcome as its column has it.
const fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Permitted => "permitted",
        Outcome::Denied => "denied",
        Outcome::Failed => "failed",
    }
}
