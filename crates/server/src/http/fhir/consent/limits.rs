//! What one rule of a consent is limited to, in Delt's words: for which purposes, who, and what.

use delt_formats::fhir::consent::{
    Data, DataMeaning, Provision, ProvisionType, Reference, Referenced,
};
use delt_policy::{AuthorisationId, OrganisationId, Origin, Period, What, Who};

use super::moments::bounds;
use super::{Refusal, Remark};

/// For which of the purposes that Delt opens anything for a rule is. In v3-ActReason quality work is one of the health
/// care operations and break-glass a treatment, so TREAT with HOPERAT names all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purposes {
    /// All of them.
    All,
    /// Break-glass alone.
    BreakGlass,
}

/// A rule with the path where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule<'a> {
    pub(super) path: &'a str,
    pub(super) says: &'a Provision,
}

impl Rule<'_> {
    fn refuse(&self, member: &str, reason: &'static str) -> Refusal {
        Refusal::new(format!("{}.{member}", self.path), reason)
    }

    pub(super) fn limits_data(&self) -> bool {
        self.says.data_period.is_some() || !self.says.data.is_empty()
    }

    /// Labels limit a rule in a way that nothing in a Delt consent can.
    pub(super) fn check_labels(&self) -> Result<(), Refusal> {
        let reason = "Delt's consents do not look at security labels: what is confidential is for the roles to see or not to see";
        let none = self.says.labels.is_empty();
        none.then_some(())
            .ok_or_else(|| self.refuse("securityLabel", reason))
    }

    pub(super) fn purposes(&self, remarks: &mut Vec<Remark>) -> Result<Purposes, Refusal> {
        let codes: Vec<&str> = self
            .says
            .purposes
            .iter()
            .map(|purpose| purpose.code.as_str())
            .collect();
        let known = ["TREAT", "HOPERAT", "HQUALIMP", "BTG"];
        if codes.is_empty() {
            return Ok(Purposes::All);
        }
        if codes == ["BTG"] {
            return Ok(Purposes::BreakGlass);
        }
        if codes.iter().any(|code| !known.contains(code)) {
            remarks.push(Remark::PurposeNeverOpened);
        }
        if codes.contains(&"TREAT") && codes.contains(&"HOPERAT") {
            return Ok(Purposes::All);
        }
        let reason = if codes.iter().any(|code| known.contains(code)) {
            "a consent in Delt holds for treatment and for operations alike: name both TREAT and HOPERAT, or no purpose"
        } else {
            "Delt opens nothing for this purpose, so there is nothing to permit or to block"
        };
        Err(self.refuse("purpose", reason))
    }

    /// Everybody whom the rule is about; one record for each.
    pub(super) fn who(&self) -> Result<Vec<Who>, Refusal> {
        if self.says.actors.is_empty() {
            return Ok(vec![Who::All]);
        }
        let kind = self.says.kind;
        self.says
            .actors
            .iter()
            .map(|actor| who(actor, kind))
            .collect()
    }

    /// All that the rule is about; one record for each.
    pub(super) fn what(&self) -> Result<Vec<What>, Refusal> {
        let (from, after) = bounds(self.says.data_period, self.says.kind);
        let period = self.says.data_period.map(|_| Period {
            from,
            to: after.map(|after| after - 1),
        });
        if let Some(Period {
            from: Some(from),
            to: Some(to),
        }) = period
            && to < from
        {
            return Err(self.refuse(
                "dataPeriod",
                "is too short to be kept without its offset from UTC",
            ));
        }
        let within = |what: What| What { period, ..what };
        if self.says.data.is_empty() {
            return Ok(vec![within(What::all())]);
        }
        let kind = self.says.kind;
        let each = self
            .says
            .data
            .iter()
            .map(|data| what(data, kind).map(within));
        each.collect()
    }
}

fn who(actor: &Reference, kind: ProvisionType) -> Result<Who, Refusal> {
    match &actor.to {
        Referenced::Practitioner(id) => AuthorisationId::parse(id.as_str())
            .map(Who::Person)
            .map_err(|_| Refusal::new(&actor.path, "must be an authorisation id")),
        Referenced::Organization(_) => Ok(Who::Organisation(place(actor, kind)?)),
        _ => Err(Refusal::new(
            &actor.path,
            "must be a professional by authorisation id or an organisation by SOR code: Delt knows no groups, devices or citizens as readers",
        )),
    }
}

/// Underlying units are meant where that closes more, and not where it would open more.
fn place(reference: &Reference, kind: ProvisionType) -> Result<Origin, Refusal> {
    let Referenced::Organization(sor) = &reference.to else {
        return Err(Refusal::new(
            &reference.path,
            "must be an organisation by SOR code",
        ));
    };
    let organisation = OrganisationId::sor(sor.as_str())
        .map_err(|_| Refusal::new(&reference.path, "must be a SOR code"))?;
    Ok(Origin {
        organisation,
        with_underlying: kind == ProvisionType::Deny,
    })
}

fn what(data: &Data, kind: ProvisionType) -> Result<What, Refusal> {
    let refuse = |reason| Err(Refusal::new(&data.reference.path, reason));
    match (data.meaning, &data.reference.to) {
        (DataMeaning::Instance, Referenced::Document(entry)) => Ok(What {
            entry: Some(*entry),
            ..What::all()
        }),
        (DataMeaning::Instance, _) => refuse(
            "must be a DocumentReference by its entryUUID: Delt keeps pointers to documents, and nothing smaller",
        ),
        (DataMeaning::AuthoredBy, Referenced::Organization(_)) => Ok(What {
            origin: Some(place(&data.reference, kind)?),
            ..What::all()
        }),
        (DataMeaning::AuthoredBy, _) => refuse(
            "must be an organisation by SOR code: Delt's consents look at where data come from, not at who wrote them",
        ),
        (DataMeaning::Related | DataMeaning::Dependents, _) => refuse(
            "Delt's consents do not follow data to an encounter, a plan or what depends on them: name the period, the place or the documents",
        ),
    }
}
