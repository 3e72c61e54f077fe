//! The rows that make up the facts about one patient for one caller.

use std::sync::Arc;

use delt_policy::{
    AuthorisationId, Consent, HelperDelegation, Opening, Party, PatientKey, Purpose,
    QualityPermission, Representation, TreatmentRelation,
};

use super::{
    decode::Row,
    statement::{
        BEGIN_WITH_FACTS_SQLITE, SELECT_FACTS, SELECT_LINKED_FACTS_POSTGRES,
        SELECT_LINKED_FACTS_SQLITE,
    },
};
use crate::{
    Error, Result,
    error::code,
    patient::NUMBERS_MAX,
    revocation::{self, Credential, MARKS, Mark},
    store::{Lent, SqliteTx, Tx, Unbegun, unavailable},
};

/// Whose facts are wanted, and which of the caller's the decision can use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Question {
    /// The number that was asked for.
    pub(super) patient: Option<PatientKey>,
    /// The helper who acts under a responsible professional.
    pub(super) helper: Option<PatientKey>,
    /// Whose permissions for quality work count.
    pub(super) quality: Option<AuthorisationId>,
    /// Whose openings of the glass count.
    pub(super) opener: Option<AuthorisationId>,
    /// The caller's, where it is the caller who asks: no answer for one whose access was taken back.
    pub(super) credential: Option<Arc<Credential>>,
}

impl Question {
    /// The authority that counts is the responsible professional's, or the acting one's without such.
    pub(super) fn of(party: &Party, purpose: Option<Purpose>, patient: Option<PatientKey>) -> Self {
        let answers = party.responsible.as_ref().or(party.person.as_ref());
        let authority = answers.and_then(|person| person.authorisation()).cloned();
        let for_purpose = |wanted| authority.clone().filter(|_| purpose == Some(wanted));
        Self {
            patient,
            helper: party.person_key.filter(|_| party.responsible.is_some()),
            quality: for_purpose(Purpose::Hqualimp),
            opener: for_purpose(Purpose::Btg),
            credential: None,
        }
    }

    /// The caller's marks, each at its place.
    pub(super) fn marks(&self) -> impl Iterator<Item = Option<&[u8]>> {
        let marks = self
            .credential
            .as_deref()
            .map(|credential| &credential.marks);
        (0..MARKS).map(move |place| marks?.get(place)?.as_ref().map(Mark::as_bytes))
    }
}

/// What the store knows. Ended records are among it: the decision looks at their times. Each kind is in the order in which it was registered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// All keys of the person, the asked one first.
    pub(super) keys: Vec<PatientKey>,
    pub(super) consents: Vec<Consent>,
    pub(super) relations: Vec<TreatmentRelation>,
    pub(super) representations: Vec<Representation>,
    pub(super) openings: Vec<Opening>,
    pub(super) delegations: Vec<HelperDelegation>,
    pub(super) permissions: Vec<QualityPermission>,
}

/// Asks a question by one of its statements.
macro_rules! asked {
    ($statement:expr, $question:expr, $connection:expr) => {{
        let query = sqlx::query($statement)
            .bind(
                $question
                    .patient
                    .as_ref()
                    .map(|key| key.as_bytes().as_slice()),
            )
            .bind(
                $question
                    .helper
                    .as_ref()
                    .map(|key| key.as_bytes().as_slice()),
            )
            .bind($question.quality.as_ref().map(AuthorisationId::as_str))
            .bind($question.opener.as_ref().map(AuthorisationId::as_str));
        let query = $question
            .marks()
            .fold(query, |query, mark| query.bind(mark));
        let rows = query.fetch_all($connection).await.map_err(unavailable)?;
        rows.iter().map(Row::read).collect()
    }};
}

/// Loads them: in one statement, and in one more for a person with several numbers.
pub(super) async fn load(tx: &mut Tx<'_>, question: &Question) -> Result<Known> {
    let rows = select(tx, question, &ALONE).await?;
    complete(tx, question, rows).await
}

/// Begins a snapshot with them.
pub(super) async fn begin(on: Unbegun, question: &Question) -> Result<(Tx<'static>, Known)> {
    let (mut tx, rows) = match on {
        Unbegun::Postgres(mut tx) => {
            let rows = select(&mut tx, question, &ALONE).await?;
            (tx, rows)
        }
        Unbegun::Sqlite(mut lent) => {
            let rows = begun(&mut lent, question).await?;
            (Tx::Sqlite(SqliteTx::Read(lent.begun())), rows)
        }
    };
    let known = complete(&mut tx, question, rows).await?;
    Ok((tx, known))
}

async fn begun(lent: &mut Lent, question: &Question) -> Result<Vec<Row>> {
    asked!(BEGIN_WITH_FACTS_SQLITE, question, &mut **lent)
}

async fn complete(tx: &mut Tx<'_>, question: &Question, mut rows: Vec<Row>) -> Result<Known> {
    refuse_revoked(question, &rows)?;
    if rows.iter().any(Row::is_link) {
        rows = select(tx, question, &LINKED).await?;
    }
    known(question, rows)
}

/// What all the rows say.
pub(super) fn known(question: &Question, mut rows: Vec<Row>) -> Result<Known> {
    refuse_revoked(question, &rows)?;
    rows.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let mut known = Known::default();
    known.keys.extend(question.patient);
    for row in rows {
        row.add_to(&mut known)?;
    }
    if known.keys.len() > NUMBERS_MAX {
        return Err(Error::new(code::TOO_MANY)
            .with_message("more numbers are linked to one person than can be followed"));
    }
    Ok(known)
}

/// Before anything else is looked at.
fn refuse_revoked(question: &Question, rows: &[Row]) -> Result<()> {
    let credential = question.credential.as_deref();
    if credential.is_some_and(|credential| rows.iter().any(|row| row.takes(credential))) {
        return Err(revocation::refusal());
    }
    Ok(())
}

/// A question as each database is asked it.
struct Text {
    sqlite: &'static str,
    postgres: &'static str,
}

const ALONE: Text = Text {
    sqlite: SELECT_FACTS,
    postgres: SELECT_FACTS,
};

const LINKED: Text = Text {
    sqlite: SELECT_LINKED_FACTS_SQLITE,
    postgres: SELECT_LINKED_FACTS_POSTGRES,
};

async fn select(tx: &mut Tx<'_>, question: &Question, text: &Text) -> Result<Vec<Row>> {
    match tx {
        Tx::Sqlite(tx) => asked!(text.sqlite, question, &mut **tx),
        Tx::Postgres(tx) => asked!(text.postgres, question, &mut **tx),
    }
}
