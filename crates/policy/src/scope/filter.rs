//! Which entries a scope admits: the role first, then the reach of the purpose, then the citizen's consents.

use std::sync::Arc;

use super::{OUT_OF_SCOPE, Reach, Verdict, WithheldReason};
use crate::consent::filter::ConsentFilter;
use crate::roles::{Confidentiality, DocumentClass, RoleAnswer, RoleTable};
use crate::{EntryFacts, Ground, OrganisationTree, OverrideGround, Purpose, Rule};

/// Which entries a scope admits.
#[derive(Debug)]
pub(crate) enum Filter {
    /// The action is not about entries.
    Nothing,
    /// A source sees what it registered.
    OwnSource { system: String },
    /// A citizen sees the own record, a representative what the right to act covers.
    OwnRecord { table: Arc<RoleTable>, reach: Reach },
    /// Staff see what role, purpose and consent leave.
    Staff {
        table: Arc<RoleTable>,
        reach: Reach,
        consents: ConsentFilter,
        glass: Option<Glass>,
    },
}

/// The glass is broken.
#[derive(Debug)]
pub(crate) struct Glass {
    /// On which ground.
    pub(crate) ground: OverrideGround,
    /// What the role allows for treatment, so that what needed no override is not flagged as one.
    pub(crate) treatment: Arc<RoleTable>,
    /// Whether a treatment relation is registered all the same.
    pub(crate) related: bool,
}

impl Filter {
    /// The verdict on an entry that the request is about.
    pub(super) fn verdict(&self, entry: &EntryFacts, tree: &OrganisationTree) -> Verdict {
        let (table, reach) = match self {
            Self::OwnSource { system } if *system == entry.source_id => return Verdict::Visible,
            Self::Nothing | Self::OwnSource { .. } => return OUT_OF_SCOPE,
            Self::OwnRecord { table, reach } | Self::Staff { table, reach, .. } => (table, reach),
        };
        if !self.role_permits(table, entry) {
            return Verdict::Withheld(WithheldReason::Role);
        }
        if !reach.admits(entry, tree) {
            return Verdict::Withheld(WithheldReason::Purpose);
        }
        match self {
            Self::Staff {
                consents, glass, ..
            } => by_consent(consents, glass.as_ref(), entry),
            _ => Verdict::Visible,
        }
    }

    /// A citizen who lifts the own block asks to be treated, so nothing is opened beyond what treatment shows.
    fn role_permits(&self, table: &RoleTable, entry: &EntryFacts) -> bool {
        let for_treatment = match self {
            Self::Staff {
                glass: Some(glass), ..
            } if glass.is_lifted() => cell(&glass.treatment, entry).permitted,
            _ => true,
        };
        for_treatment && cell(table, entry).permitted
    }

    /// What determined the verdict on an entry that the request is about.
    pub(super) fn grounds(&self, entry: &EntryFacts, tree: &OrganisationTree) -> Vec<Ground> {
        let (table, reach) = match self {
            Self::Nothing => return Vec::new(),
            Self::OwnSource { system } => {
                let detail = "the source registered the entry itself";
                return vec![Ground::new(Rule::OwnSource, system.as_str(), detail)];
            }
            Self::OwnRecord { table, reach } | Self::Staff { table, reach, .. } => (table, reach),
        };
        let mut grounds = role_grounds(cell(table, entry));
        if !cell(table, entry).permitted {
            return grounds;
        }
        if !self.role_permits(table, entry) {
            let detail = "a block that the citizen lifts opens no more than treatment does";
            let ground = OverrideGround::CitizenLiftsBlock.as_str();
            grounds.push(Ground::new(Rule::OverrideGround, ground, detail));
        } else if !reach.admits(entry, tree) {
            grounds.push(reach.refusal());
        } else if let Self::Staff {
            consents, glass, ..
        } = self
        {
            grounds.extend(consent_grounds(consents, glass.as_ref(), entry));
        }
        grounds
    }
}

fn cell<'a>(table: &'a RoleTable, entry: &EntryFacts) -> &'a RoleAnswer {
    table.answer(
        DocumentClass::of_type_code(&entry.type_code),
        Confidentiality::of_code(&entry.confidentiality),
    )
}

fn by_consent(consents: &ConsentFilter, glass: Option<&Glass>, entry: &EntryFacts) -> Verdict {
    let blocked = consents.block_on(entry).is_some();
    match glass {
        None if blocked => Verdict::Withheld(WithheldReason::Consent),
        Some(glass) if blocked || glass.needed_for(entry) => Verdict::VisibleByOverride,
        _ => Verdict::Visible,
    }
}

impl Glass {
    /// Whether ordinary treatment would not have shown the entry, consents apart.
    fn needed_for(&self, entry: &EntryFacts) -> bool {
        !self.related || !cell(&self.treatment, entry).permitted
    }

    fn is_lifted(&self) -> bool {
        self.ground == OverrideGround::CitizenLiftsBlock
    }
}

/// The policies behind an answer.
pub(crate) fn role_grounds(answer: &RoleAnswer) -> Vec<Ground> {
    if answer.policies.is_empty() {
        let detail = "no policy permits this to the role";
        return vec![Ground::new(Rule::Role, "none", detail)];
    }
    let detail = if answer.permitted {
        "the role policy permits it"
    } else {
        "the role policy forbids it"
    };
    answer
        .policies
        .iter()
        .map(|id| Ground::new(Rule::Role, id, detail))
        .collect()
}

fn consent_grounds(
    consents: &ConsentFilter,
    glass: Option<&Glass>,
    entry: &EntryFacts,
) -> Vec<Ground> {
    let mut grounds = Vec::new();
    let block = consents.block_on(entry);
    grounds.extend(block.map(|block| {
        let detail = "a block of the citizen covers the entry";
        Ground::new(Rule::ConsentBlock, block.id.to_string(), detail)
    }));
    grounds.extend(consents.permits_for(entry).map(|permit| {
        let detail = "a permit of the citizen opens the entry in spite of a block";
        Ground::new(Rule::ConsentPermit, permit.id.to_string(), detail)
    }));
    if glass.is_some_and(|glass| block.is_some() || glass.needed_for(entry)) {
        let detail = "opened by break-glass";
        grounds.push(Ground::new(Rule::BreakGlass, Purpose::Btg.as_str(), detail));
    }
    grounds
}
