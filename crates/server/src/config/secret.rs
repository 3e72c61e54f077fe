//! Secrets, which stand in files and never in the configuration itself.

use std::io::{Error, Read};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use zeroize::Zeroizing;

/// 32 secret bytes, wiped when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// No file with a secret is longer than this, in bytes.
const MAX_SECRET_BYTES: u64 = 4096;

/// Why a key file holds no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("cannot be read: {0}")]
    Read(#[from] Error),
    #[error("holds no 32 bytes in hexadecimal or base64")]
    Form,
}

/// The 32 bytes in a file, in hexadecimal (64 digits) or base64; white space around them is ignored.
pub fn read_key(path: &Path) -> Result<Key, KeyFileError> {
    let text = read_text(path)?;
    parse_key(text.trim()).ok_or(KeyFileError::Form)
}

fn parse_key(text: &str) -> Option<Key> {
    let bytes = Zeroizing::new(if text.len() == 64 {
        hexadecimal(text)?
    } else {
        base64(text)?
    });
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digit = |c: &u8| {
        char::from(*c)
            .to_digit(16)
            .and_then(|d| u8::try_from(d).ok())
    };
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

fn base64(text: &str) -> Option<Vec<u8>> {
    [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD]
        .into_iter()
        .find_map(|engine| engine.decode(text).ok())
}

/// The first line of a file.
pub(super) fn read_line(path: &Path) -> std::io::Result<Zeroizing<String>> {
    let text = read_text(path)?;
    Ok(Zeroizing::new(
        text.lines().next().unwrap_or_default().to_owned(),
    ))
}

fn read_text(path: &Path) -> std::io::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path)?
        .take(MAX_SECRET_BYTES + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > MAX_SECRET_BYTES {
        return Err(Error::other("too large for a secret"));
    }
    Ok(text)
}

/// Escapes everything that is not unreserved (RFC 3986 §2.3), for the user information of a URL.
pub(super) fn percent_encode(text: &str) -> Zeroizing<String> {
    use std::fmt::Write as _;
    let mut encoded = Zeroizing::new(String::with_capacity(text.len()));
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}
