//! One caller of a load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use delt_client::Connection;
use delt_client::proto::common::v1::Period;
use delt_client::proto::consent::v1::{CreateConsentRequest, EndConsentRequest, What, Who};
use delt_client::proto::record::v1::{RecordFilter, SearchRecordRequest};
use prost_types::Timestamp;

use super::{Account, PERSONS, Pointer, State};
use crate::calls::{filtered, try_register};
use crate::entries::{REGION_H, cpr, hour, note, uuids};
use crate::samples::block;

/// Between two calls of one caller. The load shows what is right, not how much a debug build carries.
const THINK: Duration = Duration::from_millis(50);
/// One registration in so many is blocked afterwards.
const BLOCKED: i64 = 5;
/// And of those that are blocked, one in two is opened again.
const UNBLOCKED: i64 = 2 * BLOCKED;

/// What one caller works with.
pub(super) struct Worker {
    pub(super) account: Arc<Account>,
    pub(super) stop: Arc<AtomicBool>,
    pub(super) source: Connection,
    pub(super) doctor: Connection,
    pub(super) citizens: Vec<Connection>,
}

impl Worker {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    pub(super) async fn write(self) {
        while self.goes_on() {
            let minute = self.account.next_minute();
            if let Some((number, pointer)) = self.register(minute).await
                && minute % BLOCKED == 0
            {
                self.block(number, &pointer).await;
            }
            tokio::time::sleep(THINK).await;
        }
    }

    async fn register(&self, minute: i64) -> Option<(usize, Pointer)> {
        let person = usize::try_from(minute).unwrap_or_default() % PERSONS.len();
        let mut entry = note(REGION_H, PERSONS[person]);
        entry.creation_time = Some(at(minute));
        if let Err(error) = try_register(&self.source, &entry).await {
            self.account.failed("register", &error);
            return None;
        }
        let pointer = Pointer {
            person,
            minute,
            uuid: entry.entry_uuid,
            state: State::Registered,
            changes: 0,
        };
        Some((self.account.registered(pointer.clone()), pointer))
    }

    async fn block(&self, number: usize, pointer: &Pointer) {
        let what = What {
            entry_uuid: pointer.uuid.clone(),
            ..What::default()
        };
        let request = CreateConsentRequest {
            patient: Some(cpr(PERSONS[pointer.person])),
            consent: Some(block(what, Who::default())),
            ..CreateConsentRequest::default()
        };
        self.account.becomes(number, State::Changing);
        match self.citizens[pointer.person]
            .consents()
            .create(request)
            .await
        {
            Ok(answer) => {
                self.account.becomes(number, State::Blocked);
                if pointer.minute % UNBLOCKED == 0 {
                    let consent = answer.consent.expect("the consent comes back");
                    self.unblock(number, pointer, consent.consent_id).await;
                }
            }
            Err(error) => self.account.failed("block", &error),
        }
    }

    async fn unblock(&self, number: usize, pointer: &Pointer, consent_id: String) {
        // Long enough that somebody has looked.
        tokio::time::sleep(THINK * 4).await;
        let request = EndConsentRequest {
            context: None,
            patient: Some(cpr(PERSONS[pointer.person])),
            consent_id,
        };
        self.account.becomes(number, State::Changing);
        match self.citizens[pointer.person].consents().end(request).await {
            Ok(_) => self.account.becomes(number, State::Registered),
            Err(error) => self.account.failed("end of a block", &error),
        }
    }

    pub(super) async fn search(self, first: usize) {
        let mut draw = first;
        while self.goes_on() {
            draw += 3;
            if let Some((number, pointer)) = self.account.pick(draw) {
                self.look(number, &pointer).await;
            }
            tokio::time::sleep(THINK).await;
        }
    }

    async fn look(&self, number: usize, pointer: &Pointer) {
        match self.doctor.record().search(asked(pointer)).await {
            Ok(answer) => {
                let shown = uuids(&answer.documents).contains(&pointer.uuid);
                self.account
                    .searched(number, pointer, shown, answer.receipt);
            }
            Err(error) => self.account.failed("search", &error),
        }
    }
}

/// The search that finds this pointer alone.
fn asked(pointer: &Pointer) -> SearchRecordRequest {
    let period = Period {
        start: Some(at(pointer.minute)),
        end: Some(at(pointer.minute + 1)),
    };
    let filter = RecordFilter {
        creation_period: Some(period),
        ..RecordFilter::default()
    };
    filtered(cpr(PERSONS[pointer.person]), filter)
}

fn at(minute: i64) -> Timestamp {
    let first = hour(0);
    Timestamp {
        seconds: first.seconds + minute * 60,
        ..first
    }
}
