//! From text to tree, within the limits.

use std::rc::Rc;

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;
use quick_xml::{XmlVersion, escape::resolve_predefined_entity};

use super::XmlError;
use super::decode::decode;
use super::tree::{Element, Node};
use crate::Limits;

/// More attributes than any element of the formats read here has.
const MAX_ATTRIBUTES: usize = 64;

/// Reads a whole document into its root element.
pub(crate) fn read(bytes: &[u8], limits: &Limits) -> Result<Element, XmlError> {
    if bytes.len() > limits.bytes {
        return Err(XmlError::TooLarge {
            limit: limits.bytes,
        });
    }
    let text = decode(bytes)?;
    let mut reader = NsReader::from_str(&text);
    let mut builder = Builder::new(*limits);
    loop {
        builder.offset = reader.buffer_position();
        let offset = builder.offset;
        let (namespace, event) = reader
            .read_resolved_event()
            .map_err(|_| XmlError::Malformed { offset })?;
        if matches!(event, Event::Eof) {
            return builder.finish();
        }
        builder.take(&namespace, &event)?;
    }
}

/// The elements that are open, and the root once it is closed.
struct Builder {
    limits: Limits,
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
    namespace: Rc<str>,
    offset: u64,
}

impl Builder {
    fn new(limits: Limits) -> Self {
        let namespace = Rc::from("");
        Self {
            limits,
            open: Vec::new(),
            root: None,
            elements: 0,
            namespace,
            offset: 0,
        }
    }

