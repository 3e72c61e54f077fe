//! Asking the role policies, once per distinct question and version.

use std::collections::HashMap;
use std::sync::Arc;

use cedar_policy::RestrictedExpression as Value;
use cedar_policy::{Context, Decision, EntityId, EntityTypeName, EntityUid, Request};

use super::{Confidentiality, DocumentClass, RolePolicy};
use crate::{Action, Purpose, Sector};

/// The principal of the role policies: a role code in the code system that it comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Principal {
    /// `MedCom`'s role code of an authorised professional.
    Professional(String),
    /// A national role.
    NationalRole(String),
    /// `MedCom`'s code of administrative staff.
    Administrative(String),
    /// One of Delt's own: `citizen`, `auditor`, `data-protection-officer`, `operator`, `source-system`, `consumer-system`.
    Actor(&'static str),
}

impl Principal {
    /// The role code.
    pub fn code(&self) -> &str {
        match self {
            Self::Professional(code) | Self::NationalRole(code) | Self::Administrative(code) => {
                code
            }
            Self::Actor(code) => code,
        }
    }
}

/// Everything that a role policy may look at but the document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RoleQuestion {
    /// Whose role counts.
    pub principal: Principal,
    /// The sector of the caller's organisation.
    pub sector: Sector,
    /// What they want to do.
    pub action: Action,
    /// Why; `NONE` in the policies where the request has no purpose.
    pub purpose: Option<Purpose>,
    /// Whether a helper acts in the responsible professional's role.
    pub helper: bool,
}

/// What the policies say, with the ids of the policies that determined it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleAnswer {
    /// Whether the role allows it.
    pub permitted: bool,
    /// The policies that permit, or those that forbid; empty where simply nothing permits.
    pub policies: Vec<String>,
}

/// The default.
static NOTHING_PERMITS: RoleAnswer = RoleAnswer {
    permitted: false,
    policies: Vec::new(),
};

/// The answers of one question for every class and confidentiality of documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleTable {
    cells: Vec<(DocumentClass, Confidentiality, RoleAnswer)>,
}

impl RoleTable {
    /// The answer for one class and confidentiality; a denial where the table has none.
    pub fn answer(&self, class: DocumentClass, confidentiality: Confidentiality) -> &RoleAnswer {
        let index = class as usize * Confidentiality::ALL.len() + confidentiality as usize;
        match self.cells.get(index) {
            Some((c, k, answer)) if (*c, *k) == (class, confidentiality) => answer,
            _ => &NOTHING_PERMITS,
        }
    }

    /// Whether the role may see anything at all.
    pub fn permits_any(&self) -> bool {
        self.cells.iter().any(|(_, _, answer)| answer.permitted)
    }

    /// Whether anything is permitted, and by which policies; or, where nothing is, which policies forbid.
    pub fn summary(&self) -> RoleAnswer {
        let permitted = self.permits_any();
        let mut policies: Vec<String> = self
            .cells
            .iter()
            .filter(|(_, _, answer)| answer.permitted == permitted)
            .flat_map(|(_, _, answer)| answer.policies.iter().cloned())
            .collect();
        policies.sort_unstable();
        policies.dedup();
        RoleAnswer {
            permitted,
            policies,
        }
    }
}

/// Answered questions. Only questions that the schema admits come here, so the tokens of callers cannot grow it.
pub(super) type Cache = HashMap<RoleQuestion, Arc<RoleTable>>;
/// The same of actions that are not about a document.
pub(super) type Answers = HashMap<RoleQuestion, RoleAnswer>;

impl RolePolicy {
    /// The table for an action on documents, from the cache where it was asked before.
    pub fn table(&self, question: &RoleQuestion) -> Arc<RoleTable> {
        // A lock that a panic has poisoned costs speed, not correctness.
        let known = self.cache.read().ok();
        if let Some(table) = known.as_ref().and_then(|cache| cache.get(question)) {
            return Arc::clone(table);
        }
        drop(known);
        let (table, admitted) = self.fresh_table(question);
        if admitted && let Ok(mut cache) = self.cache.write() {
            cache.insert(question.clone(), Arc::clone(&table));
        }
        table
    }

    /// The answer for an action that is not about a document, from the cache where it was asked before: a registration asks the same
    /// for each of a million pointers.
    pub fn answer(&self, question: &RoleQuestion) -> RoleAnswer {
        let known = self.answers.read().ok();
        if let Some(answer) = known.as_ref().and_then(|answers| answers.get(question)) {
            return answer.clone();
        }
        drop(known);
        let hub = uid(&self.types.hub, "hub");
        let Some(answer) = self.ask(question, hub, None) else {
            return NOTHING_PERMITS.clone();
        };
        if let Ok(mut answers) = self.answers.write() {
            answers.insert(question.clone(), answer.clone());
        }
        answer
    }

    /// What Cedar says of one class and confidentiality, asked anew past the table: to measure and to check it.
    pub fn ask_uncached(
        &self,
        question: &RoleQuestion,
        class: DocumentClass,
        confidentiality: Confidentiality,
    ) -> RoleAnswer {
        let resource = uid(&self.types.class, class.as_str());
        self.ask(question, resource, Some(confidentiality))
            .unwrap_or_else(|| NOTHING_PERMITS.clone())
    }

