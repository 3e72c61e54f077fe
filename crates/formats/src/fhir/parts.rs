//! Places in a Bundle, with paths for what is said about them, and references between resources.

use serde_json::Value;

use crate::violation::{Problems, ViolationCode};

/// A place in a JSON document that may be empty.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    value: Option<&'a Value>,
    path: String,
}

impl<'a> Place<'a> {
    pub(super) fn new(value: &'a Value, path: &str) -> Self {
        Self {
            value: Some(value),
            path: path.to_owned(),
        }
    }

    /// Where it is: element names with indices.
    pub(super) fn path(&self) -> &str {
        &self.path
    }

    /// The names of an object's members.
    pub(super) fn members(&self) -> impl Iterator<Item = &'a str> {
        let object = self.value.and_then(Value::as_object);
        object
            .into_iter()
            .flat_map(|object| object.keys())
            .map(String::as_str)
    }

    pub(super) fn is_there(&self) -> bool {
        self.value.is_some()
    }

    /// A member of an object.
    pub(super) fn get(&self, name: &str) -> Place<'a> {
        let value = self.value.and_then(|value| value.get(name));
        Place {
            value,
            path: format!("{}.{name}", self.path),
        }
    }

    /// An item of an array.
    pub(super) fn at(&self, index: usize) -> Place<'a> {
        let value = self.value.and_then(|value| value.get(index));
        Place {
            value,
            path: format!("{}[{index}]", self.path),
        }
    }

    /// Every item of an array; nothing where there is none.
    pub(super) fn items(&self) -> Vec<Place<'a>> {
        let count = self.value.and_then(Value::as_array).map_or(0, Vec::len);
        (0..count).map(|index| self.at(index)).collect()
    }

    /// A text, if there is one that is not empty.
    pub(super) fn text(&self) -> Option<&'a str> {
        self.value
            .and_then(Value::as_str)
            .filter(|text| !text.is_empty())
    }

    pub(super) fn flag(&self) -> Option<bool> {
        self.value.and_then(Value::as_bool)
    }

    /// A text whose absence is a violation.
    pub(super) fn required(&self, problems: &mut Problems) -> Option<&'a str> {
        let text = self.text();
        if text.is_none() {
            self.missing(problems);
        }
        text
    }

    pub(super) fn missing(&self, problems: &mut Problems) {
        self.wrong(problems, ViolationCode::Missing, "must be there");
    }

    pub(super) fn wrong(
        &self,
        problems: &mut Problems,
        code: ViolationCode,
        message: &'static str,
    ) {
        problems.push(&self.path, code, message);
    }
}

/// A resource of a Bundle.
#[derive(Debug)]
pub(super) struct Resource<'a> {
    pub(super) kind: &'a str,
    id: &'a str,
    full_url: &'a str,
    pub(super) place: Place<'a>,
}

/// The resources of a Bundle, in order.
#[derive(Debug)]
pub(super) struct Resources<'a>(Vec<Resource<'a>>);

impl<'a> Resources<'a> {
    pub(super) fn of(bundle: &Place<'a>) -> Self {
        let entries = bundle.get("entry").items().into_iter();
        let resources = entries.map(|entry| {
            let place = entry.get("resource");
            Resource {
                kind: place.get("resourceType").text().unwrap_or_default(),
                id: place.get("id").text().unwrap_or_default(),
                full_url: entry.get("fullUrl").text().unwrap_or_default(),
                place,
            }
        });
        Self(resources.collect())
    }

    pub(super) fn first(&self) -> Option<&Resource<'a>> {
        self.0.first()
    }

    pub(super) fn of_kind<'b>(&'b self, kind: &'b str) -> impl Iterator<Item = &'b Place<'a>> {
        self.0
            .iter()
            .filter(move |resource| resource.kind == kind)
            .map(|resource| &resource.place)
    }

    /// The resource that a reference leads to; its absence, or another type, is a violation.
    pub(super) fn follow(
        &self,
        from: &Place<'a>,
        kind: &str,
        problems: &mut Problems,
    ) -> Option<&Place<'a>> {
        let place = from.get("reference");
        let reference = place.required(problems)?;
        let found = self
            .0
            .iter()
            .find(|r| r.kind == kind && r.is_meant_by(reference));
        if found.is_none() {
            let message = "leads to no resource of the right type in the Bundle";
            place.wrong(problems, ViolationCode::BrokenReference, message);
        }
        found.map(|resource| &resource.place)
    }
}

impl Resource<'_> {
    /// `Type/id`, or the entry's full URL.
    fn is_meant_by(&self, reference: &str) -> bool {
        let relative = || reference.split_once('/') == Some((self.kind, self.id));
        (!self.full_url.is_empty() && reference == self.full_url)
            || (!self.id.is_empty() && relative())
    }
}
