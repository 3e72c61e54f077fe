//! The work on a case, step by step: `AssignReviewCase`, `CommentReviewCase`, `DecideReviewCase`.

use std::collections::BTreeMap;

use delt_policy::{Action, Scope};

use super::get::{about, found};
use crate::{
    Error, Result,
    error::code,
    identity::TokenFacts,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    review::{
        Assignee, CaseState, ReviewCase, ReviewDecision, ReviewText,
        reach::reviewer,
        rows::{self, NewStep},
        work::{Moved, Refusal, Reviewer, Standing},
    },
    store::Tx,
};

/// Steps of a case, but for decisions: so many that it fits an answer.
const STEPS_MAX: u32 = 300;
/// Decisions still end a case that has been talked over for long.
const DECISIONS_MAX: u32 = 400;

/// Gives a case to somebody, takes it, or lets go of it.
#[derive(Debug, Clone)]
pub struct AssignReviewCase {
    pub number: u64,
    pub expected_revision: u32,
    pub to: AssignTo,
}

/// Whose a case shall be.
#[derive(Debug, Clone)]
pub enum AssignTo {
    /// The caller's.
    Me,
    Somebody(Assignee),
    Nobody,
}

/// Writes on a case.
#[derive(Debug, Clone)]
pub struct CommentReviewCase {
    pub number: u64,
    pub expected_revision: u32,
    pub text: ReviewText,
}

/// Decides a case, or confirms what somebody else decided.
#[derive(Debug, Clone)]
pub struct DecideReviewCase {
    pub number: u64,
    pub expected_revision: u32,
    pub decision: ReviewDecision,
    pub text: ReviewText,
}

impl Sealed for AssignReviewCase {}
impl Sealed for CommentReviewCase {}
impl Sealed for DecideReviewCase {}

impl Operation for AssignReviewCase {
    type Outcome = ReviewCase;
    const ACTION: Action = Action::AssignReviewCase;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let to = match &self.to {
            AssignTo::Me => "the caller",
            AssignTo::Somebody(to) => to.as_str(),
            AssignTo::Nobody => "nobody",
        };
        subject(self.number, self.expected_revision, Some(("assignee", to)))
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<ReviewCase>> {
        let work = Work::begin(tx, cx, self.number, self.expected_revision).await?;
        work.has_room(STEPS_MAX)?;
        let moved = match &self.to {
            AssignTo::Me => work.standing.assign(&work.by.id),
            AssignTo::Somebody(to) => {
                if work.case.person_id.as_deref() == Some(to.as_str()) {
                    let why = "is whom the case is about";
                    return Err(Error::invalid("assignee", why));
                }
                work.standing.assign(to.as_str())
            }
            AssignTo::Nobody => work.standing.release(),
        };
        work.end(tx, cx, moved, None, None).await
    }
}

impl Operation for CommentReviewCase {
    type Outcome = ReviewCase;
    const ACTION: Action = Action::CommentReviewCase;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        subject(self.number, self.expected_revision, None)
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<ReviewCase>> {
        let work = Work::begin(tx, cx, self.number, self.expected_revision).await?;
        work.has_room(STEPS_MAX)?;
        let moved = Ok(work.standing.comment());
        work.end(tx, cx, moved, None, Some(&self.text)).await
    }
}

impl Operation for DecideReviewCase {
    type Outcome = ReviewCase;
    const ACTION: Action = Action::DecideReviewCase;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        let decision = ("decision", self.decision.as_str());
        subject(self.number, self.expected_revision, Some(decision))
    }

    async fn run(
        &self,
        _scope: &Scope,
        tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<ReviewCase>> {
        let work = Work::begin(tx, cx, self.number, self.expected_revision).await?;
        work.has_room(DECISIONS_MAX)?;
        let four_eyes = cx.settings.review.four_eyes.contains(&work.case.kind);
        let moved = work.standing.decide(&work.by, self.decision, four_eyes);
        work.end(tx, cx, moved, Some(self.decision), Some(&self.text))
            .await
    }
}

fn subject(number: u64, revision: u32, filter: Option<(&str, &str)>) -> Subject {
    let revision = ("expected_revision".to_owned(), revision.to_string());
    let filter = filter.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Subject {
        target: Some(number.to_string()),
        filters: filter
            .into_iter()
            .chain([revision])
            .collect::<BTreeMap<_, _>>(),
        ..Subject::default()
    }
}

/// A case that a step is taken on.
struct Work {
    case: ReviewCase,
    standing: Standing,
    by: Reviewer,
}

impl Work {
    /// # Errors
    /// `NOT_FOUND` where the case is not the caller's to follow up, `VERSION_STALE` where it is not as the caller saw it.
    async fn begin(tx: &mut Tx<'_>, cx: &Context, number: u64, expected: u32) -> Result<Self> {
        let case = found(tx, cx, number).await?;
        if case.revision != expected {
            return Err(Error::new(code::VERSION_STALE));
        }
        let standing = standing(tx, &case).await?;
        Ok(Self {
            case,
            standing,
            by: reviewer(cx)?,
        })
    }

    fn has_room(&self, limit: u32) -> Result<()> {
        if self.case.revision < limit {
            return Ok(());
        }
        Err(Error::new(code::TOO_MANY).with_message("the case has as many steps as it can have"))
    }

    async fn end(
        self,
        tx: &mut Tx<'_>,
        cx: &Context,
        moved: Moved,
        decision: Option<ReviewDecision>,
        text: Option<&ReviewText>,
    ) -> Result<Found<ReviewCase>> {
        let (kind, to) = moved.map_err(refused)?;
        let name = cx.caller.token().and_then(TokenFacts::person_name);
        let step = NewStep {
            number: self.case.number,
            after: self.case.revision,
            happened_at: cx.now,
            by: &self.by,
            name: name.unwrap_or_default(),
            kind,
            decision,
            text,
            to: &to,
        };
        rows::advance(tx, &cx.keys, &step).await?;
        found(tx, cx, self.case.number).await.map(about)
    }
}

async fn standing(tx: &mut Tx<'_>, case: &ReviewCase) -> Result<Standing> {
    let is_proposed = case.state == CaseState::Proposed;
    let proposal = match case.decision.filter(|_| is_proposed) {
        Some(proposed) => Some((proposed, rows::proposer(tx, case.number).await?)),
        None => None,
    };
    Ok(Standing {
        state: case.state,
        assignee: case.assignee.clone(),
        proposal,
        decision: case.decision.filter(|_| !is_proposed),
        decided_at: case.decided_at,
    })
}

fn refused(refusal: Refusal) -> Error {
    let conflict = |why| Error::new(code::STATE_CONFLICT).with_message(why);
    match refusal {
        Refusal::Closed => conflict("the case is closed: it can be commented, and nothing else"),
        Refusal::NobodyWorksOnIt => conflict("nobody works on the case"),
        Refusal::SomebodyElses => conflict("somebody else works on the case: take it first"),
        Refusal::SamePerson => Error::new(code::SECOND_PERSON_REQUIRED),
    }
}
