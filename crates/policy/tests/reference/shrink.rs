//! Makes a failing case small enough to be read: leaves out whatever it fails without.

use crate::case::Case;

/// The smallest case that still fails, by leaving out one thing after another.
pub(crate) fn smallest(mut case: Case, fails: impl Fn(&Case) -> bool) -> Case {
    while let Some(smaller) = smaller(&case).into_iter().find(|case| fails(case)) {
        case = smaller;
    }
    case
}

fn smaller(case: &Case) -> Vec<Case> {
    let mut found = Vec::new();
    without(case, &mut found, |case| &mut case.facts.consents);
    without(case, &mut found, |case| &mut case.facts.relations);
    without(case, &mut found, |case| &mut case.facts.delegations);
    without(case, &mut found, |case| &mut case.facts.representations);
    without(case, &mut found, |case| &mut case.facts.permissions);
    without(case, &mut found, |case| &mut case.facts.openings);
    without(case, &mut found, |case| &mut case.entries);
    without(case, &mut found, |case| &mut case.patients);
    simpler(case, &mut found, |case| case.facts.born.take().is_some());
    simpler(case, &mut found, |case| {
        case.party.responsible.take().is_some()
    });
    for at in 0..case.facts.consents.len() {
        simpler(case, &mut found, |case| {
            case.facts.consents[at].what.entry.take().is_some()
        });
        simpler(case, &mut found, |case| {
            case.facts.consents[at].what.period.take().is_some()
        });
        simpler(case, &mut found, |case| {
            case.facts.consents[at].what.origin.take().is_some()
        });
        simpler(case, &mut found, |case| {
            case.facts.consents[at].ended_at.take().is_some()
        });
        simpler(case, &mut found, |case| {
            let types = &mut case.facts.consents[at].what.document_types;
            let any = !types.is_empty();
            types.clear();
            any
        });
    }
    found
}

fn without<T>(case: &Case, found: &mut Vec<Case>, list: impl Fn(&mut Case) -> &mut Vec<T>) {
    let length = list(&mut case.clone()).len();
    for at in 0..length {
        let mut smaller = case.clone();
        list(&mut smaller).remove(at);
        found.push(smaller);
    }
}

fn simpler(case: &Case, found: &mut Vec<Case>, change: impl Fn(&mut Case) -> bool) {
    let mut simpler = case.clone();
    if change(&mut simpler) {
        found.push(simpler);
    }
}
