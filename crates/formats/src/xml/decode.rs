//! From bytes to text, by byte order mark or declaration.

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_8859_15, UTF_8, WINDOWS_1252};

use super::XmlError;

/// How far the XML declaration is looked for: a declaration is shorter than this.
const DECLARATION_BYTES: usize = 256;

/// The text of the document, without byte order mark.
///
/// ISO-8859-1 is read as Windows-1252 (as browsers do): the two differ only in control characters,
/// where senders that say the former and mean the latter have put typographic quotes and dashes.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, XmlError> {
    let (encoding, body) = match bytes.strip_prefix(b"\xEF\xBB\xBF") {
        Some(body) => (UTF_8, body),
        None => (declared_encoding(bytes)?, bytes),
    };
    encoding
        .decode_without_bom_handling_and_without_replacement(body)
        .ok_or(XmlError::BadEncoding)
}

fn declared_encoding(bytes: &[u8]) -> Result<&'static Encoding, XmlError> {
    let Some(label) = declared_label(bytes) else {
        return Ok(UTF_8);
    };
    let encoding = Encoding::for_label(label).ok_or(XmlError::UnsupportedEncoding)?;
    if [UTF_8, WINDOWS_1252, ISO_8859_15].contains(&encoding) {
        return Ok(encoding);
    }
    Err(XmlError::UnsupportedEncoding)
}

/// The value of `encoding` in `<?xml … ?>`, if there is one.
fn declared_label(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes
        .get(..DECLARATION_BYTES)
        .unwrap_or(bytes)
        .strip_prefix(b"<?xml")?;
    let end = head.iter().position(|b| *b == b'>')?;
    let declaration = head.get(..end)?;
    let at = declaration
        .windows(8)
        .position(|window| window == b"encoding")?;
    let mut rest = declaration.get(at + 8..)?.trim_ascii_start();
    rest = rest.strip_prefix(b"=")?.trim_ascii_start();
    let (quote, rest) = rest.split_first()?;
    let end = rest.iter().position(|b| b == quote)?;
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declaration_decides() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE6\xF8\xE5</a>";
        assert!(decode(latin).unwrap().ends_with("<a>æøå</a>"));
        assert!(
            decode("<?xml version=\"1.0\"?><a>æ</a>".as_bytes())
                .unwrap()
                .contains('æ')
        );
        assert_eq!(decode(b"<a>\xE6</a>"), Err(XmlError::BadEncoding));
        let far = b"<?xml version='1.0' encoding='UTF-16'?><a/>";
        assert_eq!(decode(far), Err(XmlError::UnsupportedEncoding));
        assert_eq!(
            decode(b"<?xml encoding = 'x'?>"),
            Err(XmlError::UnsupportedEncoding)
        );
    }

    #[test]
    fn byte_order_mark_is_dropped() {
        assert_eq!(decode("\u{feff}<a/>".as_bytes()).unwrap(), "<a/>");
    }
}
