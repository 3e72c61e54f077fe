//! Organisations by any of their names: SOR, SHAK, ydernummer and location number all lead to the one SOR code, so that two names of one place
//! can never slip past a block.

use delt_formats::identifier::{Shak, Ydernummer};
use delt_policy::OrganisationId;

use super::Directory;

/// Why a text leads to no organisation. Never contains the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotNamed {
    /// It is not a code of the system that it names.
    #[error("must be a SOR code, digits only, or shak:, ydernummer: or gln: and such a code")]
    Malformed,
    /// No organisation of the directory has that code.
    #[error("is no organisation's code in the directory")]
    Unknown,
}

impl Directory {
    /// The organisation that a text names: a SOR code, bare or after `sor:`, or `shak:`, `ydernummer:` or `gln:` and the code.
    ///
    /// A SOR code is taken as it is, whether the directory knows it or not: what names it says more about what it must be.
    pub fn named(&self, text: &str) -> Result<OrganisationId, NotNamed> {
        let Some((system, code)) = text.split_once(':') else {
            return sor(text);
        };
        let found = match system {
            "sor" => return sor(code),
            "shak" => {
                let shak = Shak::parse(code).map_err(|_| NotNamed::Malformed)?;
                self.by_shak(shak.as_str())
            }
            "ydernummer" => {
                let ydernummer = Ydernummer::parse(code).map_err(|_| NotNamed::Malformed)?;
                self.by_ydernummer(ydernummer.as_str())
            }
            "gln" => self.by_gln(code),
            _ => return Err(NotNamed::Malformed),
        };
        found.cloned().ok_or(NotNamed::Unknown)
    }
}

fn sor(code: &str) -> Result<OrganisationId, NotNamed> {
    OrganisationId::sor(code).map_err(|_| NotNamed::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> Directory {
        let organisations = r#"[
            {"sor": "990021000016004", "name": "Hospital", "sector": "region", "kind": "hospital", "shak": "9911",
             "gln": "5790009900016"},
            {"sor": "990401000016001", "name": "Lægerne", "sector": "general-practice", "kind": "gp-practice",
             "ydernummer": "99108"}
        ]"#;
        Directory::from_json(organisations, "[]").unwrap()
    }

    #[test]
    fn every_name_of_a_place_leads_to_its_sor_code() {
        let directory = directory();
        let named = |text| directory.named(text).map(|found| found.code().to_owned());
        for name in [
            "990021000016004",
            "sor:990021000016004",
            "shak:9911",
            "gln:5790009900016",
        ] {
            assert_eq!(named(name).as_deref(), Ok("990021000016004"), "{name}");
        }
        for name in ["ydernummer:99108", "ydernummer:099108"] {
            assert_eq!(named(name).as_deref(), Ok("990401000016001"), "{name}");
        }
    }

    #[test]
    fn what_leads_nowhere_is_refused() {
        let directory = directory();
        for unknown in ["shak:9912", "ydernummer:1", "gln:5790000121526"] {
            assert_eq!(
                directory.named(unknown),
                Err(NotNamed::Unknown),
                "{unknown}"
            );
        }
        for malformed in [
            "",
            "shak:",
            "shak:x",
            "ydernummer:1234567",
            "cvr:12345678",
            "sor:",
            "sor:x",
            "æ:1",
        ] {
            assert_eq!(
                directory.named(malformed),
                Err(NotNamed::Malformed),
                "{malformed}"
            );
        }
        assert!(
            directory.named("990991000016000").is_ok(),
            "whether it is known is for those who ask"
        );
    }
}
