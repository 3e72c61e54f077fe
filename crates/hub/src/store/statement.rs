//! Running one statement text on either backend.

/// Runs `$body` with `$c` bound to the connection behind a [`super::Tx`].
///
/// The body is compiled once per backend, so that one SQL text and one list of binds serve both; its value must be of the same type on both.
macro_rules! on {
    ($tx:expr, $c:ident => $body:expr) => {
        match $tx {
            $crate::store::Tx::Sqlite(tx) => {
                let $c = &mut **tx;
                $body
            }
            $crate::store::Tx::Postgres(tx) => {
                let $c = &mut **tx;
                $body
            }
        }
    };
}

pub(crate) use on;
