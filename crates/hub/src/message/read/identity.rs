//! Recognising a message that is sent again.
//!
//! A sender that gets no receipt sends again: the same message id and content in a new envelope with a new time (MedCom, reliable messaging). So
//! what is compared is the message without its envelope.

use aws_lc_rs::digest::{Context, SHA256, digest};
use serde_json::Value;

use super::wrong;
use crate::Result;

/// SHA-256 of the letter without its `Envelope` element.
///
/// A letter written in another way, with a prefix on its names, is hashed whole: its repetition in a new envelope then is a conflict, which the
/// sender sees, never a loss.
pub(super) fn of_oioxml(content: &[u8]) -> [u8; 32] {
    let (before, after) = around_envelope(content).unwrap_or((content, &[]));
    let mut hash = Context::new(&SHA256);
    hash.update(before);
    hash.update(after);
    bytes(hash.finish())
}

fn around_envelope(content: &[u8]) -> Option<(&[u8], &[u8])> {
    const END: &[u8] = b"</Envelope>";
    let (before, rest) = content.split_at_checked(find(content, b"<Envelope>")?)?;
    let (_, after) = rest.split_at_checked(find(rest, END)? + END.len())?;
    Some((before, after))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

/// SHA-256 of the Bundle without its id and timestamp, its object members in order.
pub(super) fn of_fhir(content: &[u8]) -> Result<[u8; 32]> {
    let unreadable = |_| wrong("", "is not JSON");
    let mut bundle: Value = serde_json::from_slice(content).map_err(unreadable)?;
    if let Some(bundle) = bundle.as_object_mut() {
        bundle.remove("id");
        bundle.remove("timestamp");
    }
    let rest = serde_json::to_vec(&bundle).map_err(unreadable)?;
    Ok(bytes(digest(&SHA256, &rest)))
}

fn bytes(digest: aws_lc_rs::digest::Digest) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest.as_ref());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_envelope_is_the_same_letter() {
        let letter = |envelope: &str, text: &str| {
            of_oioxml(
                format!("<Emessage><Envelope>{envelope}</Envelope>{text}</Emessage>").as_bytes(),
            )
        };
        assert_eq!(letter("a", "x"), letter("b", "x"));
        assert_ne!(letter("a", "x"), letter("a", "y"));
        assert_ne!(of_oioxml(b"<Envelope>a"), of_oioxml(b"<Envelope>b"));
    }

    #[test]
    fn a_new_bundle_id_and_time_are_the_same_message() {
        let of = |text: &str| of_fhir(text.as_bytes()).unwrap();
        let first = of(r#"{"id":"a","timestamp":"t","entry":[{"id":"x"}]}"#);
        assert_eq!(
            first,
            of(r#"{"timestamp":"u","entry":[ {"id":"x"} ],"id":"b"}"#)
        );
        assert_ne!(
            first,
            of(r#"{"id":"a","timestamp":"t","entry":[{"id":"y"}]}"#)
        );
    }
}
