//! Steps of those who act for or beside a clinician: helpers, senders of messages, and a clinician's own word.

use delt_client::proto::common::v1::Period;
use delt_client::proto::delegation::v1 as delegation;
use delt_client::proto::relation::v1::AttestRelationRequest;
use delt_server::profile::Holder;
use delt_tests::entries::{LONNI, cpr};
use delt_tests::hub::{random_uuid, sample};
use delt_tests::samples::{ADMISSION, EHR, message, send};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::model::{CLINICIANS, Clinician, Delegation, Micros, RESPONSIBLE, Relation};
use crate::steps::DAY;
use crate::world::{World, at, period, search};

const DISCHARGE: &str = "fhir-udskrivelse-slhj-lonni.json";
/// The sender of both messages.
const CARDIOLOGY: &str = "990031000016002";
/// The secretary's own number.
const SECRETARY: &str = "0506889996";
/// Short, so that it matters within a run.
pub(crate) const RUN_OUT_DAYS: i64 = 1;
/// What the development profile's settings say.
const ATTESTATION: Micros = DAY;
const RUN_OUT: Micros = RUN_OUT_DAYS * DAY;
const NEVER: Micros = Micros::MAX;

impl World {
    pub(crate) async fn attest(&mut self, who: &'static Clinician, person: &'static str) {
        let request = AttestRelationRequest {
            patient: Some(cpr(person)),
            reason: "Patienten er her uden henvisning".to_owned(),
            ..AttestRelationRequest::default()
        };
        let caller = self.clinician(who).await;
        let mut request = request;
        request.context = Some(crate::world::context("TREAT", None));
        let attested = caller.relations().attest(request).await;
        attested.expect("a physician or nurse may give their word");
        self.model.relations.push(Relation {
            id: None,
            person,
            place: who.place,
            system: who.system,
            only: Some(who.key),
            episode: None,
            from: self.model.now,
            until: self.model.now + ATTESTATION,
            ended: false,
        });
    }

    pub(crate) async fn admit(&mut self) {
        let episode = random_uuid().to_string();
        self.notify(ADMISSION, &episode).await;
        self.model.relations.push(Relation {
            id: None,
            person: LONNI,
            place: CARDIOLOGY,
            system: EHR,
            only: None,
            episode: Some(episode),
            from: self.model.now,
            until: NEVER,
            ended: false,
        });
    }

    /// A second discharge from the same stay moves nothing: the first one counts until it is corrected.
    pub(crate) async fn discharge(&mut self, index: usize) {
        let episode = self.model.relations[index].episode.take();
        self.notify(DISCHARGE, &episode.expect("a stay")).await;
        let second = self.model.now - self.model.now.rem_euclid(1_000_000);
        self.model.relations[index].until = second + RUN_OUT;
    }

    /// A hospital notification of this moment, as new.
    async fn notify(&mut self, file: &str, episode: &str) {
        let mut bundle: Value = serde_json::from_slice(&message(file)).unwrap();
        let now = self.model.now.div_euclid(1_000_000);
        let now = OffsetDateTime::from_unix_timestamp(now).unwrap();
        let now = now.format(&Rfc3339).unwrap();
        let text = bundle.to_string();
        let header = bundle["entry"][0]["resource"]["id"].as_str().unwrap();
        let text = text.replace(header, &random_uuid().to_string());
        bundle = serde_json::from_str(&text).unwrap();
        bundle["id"] = Value::from(random_uuid().to_string());
        bundle["timestamp"] = Value::from(now.clone());
        for entry in bundle["entry"].as_array_mut().unwrap() {
            let resource = &mut entry["resource"];
            if resource["resourceType"] == "Encounter" {
                resource["episodeOfCare"][0]["identifier"]["value"] = Value::from(episode);
                resource["period"]["start"] = Value::from(now.clone());
                if resource["period"].get("end").is_some() {
                    resource["period"]["end"] = Value::from(now.clone());
                }
            }
        }
        let sender = self.system(EHR).await;
        let sent = send(
            &sender,
            bundle.to_string().into_bytes(),
            "application/fhir+json",
        )
        .await;
        sent.expect("a good notification");
    }

    pub(crate) async fn delegate(&mut self, days: i64) {
        let until = self.model.now + days * DAY;
        let request = delegation::DelegateToHelperRequest {
            context: Some(crate::world::context("TREAT", None)),
            helper: Some(cpr(SECRETARY)),
            rights: vec![delegation::Right::ReadRecord.into()],
            validity: Some(Period {
                start: Some(at(self.model.now)),
                ..period(self.model.now, Some(until))
            }),
            ..Default::default()
        };
        let responsible = self.clinician(&CLINICIANS[RESPONSIBLE]).await;
        let made = responsible.delegations().delegate(request).await;
        self.model.delegations.push(Delegation {
            id: made
                .expect("a delegation")
                .delegation
                .unwrap()
                .delegation_id,
            until,
            ended: false,
        });
    }

    pub(crate) async fn end_delegation(&mut self, index: usize) {
        let delegation = &mut self.model.delegations[index];
        delegation.ended = true;
        let request = delegation::EndHelperDelegationRequest {
            context: Some(crate::world::context("TREAT", None)),
            delegation_id: delegation.id.clone(),
        };
        let responsible = self.clinician(&CLINICIANS[RESPONSIBLE]).await;
        let ended = responsible.delegations().end_helper(request).await;
        ended.expect("the responsible one ends it");
    }

    pub(crate) async fn help(&mut self, person: &'static str) {
        let responsible = &CLINICIANS[RESPONSIBLE];
        let holder = Holder::Helper {
            acting: sample("sekr"),
            responsible: sample(responsible.key),
        };
        let helper = self.connect(&holder, responsible.system, &[]).await;
        let found = search(&helper, person, None).await;
        let expected = self.model.help(responsible, person);
        self.compare(found, &expected).await;
    }
}
