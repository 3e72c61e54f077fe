//! Writes small documents, escaped, as UTF-8.

use quick_xml::escape::escape;

/// Writes elements one after another; the caller nests.
#[derive(Debug)]
pub(crate) struct Writer {
    text: String,
}

impl Writer {
    /// Begins a document.
    pub(crate) fn new() -> Self {
        Self {
            text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
        }
    }

    /// An element in the namespace that then is the default.
    pub(crate) fn root(&mut self, name: &str, namespace: &str, inner: impl FnOnce(&mut Self)) {
        let namespace = escape(namespace);
        self.push(&["<", name, " xmlns=\"", &namespace, "\">"]);
        inner(self);
        self.push(&["</", name, ">\n"]);
    }

    /// An element that holds elements.
    pub(crate) fn element(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        self.push(&["<", name, ">"]);
        inner(self);
        self.push(&["</", name, ">"]);
    }

    /// An element that holds text. Characters that XML cannot carry are dropped.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        let carried = |c: &char| !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}');
        let kept: String = text.chars().filter(|c| *c == '\n' || carried(c)).collect();
        self.push(&["<", name, ">", &escape(kept.as_str()), "</", name, ">"]);
    }

    fn push(&mut self, parts: &[&str]) {
        for part in parts {
            self.text.push_str(part);
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}
