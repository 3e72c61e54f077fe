//! What can be asked of this noun.
