//! What was permitted may still deserve a look: the rules read the log behind the requests.

use std::time::Duration;

use delt_client::Connection;
use delt_hub::entropy::derived;
use delt_proto::common::v1::Identifier;
use delt_proto::delegation::v1::{DelegateToHelperRequest, Right};
use delt_proto::patient::v1::RegisterDemographicsRequest;
use delt_proto::record::v1::SearchRecordRequest;
use delt_proto::relation::v1::{RegisterRelationRequest, RelationKind, TreatmentRelation};
use delt_proto::review::v1::{
    GetReviewCaseRequest, ListReviewCasesRequest, ReviewCase, ReviewCaseKind,
};

use super::cast::{
    DATA_PROTECTION_OFFICER, GP, PRACTICE, REGISTER_OF_PERSONS, SECRETARY, SUPERVISION,
};
use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;
use crate::profile::{self, Person};

/// May June Test Moberg, an official test person: the mother of the secretary, at the same address and with another family name.
const MOTHER: &str = "0108629996";
/// SOR code of Lægerne Testby.
const CLINIC: &str = "990401000016001";
/// The rules look every two seconds.
const WAIT: Duration = Duration::from_millis(200);
const TRIES: usize = 75;

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let told = demographics(stage).await?;
    step.say(format!(
        "A register of persons tells the family names and addresses of {told} persons; the hub keeps keyed hashes of them."
    ));
    let mother = profile::person(MOTHER)?;
    let mother = number(&mother.ok_or(DemoError::Missing("the mother is not among the persons"))?);
    hers_to_read(stage, &mother).await?;
    let look = look(stage, mother).await?;
    let officer = stage
        .professional(DATA_PROTECTION_OFFICER, SUPERVISION, &[])
        .await?;
    let case = case_with(&officer, &look).await?;
    step.say(format!(
        "Case {} is about a secretary of {}: {}.",
        case.number, "Lægerne Testby", case.detail
    ));
    step.check(
        "the case names the look, which was permitted, and no names",
        case.detail.starts_with("by=register") && case.evidence_entry_ids.contains(&look),
    );
    step.check(
        "it is about her in her role at her place of work",
        case.role == "laegesekretaer" && case.organisation == CLINIC,
    );
    step.fact("demographics", told);
    step.fact("case", case.number);
    Ok(())
}

fn number(person: &Person) -> Identifier {
    Identifier {
        system: person.system.clone(),
        value: person.value.clone(),
    }
}

/// In one line; empty where there is none.
fn address(person: &Person) -> String {
    let line = person
        .address_line
        .as_deref()
        .zip(person.postal_code.as_deref());
    line.map(|(line, code)| format!("{line}, {code}"))
        .unwrap_or_default()
}

/// Tells of every test person, and how many they are.
async fn demographics(stage: &Stage) -> Result<usize, DemoError> {
    let register = stage.system(REGISTER_OF_PERSONS).await?.patients();
    let persons = profile::persons()?;
    for person in &persons {
        let request = RegisterDemographicsRequest {
            context: None,
            patient: Some(number(person)),
            family_name: person.family.clone(),
            address: address(person),
        };
        register.register_demographics(request).await?;
    }
    Ok(persons.len())
}

/// The mother is on the list of the clinic, and its GP lets the secretary read. The same requests in every telling.
async fn hers_to_read(stage: &Stage, mother: &Identifier) -> Result<(), DemoError> {
    let relation = TreatmentRelation {
        kind: RelationKind::GpList.into(),
        organisation: CLINIC.to_owned(),
        ..Default::default()
    };
    let request = RegisterRelationRequest {
        context: None,
        patient: Some(mother.clone()),
        relation: Some(relation),
        request_id: derived("demo", PRACTICE, MOTHER).to_string(),
    };
    stage
        .system(PRACTICE)
        .await?
        .relations()
        .register(request)
        .await?;
    let secretary = profile::professional(SECRETARY)?.and_then(|secretary| secretary.cpr);
    let secretary = secretary.ok_or(DemoError::Missing("the secretary has no number"))?;
    let request = DelegateToHelperRequest {
        helper: Some(Identifier {
            value: secretary.0,
            ..mother.clone()
        }),
        rights: vec![Right::ReadRecord.into()],
        request_id: derived("demo", PRACTICE, SECRETARY).to_string(),
        ..Default::default()
    };
    let gp = stage.professional(GP, PRACTICE, &[]).await?;
    gp.delegations().delegate(request).await?;
    Ok(())
}

/// The secretary looks; the entry of the log that says so.
async fn look(stage: &Stage, mother: Identifier) -> Result<String, DemoError> {
    let secretary = stage.helper(SECRETARY, GP, PRACTICE).await?;
    let request = SearchRecordRequest {
        patient: Some(mother),
        ..Default::default()
    };
    let answer = secretary.record().search(request).await?;
    let receipt = answer.receipt.unwrap_or_default();
    Ok(receipt.entry_id)
}

/// The newest case of its kind, once the rules have looked at that entry.
async fn case_with(officer: &Connection, entry: &str) -> Result<ReviewCase, DemoError> {
    let reviews = officer.reviews();
    for _ in 0..TRIES {
        let request = ListReviewCasesRequest {
            kind: ReviewCaseKind::SameAddress.into(),
            page_size: 500,
            ..Default::default()
        };
        if let Some(listed) = reviews.list(request).await?.cases.pop() {
            let request = GetReviewCaseRequest {
                context: None,
                number: listed.number,
            };
            let case = reviews.get(request).await?.review_case.unwrap_or_default();
            if case.evidence_entry_ids.iter().any(|id| id == entry) {
                return Ok(case);
            }
        }
        tokio::time::sleep(WAIT).await;
    }
    Err(DemoError::Late("the case", 15))
}
