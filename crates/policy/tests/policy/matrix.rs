//! The whole role matrix as a file that a security officer reads in review.
//!
//! When a policy is changed on purpose: run the test, read the difference between `tests/golden/role-matrix.txt` and the
//! `role-matrix.txt.actual` that the test leaves beside it, and move the latter over the former.

use std::fmt::Write as _;
use std::path::Path;

use delt_policy::roles::{Confidentiality, DocumentClass, Principal, RoleQuestion};
use delt_policy::{Action, Purpose, Sector};

use crate::world::POLICY;

const SCHEMA: &str = include_str!("../../../../deploy/policy/delt.cedarschema");
const ACTORS: [&str; 8] = [
    "citizen",
    "representative",
    "auditor",
    "data-protection-officer",
    "operator",
    "source-system",
    "consumer-system",
    "register-system",
];

/// The words between `entity NAME enum [` and `]`, so that a role added to the schema is in the matrix at once.
fn words(entity: &str) -> Vec<String> {
    let start = SCHEMA
        .split(&format!("entity {entity} enum ["))
        .nth(1)
        .unwrap();
    let list = start.split(']').next().unwrap();
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn principals() -> Vec<Principal> {
    assert_eq!(words("Actor"), ACTORS);
    let professionals = words("Professional")
        .into_iter()
        .map(Principal::Professional);
    let national = words("NationalRole")
        .into_iter()
        .map(Principal::NationalRole);
    let administrative = words("Administrative")
        .into_iter()
        .map(Principal::Administrative);
    let actors = ACTORS.into_iter().map(Principal::Actor);
    professionals
        .chain(national)
        .chain(administrative)
        .chain(actors)
        .collect()
}

/// Every question there is about one action by one principal.
pub(crate) fn questions(action: Action, principal: &Principal, helper: bool) -> Vec<RoleQuestion> {
    let purposes = std::iter::once(None).chain(Purpose::ALL.into_iter().map(Some));
    purposes
        .flat_map(|purpose| Sector::ALL.map(|sector| (purpose, sector)))
        .map(|(purpose, sector)| RoleQuestion {
            principal: principal.clone(),
            sector,
            action,
            purpose,
            helper,
        })
        .collect()
}

/// Each principal, and each professional once more as the one responsible for a helper.
pub(crate) fn standings() -> Vec<(Principal, bool)> {
    principals()
        .into_iter()
        .flat_map(|principal| {
            let helps = matches!(principal, Principal::Professional(_));
            let twice = helps.then(|| (principal.clone(), true));
            std::iter::once((principal, false)).chain(twice)
        })
        .collect()
}

/// Groups questions by their answer, so that one look shows where a role may do the same.
/// Each answer stands with "PURPOSE in sectors" for every purpose that has it.
fn grouped(
    questions: Vec<RoleQuestion>,
    answer: impl Fn(&RoleQuestion) -> String,
) -> Vec<(String, String)> {
    let mut groups: Vec<(String, Vec<(&'static str, Sectors)>)> = Vec::new();
    for question in questions {
        let found = answer(&question);
        let at = groups
            .iter()
            .position(|(answer, _)| *answer == found)
            .unwrap_or(groups.len());
        if at == groups.len() {
            groups.push((found, Vec::new()));
        }
        let purpose = question.purpose.map_or("NONE", Purpose::as_str);
        let uses = &mut groups[at].1;
        match uses.last_mut() {
            Some((last, sectors)) if *last == purpose => sectors.push(question.sector.as_str()),
            _ => uses.push((purpose, vec![question.sector.as_str()])),
        }
    }
    groups
        .into_iter()
        .map(|(answer, of)| (answer, uses(&of)))
        .collect()
}

type Sectors = Vec<&'static str>;

/// "PURPOSE, PURPOSE in sector, sector; …": purposes with the same sectors together.
fn uses(of: &[(&'static str, Sectors)]) -> String {
    let mut by_place: Vec<(String, Vec<&str>)> = Vec::new();
    for (purpose, sectors) in of {
        let all = sectors.len() == Sector::ALL.len();
        let place = if all {
            "every sector".to_owned()
        } else {
            sectors.join(", ")
        };
        match by_place.iter_mut().find(|(known, _)| *known == place) {
            Some((_, purposes)) => purposes.push(purpose),
            None => by_place.push((place, vec![purpose])),
        }
    }
    let all = Purpose::ALL.len() + 1;
    let part = |(place, purposes): &(String, Vec<&str>)| match purposes.len() {
        count if count == all => format!("any purpose in {place}"),
        _ => format!("{} in {place}", purposes.join(", ")),
    };
    by_place.iter().map(part).collect::<Vec<_>>().join("; ")
}

/// Per role: where it has the same table, and the table of classes by confidentiality with the policies.
fn record_part(action: Action, standings: &[(Principal, bool)]) -> String {
    let mut text = String::new();
    for (principal, helper) in standings {
        let kind = if *helper {
            " (a helper in this role)"
        } else {
            ""
        };
        writeln!(text, "## {}{kind}\n", principal.code()).unwrap();
        for (table, uses) in grouped(questions(action, principal, *helper), table_text) {
            writeln!(text, "{uses}:\n{table}").unwrap();
        }
    }
    text
}

fn table_text(question: &RoleQuestion) -> String {
    let table = POLICY.table(question);
    let mut rows: Vec<(String, Vec<&str>)> = Vec::new();
    for class in DocumentClass::ALL {
        let row = Confidentiality::ALL.map(|level| {
            let answer = table.answer(class, level);
            let word = if answer.permitted { "permit" } else { "deny" };
            format!("{} {word} {}", level.as_str(), answer.policies.join("+"))
                .trim_end()
                .to_owned()
        });
        let row = row.join(" | ");
        match rows.iter_mut().find(|(known, _)| *known == row) {
            Some((_, classes)) => classes.push(class.as_str()),
            None => rows.push((row, vec![class.as_str()])),
        }
    }
    rows.iter().fold(String::new(), |text, (row, classes)| {
        let all = classes.len() == DocumentClass::ALL.len();
        let classes = if all {
            "every class".to_owned()
        } else {
            classes.join(" ")
        };
        format!("{text}  {row}\n      {classes}\n")
    })
}

/// Per action that is not about documents: who is permitted, for what purpose, in which sectors, by which policy.
fn hub_part() -> String {
    let mut text = String::new();
    for &action in Action::ALL.iter().filter(|action| !action.reads_record()) {
        writeln!(text, "## {}\n", action.as_str()).unwrap();
        for (rule, who) in permitted_by(action) {
            writeln!(text, "{rule}:\n  {}", who.join(", ")).unwrap();
        }
        text.push('\n');
    }
    text
}

/// The policies with their purposes and sectors, and the roles that they permit the action to.
fn permitted_by(action: Action) -> Vec<(String, Vec<String>)> {
    let by = |question: &RoleQuestion| {
        let answer = POLICY.answer(question);
        if answer.permitted {
            answer.policies.join("+")
        } else {
            String::new()
        }
    };
    let mut rules: Vec<(String, Vec<String>)> = Vec::new();
    for (principal, helper) in standings() {
        let kind = if helper {
            " (a helper in this role)"
        } else {
            ""
        };
        let who = format!("{}{kind}", principal.code());
        for (policies, uses) in grouped(questions(action, &principal, helper), by) {
            let rule = format!("{policies} for {uses}");
            match rules.iter_mut().find(|(known, _)| *known == rule) {
                _ if policies.is_empty() => {}
                Some((_, all)) => all.push(who.clone()),
                None => rules.push((rule, vec![who.clone()])),
            }
        }
    }
    rules
}

fn matrix() -> String {
    format!(
        "What each role may do at all. A treatment relation, consents and organisations narrow it further.\n\n\
         # Reading the record: SearchRecord and RetrieveDocument, and GetDocument but for the source system\n\n{}\
         # One document of the index: GetDocument\n\n{}\
         # Everything else: who is permitted\n\n{}",
        record_part(Action::SearchRecord, &standings()),
        record_part(Action::GetDocument, &[(SOURCE, false)]),
        hub_part()
    )
}

pub(crate) const SOURCE: Principal = Principal::Actor("source-system");

#[test]
fn the_matrix_is_the_one_that_was_reviewed() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/role-matrix.txt");
    let actual = golden.with_extension("txt.actual");
    let found = matrix();
    if std::fs::read_to_string(&golden).is_ok_and(|reviewed| reviewed == found) {
        let _ = std::fs::remove_file(actual);
        return;
    }
    std::fs::write(&actual, found).unwrap();
    panic!(
        "the role matrix has changed. Read it: diff -u {golden} {actual}\nand where that is what was meant: mv {actual} {golden}",
        golden = golden.display(),
        actual = actual.display()
    );
}
