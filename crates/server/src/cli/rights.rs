//! The words for rights, which `delt delegate` and `delt represent` have in common.

use clap::ValueEnum;
use delt_proto::delegation::v1::Right;

/// What a representative of a citizen may do. The first two a helper may do as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum RightWord {
    /// Search the record and fetch its documents
    ReadRecord,
    /// See which identities the patient has
    IdentifyPatient,
    /// See, register and end consents; ask who could see what
    ManageConsents,
    /// See who looked, who treats, and the notifications
    SeeAccesses,
}

/// What a helper may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum HelperRightWord {
    /// Search the record and fetch its documents
    ReadRecord,
    /// See which identities the patient has
    IdentifyPatient,
}

impl From<RightWord> for Right {
    fn from(word: RightWord) -> Self {
        match word {
            RightWord::ReadRecord => Self::ReadRecord,
            RightWord::IdentifyPatient => Self::IdentifyPatient,
            RightWord::ManageConsents => Self::ManageConsents,
            RightWord::SeeAccesses => Self::SeeAccesses,
        }
    }
}

impl From<HelperRightWord> for Right {
    fn from(word: HelperRightWord) -> Self {
        match word {
            HelperRightWord::ReadRecord => Self::ReadRecord,
            HelperRightWord::IdentifyPatient => Self::IdentifyPatient,
        }
    }
}

/// Rights as requests have them.
pub(super) fn to_wire<T: Into<Right>>(words: Vec<T>) -> Vec<i32> {
    words
        .into_iter()
        .map(|word| i32::from(word.into()))
        .collect()
}

/// The words of rights, as answers show them.
pub(super) fn words(rights: &[i32]) -> Vec<&'static str> {
    rights.iter().map(|right| word(*right)).collect()
}

fn word(right: i32) -> &'static str {
    match Right::try_from(right) {
        Ok(Right::ReadRecord) => "read-record",
        Ok(Right::IdentifyPatient) => "identify-patient",
        Ok(Right::ManageConsents) => "manage-consents",
        Ok(Right::SeeAccesses) => "see-accesses",
        Ok(Right::BreakGlass) => "break-glass",
        Ok(Right::AttestRelation) => "attest-relation",
        Ok(Right::Unspecified) | Err(_) => "",
    }
}
