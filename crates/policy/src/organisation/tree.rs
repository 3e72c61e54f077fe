//! The hierarchy of organisations.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

use foldhash::fast::FixedState;

use super::{OrganisationId, Sector};

/// How far a chain of parents is followed. SOR has fewer than ten levels; a longer chain is a broken directory.
const MAX_DEPTH: usize = 32;

/// Where one tree keeps an organisation. Finding it costs a look-up by name; asking about it afterwards does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place(usize);

#[derive(Debug, Clone)]
struct Node {
    id: OrganisationId,
    parent: Option<Place>,
    sector: Option<Sector>,
    /// False for a parent that has no row of its own: it can be named in a block, but nothing is known of it.
    listed: bool,
}

/// The hierarchy of organisations: immutable, shared by `Arc`, replaced as a whole when the directory changes.
///
/// Closed organisations should stay in it: what it does not hold, it cannot place outside a block.
#[derive(Clone, Default)]
pub struct OrganisationTree {
    /// The keys are the operator's directory, so the hash needs to be quick and not secret.
    places: HashMap<OrganisationId, Place, FixedState>,
    nodes: Vec<Node>,
}

impl OrganisationTree {
    /// From rows of (organisation, parent, sector); a unit without a sector has its nearest ancestor's.
    /// Of several rows for one organisation the last counts.
    pub fn new(
        rows: impl IntoIterator<Item = (OrganisationId, Option<OrganisationId>, Option<Sector>)>,
    ) -> Self {
        let mut tree = Self::default();
        for (id, parent, sector) in rows {
            let parent = parent.map(|parent| tree.place_or_add(parent));
            let Place(at) = tree.place_or_add(id);
            if let Some(node) = tree.nodes.get_mut(at) {
                (node.parent, node.sector, node.listed) = (parent, sector, true);
            }
        }
        tree
    }

    fn place_or_add(&mut self, id: OrganisationId) -> Place {
        let next = Place(self.nodes.len());
        match self.places.entry(id) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                self.nodes.push(Node {
                    id: new.key().clone(),
                    parent: None,
                    sector: None,
                    listed: false,
                });
                *new.insert(next)
            }
        }
    }

    /// Whether the directory knows the organisation.
    pub fn contains(&self, organisation: &OrganisationId) -> bool {
        self.lists(self.place(organisation))
    }

    /// The number of organisations known.
    pub fn len(&self) -> usize {
        self.nodes.iter().filter(|node| node.listed).count()
    }

    /// Whether no organisation is known.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The parents from the nearest up. Stops after a bounded number of steps, so that a loop in a broken
    /// directory ends.
    pub fn ancestors<'a>(
        &'a self,
        organisation: &OrganisationId,
    ) -> impl Iterator<Item = &'a OrganisationId> + use<'a> {
        let place = self.place(organisation);
        let parents = place.into_iter().flat_map(|place| self.above(place));
        parents.filter_map(|place| Some(&self.node(place)?.id))
    }

    /// Whether `organisation` is `root` or an underlying unit of it.
    pub fn is_within(&self, organisation: &OrganisationId, root: &OrganisationId) -> bool {
        organisation == root || self.lies_within(self.place(organisation), self.place(root))
    }

    /// The sector of the organisation or of its nearest ancestor that has one.
    pub fn sector(&self, organisation: &OrganisationId) -> Sector {
        let place = self.place(organisation);
        place
            .into_iter()
            .chain(place.into_iter().flat_map(|place| self.above(place)))
            .find_map(|place| self.node(place)?.sector)
            .unwrap_or(Sector::Unknown)
    }

    /// Where the organisation is kept; none where neither it nor a unit of it has a row.
    pub(crate) fn place(&self, organisation: &OrganisationId) -> Option<Place> {
        self.places.get(organisation).copied()
    }

    /// Whether the directory knows the organisation that is kept there.
    pub(crate) fn lists(&self, place: Option<Place>) -> bool {
        place
            .and_then(|place| self.node(place))
            .is_some_and(|node| node.listed)
    }

    /// [`Self::is_within`] for two organisations that were found before; false where one was not found.
    pub(crate) fn lies_within(&self, place: Option<Place>, root: Option<Place>) -> bool {
        match (place, root) {
            (Some(place), Some(root)) => {
                place == root || self.above(place).any(|parent| parent == root)
            }
            _ => false,
        }
    }

    fn above(&self, place: Place) -> impl Iterator<Item = Place> {
        std::iter::successors(self.parent(place), |place| self.parent(*place)).take(MAX_DEPTH)
    }

    fn parent(&self, place: Place) -> Option<Place> {
        self.node(place)?.parent
    }

    fn node(&self, Place(at): Place) -> Option<&Node> {
        self.nodes.get(at)
    }
}

/// The size only: a directory fills pages, and every `Scope` shows its own.
impl fmt::Debug for OrganisationTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrganisationTree")
            .field("organisations", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Row = (OrganisationId, Option<OrganisationId>, Option<Sector>);

    fn org(code: u8) -> OrganisationId {
        OrganisationId::sor(&code.to_string()).unwrap()
    }

    /// Few codes, so that there are loops, rows that come twice and parents without a row of their own.
    fn any_rows() -> impl Strategy<Value = Vec<Row>> {
        let sector = proptest::option::weighted(0.3, proptest::sample::select(&Sector::ALL[..]));
        let row = (0u8..12, proptest::option::weighted(0.8, 0u8..15), sector);
        let row = row.prop_map(|(id, parent, sector)| (org(id), parent.map(org), sector));
        proptest::collection::vec(row, 0..16)
    }

    /// The chain from `id` up by its names alone.
    fn chain(rows: &[Row], id: &OrganisationId) -> Vec<Row> {
        let row = |id: &OrganisationId| rows.iter().rev().find(|row| row.0 == *id).cloned();
        let missing = |id: &OrganisationId| (id.clone(), None, None);
        let step = |id: &OrganisationId| row(id).unwrap_or_else(|| missing(id));
        std::iter::successors(Some(step(id)), |(_, parent, _)| parent.as_ref().map(step))
            .take(MAX_DEPTH + 1)
            .collect()
    }

    proptest! {
        #[test]
        fn places_answer_as_names_do(rows in any_rows()) {
            let tree = OrganisationTree::new(rows.clone());
            for id in (0..16).map(org) {
                let chain = chain(&rows, &id);
                for root in (0..16).map(org) {
                    let within = chain.iter().any(|row| row.0 == root);
                    prop_assert_eq!(tree.is_within(&id, &root), within, "{} {}", id, root);
                }
                let sector = chain.iter().find_map(|row| row.2).unwrap_or(Sector::Unknown);
                prop_assert_eq!(tree.sector(&id), sector);
                prop_assert_eq!(tree.contains(&id), rows.iter().any(|row| row.0 == id));
                let above: Vec<_> = chain.iter().skip(1).map(|row| &row.0).collect();
                prop_assert_eq!(tree.ancestors(&id).collect::<Vec<_>>(), above);
            }
            let ids: std::collections::HashSet<_> = rows.iter().map(|row| &row.0).collect();
            prop_assert_eq!(tree.len(), ids.len());
            prop_assert_eq!(tree.is_empty(), rows.is_empty());
        }
    }
}
