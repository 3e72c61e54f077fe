//! "Who would see what, and why", in sentences for people.

use delt_hub::{
    Error, Released, Result,
    consent::operations::{ExplainAccess, Explained},
};
use delt_policy::Purpose;
use delt_proto::consent::v1;

use crate::grpc::{relation::authorisation, wire};

pub(super) fn read(message: v1::ExplainAccessRequest) -> Result<ExplainAccess> {
    Ok(ExplainAccess {
        patient: wire::person("patient", message.patient.as_ref())?,
        role: wire::bounded("role", message.role, 64)?,
        organisation: wire::organisation("organisation", &message.organisation)?,
        authorisation: authorisation("authorisation_id", &message.authorisation_id)?,
        purpose: purpose(&message.purpose_of_use)?,
    })
}

/// Treatment where none is given.
fn purpose(code: &str) -> Result<Purpose> {
    match code {
        "" => Ok(Purpose::Treat),
        code => Purpose::from_code(code)
            .ok_or_else(|| Error::invalid("purpose_of_use", "is not a purpose that Delt knows")),
    }
}

pub(super) fn written(done: Released<Explained>) -> v1::ExplainAccessResponse {
    let explained = &done.value;
    v1::ExplainAccessResponse {
        admitted: explained.admitted,
        grounds: wire::grounds(&explained.grounds),
        visible: explained.visible,
        withheld_by_consent: explained.withheld_by_consent,
        withheld_by_role: explained.withheld_by_role,
        explanations: vec![
            v1::Explanation {
                language: "da".to_owned(),
                text: danish(explained),
            },
            v1::Explanation {
                language: "en".to_owned(),
                text: english(explained),
            },
        ],
        receipt: Some(wire::receipt(&done.receipt)),
        ..v1::ExplainAccessResponse::default()
    }
}

fn danish(explained: &Explained) -> String {
    if !explained.admitted {
        return "Den sundhedsperson ville ikke få adgang til noget.".to_owned();
    }
    let Explained {
        visible,
        withheld_by_consent,
        withheld_by_role,
        ..
    } = explained;
    let all = visible + withheld_by_consent + withheld_by_role;
    format!(
        "Den sundhedsperson ville se {visible} af {all} oplysninger; {withheld_by_consent} holdes tilbage af dine \
         spærringer, og {withheld_by_role} ligger uden for rollen."
    )
}

fn english(explained: &Explained) -> String {
    if !explained.admitted {
        return "That professional would get no access.".to_owned();
    }
    let Explained {
        visible,
        withheld_by_consent,
        withheld_by_role,
        ..
    } = explained;
    let all = visible + withheld_by_consent + withheld_by_role;
    format!(
        "That professional would see {visible} of {all} entries; {withheld_by_consent} are withheld by the citizen's \
         blocks, and {withheld_by_role} lie outside the role."
    )
}
