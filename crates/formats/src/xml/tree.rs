//! The tree that a document is read into.

use std::rc::Rc;

/// An element: local name, namespace, unprefixed attributes, content in order.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) name: String,
    /// Empty where the element is in no namespace.
    pub(crate) namespace: Rc<str>,
    pub(super) attributes: Vec<(String, String)>,
    pub(crate) nodes: Vec<Node>,
}

/// A piece of an element's content.
#[derive(Debug)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// The value of an unprefixed attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The child elements.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The text directly within the element, trimmed.
    pub(crate) fn text(&self) -> String {
        let texts = self.nodes.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect::<String>().trim().to_owned()
    }

    /// Drops every element below that is of another namespace than this one, so that an extension
    /// (such as `sdtc:id` in CDA) is not taken for the element whose local name it shares.
    pub(crate) fn keep_own_namespace(&mut self) {
        let own = Rc::clone(&self.namespace);
        self.nodes.retain_mut(|node| match node {
            Node::Text(_) => true,
            Node::Element(element) if element.namespace == own => {
                element.keep_own_namespace();
                true
            }
            Node::Element(_) => false,
        });
    }

    pub(super) fn push_text(&mut self, text: &str) {
        if let Some(Node::Text(last)) = self.nodes.last_mut() {
            last.push_str(text);
        } else {
            self.nodes.push(Node::Text(text.to_owned()));
        }
    }
}
