//! Grant now, verify later: attestations are held against the facts that arrive, and those that none confirmed in time become alerts.
//!
//! A fact confirms at once what it bears out. What is left at its deadline is looked at once more, since numbers may have been linked and the directory
//! changed meanwhile, and then becomes an alert. Several hubs may follow up on one store: they take turns on the row that numbers the alerts.

use std::{sync::Arc, time::Duration};

use delt_policy::{OrganisationTree, PatientKey};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::{KeptRelation, alert_rows, attestation::confirming, rows};
use crate::{
    Error, Hub, Result,
    clock::Micros,
    entropy,
    notification::{self, NotificationKind, rows::NewNotification},
    patient::rows::linked_keys,
    perform::Shared,
    review::{
        self, CaseKind,
        rows::{NewCase, PersonRef},
    },
    store::{AsyncWork, Tx},
};

/// How many attestations one turn takes, so that it ends within the store's time limit.
const TURN: i64 = 64;

impl Hub {
    /// How many attestations have become alerts, over all hubs of the store.
    pub async fn relation_alerts(&self) -> Result<u64> {
        alert_rows::last_number(&mut self.shared.store.snapshot().await?).await
    }
}

/// Follows up until the hub stops.
pub(crate) fn start(shared: &Arc<Shared>) {
    let mut stop = shared.background.stop();
    let weak = Arc::downgrade(shared);
    let pause = Duration::from_millis(shared.settings.follow_up_interval_ms);
    shared.background.start(async move {
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.requested() => break,
            }
            let Some(shared) = weak.upgrade() else { break };
            if let Err(error) = follow_up_all(&shared).await {
                tracing::warn!(%error, "attestations could not be followed up; it is tried again");
            }
        }
    });
}

/// Follows up every attestation that is past its deadline, and says how many alerts were raised.
pub(crate) async fn follow_up_all(shared: &Arc<Shared>) -> Result<u64> {
    let now = shared.clock.now();
    let mut raised = 0;
    // Looking first keeps an idle hub from writing at every turn.
    while alert_rows::is_due(&mut shared.store.snapshot().await?, now).await? {
        let turn = Turn {
            shared: shared.clone(),
            now,
        };
        let done = shared.store.write(turn).await?;
        raised += done.raised;
        if done.seen == 0 {
            break;
        }
    }
    if raised > 0 {
        tracing::info!(
            raised,
            "attestations that nothing confirmed in time became alerts"
        );
    }
    Ok(raised)
}

/// Confirms what the facts of a person bear out, under all the person's numbers.
pub(crate) async fn confirm(
    tx: &mut Tx<'_>,
    patients: &[PatientKey],
    tree: &OrganisationTree,
    now: Micros,
) -> Result<()> {
    let relations = rows::load(tx, patients).await?;
    let pending = relations
        .iter()
        .filter(|kept| kept.attestation.is_some_and(|word| word.is_pending()));
    for attested in pending {
        if let Some(fact) = confirming(attested, &relations, tree) {
            alert_rows::confirm(tx, attested, fact, now).await?;
        }
    }
    Ok(())
}

/// One turn.
struct Turn {
    shared: Arc<Shared>,
    now: Micros,
}

/// How many attestations a turn looked at, and how many of them became alerts.
#[derive(Debug, Default)]
struct Done {
    seen: u64,
    raised: u64,
}

impl AsyncWork<Done> for Turn {
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> BoxFuture<'a, Result<Done>> {
        Box::pin(self.follow_up(tx))
    }
}

impl Turn {
    async fn follow_up(&self, tx: &mut Tx<'_>) -> Result<Done> {
        alert_rows::lock_numbers(tx).await?;
        let tree = self.tree();
        let mut done = Done::default();
        for (patient, id) in alert_rows::due(tx, self.now, TURN).await? {
            // In a savepoint of its own: one that cannot be followed up must not hold back those behind it.
            let mut alone = tx.nested().await?;
            match self.follow_up_one(&mut alone, patient, id, &tree).await {
                Ok(raised) => {
                    alone.commit().await?;
                    done.seen += 1;
                    done.raised += u64::from(raised);
                }
                Err(error) => {
                    alone.rollback().await?;
                    tracing::warn!(%error, "an attestation could not be followed up; it is tried again");
                }
            }
        }
        Ok(done)
    }

    /// Whether it became an alert.
    async fn follow_up_one(
        &self,
        tx: &mut Tx<'_>,
        patient: PatientKey,
        id: Uuid,
        tree: &OrganisationTree,
    ) -> Result<bool> {
        let patients = linked_keys(tx, patient).await?;
        confirm(tx, &patients, tree, self.now).await?;
        let relations = rows::load(tx, &[patient]).await?;
        let attested = relations.into_iter().find(|kept| kept.relation.id == id);
        let attested = attested.ok_or_else(|| Error::internal("an attestation is gone"))?;
        self.alert(tx, &patients, &attested).await
    }

    fn tree(&self) -> Arc<OrganisationTree> {
        let directory = self.shared.directory.read();
        directory
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .tree()
    }

    /// Raises the alert of an attestation that still waits, opens the case for the auditor and tells the citizen.
    async fn alert(
        &self,
        tx: &mut Tx<'_>,
        patients: &[PatientKey],
        attested: &KeptRelation,
    ) -> Result<bool> {
        if !alert_rows::mark_alerted(tx, attested, self.now).await? {
            return Ok(false);
        }
        let relation = &attested.relation;
        let person = relation.person.as_ref();
        let person = person.ok_or_else(|| Error::internal("nobody's attestation"))?;
        let word = alert_rows::word(tx, &relation.patient, relation.id).await?;
        let (_, role) = word.ok_or_else(|| Error::internal("an attestation without its word"))?;
        alert_rows::raise(tx, attested, person, self.now).await?;
        let case = NewCase {
            kind: CaseKind::RelationUnconfirmed,
            patient: Some(relation.patient),
            subject: relation.id,
            person: Some(PersonRef::authorised(person, None)),
            role: &role,
            organisation: &relation.organisation,
            opened_at: self.now,
            audit_entry_id: None,
            detail: "",
            evidence: &[],
            sample: None,
        };
        review::rows::open(tx, &case).await?;
        let told = NewNotification {
            id: entropy::uuid(&*self.shared.entropy, self.now)?,
            kind: NotificationKind::RelationUnconfirmed,
            keys: patients,
            subject: relation.id,
            role: &role,
            organisation: &relation.organisation,
            created_at: self.now,
            audit_entry_id: None,
        };
        notification::rows::tell(tx, &told).await?;
        Ok(true)
    }
}
