//! What the benchmark calls. It opens a way past the door, so it is there only with the feature `bench`, which no build that serves has.

use delt_policy::{AuthorisationId, PatientKey};

use super::rows::{self, Question};
use crate::{
    Result, StoreSettings,
    background::Background,
    consent, delegation, patient, relation,
    store::{Store, Tx, on, unavailable},
};

/// A snapshot of a store, on one connection.
#[derive(Debug)]
pub struct Measured {
    tx: Tx<'static>,
    question: Question,
    background: Background,
}

impl Measured {
    /// Opens a store for what a professional's request about a patient asks.
    pub async fn open(settings: &StoreSettings, patient: PatientKey) -> Result<Self> {
        let background = Background::new();
        let store = Store::open(settings, &background).await?;
        let question = Question {
            patient: Some(patient),
            ..Question::default()
        };
        Ok(Self {
            tx: store.snapshot().await?,
            question,
            background,
        })
    }

    /// The same for a caller who needs every kind of fact.
    #[must_use]
    pub fn asking_all(mut self, helper: PatientKey, authority: &AuthorisationId) -> Self {
        self.question.helper = Some(helper);
        self.question.quality = Some(authority.clone());
        self.question.opener = Some(authority.clone());
        self
    }

    /// Loads the facts as a request does; says how many numbers, consents, relations and representations there are.
    pub async fn facts(&mut self) -> Result<[usize; 4]> {
        let known = rows::load(&mut self.tx, &self.question).await?;
        Ok([
            known.keys.len(),
            known.consents.len(),
            known.relations.len(),
            known.representations.len(),
        ])
    }

    /// Loads the same with one statement for each number and kind.
    pub async fn one_by_one(&mut self) -> Result<[usize; 4]> {
        let tx = &mut self.tx;
        let keys = match self.question.patient {
            Some(patient) => patient::rows::linked_keys(tx, patient).await?,
            None => Vec::new(),
        };
        Ok([
            keys.len(),
            consent::rows::load(tx, &keys).await?.len(),
            relation::rows::load(tx, &keys).await?.len(),
            delegation::rows::representations::load(tx, &keys)
                .await?
                .len(),
        ])
    }

    /// One round trip with nothing to do.
    pub async fn nothing(&mut self) -> Result<i64> {
        on!(&mut self.tx, c => sqlx::query_scalar("SELECT CAST(1 AS BIGINT)").fetch_one(c).await)
            .map_err(unavailable)
    }

    /// Gives the connection back.
    pub async fn close(self) -> Result<()> {
        self.tx.rollback().await?;
        self.background.shut_down().await;
        Ok(())
    }
}
