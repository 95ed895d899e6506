//! The shape of a JSON text: its members in their order, and the types of its values.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

/// `{code:integer,data:[{token:string}]}`; an array has the shape of its first element.
pub(crate) fn shape_of(json: &[u8]) -> String {
    let Shape(shape) = serde_json::from_slice(json).unwrap();
    shape
}

struct Shape(String);

impl<'de> Deserialize<'de> for Shape {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Describe)
    }
}

struct Describe;

impl<'de> Visitor<'de> for Describe {
    type Value = Shape;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Shape, E> {
        Ok(Shape("boolean".into()))
    }

    fn visit_u64<E>(self, _: u64) -> Result<Shape, E> {
        Ok(Shape("integer".into()))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Shape, E> {
        Ok(Shape("integer".into()))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Shape, E> {
        Ok(Shape("fraction".into()))
    }

    fn visit_str<E>(self, _: &str) -> Result<Shape, E> {
        Ok(Shape("string".into()))
    }

    fn visit_unit<E>(self) -> Result<Shape, E> {
        Ok(Shape("null".into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Shape, A::Error> {
        let first = seq
            .next_element()?
            .map_or(String::new(), |Shape(shape)| shape);
        while let Some(Shape(next)) = seq.next_element()? {
            assert_eq!(next, first, "elements of one array differ");
        }
        Ok(Shape(format!("[{first}]")))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Shape, A::Error> {
        let mut members = Vec::new();
        while let Some((name, Shape(value))) = map.next_entry::<String, Shape>()? {
            members.push(format!("{name}:{value}"));
        }
        Ok(Shape(format!("{{{}}}", members.join(","))))
    }
}