    fn take(&mut self, namespace: &ResolveResult<'_>, event: &Event<'_>) -> Result<(), XmlError> {
        match event {
            Event::Start(start) => self.start(namespace, start),
            Event::Empty(start) => self.start(namespace, start).and_then(|()| self.end()),
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(reference) => self.reference(reference),
            Event::DocType(_) => Err(XmlError::DoctypeNotAccepted),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, ns: &ResolveResult<'_>, start: &BytesStart<'_>) -> Result<(), XmlError> {
        if self.open.is_empty() && self.root.is_some() {
            return Err(self.malformed());
        }
        if self.open.len() >= self.limits.depth {
            return Err(XmlError::TooDeep {
                limit: self.limits.depth,
            });
        }
        self.count(1)?;
        let attributes = self.attributes(start)?;
        let name = start.local_name().into_inner().to_owned();
        let namespace = self.namespace(ns)?;
        self.open.push(Element {
            name,
            namespace,
            attributes,
            nodes: Vec::new(),
        });
        Ok(())
    }

    /// The unprefixed attributes. The count is bounded before quick-xml compares each with all before it.
    fn attributes(&mut self, start: &BytesStart<'_>) -> Result<Vec<(String, String)>, XmlError> {
        let mut found = Vec::new();
        for (at, attribute) in start.attributes().enumerate() {
            let attribute = attribute.map_err(|_| self.malformed())?;
            if at >= MAX_ATTRIBUTES {
                return Err(XmlError::TooManyElements {
                    limit: MAX_ATTRIBUTES,
                });
            }
            self.count(1)?;
            if attribute.key.prefix().is_some() || attribute.key.as_namespace_binding().is_some() {
                continue;
            }
            let value = attribute
                .normalized_value(XmlVersion::Explicit1_0)
                .map_err(|_| XmlError::UnknownEntity {
                    offset: self.offset,
                })?;
            self.check_characters(&value)?;
            found.push((attribute.key.into_inner().to_owned(), value.into_owned()));
        }
        Ok(found)
    }

    /// The element's namespace, shared with its neighbour's where it is the same.
    fn namespace(&mut self, resolved: &ResolveResult<'_>) -> Result<Rc<str>, XmlError> {
        let uri = match resolved {
            ResolveResult::Unbound => "",
            ResolveResult::Bound(namespace) => namespace.into_inner(),
            ResolveResult::Unknown(_) => return Err(self.malformed()),
        };
        if *self.namespace != *uri {
            self.namespace = Rc::from(uri);
        }
        Ok(Rc::clone(&self.namespace))
    }

    fn end(&mut self) -> Result<(), XmlError> {
        let closed = self.open.pop().ok_or_else(|| self.malformed())?;
        match self.open.last_mut() {
            Some(parent) => parent.nodes.push(Node::Element(closed)),
            None => self.root = Some(closed),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), XmlError> {
        self.check_characters(text)?;
        match self.open.last_mut() {
            Some(element) => element.push_text(text),
            None if text.trim_ascii().is_empty() => {}
            None => return Err(self.malformed()),
        }
        Ok(())
    }

    fn reference(&mut self, reference: &BytesRef<'_>) -> Result<(), XmlError> {
        let unknown = XmlError::UnknownEntity {
            offset: self.offset,
        };
        match reference.resolve_char_ref().map_err(|_| unknown)? {
            Some(character) => self.text(character.encode_utf8(&mut [0; 4])),
            None => self.text(resolve_predefined_entity(reference).ok_or(unknown)?),
        }
    }

    /// XML 1.0 §2.2: no control characters but tab and line ends, and none of the two non-characters.
    fn check_characters(&self, text: &str) -> Result<(), XmlError> {
        let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
        if text.chars().any(forbidden) {
            Err(self.malformed())
        } else {
            Ok(())
        }
    }

    fn count(&mut self, more: usize) -> Result<(), XmlError> {
        self.elements += more;
        if self.elements > self.limits.elements {
            return Err(XmlError::TooManyElements {
                limit: self.limits.elements,
            });
        }
        Ok(())
    }

    fn malformed(&self) -> XmlError {
        XmlError::Malformed {
            offset: self.offset,
        }
    }

    fn finish(self) -> Result<Element, XmlError> {
        let malformed = self.malformed();
        if self.open.is_empty() {
            self.root.ok_or(malformed)
        } else {
            Err(malformed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Element, XmlError> {
        read(
            text.as_bytes(),
            &Limits {
                bytes: 10_000,
                depth: 4,
                elements: 100,
            },
        )
    }

    #[test]
    fn content_keeps_its_order_and_references_are_resolved() {
        let root = parse("<a x='1&amp;2'>f&#248;r <b/>&lt;<![CDATA[<]]></a>").unwrap();
        assert_eq!(root.attribute("x"), Some("1&2"));
        let shown: Vec<_> = root
            .nodes
            .iter()
            .map(|n| match n {
                Node::Element(e) => e.name.clone(),
                Node::Text(t) => t.clone(),
            })
            .collect();
        assert_eq!(shown, ["før ", "b", "<<"]);
    }

    #[test]
    fn entities_cannot_be_defined() {
        let bomb = "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>";
        assert_eq!(parse(bomb).unwrap_err(), XmlError::DoctypeNotAccepted);
        assert_eq!(
            parse("<a>&e;</a>").unwrap_err(),
            XmlError::UnknownEntity { offset: 3 }
        );
        assert!(matches!(
            parse("<a b='&e;'/>"),
            Err(XmlError::UnknownEntity { .. })
        ));
    }

    #[test]
    fn limits_hold() {
        assert!(parse("<a><a><a><a/></a></a></a>").is_ok());
        let deep = parse("<a><a><a><a><a/></a></a></a></a>");
        assert_eq!(deep.unwrap_err(), XmlError::TooDeep { limit: 4 });
        let many = format!("<a>{}</a>", "<b/>".repeat(100));
        assert_eq!(
            parse(&many).unwrap_err(),
            XmlError::TooManyElements { limit: 100 }
        );
        assert_eq!(
            parse(&" ".repeat(10_001)).unwrap_err(),
            XmlError::TooLarge { limit: 10_000 }
        );
        let attributes: Vec<_> = (0..65).map(|n| format!(" a{n}=''")).collect();
        let attributes = attributes.concat();
        assert!(matches!(
            parse(&format!("<a{attributes}/>")),
            Err(XmlError::TooManyElements { .. })
        ));
    }

    #[test]
    fn only_one_well_formed_root_is_a_document() {
        for wrong in [
            "",
            "  ",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "x<a/>",
            "<p:a/>",
            "<a b='1' b='2'/>",
            "<a>\u{1}</a>",
            "<a>&#1;</a>",
            "</a>",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
