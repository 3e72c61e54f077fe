//! Keeping: the sample as it was drawn, and a case for each look-up.

use std::collections::BTreeMap;

use delt_policy::{Action, Scope};

use super::{Drawing, Drawn};
use crate::{
    Error, Result,
    entropy::derived,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    review::{
        CaseKind, ReviewSample,
        reach::must_reach,
        rows::{self, NewCase, PersonRef},
        sample::DrawnLookUp,
    },
    store::Tx,
};

/// Keeps a sample and opens a case for each look-up that was drawn.
#[derive(Debug, Clone)]
pub struct KeepSample(pub Drawn);

impl Sealed for KeepSample {}

impl Operation for KeepSample {
    type Outcome = ReviewSample;
    const ACTION: Action = Action::DrawSample;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let sample = self.0.sample();
        Subject {
            target: Some(sample.id.to_string()),
            filters: BTreeMap::from([("organisation".to_owned(), sample.organisation.to_string())]),
            ..Subject::default()
        }
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<ReviewSample>> {
        must_reach(&self.0.sample().organisation, cx)?;
        let (sample, look_ups) = match &self.0.0 {
            Drawing::Kept(sample) => return Ok(Found::new(sample.clone())),
            Drawing::New(sample, look_ups) => (sample, look_ups),
        };
        rows::lock_numbers(tx).await?;
        let period = (sample.from, sample.to);
        let first = rows::sample_by_seed(tx, &sample.organisation, period, &sample.seed).await?;
        if let Some(first) = first {
            // Somebody was quicker with the same seed.
            return Ok(Found::new(first));
        }
        rows::insert_sample(tx, sample).await?;
        for look_up in look_ups {
            open(tx, cx, sample, look_up).await?;
        }
        let kept = rows::sample_by_id(tx, sample.id).await?;
        kept.map(Found::new)
            .ok_or_else(|| Error::internal("a sample that was kept is gone"))
    }
}

async fn open(
    tx: &mut Tx<'_>,
    cx: &Context,
    sample: &ReviewSample,
    look_up: &DrawnLookUp,
) -> Result<u64> {
    let subject = derived(
        "review-sample-entry",
        &sample.id.to_string(),
        &look_up.entry.to_string(),
    );
    let case = NewCase {
        kind: CaseKind::Sample,
        patient: look_up.patient,
        subject,
        person: Some(PersonRef {
            id: &look_up.person_id,
            authorisation: look_up.authorisation.as_ref(),
            key: look_up.person_key,
        }),
        role: &look_up.role,
        organisation: &look_up.organisation,
        opened_at: cx.now,
        audit_entry_id: Some(look_up.entry),
        detail: "",
        evidence: &[look_up.entry],
        sample: Some(sample.id),
    };
    rows::open(tx, &case).await
}
