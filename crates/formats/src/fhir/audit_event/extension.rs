//! What no element of FHIR says.

use serde_json::{Map, Value, json};

/// An extension, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// The extension's own URI; within another, the name of the part.
    pub url: String,
    /// What it says.
    pub value: ExtensionValue,
}

/// What an extension says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtensionValue {
    /// `valueString`; never empty.
    Text(String),
    /// `valueBase64Binary`, as base64 already.
    Base64(String),
    /// `valueUnsignedInt`: FHIR counts to 2 147 483 647, and so no further.
    Count(u64),
    /// Parts.
    Parts(Vec<Extension>),
}

const COUNT_MAX: u64 = 2_147_483_647;

impl Extension {
    /// A text.
    pub fn text(url: &str, text: impl Into<String>) -> Self {
        Self::new(url, ExtensionValue::Text(text.into()))
    }

    /// Bytes.
    pub fn base64(url: &str, base64: impl Into<String>) -> Self {
        Self::new(url, ExtensionValue::Base64(base64.into()))
    }

    /// A number.
    #[must_use]
    pub fn count(url: &str, count: u64) -> Self {
        Self::new(url, ExtensionValue::Count(count))
    }

    /// Parts.
    #[must_use]
    pub fn parts(url: &str, parts: Vec<Self>) -> Self {
        Self::new(url, ExtensionValue::Parts(parts))
    }

    fn new(url: &str, value: ExtensionValue) -> Self {
        Self {
            url: url.to_owned(),
            value,
        }
    }

    fn to_json(&self) -> Value {
        let (name, value) = match &self.value {
            ExtensionValue::Text(text) => ("valueString", json!(text)),
            ExtensionValue::Base64(text) => ("valueBase64Binary", json!(text)),
            ExtensionValue::Count(count) => ("valueUnsignedInt", json!((*count).min(COUNT_MAX))),
            ExtensionValue::Parts(parts) => ("extension", list(parts)),
        };
        let members = [
            ("url".to_owned(), json!(self.url)),
            (name.to_owned(), value),
        ];
        Value::Object(Map::from_iter(members))
    }
}

pub(super) fn list(extensions: &[Extension]) -> Value {
    extensions.iter().map(Extension::to_json).collect()
}
