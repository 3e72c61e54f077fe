//! Spans of operations, their parents, and what they may say.
//!
//! All spans that leave the process are made here and in `delt_hub::trace`. What they can say is in the signatures: names and outcomes that the code
//! knows, never a text of a request. So no token and no person can get into one, by mistake neither.

use delt_hub::{Kind, trace::TARGET};
use opentelemetry::{
    Context, SpanId, TraceFlags, TraceId,
    trace::{SpanContext, TraceContextExt as _, TraceState},
};
use tracing::{Span, field::Empty, info_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::Outcome;

/// What a call's spans are part of.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// Of this call, where it has several operations.
    span: Span,
    /// W3C `traceparent` of the caller.
    traceparent: Option<String>,
}

impl Origin {
    pub(crate) const fn new(traceparent: Option<String>) -> Self {
        Self {
            span: Span::none(),
            traceparent,
        }
    }

    /// One span for all that follows, for calls with several operations.
    pub(crate) fn open(&mut self, call: &'static str) {
        self.span = self.operation(call);
    }

    /// The span of one operation. `name` is one of the code's.
    pub(crate) fn operation(&self, name: &'static str) -> Span {
        let parent = self.span.id();
        let span = info_span!(
            target: TARGET, parent: parent, "operation",
            otel.name = name, otel.kind = "server", outcome = Empty, otel.status_code = Empty,
        );
        if !span.is_disabled() && self.span.is_none() {
            let remote = self.traceparent.as_deref().and_then(remote);
            // An error means that nobody collects spans.
            let _ = remote
                .map(|remote| span.set_parent(Context::new().with_remote_span_context(remote)));
        }
        span
    }
}

/// Says how an operation ended.
pub(crate) fn ended(span: &Span, outcome: Outcome) {
    if span.is_disabled() {
        return;
    }
    span.record("outcome", outcome.label());
    if matches!(outcome, Outcome::Failed(Kind::Internal | Kind::Unavailable)) {
        span.record("otel.status_code", "ERROR");
    }
}

/// W3C `traceparent` of the span under way, for those who are asked next. None where spans are not collected.
pub(crate) fn traceparent() -> Option<String> {
    let current = Span::current();
    if current.is_disabled() {
        return None;
    }
    let context = current.context();
    let span = context.span();
    let of = span.span_context();
    of.is_valid().then(|| {
        format!(
            "00-{}-{}-{:02x}",
            of.trace_id(),
            of.span_id(),
            of.trace_flags().to_u8()
        )
    })
}

/// Version 00, and what later versions begin with. Vendors' `tracestate` is not passed on: it is a text that others write.
fn remote(traceparent: &str) -> Option<SpanContext> {
    let mut parts = traceparent.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if version.len() != 2 || trace.len() != 32 || span.len() != 16 || flags.len() != 2 {
        return None;
    }
    let context = SpanContext::new(
        TraceId::from_hex(trace).ok()?,
        SpanId::from_hex(span).ok()?,
        TraceFlags::new(u8::from_str_radix(flags, 16).ok()?) & TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    context.is_valid().then_some(context)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_traceparent_is_read_or_left() {
        let good = remote("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
        assert_eq!(
            good.trace_id().to_string(),
            "0af7651916cd43dd8448eb211c80319c"
        );
        assert!(good.is_sampled() && good.is_remote());
        for bad in [
            "",
            "00-0201609996-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319ø-b7ad6b7169203331-01",
        ] {
            assert!(remote(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn without_a_collector_there_is_nothing_to_pass_on() {
        assert_eq!(traceparent(), None);
    }
}
