//! JSON within bounds: length, depth, number of values, and no name twice in an object.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::Limits;

/// Why bytes are not JSON that is read here. Holds no part of the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// The input is longer than the limit.
    #[error("the input is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Objects and arrays are nested deeper than the limit.
    #[error("objects and arrays are nested deeper than {limit} levels")]
    TooDeep {
        /// The limit in levels.
        limit: usize,
    },
    /// There are more values than the limit.
    #[error("there are more than {limit} values")]
    TooManyElements {
        /// The limit.
        limit: usize,
    },
    /// An object has a name twice, so that two readers could see two contents.
    #[error("an object has a name twice, at line {line}")]
    DuplicateName {
        /// Where.
        line: usize,
    },
    /// Not JSON.
    #[error("not JSON, at line {line} column {column}")]
    Malformed {
        /// Where.
        line: usize,
        /// Where in the line.
        column: usize,
    },
}

/// What broke, noted beside serde's error, whose text would carry content.
#[derive(Clone, Copy)]
enum Broken {
    Deep,
    Many,
    Duplicate,
}

/// Reads a JSON document.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Result<Value, JsonError> {
    if bytes.len() > limits.bytes {
        return Err(JsonError::TooLarge {
            limit: limits.bytes,
        });
    }
    let state = State {
        limits,
        values: Cell::new(0),
        broken: Cell::new(None),
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Bounded {
        state: &state,
        depth: 0,
    }
    .deserialize(&mut deserializer)
    .and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| match state.broken.get() {
        Some(Broken::Deep) => JsonError::TooDeep {
            limit: limits.depth,
        },
        Some(Broken::Many) => JsonError::TooManyElements {
            limit: limits.elements,
        },
        Some(Broken::Duplicate) => JsonError::DuplicateName { line: error.line() },
        None => JsonError::Malformed {
            line: error.line(),
            column: error.column(),
        },
    })
}

struct State<'a> {
    limits: &'a Limits,
    values: Cell<usize>,
    broken: Cell<Option<Broken>>,
}

impl State<'_> {
    fn refuse<E: Error>(&self, broken: Broken) -> E {
        self.broken.set(Some(broken));
        E::custom("refused")
    }
}

#[derive(Clone, Copy)]
struct Bounded<'a> {
    state: &'a State<'a>,
    depth: usize,
}

impl Bounded<'_> {
    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.depth >= self.state.limits.depth {
            return Err(self.state.refuse(Broken::Deep));
        }
        Ok(Self {
            depth: self.depth + 1,
            ..self
        })
    }
}

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let values = self.state.values.get() + 1;
        self.state.values.set(values);
        if values > self.state.limits.elements {
            return Err(self.state.refuse(Broken::Many));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut array = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let inner = self.inner()?;
        let mut object = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let value = entries.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(self.state.refuse(Broken::Duplicate));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        bytes: 1000,
        depth: 3,
        elements: 20,
    };

    fn read(text: &str) -> Result<Value, JsonError> {
        parse(text.as_bytes(), &LIMITS)
    }

    #[test]
    fn values_are_read_as_they_are() {
        let text = r#"{"a":[1,-2,1.5,"ø",null,true]}"#;
        assert_eq!(
            read(text).unwrap(),
            serde_json::from_str::<Value>(text).unwrap()
        );
    }

    #[test]
    fn limits_hold() {
        assert!(read("[[[1]]]").is_ok());
        assert_eq!(read("[[[[1]]]]"), Err(JsonError::TooDeep { limit: 3 }));
        let many = format!("[{}1]", "1,".repeat(20));
        assert_eq!(read(&many), Err(JsonError::TooManyElements { limit: 20 }));
        assert_eq!(
            read(&" ".repeat(1001)),
            Err(JsonError::TooLarge { limit: 1000 })
        );
    }

    #[test]
    fn a_name_twice_is_refused() {
        assert_eq!(
            read("{\"a\":1,\n\"a\":2}"),
            Err(JsonError::DuplicateName { line: 2 })
        );
        assert!(read(r#"{"a":1,"b":{"a":2}}"#).is_ok());
    }

    #[test]
    fn what_is_not_json_is_refused_without_being_repeated() {
        for wrong in ["", "{", "{\"a\":1}x", "[17", "nul", "\u{feff}{}"] {
            assert!(
                matches!(read(wrong), Err(JsonError::Malformed { .. })),
                "{wrong}"
            );
        }
    }
}
