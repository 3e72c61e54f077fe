//! The bidirectional stream.

use std::fmt;

use delt_proto::common::v1::RequestContext;
use delt_proto::document::v1::register_documents_response::Outcome;
use delt_proto::document::v1::{ItemError, RegisterDocumentsRequest, RegisterDocumentsResponse};
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::sync::mpsc;

use super::{Item, LineError, LineOutcome, Options};
use crate::json::JsonError;
use crate::{ClientError, Documents, Violation};

/// What still waits for its outcome, in the order of the items.
type Waiting = (u64, Option<JsonError>);

type Answers = BoxStream<'static, Result<RegisterDocumentsResponse, ClientError>>;

/// The outcomes, in the order of the items.
pub struct Outcomes {
    waiting: mpsc::Receiver<Waiting>,
    answers: Answers,
}

impl Documents {
    /// Registers a stream of items. Items are read only as outcomes are taken: at most `options.window` are under way.
    pub async fn register_all(
        &self,
        items: impl Stream<Item = Item> + Send + 'static,
        options: Options,
    ) -> Result<Outcomes, ClientError> {
        let (announce, waiting) = mpsc::channel(options.window.max(1));
        let mut request = tonic::Request::new(requests(items, announce, options.context));
        self.0.caller.sign(&mut request, self.0.caller.ids.next())?;
        let answers = self
            .0
            .stub
            .clone()
            .register_documents(request)
            .await?
            .into_inner();
        let answers = answers
            .map(|answer| answer.map_err(ClientError::from))
            .boxed();
        Ok(Outcomes { waiting, answers })
    }
}

/// Announces each item before it is sent. The channel's bound is the window: a full one holds the stream back.
fn requests(
    items: impl Stream<Item = Item> + Send + 'static,
    announce: mpsc::Sender<Waiting>,
    context: Option<RequestContext>,
) -> impl Stream<Item = RegisterDocumentsRequest> + Send + 'static {
    let start = (items.boxed(), announce, context);
    stream::unfold(start, |(mut items, announce, mut context)| async move {
        loop {
            let (item, entry) = items.next().await?;
            let (entry, unreadable) = match entry {
                Ok(entry) => (Some(entry), None),
                Err(error) => (None, Some(error)),
            };
            announce.send((item, unreadable)).await.ok()?;
            if entry.is_some() {
                // Read from the first message only.
                let request = RegisterDocumentsRequest {
                    item,
                    entry,
                    context: context.take(),
                };
                return Some((request, (items, announce, context)));
            }
        }
    })
}

impl Outcomes {
    /// The outcome of the next item; `None` when all have theirs.
    ///
    /// # Errors
    /// The stream broke, or an outcome is missing or not in order. Items without an outcome may or may not have been
    /// registered; sending them again is harmless.
    pub async fn next(&mut self) -> Result<Option<LineOutcome>, ClientError> {
        match self.waiting.recv().await {
            Some((line, Some(error))) => Ok(Some(LineOutcome {
                line,
                result: Err(error.into()),
            })),
            Some((line, None)) => match self.answers.next().await {
                Some(answer) => outcome(line, answer?).map(Some),
                None => Err(ClientError::Incomplete("items without an outcome")),
            },
            None => match self.answers.next().await {
                None => Ok(None),
                Some(answer) => {
                    answer?;
                    Err(ClientError::Contract("an outcome that belongs to no item"))
                }
            },
        }
    }
}

fn outcome(line: u64, answer: RegisterDocumentsResponse) -> Result<LineOutcome, ClientError> {
    if answer.item != line {
        return Err(ClientError::Contract(
            "outcomes that are not in the order of the items",
        ));
    }
    let result = match answer.outcome {
        Some(Outcome::Registered(registered)) => Ok(registered),
        Some(Outcome::Error(error)) => Err(error.into()),
        None => return Err(ClientError::Contract("an empty outcome")),
    };
    Ok(LineOutcome { line, result })
}

