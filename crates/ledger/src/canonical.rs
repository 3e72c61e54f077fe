//! Canonical JSON (RFC 8785, JCS), for the part of JSON that the ledger uses: integers only.
//!
//! The same value always gives the same bytes, so a commitment to those bytes is a commitment to the value.
//! Floats are refused instead of formatted, because their canonical form is where implementations differ.

use serde::Serialize;
use serde_json::{Map, Number, Value};

/// Deepest nesting of arrays and objects.
pub const MAX_DEPTH: usize = 32;

/// Largest magnitude of an integer: beyond 2^53 a reader with IEEE 754 numbers loses digits (RFC 8785 §3.2.2.3).
pub const MAX_INTEGER: u64 = 1 << 53;

/// Why a value has no canonical form here. No variant carries the value: it may be personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CanonicalError {
    #[error("a number is not an integer")]
    NotAnInteger,
    #[error("an integer is beyond 2^53")]
    IntegerTooLarge,
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
    #[error("the value cannot be written as JSON")]
    NotJson,
}

/// The canonical bytes of any serializable value.
pub fn to_vec<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, CanonicalError> {
    let value = serde_json::to_value(value).map_err(|_| CanonicalError::NotJson)?;
    value_to_vec(&value)
}

/// The canonical bytes of a JSON value.
pub fn value_to_vec(value: &Value) -> Result<Vec<u8>, CanonicalError> {
    let mut out = Vec::with_capacity(256);
    write_value(value, MAX_DEPTH, &mut out)?;
    Ok(out)
}

fn write_value(value: &Value, depth: usize, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(true) => out.extend_from_slice(b"true"),
        Value::Bool(false) => out.extend_from_slice(b"false"),
        Value::Number(number) => write_integer(number, out)?,
        Value::String(text) => write_string(text, out),
        Value::Array(items) => write_array(items, deeper(depth)?, out)?,
        Value::Object(members) => write_object(members, deeper(depth)?, out)?,
    }
    Ok(())
}

fn deeper(depth: usize) -> Result<usize, CanonicalError> {
    depth.checked_sub(1).ok_or(CanonicalError::TooDeep)
}

fn write_integer(number: &Number, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    let magnitude = match (number.as_u64(), number.as_i64()) {
        (Some(positive), _) => positive,
        (None, Some(negative)) => negative.unsigned_abs(),
        (None, None) => return Err(CanonicalError::NotAnInteger),
    };
    if magnitude > MAX_INTEGER {
        return Err(CanonicalError::IntegerTooLarge);
    }
    out.extend_from_slice(number.to_string().as_bytes());
    Ok(())
}

fn write_array(items: &[Value], depth: usize, out: &mut Vec<u8>) -> Result<(), CanonicalError> {
    out.push(b'[');
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_value(item, depth, out)?;
    }
    out.push(b']');
    Ok(())
}

fn write_object(
    members: &Map<String, Value>,
    depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), CanonicalError> {
    let mut sorted: Vec<(&String, &Value)> = members.iter().collect();
    // JCS orders keys by UTF-16 code units, which differs from UTF-8 order beyond the basic plane.
    sorted.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
    out.push(b'{');
    for (position, (key, value)) in sorted.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        write_string(key, out);
        out.push(b':');
        write_value(value, depth, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// Escapes only what JSON must escape (RFC 8785 §3.2.2.2).
fn write_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            0x08 => out.extend_from_slice(b"\\b"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            0x0c => out.extend_from_slice(b"\\f"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x00..=0x1f => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
#[path = "canonical_tests.rs"]
mod tests;
