//! How much of an input is read before it is refused.

/// The bounds that every parser keeps, so that no input costs more than they allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Length of the input in bytes.
    pub bytes: usize,
    /// Nesting of elements (XML) or of objects and arrays (JSON).
    pub depth: usize,
    /// Number of elements and attributes (XML) or of values (JSON).
    pub elements: usize,
}

impl Limits {
    /// The bounds for one message or document: 10 MiB, 64 levels, 200 000 elements.
    pub const MESSAGE: Self = Self {
        bytes: 10 * 1024 * 1024,
        depth: 64,
        elements: 200_000,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::MESSAGE
    }
}
