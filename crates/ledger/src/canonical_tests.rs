use proptest::prelude::*;
use serde_json::json;

use super::*;

fn canonical(text: &str) -> Result<String, CanonicalError> {
    let value: Value = serde_json::from_str(text).unwrap();
    value_to_vec(&value).map(|bytes| String::from_utf8(bytes).unwrap())
}

/// RFC 8785 §3.2.3, without its floats.
#[test]
fn keys_are_sorted_by_utf_16_code_units() {
    let input = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh",
        "1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#;
    let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
        \"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\",\"😀\":\"Emoji: Grinning Face\",\
        \"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}";
    assert_eq!(canonical(input).unwrap(), expected);
}

/// RFC 8785 §3.2.2, the string and the literals of its sample.
#[test]
fn strings_have_minimal_escapes() {
    let input = r#"{"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null, true, false]}"#;
    let expected = r#"{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"#;
    assert_eq!(canonical(input).unwrap(), expected);
    assert_eq!(
        canonical(r#""\b\t\f\r\u001f\u007f""#).unwrap(),
        "\"\\b\\t\\f\\r\\u001f\u{7f}\""
    );
}

#[test]
fn integers_within_2_53_only() {
    assert_eq!(
        canonical("[0,-1,9007199254740992]").unwrap(),
        "[0,-1,9007199254740992]"
    );
    assert_eq!(
        canonical("9007199254740993"),
        Err(CanonicalError::IntegerTooLarge)
    );
    assert_eq!(
        canonical("-9007199254740993"),
        Err(CanonicalError::IntegerTooLarge)
    );
    assert_eq!(
        canonical("18446744073709551615"),
        Err(CanonicalError::IntegerTooLarge)
    );
    for float in ["1.0", "-0", "1e3", "0.5"] {
        assert_eq!(
            canonical(float),
            Err(CanonicalError::NotAnInteger),
            "{float}"
        );
    }
}

#[test]
fn depth_is_bounded() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(canonical(&nested(MAX_DEPTH)).is_ok());
    assert_eq!(
        canonical(&nested(MAX_DEPTH + 1)),
        Err(CanonicalError::TooDeep)
    );
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53)..(1_i64 << 53)).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn the_bytes_read_back_as_the_value_and_stay_the_same(value in any_value()) {
        let bytes = value_to_vec(&value).unwrap();
        let read: Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(&read, &value);
        prop_assert_eq!(value_to_vec(&read).unwrap(), bytes);
    }
}
