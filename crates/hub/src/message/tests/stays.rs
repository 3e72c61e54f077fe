//! Messages make the relation of a stay, and let it run out.

use delt_policy::OrganisationId;
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

use super::world::*;
use crate::{
    clock::{HOUR, Micros, SECOND},
    message::operations::SendMessage,
    relation::{KeptRelation, operations::EndRelation, rows},
};

/// What the policy keeps open after a discharge, as the settings have it by default.
const RUN_OUT: Micros = 30 * 24 * HOUR;
const EPISODE: &str = "4f108f13-9454-5a82-a584-b5ee7aaae157";
const MINUTE: Micros = 60 * SECOND;

fn moment(at: Micros) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at / SECOND).unwrap();
    at.format(&Rfc3339).unwrap()
}

/// A notification in an episode: its activity, the encounter's status, when it was said, and the stay's start and end.
struct Notice<'a> {
    number: u128,
    episode: &'a str,
    activity: &'a str,
    status: &'a str,
    said: Micros,
    start: Micros,
    end: Option<Micros>,
}

impl Notice<'_> {
    fn message(&self) -> SendMessage {
        let text = String::from_utf8(sample(ADMISSION)).unwrap();
        let id = Uuid::from_u128(self.number).to_string();
        let text = text
            .replace("d68b1c8c-409f-53c7-ac85-ee8bc9f90a66", &id)
            .replace(EPISODE, self.episode);
        let mut bundle: Value = serde_json::from_str(&text).unwrap();
        for entry in bundle["entry"].as_array_mut().unwrap() {
            let resource = &mut entry["resource"];
            match resource["resourceType"].as_str() {
                Some("Encounter") => {
                    resource["status"] = self.status.into();
                    resource["period"]["start"] = moment(self.start).into();
                    if let Some(end) = self.end {
                        resource["period"]["end"] = moment(end).into();
                    }
                }
                Some("Provenance") => {
                    resource["activity"]["coding"][0]["code"] = self.activity.into();
                    resource["occurredDateTime"] = moment(self.said).into();
                }
                _ => {}
            }
        }
        send(bundle.to_string().into_bytes(), "application/fhir+json").unwrap()
    }
}

/// An activity with the moments counted in minutes before the world's present.
fn notice(number: u128, activity: &str, said: Micros, end: Option<Micros>) -> SendMessage {
    let status = match activity.strip_prefix("revise-").unwrap_or(activity) {
        "discharge-inpatient-home" => "finished",
        _ => "in-progress",
    };
    Notice {
        number,
        episode: EPISODE,
        activity,
        status,
        said: NOW - said * MINUTE,
        start: NOW - 600 * MINUTE,
        end: end.map(|end| NOW - end * MINUTE),
    }
    .message()
}

fn lonni() -> delt_formats::identifier::PersonNumber {
    delt_formats::identifier::PersonNumber::cpr(LONNI).unwrap()
}

async fn relations(world: &World) -> Vec<KeptRelation> {
    let shared = &world.hub.shared;
    let mut tx = shared.store.snapshot().await.unwrap();
    rows::load(&mut tx, &[shared.keys.patient_key(&lonni())])
        .await
        .unwrap()
}

async fn only(world: &World) -> KeptRelation {
    let mut relations = relations(world).await;
    assert_eq!(relations.len(), 1);
    relations.remove(0)
}

#[tokio::test]
async fn an_admission_opens_and_a_discharge_lets_it_run_out() {
    let world = World::new().await;
    world.sent(notice(1, "admit-inpatient", 599, None)).await;
    let admitted = only(&world).await;
    let sender = OrganisationId::sor("990031000016002").unwrap();
    assert_eq!(admitted.relation.organisation, sender);
    assert_eq!(admitted.episode_of_care.as_deref(), Some(EPISODE));
    assert_eq!(
        (admitted.relation.from, admitted.relation.until),
        (NOW - 600 * MINUTE, None)
    );
    assert_eq!(admitted.relation.source, "ehr");
    // A leave changes nothing, nor does the same message again.
    world
        .sent(notice(2, "start-leave-inpatient", 300, None))
        .await;
    assert!(
        world
            .sent(notice(1, "admit-inpatient", 599, None))
            .await
            .already_accepted
    );
    assert_eq!(only(&world).await, admitted);
    world
        .sent(notice(3, "discharge-inpatient-home", 99, Some(100)))
        .await;
    let over = only(&world).await;
    assert_eq!(over.relation.until, Some(NOW - 100 * MINUTE + RUN_OUT));
    assert!(over.relation.active_at(NOW) && !over.relation.active_at(NOW + RUN_OUT));
    world
        .sent(notice(4, "cancel-discharge-inpatient-home", 90, None))
        .await;
    assert_eq!(only(&world).await, admitted);
}

#[tokio::test]
async fn a_practice_admits_nobody() {
    let world = World::new().await;
    let text = String::from_utf8(sample(ADMISSION)).unwrap();
    let text = text
        .replace("5790009900030", "5790009900405")
        .replace("990031000016002", "990401000016001");
    let message = send(text.into_bytes(), "application/fhir+json").unwrap();
    let sent = world.ask("gp", message).await.unwrap();
    assert!(!sent.already_accepted);
    assert!(relations(&world).await.is_empty());
}

