//! Who may see what, said again as plainly as possible: lists, loops, and no code of the hub's.

use std::collections::BTreeSet;

pub(crate) type Micros = i64;

/// A clinician of the sample people.
#[derive(PartialEq, Eq)]
pub(crate) struct Clinician {
    pub(crate) key: &'static str,
    pub(crate) system: &'static str,
    pub(crate) place: &'static str,
    pub(crate) authorisation: &'static str,
    /// Type codes that the role sees for treatment; none means all.
    treats: Option<&'static [&'static str]>,
    /// Type codes that the role sees behind the broken glass; none means all.
    breaks: Option<&'static [&'static str]>,
}

impl std::fmt::Debug for Clinician {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.key)
    }
}

/// What a nurse of the municipality sees: appointments, measurements, questionnaires, Stamkort, plans, letters, laboratory, medication.
const AT_HOME: &[&str] = &[
    "56446-8", "39289-4", "53576-5", "74465-6", "PDC", "81215-6", "18842-5", "11502-2",
];
/// And notes, behind the broken glass.
const AT_HOME_BROKEN: &[&str] = &[
    "56446-8", "39289-4", "53576-5", "74465-6", "PDC", "81215-6", "18842-5", "11502-2", "CMR",
];

const fn everything(
    key: &'static str,
    system: &'static str,
    place: &'static str,
    authorisation: &'static str,
) -> Clinician {
    Clinician {
        key,
        system,
        place,
        authorisation,
        treats: None,
        breaks: None,
    }
}

/// Under whom the secretary helps.
pub(crate) const RESPONSIBLE: usize = 2;

pub(crate) static CLINICIANS: [Clinician; 5] = [
    everything("kard", "ehr-hovedstaden", "990031000016002", "9RK1H"),
    everything("sgpl", "ehr-hovedstaden", "990051000016007", ""),
    everything("gp", "gp-testby", "990401000016001", ""),
    everything("gp2", "gp-gudenaadal", "990421000016008", ""),
    Clinician {
        treats: Some(AT_HOME),
        breaks: Some(AT_HOME_BROKEN),
        ..everything("hspl", "kommune-testby", "990631000016007", "")
    },
];

#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) uuid: String,
    pub(crate) person: &'static str,
    pub(crate) type_code: String,
    pub(crate) author: String,
}

#[derive(Debug, Clone)]
pub(crate) struct Relation {
    /// None where a message or somebody's own word made it.
    pub(crate) id: Option<String>,
    pub(crate) person: &'static str,
    pub(crate) place: &'static str,
    /// The system that registered it.
    pub(crate) system: &'static str,
    /// The one professional who gave the word for it.
    pub(crate) only: Option<&'static str>,
    /// The episode of care that a message named.
    pub(crate) episode: Option<String>,
    pub(crate) from: Micros,
    pub(crate) until: Micros,
    pub(crate) ended: bool,
}

/// The practice's secretary acts under the physician.
#[derive(Debug, Clone)]
pub(crate) struct Delegation {
    pub(crate) id: String,
    pub(crate) until: Micros,
    pub(crate) ended: bool,
}

