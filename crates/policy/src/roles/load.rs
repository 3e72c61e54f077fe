//! Loading a set of role policies: parsed, named, and validated strictly, or refused as a whole.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::RwLock;

use cedar_policy::{
    Authorizer, Entities, EntityTypeName, Policy, PolicyId, PolicySet, Schema, ValidationMode,
    Validator,
};

use super::Edition;
use super::matrix::{Answers, Cache};
use crate::Action;

const DEFAULT_SCHEMA: &str = include_str!("../../../../deploy/policy/delt.cedarschema");
const DEFAULT_POLICIES: &[(&str, &str)] = &[
    (
        "administration.cedar",
        include_str!("../../../../deploy/policy/administration.cedar"),
    ),
    (
        "break-glass.cedar",
        include_str!("../../../../deploy/policy/break-glass.cedar"),
    ),
    (
        "citizen.cedar",
        include_str!("../../../../deploy/policy/citizen.cedar"),
    ),
    (
        "helper.cedar",
        include_str!("../../../../deploy/policy/helper.cedar"),
    ),
    (
        "learning-and-quality.cedar",
        include_str!("../../../../deploy/policy/learning-and-quality.cedar"),
    ),
    (
        "register.cedar",
        include_str!("../../../../deploy/policy/register.cedar"),
    ),
    (
        "representative.cedar",
        include_str!("../../../../deploy/policy/representative.cedar"),
    ),
    (
        "source-system.cedar",
        include_str!("../../../../deploy/policy/source-system.cedar"),
    ),
    (
        "treatment.cedar",
        include_str!("../../../../deploy/policy/treatment.cedar"),
    ),
];

