//! The first generation's `sign`: MD5 over the sorted members.

use md5::{Digest, Md5};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::json::Json;

/// How `sign` is made. The documents show signatures and no rule; what is common to all eight rules,
/// and the default, are **ours**.
///
/// Nulls, empty strings, objects and arrays are left out, the others sorted by the bytes of their
/// names and joined as `name=value` with `&`; strings count decoded, numbers as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Md5Rule {
    /// Whether `sign_type` or `sing_type` is signed too. Default dropped.
    pub type_member: TypeMember,
    /// How the key follows. Default `&key=KEY`.
    pub key_join: KeyJoin,
    /// The case of the signature's digits. Default lower.
    pub hex_case: HexCase,
}

/// Whether the member that names the signature's type is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TypeMember {
    /// It is left out.
    #[default]
    Dropped,
    /// It is signed like any other.
    Kept,
}

/// How the key is joined to what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyJoin {
    /// `&key=` and the key.
    #[default]
    Named,
    /// The key alone.
    Direct,
}

/// The case of hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HexCase {
    /// `0123456789abcdef`
    #[default]
    Lower,
    /// `0123456789ABCDEF`
    Upper,
}

pub(super) const SIGNATURE: &str = "sign";
const TYPE_NAMES: [&str; 2] = ["sign_type", "sing_type"];

impl Md5Rule {
    pub(super) fn sign(self, members: &[(String, Json)], key: &SecretString) -> String {
        let digest = Md5::digest(self.text(members, key).as_bytes());
        match self.hex_case {
            HexCase::Lower => hex::encode(digest),
            HexCase::Upper => hex::encode_upper(digest),
        }
    }

    fn text(self, members: &[(String, Json)], key: &SecretString) -> String {
        let mut pairs: Vec<(&str, &str)> = members
            .iter()
            .filter(|(name, _)| self.signs(name))
            .filter_map(|(name, value)| Some((name.as_str(), signed_text(value)?)))
            .collect();
        pairs.sort_unstable_by_key(|(name, _)| name.as_bytes());
        let joined: Vec<String> = pairs
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let join = match self.key_join {
            KeyJoin::Named => "&key=",
            KeyJoin::Direct => "",
        };
        format!("{}{join}{}", joined.join("&"), key.expose_secret())
    }

    fn signs(self, name: &str) -> bool {
        let is_type = TYPE_NAMES.contains(&name);
        name != SIGNATURE && (!is_type || self.type_member == TypeMember::Kept)
    }

    /// Checks the signature of a request, and says what a right one would be made of.
    pub(super) fn check(
        self,
        members: &[(String, Json)],
        key: &SecretString,
    ) -> Result<(), String> {
        for (name, value) in members.iter().filter(|(name, _)| is_type_name(name)) {
            let known = matches!(value, Json::String(text) if text == "MD5");
            if !known {
                return Err(format!("{name} must be \"MD5\""));
            }
        }
        let digits = match self.hex_case {
            HexCase::Lower => "lowercase",
            HexCase::Upper => "uppercase",
        };
        let malformed = || format!("{SIGNATURE} must be 32 {digits} hexadecimal digits");
        let given = match members.iter().find(|(name, _)| name == SIGNATURE) {
            Some((_, Json::String(given))) => given,
            Some(_) => return Err(malformed()),
            None => return Err(format!("{SIGNATURE} is missing")),
        };
        let fits = |byte: u8| match self.hex_case {
            HexCase::Lower => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            HexCase::Upper => matches!(byte, b'0'..=b'9' | b'A'..=b'F'),
        };
        if given.len() != 32 || !given.bytes().all(fits) {
            return Err(malformed());
        }
        let given = hex::decode(given).map_err(|_| malformed())?;
        let right = Md5::digest(self.text(members, key).as_bytes());
        if bool::from(right.ct_eq(given.as_slice())) {
            return Ok(());
        }
        Err(format!(
            "{SIGNATURE} is wrong: it must be the MD5, in {digits} hexadecimal, of the members sorted \
             by name and joined as name=value with &{}, nulls, empty strings, objects, arrays and \
             {SIGNATURE}{} left out, numbers as they stand",
            match self.key_join {
                KeyJoin::Named => ", followed by &key= and the app key",
                KeyJoin::Direct => ", followed directly by the app key",
            },
            match self.type_member {
                TypeMember::Dropped => ", sign_type and sing_type",
                TypeMember::Kept => "",
            },
        ))
    }
}

fn is_type_name(name: &str) -> bool {
    TYPE_NAMES.contains(&name)
}

/// What a value stands for in the text that is signed; `None` where it is left out.
fn signed_text(value: &Json) -> Option<&str> {
    match value {
        Json::String(text) => (!text.is_empty()).then_some(text),
        Json::Number(digits) => Some(digits.get()),
        Json::Bool(true) => Some("true"),
        Json::Bool(false) => Some("false"),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::Value;

    use super::{HexCase, KeyJoin, Md5Rule, TypeMember};
    use crate::json::Json;

    fn vectors() -> Value {
        let all = include_str!("../../tests/fixtures/unipayment_md5_vectors.json");
        serde_json::from_str(all).unwrap()
    }

    fn members(body: &str) -> Vec<(String, Json)> {
        match Json::parse(body.as_bytes()).unwrap() {
            Json::Object(members) => members,
            other => panic!("{}", other.kind()),
        }
    }

    fn key(of: &Value) -> SecretString {
        SecretString::from(of["key"].as_str().unwrap())
    }

    #[test]
    fn all_rules_sign_as_the_vectors_say() {
        let all = vectors();
        for vector in all["vectors"].as_array().unwrap() {
            let rule = Md5Rule {
                type_member: match vector["sign_type_in_string"].as_bool().unwrap() {
                    true => TypeMember::Kept,
                    false => TypeMember::Dropped,
                },
                key_join: match vector["key_join"].as_str().unwrap() {
                    "&key=KEY" => KeyJoin::Named,
                    _ => KeyJoin::Direct,
                },
                hex_case: match vector["hex_case"].as_str().unwrap() {
                    "lower" => HexCase::Lower,
                    _ => HexCase::Upper,
                },
            };
            let members = members(&vector["fields"].to_string());
            assert_eq!(rule.text(&members, &key(vector)), vector["string_to_sign"]);
            assert_eq!(rule.sign(&members, &key(vector)), vector["expected_sign"]);
        }
    }

    #[test]
    fn raw_bodies_are_signed_as_they_stand() {
        let raw = &vectors()["raw_bodies"];
        for vector in raw["accept"].as_array().unwrap() {
            let members = members(vector["body"].as_str().unwrap());
            let text = Md5Rule::default().text(&members, &key(raw));
            assert_eq!(text, vector["string_to_sign"]);
            let sign = Md5Rule::default().sign(&members, &key(raw));
            assert_eq!(sign, vector["expected_sign"]);
        }
        for vector in raw["refuse"].as_array().unwrap() {
            // An ampersand in a string is what a receiver of notices must refuse, not the gateway.
            if vector["name"] == "ampersand in a signed string" {
                continue;
            }
            let body = vector["body"].as_str().unwrap();
            let taken = match Json::parse(body.as_bytes()) {
                Ok(Json::Object(members)) => Md5Rule::default().check(&members, &key(raw)).is_ok(),
                _ => false,
            };
            assert!(!taken, "{vector}");
        }
    }
}