/// Which data a block is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    All,
    /// What originates at a place or below it.
    Of(&'static str),
    Type(&'static str),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Who {
    All,
    Person(&'static Clinician),
    /// Those who work at a place or below it.
    At(&'static str),
}

#[derive(Debug, Clone)]
pub(crate) struct Consent {
    pub(crate) id: String,
    pub(crate) person: &'static str,
    pub(crate) blocks: bool,
    pub(crate) what: What,
    pub(crate) who: Who,
    pub(crate) from: Micros,
    pub(crate) until: Option<Micros>,
    pub(crate) ended: bool,
}

/// The broken glass.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    pub(crate) person: &'static str,
    pub(crate) by: &'static str,
    pub(crate) until: Micros,
}

/// Everything that happened.
#[derive(Debug, Default)]
pub(crate) struct Model {
    pub(crate) now: Micros,
    pub(crate) documents: Vec<Document>,
    pub(crate) relations: Vec<Relation>,
    pub(crate) consents: Vec<Consent>,
    pub(crate) openings: Vec<Opening>,
    pub(crate) delegations: Vec<Delegation>,
    /// Child and parent.
    pub(crate) parents: Vec<(String, String)>,
}

/// What a search is expected to give.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Expected {
    Refused,
    Shows {
        entries: BTreeSet<String>,
        /// Those that only the broken glass shows.
        overridden: BTreeSet<String>,
    },
}

impl Model {
    /// Whether `place` is `root` or lies below it.
    pub(crate) fn within(&self, place: &str, root: &str) -> bool {
        let parent = self.parents.iter().find(|(child, _)| child == place);
        place == root || parent.is_some_and(|(_, parent)| self.within(parent, root))
    }

    pub(crate) fn treats(&self, who: &Clinician, person: &str) -> bool {
        self.relations.iter().any(|relation| {
            relation.person == person
                && relation.from <= self.now
                && self.now < relation.until
                && !relation.ended
                && relation.only.is_none_or(|only| only == who.key)
                && self.within(who.place, relation.place)
        })
    }

    fn in_force(&self, consent: &Consent, who: &Clinician, person: &str) -> bool {
        let names = match consent.who {
            Who::All => true,
            Who::Person(named) => named == who,
            Who::At(place) => self.within(who.place, place),
        };
        names
            && consent.person == person
            && !consent.ended
            && consent.from <= self.now
            && consent.until.is_none_or(|until| self.now < until)
    }

    /// A block on a place covers what is labelled only with a place above it: that may come from there.
    fn may_cover(&self, what: What, document: &Document) -> bool {
        match what {
            What::All => true,
            What::Of(place) => {
                self.within(&document.author, place) || self.within(place, &document.author)
            }
            What::Type(code) => document.type_code == code,
        }
    }

    fn blocked(&self, who: &Clinician, document: &Document) -> bool {
        let live = |consent: &&Consent| self.in_force(consent, who, document.person);
        let blocked = self
            .consents
            .iter()
            .filter(live)
            .any(|consent| consent.blocks && self.may_cover(consent.what, document));
        // Permits of the simulation are always for all data.
        let permitted = self.consents.iter().filter(live).any(|c| !c.blocks);
        blocked && !permitted
    }

    /// A block on everything, with no permit beside it, refuses the search as a whole.
    fn shut_out(&self, who: &Clinician, person: &str) -> bool {
        let live = |consent: &&Consent| self.in_force(consent, who, person);
        let mut all = false;
        let mut permitted = false;
        for consent in self.consents.iter().filter(live) {
            all |= consent.blocks && matches!(consent.what, What::All);
            permitted |= !consent.blocks;
        }
        all && !permitted
    }

    pub(crate) fn treatment(&self, who: &Clinician, person: &str) -> Expected {
        if !self.treats(who, person) || self.shut_out(who, person) {
            return Expected::Refused;
        }
        let entries = self
            .of(person)
            .filter(|document| sees(who.treats, document) && !self.blocked(who, document))
            .map(|document| document.uuid.clone());
        Expected::Shows {
            entries: entries.collect(),
            overridden: BTreeSet::new(),
        }
    }

    /// The helper sees what the responsible one would, as long as that one lets them.
    pub(crate) fn help(&self, under: &Clinician, person: &str) -> Expected {
        let holds = |delegation: &Delegation| !delegation.ended && self.now < delegation.until;
        if self.delegations.iter().any(holds) {
            self.treatment(under, person)
        } else {
            Expected::Refused
        }
    }

    pub(crate) fn broken_glass(&self, who: &Clinician, person: &str, reason: bool) -> Expected {
        if !reason && !self.still_broken(who, person) {
            return Expected::Refused;
        }
        let shown: Vec<&Document> = self
            .of(person)
            .filter(|document| sees(who.breaks, document))
            .collect();
        let overridden = shown.iter().filter(|document| {
            self.blocked(who, document) || !self.treats(who, person) || !sees(who.treats, document)
        });
        Expected::Shows {
            overridden: overridden.map(|document| document.uuid.clone()).collect(),
            entries: shown.iter().map(|document| document.uuid.clone()).collect(),
        }
    }

    pub(crate) fn still_broken(&self, who: &Clinician, person: &str) -> bool {
        self.openings.iter().any(|opening| {
            opening.by == who.key && opening.person == person && self.now < opening.until
        })
    }

    pub(crate) fn own(&self, person: &str) -> Expected {
        Expected::Shows {
            entries: self
                .of(person)
                .map(|document| document.uuid.clone())
                .collect(),
            overridden: BTreeSet::new(),
        }
    }

    fn of<'a>(&'a self, person: &'a str) -> impl Iterator<Item = &'a Document> {
        self.documents
            .iter()
            .filter(move |document| document.person == person)
    }
}

fn sees(types: Option<&[&str]>, document: &Document) -> bool {
    types.is_none_or(|types| types.contains(&document.type_code.as_str()))
}
