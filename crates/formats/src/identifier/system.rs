//! The systems (namespaces) that Danish identifiers live in.

/// CPR, the civil registration number.
pub const CPR: &str = "urn:oid:1.2.208.176.1.2";
/// X-eCPR, the national replacement number.
pub const X_ECPR: &str = "urn:oid:1.2.208.176.1.6.1.1";
/// The root below which each issuer of decentral replacement numbers (D-eCPR) has its own OID.
pub const D_ECPR_ROOT: &str = "urn:oid:1.2.208.176.1.6.1.3";
/// SOR, the health organisation register.
pub const SOR: &str = "urn:oid:1.2.208.176.1.1";
/// Ydernummer, the provider number of general practice and other primary care.
pub const YDERNUMMER: &str = "urn:oid:1.2.208.176.1.4";
/// GLN (EAN location number), as `MedCom` messages write it.
pub const GLN: &str = "https://www.gs1.org/gln";
/// GLN, as hl7dk/dk-core writes it.
pub const GLN_DK_CORE: &str = "http://www.gs1.org/gln";
/// CVR, the business register.
pub const CVR: &str = "http://cvr.dk";
/// The authorisation register of health professionals.
pub const AUTHORISATION: &str = "https://autregweb.sst.dk";
/// LPR3 episode-of-care identifiers.
pub const LPR3: &str = "https://www.esundhed.dk/Registre/Landspatientsregisteret";

/// The OID without its URN prefix, so that XDS (`1.2.208…`) and FHIR (`urn:oid:1.2.208…`) compare equal.
#[must_use]
pub fn bare(system: &str) -> &str {
    system.strip_prefix("urn:oid:").unwrap_or(system)
}

/// Whether the system names a GLN in either of its spellings.
#[must_use]
pub fn is_gln(system: &str) -> bool {
    system == GLN || system == GLN_DK_CORE
}
