//! Which kinds of documents were shown.

use std::collections::{BTreeMap, HashMap, HashSet};

use delt_policy::Scope;
use uuid::Uuid;

use crate::{Result, document::rows, operation::Context, store::Tx};

/// Class and type of a document, without their systems.
pub(super) type Kind = (String, String);

/// The kinds of the documents in the citizen's record that the caller may be told of.
pub(in crate::audit::operations) struct Kinds {
    kinds: HashMap<Uuid, Kind>,
    /// Whether what the index does not have is told of too.
    unknown: bool,
}

impl Kinds {
    /// Reads the record as one search does, where anything was shown at all.
    pub(in crate::audit::operations) async fn load(
        tx: &mut Tx<'_>,
        scope: &Scope,
        cx: &Context,
        any: bool,
    ) -> Result<Self> {
        let record = if any {
            rows::of_patient(tx, scope).await?
        } else {
            Vec::new()
        };
        let kinds = record
            .iter()
            .filter(|row| scope.admits(&row.facts).is_visible())
            .map(|row| {
                let kind = (bare(&row.class_code), row.facts.type_code.clone());
                (row.facts.entry_uuid, kind)
            })
            .collect();
        Ok(Self {
            kinds,
            unknown: cx.caller.party().on_behalf.is_none(),
        })
    }

    /// Whether the caller may be told that this document was shown.
    pub(in crate::audit::operations) fn tells(&self, document: Uuid) -> bool {
        self.unknown || self.kinds.contains_key(&document)
    }

    /// How many of these documents are of which kind.
    pub(super) fn count(&self, shown: &HashSet<Uuid>) -> BTreeMap<Kind, u32> {
        let mut counts = BTreeMap::new();
        for document in shown.iter().filter(|document| self.tells(**document)) {
            let kind = self.kinds.get(document).cloned().unwrap_or_default();
            *counts.entry(kind).or_default() += 1;
        }
        counts
    }
}

fn bare(code: &str) -> String {
    code.split_once('|')
        .map_or(code, |(_, code)| code)
        .to_owned()
}
