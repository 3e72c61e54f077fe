//! Whoever treats the citizen registers the fact: it is what lets them in.

use delt_hub::entropy::derived;
use delt_proto::relation::v1::{RegisterRelationRequest, RelationKind, TreatmentRelation};

use super::cast::{HOSPITAL, MUNICIPALITY, OTHER_REGION, PRACTICE};
use crate::demo::DemoError;
use crate::demo::stage::Stage;
use crate::demo::step::Step;

/// System, kind, SOR code of the place of treatment, and both in words.
const RELATIONS: [(&str, RelationKind, &str, &str, &str); 4] = [
    (
        HOSPITAL,
        RelationKind::Admission,
        "990031000016002",
        "admitted",
        "Øresund Testhospital, Kardiologisk Afdeling",
    ),
    (
        OTHER_REGION,
        RelationKind::Referral,
        "990221000016007",
        "referred",
        "Gudenå Testhospital, Ortopædkirurgisk Afdeling",
    ),
    (
        PRACTICE,
        RelationKind::GpList,
        "990401000016001",
        "on the list of patients",
        "Lægerne Testby",
    ),
    (
        MUNICIPALITY,
        RelationKind::HomeCare,
        "990631000016007",
        "visitated to home care",
        "Testby Kommune, Hjemmesygeplejen",
    ),
];

pub(in crate::demo) async fn tell(stage: &mut Stage, step: &mut Step) -> Result<(), DemoError> {
    let (mut rows, mut registered) = (Vec::new(), 0);
    for (system, kind, sor, fact, place) in RELATIONS {
        let relation = register(stage, system, kind, sor).await?;
        let active = relation.ended_time.is_none() && relation.organisation == sor;
        registered += usize::from(active);
        rows.push([place.to_owned(), fact.to_owned(), system.to_owned()]);
    }
    step.table(["PLACE OF TREATMENT", "SHE IS", "REGISTERED BY"], &rows);
    step.check(
        "all four are registered and in force",
        registered == RELATIONS.len(),
    );
    step.fact("relations", registered);
    Ok(())
}

/// The same request in every telling, so that telling it again adds nothing.
async fn register(
    stage: &Stage,
    system: &str,
    kind: RelationKind,
    sor: &str,
) -> Result<TreatmentRelation, DemoError> {
    let relations = stage.system(system).await?.relations();
    let mut request = RegisterRelationRequest {
        context: None,
        patient: Some(stage.patient()),
        relation: Some(TreatmentRelation {
            kind: kind.into(),
            organisation: sor.to_owned(),
            ..Default::default()
        }),
        request_id: derived("demo", system, &stage.citizen.value).to_string(),
    };
    let mut answer = relations.register(request.clone()).await?;
    // Somebody ended the one of an earlier telling: this is a new one.
    if answer
        .relation
        .as_ref()
        .is_some_and(|relation| relation.ended_time.is_some())
    {
        request.request_id = String::new();
        answer = relations.register(request).await?;
    }
    answer
        .relation
        .ok_or(DemoError::Missing("the hub answered without the relation"))
}
