//! The roles of staff that a policy set knows, for those who ask who could see something.

use cedar_policy::SchemaFragment;

use super::{Principal, RolePolicy};

impl RolePolicy {
    /// The roles of everybody who works at a place of treatment, in the schema's order: authorised professionals, national roles and
    /// administrative staff. Reads the schema's text, so it is for questions that are asked seldom.
    pub fn staff_roles(&self) -> Vec<Principal> {
        let schema = self.edition().schema();
        let Ok((fragment, _)) = SchemaFragment::from_cedarschema_str(schema) else {
            return Vec::new();
        };
        let Ok(json) = fragment.to_json_value() else {
            return Vec::new();
        };
        let codes = |entity: &str| -> Vec<String> {
            let codes = json.pointer(&format!("/Delt/entityTypes/{entity}/enum"));
            let codes = codes.and_then(|codes| codes.as_array());
            let codes = codes.into_iter().flatten();
            codes
                .filter_map(|code| code.as_str().map(str::to_owned))
                .collect()
        };
        let professionals = codes("Professional").into_iter();
        let national = codes("NationalRole").into_iter();
        let administrative = codes("Administrative").into_iter();
        professionals
            .map(Principal::Professional)
            .chain(national.map(Principal::NationalRole))
            .chain(administrative.map(Principal::Administrative))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builtin_policies_name_their_staff() {
        let roles = RolePolicy::builtin().unwrap().staff_roles();
        for expected in [
            Principal::Professional("laege".to_owned()),
            Principal::NationalRole("nspPlejeAssR3".to_owned()),
            Principal::Administrative("laegesekretaer".to_owned()),
        ] {
            assert!(
                roles.contains(&expected),
                "{expected:?} is not in {roles:?}"
            );
        }
        assert!(!roles.iter().any(|role| role.code() == "citizen"));
    }
}
