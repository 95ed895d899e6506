//! A JSON object as its members with their raw tokens: what is signed is what stood on the wire,
//! never a value that was read and written again.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;

const REPEATED: &str = "a member is there more than once";

/// The members of an object in the order of the wire, names decoded, values as raw tokens.
pub(super) struct RawObject<'a> {
    members: Vec<(String, &'a RawValue)>,
}

/// What a member's token says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Null, or the empty string.
    Nothing,
    /// A text with its escapes resolved.
    Text(String),
    /// A number or a boolean, as it stands.
    Plain(String),
    /// An object or an array.
    Nested,
}

impl<'a> RawObject<'a> {
    /// Reads one object, in which no name may be there twice.
    ///
    /// # Errors
    /// Text that says what is wrong and holds nothing of the input.
    pub(super) fn read(json: &'a [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(json).map_err(|_| "it is not UTF-8".to_owned())?;
        serde_json::from_str(text).map_err(|why| {
            if why.to_string().starts_with(REPEATED) {
                REPEATED.to_owned()
            } else {
                format!(
                    "it is no JSON object (line {} column {})",
                    why.line(),
                    why.column()
                )
            }
        })
    }

    /// The members, in the order of the wire.
    ///
    /// # Errors
    /// Text, for a string that is no Unicode text.
    pub(super) fn tokens(&self) -> impl Iterator<Item = Result<(&str, Token), String>> {
        self.members
            .iter()
            .map(|(name, raw)| Ok((name.as_str(), token(raw)?)))
    }

    /// One member; `None` where there is none.
    ///
    /// # Errors
    /// Text, for a string that is no Unicode text.
    pub(super) fn token(&self, name: &str) -> Result<Option<Token>, String> {
        self.members
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, raw)| token(raw))
            .transpose()
    }
}

fn token(raw: &RawValue) -> Result<Token, String> {
    let json = raw.get();
    Ok(match json.as_bytes().first() {
        Some(b'"') => {
            let text: String =
                serde_json::from_str(json).map_err(|_| "a string is no Unicode text".to_owned())?;
            if text.is_empty() {
                Token::Nothing
            } else {
                Token::Text(text)
            }
        }
        Some(b'n') | None => Token::Nothing,
        Some(b'{' | b'[') => Token::Nested,
        Some(_) => Token::Plain(json.to_owned()),
    })
}

impl<'de: 'a, 'a> Deserialize<'de> for RawObject<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = RawObject<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                let mut names = HashSet::new();
                while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
                    if !names.insert(name.clone()) {
                        return Err(A::Error::custom(REPEATED));
                    }
                    members.push((name, raw));
                }
                Ok(RawObject { members })
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stand_as_they_were_sent() {
        let object =
            RawObject::read(br#"{"b":1.0,"a":"x\u00e9","c":null,"d":[1],"e":true,"f":""}"#);
        let tokens: Vec<_> = object
            .unwrap()
            .tokens()
            .map(|member| {
                member
                    .map(|(name, token)| (name.to_owned(), token))
                    .unwrap()
            })
            .collect();
        assert_eq!(
            tokens,
            [
                ("b".to_owned(), Token::Plain("1.0".to_owned())),
                ("a".to_owned(), Token::Text("xé".to_owned())),
                ("c".to_owned(), Token::Nothing),
                ("d".to_owned(), Token::Nested),
                ("e".to_owned(), Token::Plain("true".to_owned())),
                ("f".to_owned(), Token::Nothing),
            ]
        );
    }

    #[test]
    fn what_is_no_plain_object_is_refused() {
        for (json, says) in [
            (&br#"{"a":1,"\u0061":2}"#[..], REPEATED),
            (br#"[{"a":1}]"#, "it is no JSON object"),
            (br#""a""#, "it is no JSON object"),
            (br#"{"a":1} x"#, "it is no JSON object"),
            (br#"{"a":1,}"#, "it is no JSON object"),
            (b"", "it is no JSON object"),
            (b"{\"a\":\"\xff\"}", "it is not UTF-8"),
        ] {
            let why = RawObject::read(json).err().unwrap();
            assert!(why.starts_with(says), "{why}");
        }
        let object = RawObject::read(br#"{"a":"\ud800"}"#).unwrap();
        assert!(object.token("a").is_err());
    }
}