#[tokio::test]
async fn a_cancelled_admission_is_over_at_once() {
    let world = World::new().await;
    world.sent(notice(1, "admit-inpatient", 599, None)).await;
    world.pass(MINUTE);
    world
        .sent(notice(2, "cancel-admit-inpatient", 1, None))
        .await;
    let relation = only(&world).await.relation;
    assert!(relation.active_at(NOW) && !relation.active_at(NOW + MINUTE));
}

#[tokio::test]
async fn a_death_lets_the_stay_run_out() {
    let world = World::new().await;
    world.sent(notice(1, "admit-inpatient", 599, None)).await;
    let death = Notice {
        number: 2,
        episode: EPISODE,
        activity: "admit-inpatient",
        status: "finished",
        said: NOW,
        start: NOW - 600 * MINUTE,
        end: Some(NOW - MINUTE),
    };
    world.sent(death.message()).await;
    assert_eq!(
        only(&world).await.relation.until,
        Some(NOW - MINUTE + RUN_OUT)
    );
}

#[tokio::test]
async fn a_letter_starts_the_run_out_too_and_opens_nothing_by_itself() {
    let world = World::new().await;
    world.sent(letter(LETTER)).await;
    assert_eq!(relations(&world).await, []);
    // 12 October 2026, 09:40 in Denmark, and the discharge of the letter.
    let admission = send(sample(ADMISSION), "application/fhir+json").unwrap();
    world.sent(admission).await;
    let discharged = OffsetDateTime::parse("2026-10-19T13:15:00+02:00", &Rfc3339).unwrap();
    let discharged = discharged.unix_timestamp() * SECOND;
    let relation = only(&world).await.relation;
    assert_eq!(relation.until, Some(discharged + RUN_OUT));
    assert_eq!(
        relation.from,
        discharged - (7 * 24 * 60 + 3 * 60 + 35) * MINUTE
    );
}

#[tokio::test]
async fn an_end_that_a_system_registered_stays() {
    let world = World::new().await;
    world.sent(notice(1, "admit-inpatient", 599, None)).await;
    let relation_id = only(&world).await.relation.id;
    let end = EndRelation {
        patient: lonni(),
        relation_id,
    };
    world.ask("ehr", end).await.unwrap();
    world
        .sent(notice(2, "discharge-inpatient-home", 99, Some(100)))
        .await;
    world
        .sent(notice(3, "cancel-discharge-inpatient-home", 90, None))
        .await;
    assert!(!only(&world).await.relation.active_at(NOW));
}

/// What is told of one stay and the next; each number is sent in its turn.
const TOLD: [(u128, &str, Micros, Option<Micros>); 8] = [
    (1, "admit-emergency", 599, None),
    (2, "admit-inpatient", 590, None),
    (3, "discharge-inpatient-home", 400, Some(401)),
    (4, "cancel-discharge-inpatient-home", 390, None),
    (5, "discharge-inpatient-home", 300, Some(301)),
    (6, "revise-discharge-inpatient-home", 290, Some(320)),
    (7, "admit-inpatient", 200, None),
    (8, "cancel-admit-inpatient", 100, None),
];

#[tokio::test]
async fn in_whatever_order_they_come_the_same_relations_follow() {
    let world = World::new().await;
    let mut random = 20_261_123_u64;
    let mut expected = None;
    for round in 0..24_u128 {
        let mut order: Vec<usize> = (0..TOLD.len()).collect();
        if round > 0 {
            for last in (1..order.len()).rev() {
                random = random
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                let place = usize::try_from(random >> 33).unwrap() % (last + 1);
                order.swap(last, place);
            }
        }
        let episode = Uuid::from_u128(0xE000 + round).to_string();
        for index in &order {
            let (number, activity, said, end) = TOLD[*index];
            let told = Notice {
                number: 1_000 * (round + 1) + number,
                episode: &episode,
                activity,
                status: "in-progress",
                said: NOW - said * MINUTE,
                start: NOW - (said + 1) * MINUTE,
                end: end.map(|end| NOW - end * MINUTE),
            };
            world.sent(told.message()).await;
        }
        let mut spans: Vec<_> = relations(&world)
            .await
            .into_iter()
            .filter(|kept| kept.episode_of_care.as_deref() == Some(episode.as_str()))
            .map(|kept| (kept.relation.from, kept.relation.until))
            .collect();
        spans.sort_unstable();
        let expected = expected.get_or_insert_with(|| spans.clone());
        assert_eq!(&spans, expected, "{order:?}");
    }
    let run_out = Some(NOW - 320 * MINUTE + RUN_OUT);
    assert_eq!(
        expected.unwrap(),
        [
            (NOW - 600 * MINUTE, run_out),
            (NOW - 591 * MINUTE, run_out),
            (NOW - 201 * MINUTE, Some(NOW)),
        ]
    );
}
