//! Facts and the entries of a record in one statement, which is a snapshot of its own: what a search needs, in one trip or none.

use delt_policy::{AuthorisationId, PatientKey};
use rusqlite::ToSql;

use super::{
    decode::Row,
    rows::{self, Known, Question},
    statement::{SELECT_RECORD, SELECT_RECORD_ACTING, SELECT_RECORD_CODES},
};
use crate::{
    Result,
    document::rows::{ENTRY, RECORD_MAX, RecordRow, Undecided},
    operation::RecordColumns,
    revocation::MARKS,
    store::{Asked, Backend, Cells, InPlace, Store, unavailable},
};

/// So many rows are read where the caller stands, and keep nobody else there from being served (about two milliseconds).
const IN_PLACE_MAX: i64 = 1_000;

/// Where the marks of the caller are bound.
const MARK_BINDS: [&str; MARKS] = ["$5", "$6", "$7", "$8", "$9", "$10"];

/// None: they have to be asked for one after the other.
///
/// So it is for a person with several numbers, for a record that is too long, and behind a pooler.
pub(super) async fn load(
    store: &Store,
    question: &Question,
    columns: RecordColumns,
) -> Result<Option<(Known, Undecided)>> {
    let Some(patient) = question.patient else {
        return Ok(None);
    };
    let statement = statement(question, columns);
    let mut answer = Answer::about(patient);
    let asked = match store.reads() {
        Backend::Sqlite { in_place, .. } => answer.read_in_place(in_place, question, statement)?,
        Backend::Postgres { pooled: true, .. } => Asked::Otherwise,
        Backend::Postgres { pool, .. } => {
            let key = |key: &PatientKey| key.as_bytes().to_vec();
            let mut query = sqlx::query(statement)
                .bind(key(&patient))
                .bind(question.helper.as_ref().map(key))
                .bind(question.quality.as_ref().map(AuthorisationId::as_str))
                .bind(question.opener.as_ref().map(AuthorisationId::as_str));
            for mark in question.marks() {
                query = query.bind(mark);
            }
            let query = query.bind(RECORD_MAX + 1);
            let rows = query.fetch_all(pool).await.map_err(unavailable)?;
            rows.iter().try_for_each(|row| answer.take(row))?;
            answer.unless_longer_than(RECORD_MAX)
        }
    };
    match asked {
        Asked::Answered => answer.complete(question).map(Some),
        Asked::Otherwise => Ok(None),
    }
}

const fn statement(question: &Question, columns: RecordColumns) -> &'static str {
    let acting =
        question.helper.is_some() || question.quality.is_some() || question.opener.is_some();
    match columns {
        _ if acting => SELECT_RECORD_ACTING,
        RecordColumns::Filtered => SELECT_RECORD_CODES,
        RecordColumns::Decided => SELECT_RECORD,
    }
}

/// What the rows of the statement say.
struct Answer {
    patient: PatientKey,
    facts: Vec<Row>,
    record: Vec<RecordRow>,
}

impl Answer {
    const fn about(patient: PatientKey) -> Self {
        Self {
            patient,
            facts: Vec::new(),
            record: Vec::new(),
        }
    }

    fn read_in_place(
        &mut self,
        in_place: &InPlace,
        question: &Question,
        statement: &'static str,
    ) -> Result<Asked> {
        let patient = *self.patient.as_bytes();
        let helper = question
            .helper
            .as_ref()
            .map(|key| key.as_bytes().as_slice());
        let binds: [(&str, &dyn ToSql); 5] = [
            ("$1", &patient.as_slice()),
            ("$2", &helper),
            (
                "$3",
                &question.quality.as_ref().map(AuthorisationId::as_str),
            ),
            ("$4", &question.opener.as_ref().map(AuthorisationId::as_str)),
            ("$11", &(IN_PLACE_MAX + 1)),
        ];
        let marks: Vec<_> = question.marks().collect();
        let marks = MARK_BINDS
            .into_iter()
            .zip(marks.iter().map(|mark| mark as &dyn ToSql));
        let binds: Vec<_> = binds.into_iter().chain(marks).collect();
        match in_place.ask(statement, &binds, |row| self.take(row))? {
            Asked::Answered => Ok(self.unless_longer_than(IN_PLACE_MAX)),
            Asked::Otherwise => Ok(Asked::Otherwise),
        }
    }

    fn take(&mut self, row: &impl Cells) -> Result<()> {
        if row.text(0)? == Some(ENTRY) {
            self.record.push(RecordRow::read(row, self.patient)?);
        } else {
            self.facts.push(Row::read(row)?);
        }
        Ok(())
    }

    fn unless_longer_than(&self, most: i64) -> Asked {
        let rows = self.record.len() + self.facts.len();
        let is_longer = i64::try_from(rows).map_or(true, |rows| rows > most);
        if is_longer || self.facts.iter().any(Row::is_link) {
            Asked::Otherwise
        } else {
            Asked::Answered
        }
    }

    fn complete(self, question: &Question) -> Result<(Known, Undecided)> {
        let known = rows::known(question, self.facts)?;
        Ok((known, Undecided::of(self.patient, self.record)))
    }
}
