//! Samples: [`DrawSample`] finds what is drawn, [`KeepSample`] opens the cases, [`ListSamples`] shows all that was ever drawn.

use std::collections::BTreeMap;

use delt_ledger::{Checkpoint, sample::Draw};
use delt_policy::{Action, OrganisationId, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    clock::{HOUR, Micros, rfc3339},
    entropy::derived,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    review::{
        CaseKind, ReviewSample, SAMPLE_MAX, Seed,
        reach::{must_reach, reviewer, units},
        rows::{self, LookUp, NewCase, PersonRef, Walk},
        sample::DrawnLookUp,
    },
    store::Tx,
};

/// The longest period, in microseconds: 366 days.
pub(super) const PERIOD_MAX: Micros = 366 * 24 * HOUR;
/// Look-ups that a sample is drawn from at most.
const POPULATION_MAX: u64 = 2_000_000;

/// Draws look-ups of an organisation's users at random.
///
/// Reads only, because it may read for long; [`KeepSample`] then writes what came of it.
#[derive(Debug, Clone)]
pub struct DrawSample {
    /// So that a retry meets the same sample.
    pub request_id: Option<Uuid>,
    /// With its units.
    pub organisation: OrganisationId,
    /// Half-open; has ended.
    pub from: Micros,
    pub to: Micros,
    pub seed: Seed,
    pub size: usize,
}

/// What was drawn, on its way to [`KeepSample`]. Nothing of it can be read.
#[derive(Debug, Clone)]
pub struct Drawn(Drawing);

#[derive(Debug, Clone)]
enum Drawing {
    /// The sample has been drawn before.
    Kept(ReviewSample),
    New(ReviewSample, Vec<DrawnLookUp>),
}

impl Drawn {
    /// The sample, where it had been drawn before.
    pub fn kept(&self) -> Option<&ReviewSample> {
        match &self.0 {
            Drawing::Kept(sample) => Some(sample),
            Drawing::New(..) => None,
        }
    }
}

impl Sealed for DrawSample {}

impl Operation for DrawSample {
    type Outcome = Drawn;
    const ACTION: Action = Action::DrawSample;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        let filters = [
            ("organisation", self.organisation.to_string()),
            ("from", rfc3339(self.from)),
            ("to", rfc3339(self.to)),
            ("size", self.size.to_string()),
        ];
        Subject {
            filters: filters.map(|(name, value)| (name.to_owned(), value)).into(),
            ..Subject::default()
        }
    }

    async fn run(&self, _scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Drawn>> {
        must_reach(&self.organisation, cx)?;
        check_period(self.from, self.to)?;
        if !(1..=SAMPLE_MAX).contains(&self.size) {
            return Err(Error::invalid("size", "is not 1 to 500"));
        }
        if self.to > cx.now {
            return Err(Error::invalid("period.end", "lies ahead"));
        }
        let id = self.id(cx)?;
        let drawn = match known(tx, id, self).await? {
            Some(sample) => Drawing::Kept(sample),
            None => self.draw(tx, cx, id).await?,
        };
        let id = match &drawn {
            Drawing::Kept(sample) | Drawing::New(sample, _) => sample.id,
        };
        Ok(Found::new(Drawn(drawn)).on(&id))
    }
}

/// Half-open, not empty, at most 366 days.
pub(super) fn check_period(from: Micros, to: Micros) -> Result<()> {
    if from < to && to - from <= PERIOD_MAX {
        return Ok(());
    }
    Err(Error::invalid("period", "is not up to 366 days"))
}

impl DrawSample {
    fn id(&self, cx: &Context) -> Result<Uuid> {
        let system = &cx.caller.party().system.id;
        self.request_id.map_or_else(
            || cx.uuid(),
            |id| Ok(derived("review-sample", system, &id.to_string())),
        )
    }

    async fn draw(&self, tx: &mut Tx<'_>, cx: &Context, id: Uuid) -> Result<Drawing> {
        let units = self.units(cx)?;
        let checkpoint = self.checkpoint(tx, &units).await?;
        let mut draw = Draw::new(self.seed.as_str(), checkpoint.root, self.size);
        let mut seen = Vec::new();
        for (at, unit) in units.iter().enumerate() {
            let before = draw.population();
            self.enter(tx, unit, at, &mut draw).await?;
            if draw.population() > before {
                seen.push(unit.clone());
            }
        }
        let population = draw.population();
        let mut look_ups = Vec::new();
        for (at, look_up) in draw.drawn() {
            let unit = units.get(at).cloned();
            let unit = unit.ok_or_else(|| Error::internal("a look-up of no unit"))?;
            look_ups.push(rows::drawn(tx, look_up, unit).await?);
        }
        let sample = self.sample(cx, id, &checkpoint, seen, population)?;
        Ok(Drawing::New(sample, look_ups))
    }

