//! The folder that keeps what `delt inbox` took: a message is written down before it is acknowledged.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::super::failure::Failure;

/// Messages are clinical, and a lease opens one.
const OWNER_ONLY_DIR: u32 = 0o700;
const OWNER_ONLY: u32 = 0o600;
const MAX_LEASE_BYTES: u64 = 4096;

pub(super) struct MessageFolder(PathBuf);

impl MessageFolder {
    pub(super) fn open(path: PathBuf) -> Result<Self, Failure> {
        let mut builder = DirBuilder::new();
        builder.recursive(true).mode(OWNER_ONLY_DIR);
        builder
            .create(&path)
            .map_err(|cause| Failure::file(&path, &cause))?;
        Ok(Self(path))
    }

    pub(super) fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Keeps a message and its lease, durably. A message that came before is replaced by the same one.
    pub(super) fn keep(
        &self,
        id: &str,
        mime_type: &str,
        content: &[u8],
        lease: &str,
    ) -> Result<PathBuf, Failure> {
        let kind = if mime_type.contains("json") {
            "json"
        } else {
            "xml"
        };
        let file = self.file(id, kind)?;
        write(&file, content).map_err(|cause| Failure::file(&file, &cause))?;
        let lease_file = self.file(id, "lease")?;
        write(&lease_file, lease.as_bytes()).map_err(|cause| Failure::file(&lease_file, &cause))?;
        Ok(file)
    }

    pub(super) fn lease(&self, id: &str) -> Result<String, Failure> {
        let file = self.file(id, "lease")?;
        let failed = |cause: io::Error| {
            Failure::file(&file, &cause)
                .hint("take it with `delt inbox` first, or give its --lease")
        };
        if fs::metadata(&file).map_err(failed)?.len() > MAX_LEASE_BYTES {
            return Err(Failure::new("this is not the file of a lease"));
        }
        fs::read_to_string(&file).map_err(failed)
    }

    /// The lease has ended; the message stays.
    pub(super) fn forget_lease(&self, id: &str) -> Result<(), Failure> {
        let file = self.file(id, "lease")?;
        match fs::remove_file(&file) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(Failure::file(&file, &cause))
            }
            _ => Ok(()),
        }
    }

    /// The id comes from outside and becomes the name of a file.
    fn file(&self, id: &str, extension: &str) -> Result<PathBuf, Failure> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if id.is_empty() || id.len() > 64 || !id.bytes().all(plain) {
            return Err(Failure::new("this is not the id of a message"));
        }
        Ok(self.0.join(format!("{id}.{extension}")))
    }
}

fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(OWNER_ONLY);
    let mut out = options.open(file)?;
    out.write_all(content)?;
    out.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_kept_until_its_lease_ends() {
        let place = tempfile::tempdir().unwrap();
        let folder = MessageFolder::open(place.path().join("inbox")).unwrap();
        let file = folder.keep("m-1", "text/xml", b"<x/>", "lease-1").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"<x/>");
        assert_eq!(folder.lease("m-1").unwrap(), "lease-1");
        folder.forget_lease("m-1").unwrap();
        folder.forget_lease("m-1").unwrap();
        assert!(folder.lease("m-1").is_err() && file.exists());
    }

    #[test]
    fn an_id_never_leads_out_of_the_folder() {
        let folder = MessageFolder::at(PathBuf::from("/nowhere"));
        for id in ["", "../x", "a/b", "a.b", "a\0", &"a".repeat(65)] {
            assert!(folder.file(id, "lease").is_err(), "{id:?}");
        }
    }
}
