//! Forgetting the authorization, the scope or the audit entry of an operation does not compile.

#[test]
fn each_way_of_forgetting_does_not_compile() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
