//! The role policies as a whole: they load, they refuse what is broken, and the matrix of what they allow is the
//! one that was reviewed.

use delt_policy::RolePolicy;

#[test]
fn the_builtin_policies_are_valid() {
    let policy = RolePolicy::builtin().unwrap();
    assert_eq!(policy.version().len(), 64);
}
