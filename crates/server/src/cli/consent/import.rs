//! `delt consent import FILE.json`

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use clap::Args;
use delt_client::Violation;
use delt_formats::Limits;
use delt_formats::fhir::consent::{Consent as FhirConsent, ConsentError, parse_consent};
use delt_hub::entropy;
use delt_proto::common::v1::Identifier;
use delt_proto::consent::v1::{Consent as Registered, CreateConsentRequest};
use serde_json::{Value, json};

use super::text::table;
use crate::cli::arguments::HubArgs;
use crate::cli::connect::{Session, Usually};
use crate::cli::failure::Failure;
use crate::cli::output::Output;
use crate::cli::{Done, Outcome, Surroundings, json as wire};
use crate::grpc::written_terms;
use crate::http::fhir::consent::{Mapped, map};

/// The consent is read, mapped and registered as a whole, what closes before what opens. The same file again registers
/// nothing anew.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// A FHIR R4 Consent by IHE PCF
    #[arg(value_name = "FILE.json")]
    file: PathBuf,
    /// Say what it comes to, and register nothing
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub(super) async fn run(self, hub: &HubArgs, around: &Surroundings<'_>) -> Outcome {
        let text = read(&self.file)?;
        let now = around.now().unix_timestamp_nanos() / 1_000;
        let mapped = map(&parse(&text)?, i64::try_from(now).unwrap_or_default());
        let mapped = mapped.map_err(|refusal| {
            Failure::new("Delt cannot keep this consent as it was given")
                .violations(vec![violation(refusal.path, refusal.reason)])
        })?;
        let asked: Vec<Registered> = mapped.records.iter().map(written_terms).collect();
        if self.dry_run || asked.is_empty() {
            let output = Output { json: hub.json };
            tell(output, &asked, &mapped, false)?;
            return Ok(Done::All);
        }
        let patient = Identifier {
            system: mapped.patient.system().to_owned(),
            value: mapped.patient.value().to_owned(),
        };
        // Who gave it for somebody else registers it as themself: that is for them to say.
        let usually = if mapped.for_another {
            Usually::Somebody
        } else {
            Usually::Citizen(&patient)
        };
        let session = hub.connect(around, usually).await?;
        let kept = register(&session, &patient, asked, &text).await?;
        tell(session.output, &kept, &mapped, true)?;
        Ok(Done::All)
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    let mut text = String::new();
    let most = u64::try_from(Limits::MESSAGE.bytes).unwrap_or(u64::MAX);
    // One byte more, so that the parser sees and tells that it is too long.
    let file = File::open(path).map(|file| file.take(most.saturating_add(1)));
    file.and_then(|mut file| file.read_to_string(&mut text))
        .map_err(|cause| Failure::file(path, &cause))?;
    Ok(text)
}

fn parse(text: &str) -> Result<FhirConsent, Failure> {
    parse_consent(text.as_bytes(), &Limits::MESSAGE).map_err(|error| {
        let failure = Failure::new(error.to_string());
        let ConsentError::Invalid(found) = error else {
            return failure;
        };
        let found = found.into_iter();
        failure.violations(
            found
                .map(|wrong| violation(wrong.path, wrong.message))
                .collect(),
        )
    })
}

fn violation(field: String, description: &str) -> Violation {
    Violation {
        field,
        description: description.to_owned(),
    }
}

/// One after the other. The id of each request follows from the file, so that a run that was stopped can be run again.
async fn register(
    session: &Session,
    patient: &Identifier,
    asked: Vec<Registered>,
    text: &str,
) -> Result<Vec<Registered>, Failure> {
    let all = asked.len();
    let mut kept = Vec::with_capacity(all);
    for (number, consent) in asked.into_iter().enumerate() {
        let request = CreateConsentRequest {
            context: session.context.clone(),
            patient: Some(patient.clone()),
            consent: Some(consent),
            request_id: entropy::derived("consent-import", text, &number.to_string()).to_string(),
        };
        let answer = session.hub.consents().create(request).await;
        let answer = answer.map_err(|error| match number {
            0 => error.into(),
            done => Failure::from(error).hint(format!(
                "{done} of {all} are registered, what closes first; run the same command again to go on"
            )),
        })?;
        kept.push(answer.consent.unwrap_or_default());
    }
    Ok(kept)
}

fn tell(
    output: Output,
    consents: &[Registered],
    mapped: &Mapped,
    done: bool,
) -> Result<(), Failure> {
    let remarks = || mapped.remarks.iter().map(|remark| remark.text());
    output.answer(
        || {
            json!({
                "registered": done,
                "consents": consents.iter().map(wire::consent).collect::<Value>(),
                "remarks": remarks().collect::<Vec<_>>(),
            })
        },
        || {
            let mut text = if consents.is_empty() {
                String::new()
            } else {
                table(consents)
            };
            text.extend(remarks().map(|remark| format!("note: {remark}\n")));
            if !done {
                text.push_str("nothing was registered\n");
            }
            text
        },
    )
}
