//! Drawing: which look-ups of a period at random, as a seed and a checkpoint have it.

use delt_ledger::{Checkpoint, sample::Draw};
use delt_policy::{Action, OrganisationId, Scope};
use uuid::Uuid;

use super::{Drawing, Drawn, check_period};
use crate::{
    Error, Result,
    clock::{Micros, rfc3339},
    entropy::derived,
    error::code,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    review::{
        ReviewSample, SAMPLE_MAX, Seed,
        reach::{must_reach, reviewer, units},
        rows::{self, LookUp, Walk},
    },
    store::Tx,
};

/// Look-ups that a sample is drawn from at most.
const POPULATION_MAX: u64 = 2_000_000;

/// Draws look-ups of an organisation's users at random.
///
/// Reads only, because it may read for long; [`super::KeepSample`] then writes what came of it.
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
        let drawn = Drawn(drawn);
        let id = drawn.sample().id;
        Ok(Found::new(drawn).on(&id))
    }
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
