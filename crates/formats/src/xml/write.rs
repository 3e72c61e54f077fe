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
        self.text
            .push_str(&format!("<{name} xmlns=\"{}\">", escape(namespace)));
        inner(self);
        self.text.push_str(&format!("</{name}>\n"));
    }

    /// An element that holds elements.
    pub(crate) fn element(&mut self, name: &str, inner: impl FnOnce(&mut Self)) {
        self.text.push_str(&format!("<{name}>"));
        inner(self);
        self.text.push_str(&format!("</{name}>"));
    }

    /// An element that holds text. Characters that XML cannot carry are dropped.
    pub(crate) fn text(&mut self, name: &str, text: &str) {
        let kept: String = text
            .chars()
            .filter(|c| !c.is_control() || *c == '\n')
            .collect();
        self.text
            .push_str(&format!("<{name}>{}</{name}>", escape(&kept)));
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}
