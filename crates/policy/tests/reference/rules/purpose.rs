//! The conditions of each purpose that staff may have.

use delt_policy::{
    Action, EntryFacts, Facts, Micros, OverrideGround, PatientKey, Purpose, QualityPermission,
    RelationKind, TreatmentRelation,
};

use super::calendar::months_later;
use super::consents::{Word, blocks_all, word};
use super::standing::Caller;
use super::{Shown, places, roles};
use crate::case::Case;

/// What the purpose lets a caller do, once its conditions hold.
pub(crate) enum Leave {
    /// Current treatment.
    Treatment,
    /// The glass is broken on this ground; whether a treatment relation stands beside it.
    Glass(OverrideGround, bool),
    /// Looking back at one's own effort.
    Learning,
    /// Quality work within these permissions.
    Quality(Vec<QualityPermission>),
}

/// The leave that the purpose gives, or nothing where a condition does not hold.
pub(crate) fn leave(case: &Case, purpose: Purpose, caller: &Caller) -> Option<Leave> {
    let facts = &case.facts;
    match purpose {
        Purpose::Treat => treated(caller, case).then_some(Leave::Treatment),
        Purpose::Btg => {
            let ground = glass(case, caller)?;
            let treated = treated(caller, case);
            let lawful = ground == OverrideGround::EssentialConsideration || treated;
            lawful.then_some(Leave::Glass(ground, treated))
        }
        Purpose::Hoperat => facts
            .relations
            .iter()
            .any(|relation| treated_lately(relation, caller, &case.patients, facts, case.now))
            .then_some(Leave::Learning),
        Purpose::Hqualimp => {
            let held = permissions(caller, facts, case.now);
            (!held.is_empty()).then_some(Leave::Quality(held))
        }
        Purpose::Patrqt | Purpose::Hsysadmin => None,
    }
}

fn treated(caller: &Caller, case: &Case) -> bool {
    case.facts.relations.iter().any(|relation| {
        covers(relation, caller, &case.patients)
            && relation.from <= case.now
            && relation.until.is_none_or(|until| case.now < until)
            && relation.ended_at.is_none_or(|ended| case.now < ended)
    })
}

/// A relation with a hospital covers its departments, never the other way.
fn covers(relation: &TreatmentRelation, caller: &Caller, patients: &[PatientKey]) -> bool {
    patients.contains(&relation.patient)
        && places::within(&caller.place, &relation.organisation)
        && (relation.person.is_none() || relation.person == caller.answers_to)
}

/// § 42 d: within six months after a treatment that is a registered fact, not somebody's own word.
fn treated_lately(
    relation: &TreatmentRelation,
    caller: &Caller,
    patients: &[PatientKey],
    facts: &Facts,
    now: Micros,
) -> bool {
    if relation.kind == RelationKind::Attestation || !covers(relation, caller, patients) {
        return false;
    }
    let end = match (relation.until, relation.ended_at) {
        (Some(until), Some(ended)) => Some(until.min(ended)),
        (until, ended) => until.or(ended),
    };
    let months = i32::from(facts.terms.learning_months);
    let began = relation.from <= now && end.is_none_or(|end| relation.from < end);
    began && end.is_none_or(|end| now <= months_later(end, months))
}

/// § 42 d: the management permits the caller, and the place of the permission holds the caller's place.
fn permissions(caller: &Caller, facts: &Facts, now: Micros) -> Vec<QualityPermission> {
    facts
        .permissions
        .iter()
        .filter(|held| {
            Some(&held.person) == caller.answers_to.as_ref()
                && places::within(&caller.place, &held.organisation)
                && held.from <= now
                && now < held.until
                && held.ended_at.is_none_or(|ended| now < ended)
        })
        .cloned()
        .collect()
}

/// A reason with a ground, or glass that the same professional broke at the same place and that has not closed.
fn glass(case: &Case, caller: &Caller) -> Option<OverrideGround> {
    if caller.helper {
        return None;
    }
    let reason = case.reason.as_deref().map(str::trim);
    if let Some(reason) = reason.filter(|reason| !reason.is_empty()) {
        let enough = (10..=500).contains(&reason.chars().count());
        return if enough { case.ground } else { None };
    }
    case.facts
        .openings
        .iter()
        .filter(|opening| {
            case.patients.contains(&opening.patient)
                && Some(&opening.person) == caller.own_id.as_ref()
                && opening.organisation == caller.place
                && opening.from <= case.now
                && case.now < opening.until
        })
        .map(|opening| opening.ground)
        .max()
}

/// Whether the whole look is refused because the citizen has blocked everything for this caller.
pub(crate) fn refused_by_consent(case: &Case, leave: &Leave, caller: &Caller) -> bool {
    let reads = matches!(
        case.action,
        Action::SearchRecord | Action::RetrieveDocument | Action::GetDocument
    );
    let own: Vec<_> = case
        .facts
        .consents
        .iter()
        .filter(|consent| case.patients.contains(&consent.patient))
        .cloned()
        .collect();
    reads && !matches!(leave, Leave::Glass(..)) && blocks_all(&own, caller, case.now)
}

/// What a member of staff sees of one entry.
pub(crate) fn shown(
    case: &Case,
    purpose: Purpose,
    leave: &Leave,
    caller: &Caller,
    entry: &EntryFacts,
) -> Shown {
    let class = roles::class(&entry.type_code);
    let sector = places::sector(&caller.place);
    let role = |purpose| {
        roles::may_read(
            &caller.principal,
            caller.helper,
            purpose,
            sector,
            class,
            &entry.confidentiality,
        )
    };
    if !role(purpose) {
        return Shown::NotForRole;
    }
    if let Leave::Quality(held) = leave
        && !own_and_recent(held, entry, &case.facts, case.now)
    {
        return Shown::NotForPurpose;
    }
    let own: Vec<_> = case
        .facts
        .consents
        .iter()
        .filter(|consent| case.patients.contains(&consent.patient))
        .cloned()
        .collect();
    let blocked = word(&own, caller, entry, case.now) == Word::Blocked;
    match leave {
        Leave::Glass(ground, treated) => {
            if *ground == OverrideGround::CitizenLiftsBlock && !role(Purpose::Treat) {
                Shown::NotForRole
            } else if blocked || !treated || !role(Purpose::Treat) {
                Shown::ByOverride
            } else {
                Shown::Plainly
            }
        }
        _ if blocked => Shown::NotForConsent,
        _ => Shown::Plainly,
    }
}

/// Quality work: the place's own data, younger than five years, both shown by the metadata. Data are as old as what they
/// are about began; when the entry was made does not tell.
fn own_and_recent(
    held: &[QualityPermission],
    entry: &EntryFacts,
    facts: &Facts,
    now: Micros,
) -> bool {
    let Some(start) = entry.service_start else {
        return false;
    };
    let makes_sense = entry.service_stop.is_none_or(|stop| start <= stop);
    let limit = |start| months_later(start, 12 * i32::from(facts.terms.quality_years));
    let own = entry.author_organisation.as_ref().is_some_and(|author| {
        held.iter()
            .any(|held| places::within(author, &held.organisation))
    });
    own && makes_sense && now < limit(start)
}
