//! `ListRelationAlerts`: the attestations that nothing confirmed in time, by number.

use std::collections::BTreeMap;

use delt_policy::{Action, OrganisationId, Scope};

use crate::{
    Error, Result,
    audit::operations::may_follow_up_at,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    relation::{RelationAlert, alert_rows},
    store::Tx,
};

/// Alerts that a page looks at before it ends early and says where to read on.
const SCAN_MAX: usize = 20_000;
const SCAN_STEP: i64 = 500;

/// The alerts after a number: a source system's own organisations', an auditor's own organisation's, all of them for a national authority.
#[derive(Debug, Clone)]
pub struct ListRelationAlerts {
    /// The last number that was seen; 0 from the beginning.
    pub after_number: u64,
    /// Already bounded by the edge's settings.
    pub page_size: usize,
}

/// A page of alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertPage {
    pub alerts: Vec<RelationAlert>,
    /// Everything up to this number has been looked at: read on from here. What was asked for where nothing follows.
    pub read_to: u64,
}

impl Sealed for ListRelationAlerts {}

impl Operation for ListRelationAlerts {
    type Outcome = AlertPage;
    const ACTION: Action = Action::ListRelationAlerts;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        let after = ("after_number".to_owned(), self.after_number.to_string());
        Subject {
            filters: BTreeMap::from([after]),
            ..Subject::default()
        }
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<AlertPage>> {
        let mut page = AlertPage {
            alerts: Vec::new(),
            read_to: self.after_number,
        };
        let mut scanned = 0;
        while scanned < SCAN_MAX {
            // No number is above the largest that a row holds.
            let after = i64::try_from(page.read_to).unwrap_or(i64::MAX);
            let step = alert_rows::alerts(tx, after, SCAN_STEP).await?;
            scanned += step.len();
            let last = i64::try_from(step.len()).map_err(Error::internal)? < SCAN_STEP;
            for alert in step {
                page.read_to = alert.number;
                if may_follow_up(&alert.organisation, scope, cx) {
                    page.alerts.push(alert);
                }
                if page.alerts.len() >= self.page_size {
                    return Ok(Found::new(page));
                }
            }
            if last {
                break;
            }
        }
        Ok(Found::new(page))
    }
}

/// Whether the attestations of a place are the caller's to follow up.
fn may_follow_up(place: &OrganisationId, scope: &Scope, cx: &Context) -> bool {
    match &cx.caller.party().person {
        None => scope.may_write_for(place),
        Some(_) => may_follow_up_at(place, cx),
    }
}
