//! From [`Credentials`] to a [`Caller`]: the only place where that happens.