/// Why a set of policies was refused. Says which file or policy and what is wrong, for the one who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyInvalid {
    /// More than a mebibyte of text or more than 64 files.
    #[error("the policy set is larger than 1 MiB or has more than 64 files")]
    TooLarge,
    /// The sources cannot be kept as an edition, or a stored one does not read back.
    #[error("the policy edition is broken: {0}")]
    Edition(&'static str),
    /// The schema does not parse.
    #[error("the schema does not parse: {0}")]
    Schema(String),
    /// The schema lacks an action of the hub, so that it would be denied to everybody by oversight.
    #[error("the schema does not declare the action {0}")]
    ActionMissing(&'static str),
    /// A file does not parse.
    #[error("{file} does not parse: {problem}")]
    Policy {
        /// The name given with the text.
        file: String,
        /// What the parser says.
        problem: String,
    },
    /// A policy without `@id`, or a template. Grounds name policies, so each needs a name of its own.
    #[error("{file}: every policy needs an @id of its own, and templates are not used")]
    Unnamed {
        /// The name given with the text.
        file: String,
    },
    /// Two policies share an `@id`.
    #[error("{file}: the @id {id} is used twice")]
    Duplicate {
        /// The name given with the text.
        file: String,
        /// The id.
        id: String,
    },
    /// The policies do not fit the schema; warnings count.
    #[error("the policies do not fit the schema: {0}")]
    Invalid(String),
}

/// A validated set of role policies. Cheap to ask: answers are kept per role, sector, action and purpose.
pub struct RolePolicy {
    pub(super) policies: PolicySet,
    pub(super) schema: Schema,
    pub(super) actions: Entities,
    pub(super) types: TypeNames,
    pub(super) authorizer: Authorizer,
    pub(super) cache: RwLock<Cache>,
    pub(super) answers: RwLock<Answers>,
    version: String,
    edition: Edition,
}

/// The entity types of the schema, parsed once.
pub(super) struct TypeNames {
    pub(super) professional: EntityTypeName,
    pub(super) national_role: EntityTypeName,
    pub(super) administrative: EntityTypeName,
    pub(super) actor: EntityTypeName,
    pub(super) class: EntityTypeName,
    pub(super) hub: EntityTypeName,
    pub(super) purpose: EntityTypeName,
    pub(super) sector: EntityTypeName,
    pub(super) confidentiality: EntityTypeName,
    pub(super) action: EntityTypeName,
}

impl TypeNames {
    fn new() -> Result<Self, PolicyInvalid> {
        let name = |name: &str| {
            EntityTypeName::from_str(&format!("Delt::{name}"))
                .map_err(|error| PolicyInvalid::Schema(error.to_string()))
        };
        Ok(Self {
            professional: name("Professional")?,
            national_role: name("NationalRole")?,
            administrative: name("Administrative")?,
            actor: name("Actor")?,
            class: name("DocumentClass")?,
            hub: name("Hub")?,
            purpose: name("Purpose")?,
            sector: name("Sector")?,
            confidentiality: name("Confidentiality")?,
            action: name("Action")?,
        })
    }
}

impl RolePolicy {
    /// The policies that come with Delt, `deploy/policy/` at the time of the build.
    pub fn builtin() -> Result<Self, PolicyInvalid> {
        Self::from_sources(DEFAULT_SCHEMA, DEFAULT_POLICIES)
    }

    /// From the text of a schema and of policy files, each with its name. Refused as a whole when anything is wrong.
    pub fn from_sources(schema: &str, files: &[(&str, &str)]) -> Result<Self, PolicyInvalid> {
        Self::from_edition(Edition::new(schema, files)?)
    }

    /// From an edition that is to come into force. Refused as a whole when anything is wrong.
    pub fn from_edition(edition: Edition) -> Result<Self, PolicyInvalid> {
        declares_all_actions(&parse_schema(edition.schema())?)?;
        Self::from_past_edition(edition)
    }

    /// From an edition that was in force once, to ask what it said. It may lack actions that the hub has learnt
    /// since, and denies those as it did then; in everything else it must be as right as a new one.
    pub fn from_past_edition(edition: Edition) -> Result<Self, PolicyInvalid> {
        let schema = parse_schema(edition.schema())?;
        let policies = parse_policies(edition.files())?;
        validate(&schema, &policies)?;
        let actions = schema
            .action_entities()
            .map_err(|error| PolicyInvalid::Schema(error.to_string()))?;
        Ok(Self {
            policies,
            schema,
            actions,
            types: TypeNames::new()?,
            authorizer: Authorizer::new(),
            cache: RwLock::new(HashMap::new()),
            answers: RwLock::new(HashMap::new()),
            version: edition.version(),
            edition,
        })
    }

    /// SHA-256 over the names and texts of the set, in lower-case hexadecimal. Does not depend on the order of the files.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// What it was made from, to be stored under its version and loaded again.
    pub fn edition(&self) -> &Edition {
        &self.edition
    }

    /// The ids of all policies, sorted.
    pub fn policy_ids(&self) -> Vec<String> {
        let mut ids: Vec<String> = self
            .policies
            .policies()
            .map(|policy| policy.id().to_string())
            .collect();
        ids.sort_unstable();
        ids
    }
}

impl fmt::Debug for RolePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RolePolicy")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

fn parse_schema(text: &str) -> Result<Schema, PolicyInvalid> {
    let (schema, warnings) = Schema::from_cedarschema_str(text)
        .map_err(|error| PolicyInvalid::Schema(error.to_string()))?;
    let warnings: Vec<String> = warnings.map(|warning| warning.to_string()).collect();
    if !warnings.is_empty() {
        return Err(PolicyInvalid::Schema(warnings.join("; ")));
    }
    Ok(schema)
}

/// An action that the schema does not declare would be denied to everybody by oversight.
fn declares_all_actions(schema: &Schema) -> Result<(), PolicyInvalid> {
    let declared: Vec<String> = schema
        .actions()
        .map(|uid| uid.id().unescaped().to_owned())
        .collect();
    let missing = Action::ALL
        .iter()
        .find(|action| !declared.iter().any(|name| name == action.as_str()));
    match missing {
        Some(action) => Err(PolicyInvalid::ActionMissing(action.as_str())),
        None => Ok(()),
    }
}

fn parse_policies(files: &[(String, String)]) -> Result<PolicySet, PolicyInvalid> {
    let mut all = PolicySet::new();
    for (file, text) in files {
        let parsed = PolicySet::from_str(text).map_err(|error| PolicyInvalid::Policy {
            file: file.clone(),
            problem: error.to_string(),
        })?;
        if parsed.num_of_templates() > 0 {
            return Err(unnamed(file));
        }
        for policy in parsed.policies() {
            add_named(&mut all, file, policy)?;
        }
    }
    Ok(all)
}

fn add_named(all: &mut PolicySet, file: &str, policy: &Policy) -> Result<(), PolicyInvalid> {
    let id = policy
        .annotation("id")
        .filter(|id| !id.is_empty())
        .ok_or_else(|| unnamed(file))?;
    all.add(policy.new_id(PolicyId::new(id)))
        .map_err(|_| PolicyInvalid::Duplicate {
            file: file.to_owned(),
            id: id.to_owned(),
        })
}

fn unnamed(file: &str) -> PolicyInvalid {
    PolicyInvalid::Unnamed {
        file: file.to_owned(),
    }
}

fn validate(schema: &Schema, policies: &PolicySet) -> Result<(), PolicyInvalid> {
    let result = Validator::new(schema.clone()).validate(policies, ValidationMode::Strict);
    if result.validation_passed_without_warnings() {
        return Ok(());
    }
    let errors = result.validation_errors().map(ToString::to_string);
    let warnings = result.validation_warnings().map(ToString::to_string);
    let problems: Vec<String> = errors.chain(warnings).collect();
    Err(PolicyInvalid::Invalid(problems.join("; ")))
}
