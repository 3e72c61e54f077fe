//! Family names and addresses, as keyed hashes: two persons share one or they do not, and nobody can read them back.
//!
//! Only a register of persons tells them. They serve the follow-up of accesses alone: no answer carries them, no log line, no entry of the access log.

mod normal;
pub mod operations;
pub(crate) mod rows;

use crate::keys::Keyring;

const FAMILY: &str = "demographics-family/v1";
const ADDRESS: &str = "demographics-address/v1";

/// Longest family name that is read, in bytes.
pub const FAMILY_NAME_MAX: usize = 200;
/// Longest address that is read, in bytes.
pub const ADDRESS_MAX: usize = 500;

/// What stands for a family name or an address.
pub(crate) type Tag = [u8; 32];

/// The tags of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Tags {
    /// None where the name is protected or unknown.
    pub(crate) family: Option<Tag>,
    /// None where the address is protected or unknown.
    pub(crate) address: Option<Tag>,
}

impl Tags {
    pub(crate) const fn is_empty(&self) -> bool {
        self.family.is_none() && self.address.is_none()
    }
}

/// The tag of the last family name in `name`; none where it holds no letter.
pub(crate) fn family_tag(keys: &Keyring, name: &str) -> Option<Tag> {
    let name = normal::family_name(name);
    (!name.is_empty()).then(|| keys.tag(FAMILY, &[name.as_bytes()]))
}

/// The tag of an address in one line; none where it holds no letter or digit.
pub(crate) fn address_tag(keys: &Keyring, line: &str) -> Option<Tag> {
    let line = normal::address(line);
    (!line.is_empty()).then(|| keys.tag(ADDRESS, &[line.as_bytes()]))
}