    fn units(&self, cx: &Context) -> Result<Vec<OrganisationId>> {
        let ids: Vec<String> =
            serde_json::from_str(&units(&self.organisation, cx)).map_err(Error::internal)?;
        ids.iter()
            .map(|id| OrganisationId::parse(id).map_err(Error::internal))
            .collect()
    }

    /// The first checkpoint under which all look-ups of the period lie: it was fixed by what was in the log when the period ended.
    async fn checkpoint(&self, tx: &mut Tx<'_>, units: &[OrganisationId]) -> Result<Checkpoint> {
        let unsealed = || {
            Error::new(code::STORE_UNAVAILABLE)
                .with_message("entries of the period still wait for their place in the log")
                .retry_after_ms(1_000)
        };
        if rows::is_unsealed(tx, self.to).await? {
            return Err(unsealed());
        }
        let mut last = None;
        for unit in units {
            last = last.max(rows::last_leaf(tx, unit.as_str(), (self.from, self.to)).await?);
        }
        rows::checkpoint(tx, last).await?.ok_or_else(unsealed)
    }

    async fn enter(
        &self,
        tx: &mut Tx<'_>,
        unit: &OrganisationId,
        at: usize,
        draw: &mut Draw<(usize, LookUp)>,
    ) -> Result<()> {
        let mut walk = Walk::new(unit.as_str(), (self.from, self.to));
        while let Some(step) = walk.next(tx).await? {
            for look_up in step {
                draw.enter(&look_up.leaf, (at, look_up));
            }
            if draw.population() > POPULATION_MAX {
                let why = "more than two million look-ups: take a shorter period or a smaller unit";
                return Err(Error::new(code::TOO_MANY).with_message(why));
            }
        }
        Ok(())
    }

    fn sample(
        &self,
        cx: &Context,
        id: Uuid,
        checkpoint: &Checkpoint,
        units: Vec<OrganisationId>,
        population: u64,
    ) -> Result<ReviewSample> {
        Ok(ReviewSample {
            id,
            organisation: self.organisation.clone(),
            units,
            from: self.from,
            to: self.to,
            seed: self.seed.clone(),
            size: self.size,
            tree_size: checkpoint.size,
            root: checkpoint.root,
            population,
            drawn_at: cx.now,
            drawn_by: reviewer(cx)?.id,
            entries: Vec::new(),
            cases: Vec::new(),
        })
    }
}

/// What the request, or the seed, has drawn before. A seed gives one sample of a period at an organisation, so that nobody draws until they like it.
async fn known(tx: &mut Tx<'_>, id: Uuid, asked: &DrawSample) -> Result<Option<ReviewSample>> {
    let period = (asked.from, asked.to);
    let by_seed = rows::sample_by_seed(tx, &asked.organisation, period, &asked.seed).await?;
    if let Some(sample) = by_seed {
        return if sample.size == asked.size {
            Ok(Some(sample))
        } else {
            let why = "this seed has given a sample of another size";
            Err(Error::new(code::IDENTITY_CONFLICT).with_message(why))
        };
    }
    match rows::sample_by_id(tx, id).await? {
        Some(_) => Err(Error::new(code::REQUEST_ID_REUSED)),
        None => Ok(None),
    }
}

/// Keeps a sample and opens a case for each look-up that was drawn.
#[derive(Debug, Clone)]
pub struct KeepSample(pub Drawn);

impl Sealed for KeepSample {}

impl Operation for KeepSample {
    type Outcome = ReviewSample;
    const ACTION: Action = Action::DrawSample;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let (Drawing::Kept(sample) | Drawing::New(sample, _)) = &self.0.0;
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
        let (Drawing::Kept(sample) | Drawing::New(sample, _)) = &self.0.0;
        must_reach(&sample.organisation, cx)?;
        let Drawing::New(sample, look_ups) = &self.0.0 else {
            return Ok(Found::new(sample.clone()));
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
