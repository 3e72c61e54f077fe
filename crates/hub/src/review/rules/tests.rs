//! What each rule finds and what it does not, and that it does not matter in which batches the log is read.

mod batches;
mod table;

use std::collections::{BTreeMap, HashMap};

use delt_policy::{OrganisationId, OrganisationTree, PatientKey, Sector};
use time::{OffsetDateTime, macros::datetime};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Rules,
    danish_time::Local,
    finding::{EVIDENCE_MAX, Finding},
    judge::Bench,
    known::{Counted, Known},
    look::{Deed, Look, Staff},
};
use crate::{
    clock::Micros,
    keys::{Keyring, Secrets},
    patient::demographics::{Tags, address_tag, family_tag},
    review::CaseKind,
};

/// A Monday noon in winter.
const MONDAY: OffsetDateTime = datetime!(2026-11-23 11:00 UTC);

fn keys() -> Keyring {
    let key = |byte| Zeroizing::new([byte; 32]);
    let secrets = Secrets {
        patient: key(1),
        encryption: key(2),
        log_signing: key(3),
    };
    Keyring::new(&secrets).unwrap()
}

fn number(of: u8) -> PatientKey {
    PatientKey::new([of; 32])
}

fn place(code: u8) -> OrganisationId {
    OrganisationId::sor(&code.to_string()).unwrap()
}

/// Places 1 to 9 are clinics, the others wards.
fn tree() -> OrganisationTree {
    OrganisationTree::new((1..=30).map(|code| {
        let sector = if code < 10 {
            Sector::GeneralPractice
        } else {
            Sector::Region
        };
        (place(code), None, Some(sector))
    }))
}

fn micros(at: OffsetDateTime) -> Micros {
    Micros::try_from(at.unix_timestamp_nanos() / 1_000).unwrap()
}

/// A physician at a ward, whose number nobody told.
fn physician(id: u8) -> Staff {
    Staff {
        subject: format!("authorisation|{id}"),
        id: id.to_string(),
        authorisation: None,
        key: None,
        name: Some("Signe Ravnkilde-Holm".to_owned()),
        role: "laege".to_owned(),
        organisation: place(10),
    }
}

/// Someone treated by the place looks at the record at a moment.
fn deed(nth: u32, at: OffsetDateTime, staff: Staff, patient: u8) -> Deed {
    Deed {
        entry: Uuid::from_u128(u128::from(nth)),
        at: micros(at),
        local: Local::at(micros(at)).unwrap(),
        staff,
        look: Some(Look {
            patient: number(patient),
            purpose: Some("TREAT".to_owned()),
            related: true,
            past: false,
            permitted_quality: false,
        }),
    }
}

/// What a store would remember between the batches.
#[derive(Default)]
struct Memory {
    tags: HashMap<PatientKey, Tags>,
    linked: HashMap<PatientKey, Vec<PatientKey>>,
    work: HashMap<PatientKey, HashMap<OrganisationId, Micros>>,
    counted: Vec<Counted>,
    cases: BTreeMap<Uuid, Finding>,
}

impl Memory {
    fn told(mut self, person: u8, family: &str, address: &str) -> Self {
        let keys = keys();
        let tags = Tags {
            family: family_tag(&keys, family),
            address: address_tag(&keys, address),
        };
        self.tags.insert(number(person), tags);
        self
    }

    /// Reads one batch, and keeps what is to be kept.
    fn read(&mut self, rules: &Rules, deeds: &[Deed]) {
        let mut known = Known::default();
        known.linked.clone_from(&self.linked);
        known.tags = Some(self.tags.clone());
        known.work = Some(self.work.clone());
        for one in &self.counted {
            known.recall(one.clone());
        }
        let (keys, tree) = (keys(), tree());
        let found = Bench::new(rules, &keys, &tree).judge(deeds, &mut known);
        self.counted.append(&mut known.counted);
        for seen in known.seen {
            let places = self.work.entry(seen.person).or_default();
            places.insert(seen.organisation, seen.at);
        }
        for finding in found {
            match self.cases.get_mut(&finding.subject) {
                Some(case) => case.add(&finding.evidence),
                None => drop(self.cases.insert(finding.subject, finding)),
            }
        }
        assert!(
            self.cases
                .values()
                .all(|case| case.evidence.len() <= EVIDENCE_MAX)
        );
    }

    fn kinds(&self) -> Vec<CaseKind> {
        let mut kinds: Vec<_> = self.cases.values().map(|case| case.kind).collect();
        kinds.sort();
        kinds
    }
}

/// The kinds of the cases that these deeds make, with all rules on.
fn found(memory: Memory, deeds: &[Deed]) -> Vec<CaseKind> {
    let mut memory = memory;
    memory.read(&Rules::default(), deeds);
    memory.kinds()
}
