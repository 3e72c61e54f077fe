//! From the uniform rows of the statement to the records of the policy. A row that cannot be read fails the request: a block must not be lost.

use delt_policy::{
    AuthorisationId, CitizenRelation, Consent, HelperDelegation, Micros, Opening, OrganisationId,
    OverrideGround, PatientKey, QualityPermission, RelationKind, Representation, TreatmentRelation,
};
use serde::Deserialize;
use uuid::Uuid;

use super::rows::Known;
use crate::{
    Error, Result, consent::rows::Terms as ConsentTerms,
    delegation::rows::representations::Terms as RepresentationTerms, patient::rows::key,
    revocation::Credential, store::Cells,
};

/// One row of the statement; which columns it uses is by the kind of fact.
#[derive(Debug)]
pub(super) struct Row {
    fact: String,
    /// The patient's key, or the helper's.
    key: Option<Vec<u8>>,
    pub(super) id: Vec<u8>,
    other_key: Option<Vec<u8>>,
    kind: Option<String>,
    organisation: Option<String>,
    /// An authorisation id.
    person: Option<String>,
    /// What is kept as JSON.
    terms: Option<String>,
    source: Option<String>,
    valid_from: Option<Micros>,
    valid_until: Option<Micros>,
    ended_at: Option<Micros>,
    pub(super) created_at: Option<Micros>,
}

impl Row {
    /// Reads it by the places of the statement's columns.
    pub(super) fn read(row: &impl Cells) -> Result<Self> {
        let bytes = |at| Ok::<_, Error>(row.bytes(at)?.map(<[u8]>::to_vec));
        let text = |at| Ok::<_, Error>(row.text(at)?.map(str::to_owned));
        Ok(Self {
            fact: text(0)?.ok_or_else(malformed)?,
            key: bytes(1)?,
            id: bytes(2)?.ok_or_else(malformed)?,
            other_key: bytes(3)?,
            kind: text(4)?,
            organisation: text(5)?,
            person: text(6)?,
            terms: text(7)?,
            source: text(8)?,
            valid_from: row.number(9)?,
            valid_until: row.number(10)?,
            ended_at: row.number(11)?,
            created_at: row.number(12)?,
        })
    }

    /// Whether it says that the person has other numbers.
    pub(super) fn is_link(&self) -> bool {
        self.fact == "link"
    }

    /// Whether it says that this access was taken back.
    pub(super) fn takes(&self, credential: &Credential) -> bool {
        self.fact == "revocation" && credential.is_taken_by(self.valid_from)
    }

    /// Reads the row and adds it where it belongs.
    pub(super) fn add_to(self, known: &mut Known) -> Result<()> {
        match self.fact.as_str() {
            "number" => {
                let number = self.key()?;
                if !known.keys.contains(&number) {
                    known.keys.push(number);
                }
            }
            "consent" => known.consents.push(self.consent()?),
            "relation" => known.relations.push(self.relation()?),
            "representation" => known.representations.push(self.representation()?),
            "opening" => known.openings.push(self.opening()?),
            "delegation" => known.delegations.push(self.delegation()?),
            // Of older tokens of the caller's, or it would have been refused.
            "revocation" => {}
            "permission" => known.permissions.push(self.permission()?),
            _ => return Err(malformed()),
        }
        Ok(())
    }

    fn consent(self) -> Result<Consent> {
        let ConsentTerms { kind, what, who } = json(self.terms.as_deref())?;
        Ok(Consent {
            id: self.id()?,
            patient: self.key()?,
            kind,
            what,
            who,
            valid_from: self.from()?,
            valid_until: self.valid_until,
            ended_at: self.ended_at,
        })
    }

    fn relation(self) -> Result<TreatmentRelation> {
        Ok(TreatmentRelation {
            id: self.id()?,
            patient: self.key()?,
            organisation: self.organisation()?,
            person: self.person.as_deref().map(authorisation).transpose()?,
            kind: read(self.kind.as_deref(), RelationKind::from_code)?,
            from: self.from()?,
            until: self.valid_until,
            ended_at: self.ended_at,
            source: self.source.ok_or_else(malformed)?,
        })
    }

    fn representation(self) -> Result<Representation> {
        let terms: RepresentationTerms = json(self.terms.as_deref())?;
        Ok(Representation {
            id: self.id()?,
            patient: self.key()?,
            representative: key(self.other_key.as_deref().ok_or_else(malformed)?)?,
            kind: read(self.kind.as_deref(), representation_kind)?,
            rights: terms.rights,
            document_types: terms.document_types,
            after_fifteen: terms.after_fifteen,
            from: self.from()?,
            until: self.valid_until,
            ended_at: self.ended_at,
        })
    }

    fn opening(self) -> Result<Opening> {
        Ok(Opening {
            id: self.id()?,
            patient: self.key()?,
            person: self.person()?,
            organisation: self.organisation()?,
            ground: read(self.kind.as_deref(), OverrideGround::from_code)?,
            from: self.from()?,
            until: self.until()?,
        })
    }

    fn delegation(self) -> Result<HelperDelegation> {
        Ok(HelperDelegation {
            id: self.id()?,
            helper: self.key()?,
            responsible: self.person()?,
            organisation: self.organisation()?,
            rights: json(self.terms.as_deref())?,
            from: self.from()?,
            until: self.until()?,
            ended_at: self.ended_at,
        })
    }

    fn permission(self) -> Result<QualityPermission> {
        Ok(QualityPermission {
            id: self.id()?,
            organisation: self.organisation()?,
            person: self.person()?,
            from: self.from()?,
            until: self.until()?,
            ended_at: self.ended_at,
        })
    }

    fn id(&self) -> Result<Uuid> {
        Uuid::from_slice(&self.id).map_err(Error::internal)
    }

    fn key(&self) -> Result<PatientKey> {
        key(self.key.as_deref().ok_or_else(malformed)?)
    }

    fn organisation(&self) -> Result<OrganisationId> {
        read(self.organisation.as_deref(), |text| {
            OrganisationId::parse(text).ok()
        })
    }

    fn person(&self) -> Result<AuthorisationId> {
        self.person
            .as_deref()
            .map_or_else(|| Err(malformed()), authorisation)
    }

    fn from(&self) -> Result<Micros> {
        self.valid_from.ok_or_else(malformed)
    }

    fn until(&self) -> Result<Micros> {
        self.valid_until.ok_or_else(malformed)
    }
}

fn malformed() -> Error {
    Error::internal("a stored fact is malformed")
}

fn read<T>(text: Option<&str>, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
    text.and_then(parse).ok_or_else(malformed)
}

fn authorisation(text: &str) -> Result<AuthorisationId> {
    AuthorisationId::parse(text).map_err(|_| malformed())
}

fn json<'a, T: Deserialize<'a>>(text: Option<&'a str>) -> Result<T> {
    serde_json::from_str(text.ok_or_else(malformed)?).map_err(Error::internal)
}

fn representation_kind(word: &str) -> Option<CitizenRelation> {
    match word {
        "custody" => Some(CitizenRelation::Custody),
        "guardian" => Some(CitizenRelation::Guardian),
        "proxy" => Some(CitizenRelation::Proxy),
        _ => None,
    }
}
