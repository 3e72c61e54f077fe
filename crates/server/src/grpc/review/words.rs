//! The words of review work on the wire. What is not understood must not become what is not said.

use delt_hub::{
    Error, Result,
    review::{CaseKind, CaseState, ReviewDecision, StepKind},
};
use delt_proto::review::v1;

/// Both ways of one closed set. `unspecified` is none of it.
macro_rules! words {
    ($ours:ident, $theirs:ident, $field:literal, $what:literal, $read:ident, $written:ident, [$($word:ident),* $(,)?]) => {
        #[doc = concat!("Reads ", $what, "; none where none is said.")]
        pub(super) fn $read(value: i32) -> Result<Option<$ours>> {
            match v1::$theirs::try_from(value) {
                Ok(v1::$theirs::Unspecified) => Ok(None),
                $(Ok(v1::$theirs::$word) => Ok(Some($ours::$word)),)*
                Err(_) => Err(Error::invalid($field, concat!("is not ", $what))),
            }
        }

        pub(super) fn $written(word: $ours) -> i32 {
            match word { $($ours::$word => v1::$theirs::$word),* }.into()
        }
    };
}

words!(
    CaseKind,
    ReviewCaseKind,
    "kind",
    "a kind of case",
    kind,
    written_kind,
    [
        BreakGlass,
        RelationUnconfirmed,
        NoRelation,
        ManyPatients,
        SameFamilyName,
        SameAddress,
        Colleague,
        ManyPlaces,
        OutsideHours,
        Sample,
    ]
);
words!(
    CaseState,
    ReviewCaseState,
    "state",
    "a state of a case",
    state,
    written_state,
    [Open, Assigned, Proposed, Closed]
);
words!(
    ReviewDecision,
    ReviewDecision,
    "decision",
    "a decision",
    decision,
    written_decision,
    [Justified, Unjustified, Inconclusive]
);

/// What a step did, on the wire.
pub(super) fn written_step(kind: StepKind) -> i32 {
    match kind {
        StepKind::Assigned => v1::ReviewEventKind::Assigned,
        StepKind::Released => v1::ReviewEventKind::Released,
        StepKind::Commented => v1::ReviewEventKind::Commented,
        StepKind::Proposed => v1::ReviewEventKind::Proposed,
        StepKind::Decided => v1::ReviewEventKind::Decided,
    }
    .into()
}