    /// The table and whether the schema admits the question.
    fn fresh_table(&self, question: &RoleQuestion) -> (Arc<RoleTable>, bool) {
        let mut admitted = true;
        let mut cells = Vec::with_capacity(DocumentClass::ALL.len() * Confidentiality::ALL.len());
        for class in DocumentClass::ALL {
            for confidentiality in Confidentiality::ALL {
                let resource = uid(&self.types.class, class.as_str());
                let answer = self.ask(question, resource, Some(confidentiality));
                admitted &= answer.is_some();
                let answer = answer.unwrap_or_else(|| NOTHING_PERMITS.clone());
                cells.push((class, confidentiality, answer));
            }
        }
        (Arc::new(RoleTable { cells }), admitted)
    }

    /// Asks Cedar. `None` where the schema does not know the role or the combination, which is a denial.
    fn ask(
        &self,
        question: &RoleQuestion,
        resource: EntityUid,
        confidentiality: Option<Confidentiality>,
    ) -> Option<RoleAnswer> {
        let request = Request::new(
            self.principal(&question.principal),
            uid(&self.types.action, question.action.as_str()),
            resource,
            self.context(question, confidentiality)?,
            Some(&self.schema),
        )
        .ok()?;
        let response = self
            .authorizer
            .is_authorized(&request, &self.policies, &self.actions);
        let diagnostics = response.diagnostics();
        // Cedar skips a policy that fails; a skipped `forbid` would open what it guards, so any failure denies.
        if diagnostics.errors().next().is_some() {
            return Some(NOTHING_PERMITS.clone());
        }
        let mut policies: Vec<String> = diagnostics.reason().map(ToString::to_string).collect();
        policies.sort_unstable();
        let permitted = response.decision() == Decision::Allow;
        Some(RoleAnswer {
            permitted,
            policies,
        })
    }

    fn principal(&self, principal: &Principal) -> EntityUid {
        let kind = match principal {
            Principal::Professional(_) => &self.types.professional,
            Principal::NationalRole(_) => &self.types.national_role,
            Principal::Administrative(_) => &self.types.administrative,
            Principal::Actor(_) => &self.types.actor,
        };
        uid(kind, principal.code())
    }

    fn context(
        &self,
        question: &RoleQuestion,
        confidentiality: Option<Confidentiality>,
    ) -> Option<Context> {
        let entity = |kind, code| Value::new_entity_uid(uid(kind, code));
        let purpose = question.purpose.map_or("NONE", Purpose::as_str);
        let mut pairs = vec![
            ("purpose".to_owned(), entity(&self.types.purpose, purpose)),
            (
                "sector".to_owned(),
                entity(&self.types.sector, question.sector.as_str()),
            ),
            ("helper".to_owned(), Value::new_bool(question.helper)),
        ];
        if let Some(level) = confidentiality {
            let level = entity(&self.types.confidentiality, level.as_str());
            pairs.push(("confidentiality".to_owned(), level));
        }
        Context::from_pairs(pairs).ok()
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_what_cedar_says() {
        let policy = RolePolicy::builtin().unwrap();
        let question = RoleQuestion {
            principal: Principal::Professional("sygeplejerske".to_owned()),
            sector: Sector::Municipality,
            action: Action::SearchRecord,
            purpose: Some(Purpose::Treat),
            helper: false,
        };
        for _ in 0..2 {
            let table = policy.table(&question);
            assert!(table.permits_any());
            for class in DocumentClass::ALL {
                for level in Confidentiality::ALL {
                    let asked = policy.ask_uncached(&question, class, level);
                    assert_eq!(table.answer(class, level), &asked, "{class:?} {level:?}");
                }
            }
        }
    }

    fn registering(principal: Principal) -> RoleQuestion {
        RoleQuestion {
            principal,
            sector: Sector::Region,
            action: Action::RegisterDocument,
            purpose: None,
            helper: false,
        }
    }

    #[test]
    fn an_answer_is_remembered_as_cedar_gave_it() {
        let policy = RolePolicy::builtin().unwrap();
        let system = registering(Principal::Actor("source-system"));
        let first = policy.answer(&system);
        assert!(first.permitted);
        assert_eq!(policy.answers.read().unwrap().get(&system), Some(&first));
        assert_eq!(policy.answer(&system), first);
    }

    // Roles come with tokens: were each remembered, whoever issues them could fill the memory of a hub.
    #[test]
    fn roles_that_the_schema_does_not_know_are_not_remembered() {
        let policy = RolePolicy::builtin().unwrap();
        let kinds = [
            Principal::Professional,
            Principal::NationalRole,
            Principal::Administrative,
        ];
        for kind in kinds {
            for number in 0..20 {
                let unknown = registering(kind(format!("role-{number}")));
                assert!(!policy.answer(&unknown).permitted);
                let reading = RoleQuestion {
                    action: Action::SearchRecord,
                    ..unknown
                };
                assert!(!policy.table(&reading).permits_any());
            }
        }
        assert!(policy.answers.read().unwrap().is_empty());
        assert!(policy.cache.read().unwrap().is_empty());
    }
}
