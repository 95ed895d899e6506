//! JSON that keeps the order of members, the digits of numbers, and notices repeated members.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

const DEEPEST: usize = 32;

/// One JSON value.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// The digits as they were written.
    Number(Box<RawValue>),
    String(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

/// Why a body is not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JsonError {
    #[error("the body is not UTF-8")]
    Encoding,
    #[error("the body is not JSON: {0}")]
    Syntax(#[from] serde_json::Error),
    #[error("the JSON member {0:?} is there twice; each member may be given once")]
    Repeated(String),
    #[error("the JSON is nested more than {DEEPEST} levels deep")]
    Depth,
}

impl Json {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::Encoding)?;
        Self::from_raw(serde_json::from_str(text)?, 0)
    }

    fn from_raw(raw: &RawValue, depth: usize) -> Result<Self, JsonError> {
        if depth > DEEPEST {
            return Err(JsonError::Depth);
        }
        let text = raw.get();
        Ok(match text.bytes().next() {
            Some(b'{') => {
                let Members(members) = serde_json::from_str(text)?;
                let mut object: Vec<(String, Self)> = Vec::with_capacity(members.len());
                for (name, value) in members {
                    if object.iter().any(|(known, _)| *known == name) {
                        return Err(JsonError::Repeated(name));
                    }
                    object.push((name, Self::from_raw(value, depth + 1)?));
                }
                Self::Object(object)
            }
            Some(b'[') => {
                let elements: Vec<&RawValue> = serde_json::from_str(text)?;
                let values = elements
                    .into_iter()
                    .map(|element| Self::from_raw(element, depth + 1));
                Self::Array(values.collect::<Result<_, _>>()?)
            }
            Some(b'"') => Self::String(serde_json::from_str(text)?),
            Some(b't' | b'f') => Self::Bool(serde_json::from_str(text)?),
            Some(b'n') => Self::Null,
            _ => Self::Number(raw.to_owned()),
        })
    }

    /// What this is, for an error message.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::String(_) => "a string",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// A number of these digits; null where they are none.
    pub(crate) fn number(digits: impl Into<String>) -> Self {
        RawValue::from_string(digits.into()).map_or(Self::Null, Self::Number)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Puts `value` at a dotted path such as `data.amount` or `data.0.token`, adding a last member
    /// that is not there; `None` removes it. False when the path leads nowhere.
    pub(crate) fn edit(&mut self, path: &str, value: Option<Self>) -> bool {
        let (step, rest) = match path.split_once('.') {
            Some((step, rest)) => (step, Some(rest)),
            None => (path, None),
        };
        match (self, rest) {
            (Self::Object(members), Some(rest)) => members
                .iter_mut()
                .find(|(name, _)| name == step)
                .is_some_and(|(_, inner)| inner.edit(rest, value)),
            (Self::Object(members), None) => {
                let at = members.iter().position(|(name, _)| name == step);
                match (at, value) {
                    (Some(at), Some(value)) => {
                        if let Some((_, old)) = members.get_mut(at) {
                            *old = value;
                        }
                        true
                    }
                    (Some(at), None) => {
                        members.remove(at);
                        true
                    }
                    (None, Some(value)) => {
                        members.push((step.to_owned(), value));
                        true
                    }
                    (None, None) => false,
                }
            }
            (Self::Array(values), rest) => {
                let Ok(at) = step.parse::<usize>() else {
                    return false;
                };
                match (values.get_mut(at), rest, value) {
                    (Some(inner), Some(rest), value) => inner.edit(rest, value),
                    (Some(inner), None, Some(value)) => {
                        *inner = value;
                        true
                    }
                    (Some(_), None, None) => {
                        values.remove(at);
                        true
                    }
                    (None, ..) => false,
                }
            }
            _ => false,
        }
    }
}

struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Collect<'a> {
            type Value = Members<'a>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect(std::marker::PhantomData))
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(digits) => digits.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(values) => {
                let mut seq = serializer.serialize_seq(Some(values.len()))?;
                for value in values {
                    seq.serialize_element(value)?;
                }
                seq.end()
            }
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}
