//! The words of review work, as they are typed and shown.

use clap::ValueEnum;
use delt_proto::common::v1::OverrideGround;
use delt_proto::review::v1::{ReviewCaseKind, ReviewCaseState, ReviewDecision, ReviewEventKind};

/// A closed set of the wire contract as a word on the command line.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $theirs:ident, $word:ident, { $($(#[$member_doc:meta])* $member:ident => $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub(super) enum $name { $($(#[$member_doc])* $member,)* }

        impl From<$name> for $theirs {
            fn from(word: $name) -> Self {
                match word { $($name::$member => Self::$member),* }
            }
        }

        /// The word; empty for none.
        pub(super) const fn $word(value: $theirs) -> &'static str {
            match value {
                $theirs::Unspecified => "",
                $($theirs::$member => $text,)*
            }
        }
    };
}

words!(
    /// What a case is about.
    Kind, ReviewCaseKind, kind_word, {
        /// Somebody broke the glass
        BreakGlass => "break-glass",
        /// Nothing confirmed a professional's word
        RelationUnconfirmed => "relation-unconfirmed",
        /// A look at a record without a treatment relation
        NoRelation => "no-relation",
        /// One person looked at unusually many patients in a day
        ManyPatients => "many-patients",
        /// The patient has the family name of who looked
        SameFamilyName => "same-family-name",
        /// The patient lives where who looked lives
        SameAddress => "same-address",
        /// The patient works where who looked works
        Colleague => "colleague",
        /// One patient was looked up by many places in a day
        ManyPlaces => "many-places",
        /// Outside the working hours of the role
        OutsideHours => "outside-hours",
        /// Drawn at random
        Sample => "sample",
    }
);

words!(
    /// How far a case has come.
    State, ReviewCaseState, state_word, {
        /// Nobody works on it
        Open => "open",
        /// Somebody works on it
        Assigned => "assigned",
        /// One has decided, and a second must confirm
        Proposed => "proposed",
        Closed => "closed",
    }
);

words!(
    /// What came of a case.
    Decision, ReviewDecision, decision_word, {
        /// The access was justified
        Justified => "justified",
        /// It was not
        Unjustified => "unjustified",
        /// It cannot be told
        Inconclusive => "inconclusive",
    }
);

/// What a step of the work did.
pub(super) const fn step_word(kind: ReviewEventKind) -> &'static str {
    match kind {
        ReviewEventKind::Assigned => "assigned",
        ReviewEventKind::Released => "released",
        ReviewEventKind::Commented => "commented",
        ReviewEventKind::Proposed => "proposed",
        ReviewEventKind::Decided => "decided",
        ReviewEventKind::Unspecified => "",
    }
}

/// The word of a lawful ground.
pub(in crate::cli) const fn ground_word(ground: OverrideGround) -> &'static str {
    match ground {
        OverrideGround::CitizenLiftsBlock => "citizen-lifts-block",
        OverrideGround::EssentialConsideration => "essential-consideration",
        OverrideGround::Unspecified => "",
    }
}
