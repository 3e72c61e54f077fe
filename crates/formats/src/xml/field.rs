//! A place in a document: the element, if it is there, and the path for what is said about it.

use super::Element;
use crate::violation::{Problems, ViolationCode};

/// A place in a document that may be empty. Reading an absent field is what reports it as missing.
#[derive(Debug, Clone)]
pub(crate) struct Field<'a> {
    element: Option<&'a Element>,
    path: String,
}

impl<'a> Field<'a> {
    pub(crate) fn root(element: &'a Element) -> Self {
        Self {
            path: format!("/{}", element.name),
            element: Some(element),
        }
    }

    /// A place whose own name is not shown in paths.
    pub(crate) fn named(element: &'a Element, path: &str) -> Self {
        Self {
            path: path.to_owned(),
            element: Some(element),
        }
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    pub(crate) fn element(&self) -> Option<&'a Element> {
        self.element
    }

    pub(crate) fn is_there(&self) -> bool {
        self.element.is_some()
    }

    /// The first child of this name.
    pub(crate) fn child(&self, name: &str) -> Field<'a> {
        let element = self
            .element
            .and_then(|e| e.elements().find(|child| child.name == name));
        Field {
            element,
            path: format!("{}/{name}", self.path),
        }
    }

    /// Every child of this name, numbered from 1 as in `XPath`.
    pub(crate) fn children(&self, name: &str) -> Vec<Field<'a>> {
        let all = self.element.into_iter().flat_map(Element::elements);
        all.filter(|child| child.name == name)
            .enumerate()
            .map(|(at, element)| Field {
                element: Some(element),
                path: format!("{}/{name}[{}]", self.path, at + 1),
            })
            .collect()
    }

    /// The text, if the field is there and not empty.
    pub(crate) fn text(&self) -> Option<String> {
        self.element
            .map(Element::text)
            .filter(|text| !text.is_empty())
    }

    /// An attribute, if it is there and not empty.
    pub(crate) fn attribute(&self, name: &str) -> Option<&'a str> {
        self.element
            .and_then(|e| e.attribute(name))
            .filter(|value| !value.is_empty())
    }

    /// The text; its absence is a violation.
    pub(crate) fn required(&self, problems: &mut Problems) -> Option<String> {
        let text = self.text();
        if text.is_none() {
            self.missing(problems);
        }
        text
    }

    pub(crate) fn missing(&self, problems: &mut Problems) {
        problems.push(&self.path, ViolationCode::Missing, "must be there");
    }
}
