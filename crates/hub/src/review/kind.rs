//! The words of review work: kinds and states of cases, decisions, steps.

/// An enum whose members have stable names: in the store, in audit entries, in settings.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident => $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$member_doc])* $member,)* }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$member),*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$member => $word),* }
            }

            /// The one with this name.
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == code)
            }
        }
    };
}

words! {
    /// What a case is about.
    CaseKind {
        /// Somebody broke the glass. The subject is the opening.
        BreakGlass => "break-glass",
        /// Somebody said that they treat the patient, and nothing confirmed it in time. The subject is the relation.
        RelationUnconfirmed => "relation-unconfirmed",
        /// A look at a record without a treatment relation.
        NoRelation => "no-relation",
        /// One person looked at unusually many patients in a day.
        ManyPatients => "many-patients",
        /// The patient has the family name of who looked.
        SameFamilyName => "same-family-name",
        /// The patient lives where who looked lives.
        SameAddress => "same-address",
        /// The patient works where who looked works.
        Colleague => "colleague",
        /// One patient was looked up by many places in a day.
        ManyPlaces => "many-places",
        /// Outside the working hours of the role.
        OutsideHours => "outside-hours",
        /// Drawn at random. The subject is the entry within its sample.
        Sample => "sample",
    }
}

words! {
    /// How far a case has come.
    CaseState {
        /// Nobody works on it.
        Open => "open",
        /// Somebody works on it.
        Assigned => "assigned",
        /// One has decided, and a second must confirm.
        Proposed => "proposed",
        Closed => "closed",
    }
}

words! {
    /// What came of a case.
    ReviewDecision {
        /// The access was justified.
        Justified => "justified",
        /// It was not; what follows is the employer's and the police's.
        Unjustified => "unjustified",
        /// It cannot be told.
        Inconclusive => "inconclusive",
    }
}

words! {
    /// What a step of the work did.
    StepKind {
        Assigned => "assigned",
        Released => "released",
        Commented => "commented",
        Proposed => "proposed",
        Decided => "decided",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for kind in CaseKind::ALL {
            assert_eq!(CaseKind::from_code(kind.as_str()), Some(*kind));
        }
        assert_eq!(CaseState::from_code("Open"), None);
        assert_eq!(ReviewDecision::ALL.len(), 3);
        assert_eq!(StepKind::ALL.len(), 5);
    }
}