impl From<ItemError> for LineError {
    fn from(error: ItemError) -> Self {
        let violation = |warning: delt_proto::document::v1::Warning| Violation {
            field: warning.field,
            description: warning.description,
        };
        Self::Refused {
            code: error.status.into(),
            reason: error.reason,
            message: error.message,
            violations: error.violations.into_iter().map(violation).collect(),
        }
    }
}

// By hand, because the stream has no text.
impl fmt::Debug for Outcomes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outcomes")
            .field("under_way", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use delt_proto::document::v1::{DocumentEntry, RegisterDocumentResponse};
    use futures_util::FutureExt as _;

    use super::*;

    fn good(line: u64) -> Item {
        (line, Ok(DocumentEntry::default()))
    }

    fn registered(item: u64) -> RegisterDocumentsResponse {
        let outcome = Some(Outcome::Registered(RegisterDocumentResponse::default()));
        RegisterDocumentsResponse { item, outcome }
    }

    /// A hub that answers each request at once.
    fn echo(items: impl Stream<Item = Item> + Send + 'static, window: usize) -> Outcomes {
        let (announce, waiting) = mpsc::channel(window);
        let answers = requests(items, announce, None).map(|request| Ok(registered(request.item)));
        Outcomes {
            waiting,
            answers: answers.boxed(),
        }
    }

    #[tokio::test]
    async fn unreadable_lines_keep_their_place() {
        let unreadable = (2, Err(JsonError::TooLong));
        let (announce, waiting) = mpsc::channel(8);
        let items = stream::iter([good(1), unreadable, good(3)]);
        let sent: Vec<_> = requests(items, announce, Some(RequestContext::default()))
            .collect()
            .await;
        assert_eq!(
            sent.iter()
                .map(|r| (r.item, r.context.is_some()))
                .collect::<Vec<_>>(),
            [(1, true), (3, false)]
        );
        let answers = stream::iter([Ok(registered(1)), Ok(registered(3))]).boxed();
        let mut outcomes = Outcomes { waiting, answers };
        let mut seen = Vec::new();
        while let Some(outcome) = outcomes.next().await.unwrap() {
            seen.push((outcome.line, outcome.result.is_ok()));
        }
        assert_eq!(seen, [(1, true), (2, false), (3, true)]);
    }

    #[tokio::test]
    async fn no_more_is_read_than_the_window_holds() {
        let read = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&read);
        let items = stream::iter(1..1000).map(move |line| {
            counter.fetch_add(1, Ordering::Relaxed);
            good(line)
        });
        let (announce, mut waiting) = mpsc::channel(4);
        let mut sending = requests(items, announce, None).boxed();
        for _ in 0..4 {
            sending.next().await.unwrap();
        }
        assert!(sending.next().now_or_never().is_none());
        assert_eq!(
            read.load(Ordering::Relaxed),
            5,
            "one more waits at the door"
        );
        waiting.recv().await.unwrap();
        assert!(sending.next().now_or_never().is_some());
    }

    #[tokio::test]
    async fn a_stream_that_ends_early_or_out_of_order_is_an_error() {
        let ended = |answers: Vec<u64>| async move {
            let (announce, waiting) = mpsc::channel(8);
            requests(stream::iter([good(1), good(2)]), announce, None)
                .count()
                .await;
            let answers = stream::iter(answers)
                .map(|item| Ok(registered(item)))
                .boxed();
            let mut outcomes = Outcomes { waiting, answers };
            loop {
                match outcomes.next().await {
                    Ok(Some(_)) => {}
                    Ok(None) => return "done",
                    Err(ClientError::Incomplete(_)) => return "incomplete",
                    Err(_) => return "contract",
                }
            }
        };
        assert_eq!(ended(vec![1, 2]).await, "done");
        assert_eq!(ended(vec![1]).await, "incomplete");
        assert_eq!(ended(vec![2, 1]).await, "contract");
        assert_eq!(ended(vec![1, 2, 3]).await, "contract");
    }

    #[tokio::test]
    async fn an_empty_stream_has_no_outcomes() {
        let mut outcomes = echo(stream::empty(), 1);
        drop(outcomes.answers.next().await);
        outcomes.answers = stream::empty().boxed();
        assert!(outcomes.next().await.unwrap().is_none());
    }
}
