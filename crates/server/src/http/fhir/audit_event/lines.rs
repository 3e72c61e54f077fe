//! The lines of the file: a header, then the events of each leaf, or what is left of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use delt_ledger::export::{Content, Header, Line};
use delt_ledger::merkle::MAX_PROOF_LENGTH;
use delt_ledger::{Checkpoint, Commitment, Entry, Hash, Salt, canonical};
use serde_json::{Value, json};

use super::uri;

/// Names the mapping: another one that writes events otherwise has another name.
pub const FORMAT: &str = "delt-audit-fhir/v1";

/// Why a line cannot be written. Quotes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LineFault {
    /// Not a line of Delt's own export.
    #[error("not a line of an export")]
    Malformed,
    /// An entry that this version does not know.
    #[error("an entry that this version cannot read")]
    UnknownEntry,
}

/// Whether a file that begins like this is one of FHIR lines. Canonical JSON begins with the first name of all.
pub fn is_fhir(beginning: &[u8]) -> bool {
    beginning.starts_with(b"{\"parameter\":")
}

/// The first line, without its newline: the header of Delt's own export, and in readable parts what it says.
///
/// # Errors
/// Where the header holds no checkpoint.
pub fn header_line(header: &Header, verifier_key: &str) -> Result<String, LineFault> {
    let own = header.to_line().map_err(|_| LineFault::Malformed)?;
    let checkpoint =
        Checkpoint::from_text(header.checkpoint.text()).map_err(|_| LineFault::Malformed)?;
    line(&json!({"resourceType": "Parameters", "parameter": [
        {"name": "format", "valueString": FORMAT},
        {"name": "origin", "valueString": checkpoint.origin},
        {"name": "checkpoint", "valueString": header.checkpoint.to_string()},
        {"name": "verifierKey", "valueString": verifier_key},
        {"name": "complete", "valueBoolean": header.complete},
        {"name": "header", "valueBase64Binary": STANDARD.encode(own)},
    ]}))
}

/// The lines of one leaf, without their newlines: its events, or one for an entry that has been erased.
///
/// # Errors
/// Where the payload is not an entry that this version knows.
pub fn body_lines(leaf: &Line, origin: &str) -> Result<Vec<String>, LineFault> {
    let Content::Entry { json, .. } = &leaf.content else {
        return Ok(vec![erased(leaf)?]);
    };
    let entry = Entry::from_json(json).map_err(|_| LineFault::UnknownEntry)?;
    let proof = proof(leaf);
    super::events(&entry, origin)
        .into_iter()
        .map(|event| line(&with_proof(event, &proof)))
        .collect()
}

fn with_proof(mut event: Value, proof: &Value) -> Value {
    let extensions = event.get_mut("extension").and_then(Value::as_array_mut);
    if let Some(extensions) = extensions {
        extensions.push(proof.clone());
    }
    event
}

/// The entry with its salt, its place, and the hashes from there to the root of the checkpoint.
fn proof(leaf: &Line) -> Value {
    json!({"url": uri::PROOF, "extension": parts(leaf, "url")})
}

/// Nothing is known of an erased entry but that it was there.
fn erased(leaf: &Line) -> Result<String, LineFault> {
    line(&json!({"resourceType": "Parameters", "parameter": parts(leaf, "name")}))
}

/// The parts of a proof, each under what names it.
fn parts(leaf: &Line, naming: &str) -> Vec<Value> {
    let part = |name: &str, base64: String| json!({naming: name, "valueBase64Binary": base64});
    let mut parts = vec![json!({naming: "leafIndex", "valueString": leaf.index.to_string()})];
    match &leaf.content {
        Content::Entry { salt, json } => {
            parts.push(part("salt", salt.to_base64()));
            parts.push(part("entry", STANDARD.encode(json)));
        }
        Content::Erased(commitment) => {
            parts.push(part("commitment", commitment.as_hash().to_base64()));
        }
    }
    parts.extend(
        leaf.proof
            .iter()
            .map(|hash| part("inclusion", hash.to_base64())),
    );
    parts
}

/// Canonical JSON (RFC 8785): one event has one spelling.
fn line(value: &Value) -> Result<String, LineFault> {
    let bytes = canonical::value_to_vec(value).map_err(|_| LineFault::Malformed)?;
    String::from_utf8(bytes).map_err(|_| LineFault::Malformed)
}

/// The header of Delt's own export that a first line carries.
pub(super) fn header_of(line: &[u8]) -> Option<Header> {
    let value: Value = serde_json::from_slice(line).ok()?;
    let parameters = value.get("parameter")?.as_array()?;
    let own = STANDARD
        .decode(base64_of(parameters, "name", "header").next()?)
        .ok()?;
    Header::from_line(&own).ok()
}

/// The leaf that a line of the body carries.
pub(super) fn leaf_of(line: &[u8]) -> Option<Line> {
    let value: Value = serde_json::from_slice(line).ok()?;
    if let Some(parameters) = value.get("parameter").and_then(Value::as_array) {
        return leaf(parameters, "name");
    }
    let extensions = value.get("extension")?.as_array()?;
    let proof = extensions.iter().find(|one| is(one, "url", uri::PROOF))?;
    leaf(proof.get("extension")?.as_array()?, "url")
}

fn leaf(parts: &[Value], naming: &str) -> Option<Line> {
    let index = parts.iter().find(|part| is(part, naming, "leafIndex"))?;
    let one = |name| base64_of(parts, naming, name).next();
    let content = match (one("salt"), one("entry"), one("commitment")) {
        (Some(salt), Some(entry), None) => Content::Entry {
            salt: Salt::from_base64(salt).ok()?,
            json: respelled(&STANDARD.decode(entry).ok()?)?,
        },
        (None, None, Some(hash)) => {
            Content::Erased(Commitment::from_hash(Hash::from_base64(hash).ok()?))
        }
        _ => return None,
    };
    let hashes = base64_of(parts, naming, "inclusion").take(MAX_PROOF_LENGTH.saturating_add(1));
    Some(Line {
        index: index.get("valueString")?.as_str()?.parse().ok()?,
        content,
        proof: hashes
            .map(Hash::from_base64)
            .collect::<Result<_, _>>()
            .ok()?,
    })
}

/// As it was committed to: one that is spelled otherwise is then not what is written anew.
fn respelled(json: &[u8]) -> Option<Vec<u8>> {
    let value: Value = serde_json::from_slice(json).ok()?;
    canonical::value_to_vec(&value).ok()
}

fn base64_of<'a>(
    parts: &'a [Value],
    naming: &'a str,
    name: &'a str,
) -> impl Iterator<Item = &'a str> {
    let named = parts.iter().filter(move |part| is(part, naming, name));
    named.filter_map(|part| part.get("valueBase64Binary")?.as_str())
}

fn is(part: &Value, naming: &str, name: &str) -> bool {
    part.get(naming).and_then(Value::as_str) == Some(name)
}
