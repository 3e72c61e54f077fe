//! `RegisterDocument`: puts a pointer into the index (IHE ITI-42, ITI-61 in spirit).

pub(crate) mod together;

use delt_policy::{Action, PatientKey, Scope};
use uuid::Uuid;

use crate::{
    Error, Result,
    document::{
        DocumentEntry, EncodedEntry,
        check::{self, Origin, Terms},
        identity, relate,
        rows::{self, NewRow},
        seal,
    },
    error::{FieldViolation, code},
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    organisation::Validation,
    patient,
    store::Tx,
};

/// Registers one document.
#[derive(Debug, Clone)]
pub struct RegisterDocument {
    pub entry: DocumentEntry,
    pub encoded: EncodedEntry,
}

/// What became of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    pub entry_uuid: Uuid,
    /// This very entry was registered before; nothing changed now.
    pub already_registered: bool,
    /// Where the entry leaves the Danish profile, for a source on level WARN.
    pub warnings: Vec<FieldViolation>,
    /// What the entry replaced, with the addenda and transforms of that.
    pub superseded: Vec<Uuid>,
}

impl Sealed for RegisterDocument {}

impl Operation for RegisterDocument {
    type Outcome = Registered;
    const ACTION: Action = Action::RegisterDocument;
    const EFFECT: Effect = Effect::Writes;

    fn subject(&self) -> Subject {
        Subject {
            patient: Some(self.entry.patient.clone()),
            organisations: vec![self.entry.author.institution.organisation.clone()],
            target: Some(self.entry.entry_uuid.to_string()),
            ..Subject::default()
        }
    }

    async fn run(&self, scope: &Scope, tx: &mut Tx<'_>, cx: &Context) -> Result<Found<Registered>> {
        let registration = Registration {
            entry: &self.entry,
            encoded: &self.encoded,
            message_id: None,
        };
        register(tx, scope, cx, &registration).await.map(Found::new)
    }
}

/// An entry on its way into the index: from its source, or with the message that brought the document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registration<'a> {
    pub(crate) entry: &'a DocumentEntry,
    pub(crate) encoded: &'a EncodedEntry,
    /// The message whose content the hub itself keeps. Such an entry is made by the hub from a validated message, so neither the sender's source
    /// nor the profile's level applies to it.
    pub(crate) message_id: Option<Uuid>,
}

/// Registers an entry within a transaction. Also for other nouns, such as a message that is shared as it is sent.
pub(crate) async fn register(
    tx: &mut Tx<'_>,
    scope: &Scope,
    cx: &Context,
    registration: &Registration<'_>,
) -> Result<Registered> {
    let Registration { entry, encoded, .. } = *registration;
    let mut answer = admitted(scope, cx, registration)?;
    let known = identity::is_registered(tx, scope, cx, entry, encoded).await?;
    if known || !insert(tx, scope, cx, registration, &mut answer).await? {
        answer.already_registered = true;
        answer.superseded = relate::superseded_by(tx, scope, entry.entry_uuid).await?;
    }
    Ok(answer)
}

/// Whether the entry may be registered, and what it is answered with where nothing stands in its way.
fn admitted(scope: &Scope, cx: &Context, registration: &Registration<'_>) -> Result<Registered> {
    let entry = registration.entry;
    if !scope.may_write_for(&entry.author.institution.organisation) {
        return Err(Error::new(code::FOREIGN_ORGANISATION));
    }
    Ok(Registered {
        entry_uuid: entry.entry_uuid,
        already_registered: false,
        warnings: checked(cx, registration)?,
        superseded: Vec::new(),
    })
}

/// Checks the entry and gives the warnings.
fn checked(cx: &Context, registration: &Registration<'_>) -> Result<Vec<FieldViolation>> {
    let system = cx.directory.system(&cx.caller.party().system.id);
    let (level, origin) = match (registration.message_id, system) {
        (Some(_), _) => (Validation::Off, Origin::Message),
        (None, Some(system)) => (system.validation, Origin::Source(system.source.as_ref())),
        (None, None) => (Validation::Reject, Origin::Source(None)),
    };
    let document_bytes_max = cx.settings.document_bytes_max;
    let terms = Terms {
        level,
        origin,
        now: cx.now,
        document_bytes_max,
    };
    check::check(registration.entry, registration.encoded, &terms)
}

/// Adds the entry and does what its relations say. `false` where another request registered the very same entry in the meantime.
async fn insert(
    tx: &mut Tx<'_>,
    scope: &Scope,
    cx: &Context,
    registration: &Registration<'_>,
    answer: &mut Registered,
) -> Result<bool> {
    let Registration { entry, encoded, .. } = *registration;
    let targets = relate::targets(tx, scope, entry).await?;
    let patient = patient::rows::keep_number(tx, &cx.keys, &entry.patient, cx.now).await?;
    if rows::insert(tx, scope, row(cx, registration, patient)?).await? {
        answer.superseded = relate::apply(tx, scope, cx, entry.entry_uuid, &targets).await?;
        return Ok(true);
    }
    if identity::is_registered(tx, scope, cx, entry, encoded).await? {
        return Ok(false);
    }
    Err(Error::new(code::STORE_UNAVAILABLE).retry_after_ms(100))
}

/// The entry as it will be kept.
fn row<'a>(
    cx: &'a Context,
    registration: &Registration<'a>,
    patient: PatientKey,
) -> Result<NewRow<'a>> {
    let Registration { entry, encoded, .. } = *registration;
    let place = seal::row(&patient, entry.entry_uuid);
    Ok(NewRow {
        entry,
        patient,
        sealed_entry: cx.keys.seal(seal::PURPOSE, &place, &encoded.bytes)?,
        digest: seal::digest(&cx.keys, entry, encoded),
        registered_at: cx.now,
        registered_by: &cx.caller.party().system.id,
        message_id: registration.message_id,
    })
}
