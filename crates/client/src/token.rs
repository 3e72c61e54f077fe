//! Where the access token comes from.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

/// Longest token that is sent: the hub refuses longer ones.
const MAX_TOKEN_BYTES: u64 = 16 * 1024;

/// Why there is no token to send.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("the token file {} cannot be read: {cause}", path.display())]
    File {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("the token is empty, longer than 16 KiB, or holds what no token holds")]
    Malformed,
    #[error("no token could be had: {0}")]
    Callback(String),
}

type Callback = dyn Fn() -> Result<String, TokenError> + Send + Sync;

/// Asked before every attempt of every call, so that a renewed token is used at once.
#[derive(Clone)]
pub struct TokenSource(Source);

#[derive(Clone)]
enum Source {
    Text(Arc<str>),
    File(Arc<TokenFile>),
    Callback(Arc<Callback>),
}

struct TokenFile {
    path: PathBuf,
    read: Mutex<Option<(Stamp, Arc<str>)>>,
}

/// What changes when a file is written anew.
type Stamp = (Option<SystemTime>, u64);

impl TokenSource {
    /// One token that never changes. It lives for an hour at most.
    pub fn text(token: impl Into<String>) -> Self {
        Self(Source::Text(token.into().into()))
    }

    /// A file that somebody keeps fresh; read again when it changes.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let file = TokenFile {
            path: path.into(),
            read: Mutex::new(None),
        };
        Self(Source::File(Arc::new(file)))
    }

    /// A function that knows the current token. It must not block: it is called on the way to every request.
    pub fn callback(
        token: impl Fn() -> Result<String, TokenError> + Send + Sync + 'static,
    ) -> Self {
        Self(Source::Callback(Arc::new(token)))
    }

    pub(crate) fn current(&self) -> Result<Arc<str>, TokenError> {
        match &self.0 {
            Source::Text(text) => checked(text.trim()),
            Source::File(file) => file.current(),
            Source::Callback(token) => checked(token()?.trim()),
        }
    }
}

impl TokenFile {
    fn current(&self) -> Result<Arc<str>, TokenError> {
        let failed = |cause| TokenError::File {
            path: self.path.clone(),
            cause,
        };
        let metadata = fs::metadata(&self.path).map_err(failed)?;
        let stamp: Stamp = (metadata.modified().ok(), metadata.len());
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, token)) = &*read
            && *known == stamp
        {
            return Ok(Arc::clone(token));
        }
        let token = read_token(&self.path, metadata.len(), failed)?;
        *read = Some((stamp, Arc::clone(&token)));
        Ok(token)
    }
}

fn read_token(
    path: &Path,
    length: u64,
    failed: impl FnOnce(std::io::Error) -> TokenError,
) -> Result<Arc<str>, TokenError> {
    if length > MAX_TOKEN_BYTES {
        return Err(TokenError::Malformed);
    }
    checked(fs::read_to_string(path).map_err(failed)?.trim())
}

/// RFC 6750 §2.1: the characters of a bearer token.
fn checked(token: &str) -> Result<Arc<str>, TokenError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    let fits = !token.is_empty() && token.len() as u64 <= MAX_TOKEN_BYTES;
    if fits && token.bytes().all(allowed) {
        Ok(token.into())
    } else {
        Err(TokenError::Malformed)
    }
}

// By hand, because a token is a secret.
impl std::fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match &self.0 {
            Source::Text(_) => "TokenSource::text",
            Source::File(_) => "TokenSource::file",
            Source::Callback(_) => "TokenSource::callback",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_renewed_file_is_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "first\n").unwrap();
        let source = TokenSource::file(&path);
        assert_eq!(&*source.current().unwrap(), "first");
        fs::write(&path, "second-one\n").unwrap();
        assert_eq!(&*source.current().unwrap(), "second-one");
        fs::remove_file(&path).unwrap();
        assert!(matches!(source.current(), Err(TokenError::File { .. })));
    }

    #[test]
    fn what_could_break_out_of_the_header_is_refused() {
        for text in ["", "  ", "a b", "a\r\nx-evil: 1", "æ", &"a".repeat(20_000)] {
            assert!(matches!(
                TokenSource::text(text).current(),
                Err(TokenError::Malformed)
            ));
        }
    }

    #[test]
    fn debug_shows_no_token() {
        assert!(!format!("{:?}", TokenSource::text("secret")).contains("secret"));
    }
}
