//! The room that is left where an embedded database lies.

use std::path::{Path, PathBuf};

use delt_hub::StoreSettings;

/// The folder of an embedded database; none where the database is a server's, which watches its own disk.
pub(crate) fn folder(store: &StoreSettings) -> Option<PathBuf> {
    let path = store.url.strip_prefix("sqlite:")?;
    let path = path.split('?').next().unwrap_or(path);
    let file = Path::new(path.strip_prefix("//").unwrap_or(path));
    file.parent().map(Path::to_owned)
}

/// Bytes that this process may still write there.
pub(crate) fn free_bytes(folder: &Path) -> Option<u64> {
    let space = rustix::fs::statvfs(folder).ok()?;
    Some(space.f_bavail.saturating_mul(space.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> Option<PathBuf> {
        folder(&StoreSettings {
            url: url.to_owned(),
            pooler_url: None,
            standby_url: None,
            read_connections: 1,
            timeout_ms: 1_000,
            statement_ms: 30_000,
        })
    }

    #[test]
    fn an_embedded_database_lies_in_a_folder_with_room() {
        let here = std::env::temp_dir();
        let url = format!("sqlite://{}/delt.db?mode=rwc", here.display());
        let found = of(&url).unwrap();
        assert_eq!(found, here);
        assert!(free_bytes(&found).unwrap() > 0);
    }

    #[test]
    fn a_servers_disk_is_its_own() {
        assert_eq!(of("postgres://delt@db.example/delt"), None);
    }
}
