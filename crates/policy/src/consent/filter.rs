//! The consents that bear on one caller now, and what they withhold.

use std::sync::Arc;

use super::coverage::{Clause, Coverage};
use super::label::Label;
use super::{Consent, ConsentKind, Who};
use crate::{AuthorisationId, EntryFacts, Micros, OrganisationId, OrganisationTree, PatientKey};

/// A professional as consents see them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Viewer<'a> {
    /// The one whose authority counts: the responsible professional, or the acting one without such.
    pub(crate) authority: Option<&'a AuthorisationId>,
    /// The acting helper, where the helper has an authorisation of their own.
    pub(crate) helper: Option<&'a AuthorisationId>,
    /// Where they work.
    pub(crate) organisation: &'a OrganisationId,
}

/// The blocks and permits that name one identity.
#[derive(Debug)]
struct Lane {
    blocks: Vec<Clause>,
    permits: Vec<Clause>,
}

/// The consents in force that name the caller, ready to be asked entry by entry.
#[derive(Debug)]
pub(crate) struct ConsentFilter {
    lanes: Vec<Lane>,
    tree: Arc<OrganisationTree>,
}

impl ConsentFilter {
    /// Keeps what is in force at `now`, is about one of `patients` and names the viewer.
    pub(crate) fn new(
        consents: &[Consent],
        patients: &[PatientKey],
        viewer: Viewer<'_>,
        tree: &Arc<OrganisationTree>,
        now: Micros,
    ) -> Self {
        let mut live: Vec<&Consent> = consents
            .iter()
            .filter(|consent| consent.kind != ConsentKind::LetterOptOut)
            .filter(|consent| consent.in_force(now) && patients.contains(&consent.patient))
            .collect();
        // Sorted, so that the order of the rows can show nowhere, not even in the grounds.
        live.sort_by_key(|consent| consent.id);
        let place = viewer.organisation;
        let authority = lane(&live, tree, |who| who.names(viewer.authority, place, tree));
        let mut lanes = vec![authority];
        if viewer.helper.is_some() {
            // A citizen who has blocked the helper in person has not been asked about the responsible one, and
            // the other way round, so each must pass.
            let mut own = lane(&live, tree, |who| who.names(viewer.helper, place, tree));
            own.blocks
                .retain(|block| matches!(block.consent.who, Who::Person(_)));
            lanes.push(own);
        }
        Self {
            lanes,
            tree: Arc::clone(tree),
        }
    }

    /// The block that withholds `entry`, if one does.
    pub(crate) fn block_on(&self, entry: &EntryFacts) -> Option<&Consent> {
        if self.is_empty() {
            return None;
        }
        let label = Label::of(entry, &self.tree);
        self.lanes
            .iter()
            .find_map(|lane| lane.block_on(&label, &self.tree))
    }

    /// The permits that open `entry` in spite of a block.
    pub(crate) fn permits_for<'a>(
        &'a self,
        entry: &'a EntryFacts,
    ) -> impl Iterator<Item = &'a Consent> {
        let label = Label::of(entry, &self.tree);
        self.lanes
            .iter()
            .filter(move |lane| lane.covering_block(&label, &self.tree).is_some())
            .flat_map(|lane| &lane.permits)
            .filter(move |permit| permit.coverage(&label, &self.tree) == Coverage::Inside)
            .map(|permit| &permit.consent)
    }

    /// The block that closes everything, where no permit could open anything: the quick general answer
    /// that spares the search.
    pub(crate) fn general_block(&self) -> Option<&Consent> {
        self.lanes
            .iter()
            .filter(|lane| lane.permits.is_empty())
            .flat_map(|lane| &lane.blocks)
            .map(|block| &block.consent)
            .find(|block| block.what.is_all())
    }

    /// Every consent that bears on the caller; one may come twice.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Consent> {
        self.lanes
            .iter()
            .flat_map(|lane| lane.blocks.iter().chain(&lane.permits))
            .map(|clause| &clause.consent)
    }

    fn is_empty(&self) -> bool {
        self.all().next().is_none()
    }
}

fn lane(live: &[&Consent], tree: &OrganisationTree, names: impl Fn(&Who) -> bool) -> Lane {
    let (blocks, permits) = live
        .iter()
        .filter(|consent| names(&consent.who))
        .map(|consent| Clause::new(consent, tree))
        .partition(|clause| clause.consent.kind == ConsentKind::Negative);
    Lane { blocks, permits }
}

impl Lane {
    fn block_on(&self, label: &Label<'_>, tree: &OrganisationTree) -> Option<&Consent> {
        let opens = |permit: &Clause| permit.coverage(label, tree) == Coverage::Inside;
        self.covering_block(label, tree)
            .filter(|_| !self.permits.iter().any(opens))
    }

    fn covering_block(&self, label: &Label<'_>, tree: &OrganisationTree) -> Option<&Consent> {
        self.blocks
            .iter()
            .find(|block| block.coverage(label, tree) != Coverage::Outside)
            .map(|block| &block.consent)
    }
}
