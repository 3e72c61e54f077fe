//! What a caller wants to do: the closed set of operations of the hub.

use serde::Serialize;

/// Who must hold the right to an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Actor {
    /// The system that is connected, whoever sits behind it.
    System,
    /// The person behind the system.
    Person,
    /// The person where there is one, otherwise the system on its own behalf.
    Either,
}

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident => $actor:ident),* $(,)?) => {
        /// One operation of the hub, as the role policies name it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
        pub enum Action { $($(#[$doc])* $name),* }

        impl Action {
            /// Every action.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in the role policies, the audit entries and the metrics.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => stringify!($name)),* }
            }

            pub(crate) const fn actor(self) -> Actor {
                match self { $(Self::$name => Actor::$actor),* }
            }
        }
    };
}

actions! {
    /// Put a pointer into the index.
    RegisterDocument => System,
    /// Deprecate or withdraw a pointer.
    UpdateDocumentStatus => System,
    /// Read one pointer: a reader under the rules of the record, a source its own.
    GetDocument => Either,
    /// What the index holds for this source.
    ListSourceDocuments => System,
    /// Search one patient's record over all sectors.
    SearchRecord => Person,
    /// Fetch a document's content from its source.
    RetrieveDocument => Person,
    /// Register a block or a permit.
    CreateConsent => Person,
    /// End a block or a permit.
    EndConsent => Person,
    /// See the consents of a citizen.
    ListConsents => Person,
    /// Who could see what, and why.
    ExplainAccess => Person,
    /// Register a fact that makes a treatment relation.
    RegisterRelation => System,
    /// End a treatment relation.
    EndRelation => System,
    /// See treatment relations.
    ListRelations => Either,
    /// Link two numbers of one person.
    LinkPatient => Person,
    /// Follow a person from an old number to a new one.
    MergePatient => Person,
    /// Read a person's identities.
    GetPatient => Person,
    /// Hand a message to the hub for delivery.
    SendMessage => System,
    /// Lease messages addressed to one's own organisations.
    ReceiveMessages => System,
    /// Say that a leased message is safely received.
    AcknowledgeMessage => System,
    /// Read one message.
    GetMessage => System,
    /// List one's own organisations' messages.
    ListMessages => System,
    /// Search the access log.
    SearchAuditEntries => Person,
    /// Export the access log.
    ExportAuditEntries => Person,
    /// Checkpoints, inclusion and consistency proofs of the log: hashes only.
    ReadLogProofs => System,
    /// Organisations, source systems and receivers.
    ReadDirectory => System,
    /// The citizen's question "who looked at my data".
    ListOwnAccesses => Person,
    /// What the citizen is told without asking.
    ListNotifications => Person,
    /// A professional's own word that they treat the patient.
    AttestRelation => Person,
    /// Attestations that nothing confirmed in time: a system its own organisations', an auditor likewise.
    ListRelationAlerts => Either,
    /// Let a helper act under one's responsibility.
    DelegateToHelper => Person,
    /// End a helper's delegation.
    EndHelperDelegation => Person,
    /// The delegations that one gave or received.
    ListHelperDelegations => Person,
    /// Let somebody act for a citizen: a register, or for a power of attorney the citizen.
    RegisterRepresentation => Either,
    /// End somebody's right to act for a citizen.
    EndRepresentation => Either,
    /// Who may act for a citizen.
    ListRepresentations => Either,
    /// The management permits quality work.
    RegisterQualityPermission => System,
    /// End a permission for quality work.
    EndQualityPermission => System,
    /// The permissions for quality work at one's own organisations.
    ListQualityPermissions => System,
    /// What somebody must look at afterwards.
    ListReviewCases => Person,
    /// One such case.
    GetReviewCase => Person,
    /// Give a case to somebody, take it, or let go of it.
    AssignReviewCase => Person,
    /// Write on a case.
    CommentReviewCase => Person,
    /// Decide a case, or confirm what somebody else decided.
    DecideReviewCase => Person,
    /// Draw accesses at random and open a case for each.
    DrawSample => Person,
    /// The samples that were drawn.
    ListSamples => Person,
    /// A period in figures.
    GetPeriodReport => Person,
    /// Tell a person's family name and address, for the follow-up of accesses.
    RegisterDemographics => System,
    /// Take access back: a token's, a person's, a system's.
    RevokeAccess => Person,
    /// Let in again what was revoked.
    LiftRevocation => Person,
    /// See what is revoked.
    ListRevocations => Person,
}

impl Action {
    /// Whether the action reads entries of a patient's record, entry by entry.
    pub const fn reads_record(self) -> bool {
        matches!(
            self,
            Self::SearchRecord | Self::RetrieveDocument | Self::GetDocument
        )
    }

    /// Whether the action concerns one named patient.
    pub const fn needs_patient(self) -> bool {
        self.reads_record()
            || matches!(
                self,
                Self::CreateConsent
                    | Self::EndConsent
                    | Self::ListConsents
                    | Self::ExplainAccess
                    | Self::ListRelations
                    | Self::GetPatient
                    | Self::ListOwnAccesses
                    | Self::ListNotifications
                    | Self::AttestRelation
                    | Self::RegisterRepresentation
                    | Self::EndRepresentation
                    | Self::ListRepresentations
            )
    }

    /// Whether a system must name the organisations that it acts for. What is changed or ended by its id is not
    /// named so: there the operation asks [`crate::Scope::may_write_for`] once it has found it.
    pub const fn needs_organisation(self) -> bool {
        matches!(
            self,
            Self::RegisterDocument
                | Self::RegisterRelation
                | Self::SendMessage
                | Self::RegisterQualityPermission
                | Self::EndQualityPermission
                | Self::ListQualityPermissions
        )
    }
}
