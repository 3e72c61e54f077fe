//! What can be asked of the directory. It holds no personal data, but who reads it is known and logged all the same.

use std::sync::Arc;

use delt_policy::{Action, Scope};

use super::Directory;
use crate::{
    Result,
    operation::{Context, Effect, Found, Operation, Sealed, Subject},
    store::Tx,
};

/// The directory as it stands.
#[derive(Debug, Clone, Copy)]
pub struct ReadDirectory;

impl Sealed for ReadDirectory {}

impl Operation for ReadDirectory {
    type Outcome = Arc<Directory>;
    const ACTION: Action = Action::ReadDirectory;
    const EFFECT: Effect = Effect::Reads;

    fn subject(&self) -> Subject {
        Subject::default()
    }

    async fn run(
        &self,
        _scope: &Scope,
        _tx: &mut Tx<'_>,
        cx: &Context,
    ) -> Result<Found<Arc<Directory>>> {
        Ok(Found::new(cx.directory.clone()))
    }
}
