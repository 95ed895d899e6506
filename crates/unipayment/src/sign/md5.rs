//! `sign` in the body of the first generation (unipayment.readme.io, "overview" and
//! "ipn-payment-notification" of 2022).

use std::fmt;

use md5::{Digest, Md5};
use paymux_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use super::check_secret;
use super::md5_rule::{HexCase, Md5Rule};
use super::raw_object::{RawObject, Token};

/// Both spellings of the type: requests and notices say `sign_type`, answers `sing_type`.
const TYPE_MEMBERS: [&str; 2] = ["sign_type", "sing_type"];

/// Signs and verifies JSON objects with a `sign` member.
///
/// Strings count with their escapes resolved, numbers and booleans as the very token that stands in
/// the JSON: `1.0` and `1` are signed differently.
///
/// ```
/// use paymux_unipayment::{Md5Rule, Md5Signer};
///
/// let signer = Md5Signer::new("made-up-key".into(), Md5Rule::default())?;
/// let signed = signer.signed_object(r#"{"order_id":"order-1001","price_amount":10.86}"#)?;
/// signer.verify(signed.as_bytes())?;
///
/// let changed = signed.replace("10.86", "1.86");
/// assert!(signer.verify(changed.as_bytes()).is_err());
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Md5Signer {
    key: SecretString,
    rule: Md5Rule,
}

impl Md5Signer {
    /// A signer with the merchant's key.
    ///
    /// # Errors
    /// `Configuration` when the key is empty or has space at its ends.
    pub fn new(key: SecretString, rule: Md5Rule) -> Result<Self> {
        check_secret("the app key", &key)?;
        Ok(Self { key, rule })
    }

    /// The rule in use.
    #[must_use]
    pub const fn rule(&self) -> Md5Rule {
        self.rule
    }

    /// The signature of a JSON object. A `sign` that it has already does not count.
    ///
    /// # Errors
    /// `InvalidRequest` when it is no JSON object, repeats a member, or has a member name that holds
    /// `&` or `=`.
    pub fn sign(&self, object: &[u8]) -> Result<String> {
        let object = RawObject::read(object).map_err(unsignable)?;
        check_names(&object).map_err(unsignable)?;
        let digest =
            digest(&object, self.rule, &self.key).map_err(|why| unsignable(why.message()))?;
        Ok(match self.rule.hex_case {
            HexCase::Lower => hex::encode(digest),
            HexCase::Upper => hex::encode_upper(digest),
        })
    }

    /// The object with `sign` as its last member. The other members stand as they were.
    ///
    /// # Errors
    /// As [`Md5Signer::sign`]; also `InvalidRequest` for an object that is empty or has a `sign`.
    pub fn signed_object(&self, object: &str) -> Result<String> {
        let sign = self.sign(object.as_bytes())?;
        let members = RawObject::read(object.as_bytes()).map_err(unsignable)?;
        if members.token("sign").map_err(unsignable)?.is_some() {
            return Err(unsignable("it has a member \"sign\" already"));
        }
        if members.tokens().next().is_none() {
            return Err(unsignable("it has no members"));
        }
        let open = object
            .trim_end()
            .strip_suffix('}')
            .ok_or_else(|| unsignable("it is no JSON object"))?;
        Ok(format!("{open},\"sign\":\"{sign}\"}}"))
    }

    /// Verifies an object that must be signed, such as `data` of an answer to a new invoice.
    ///
    /// # Errors
    /// `InvalidSignature` that says what is wrong and never what would be right: no JSON object, a
    /// repeated member, a missing or empty `sign`, one that is not 32 hex digits in the case of the
    /// rule, another type than `MD5` (none means MD5), or a signature that does not fit.
    pub fn verify(&self, object: &[u8]) -> Result<()> {
        let object = RawObject::read(object).map_err(unproven)?;
        self.prove(&object)
    }

    /// Verifies an object that may be signed, such as an answer to a query. Whether it was.
    ///
    /// # Errors
    /// As [`Md5Signer::verify`], unless there is no member `sign` at all.
    pub fn verify_if_signed(&self, object: &[u8]) -> Result<bool> {
        let object = RawObject::read(object).map_err(unproven)?;
        if object.token("sign").map_err(unproven)?.is_none() {
            return Ok(false);
        }
        self.prove(&object).map(|()| true)
    }

    /// Verifies a webhook's body. Since the signature does not see where one member ends, a string
    /// that could hide such an end is refused: one with `&`, other than a URL.
    ///
    /// # Errors
    /// As [`Md5Signer::verify`]; also `InvalidSignature` for a string with `&`.
    pub fn verify_notice(&self, body: &[u8]) -> Result<()> {
        let object = RawObject::read(body).map_err(unproven)?;
        self.prove(&object)?;
        for member in object.tokens() {
            let (name, token) = member.map_err(unproven)?;
            if let Token::Text(value) = token
                && value.contains('&')
                && !is_url(name, &value)
            {
                return Err(unproven(
                    "a signed text holds '&', which could hide that it was another member",
                ));
            }
        }
        Ok(())
    }

    fn prove(&self, object: &RawObject<'_>) -> Result<()> {
        check_names(object).map_err(unproven)?;
        let claim = Claim::of(object, self.rule.hex_case)?;
        if claim.is(&digest(object, self.rule, &self.key)?) {
            Ok(())
        } else {
            Err(Error::invalid_signature(format!(
                "sign does not fit the body under the app key and the rule {}",
                self.rule
            )))
        }
    }
}

impl fmt::Debug for Md5Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Md5Signer")
            .field("rule", &self.rule)
            .finish_non_exhaustive()
    }
}

/// The signature that an object says it has.
pub(super) struct Claim([u8; 16]);

impl Claim {
    pub(super) fn of(object: &RawObject<'_>, case: HexCase) -> Result<Self> {
        for name in TYPE_MEMBERS {
            match object.token(name).map_err(unproven)? {
                None | Some(Token::Nothing) => {}
                Some(Token::Text(kind)) if kind == "MD5" => {}
                Some(_) => {
                    return Err(Error::invalid_signature(format!(
                        "{name} is another one than MD5"
                    )));
                }
            }
        }
        let sign = match object.token("sign").map_err(unproven)? {
            Some(Token::Text(sign)) => sign,
            None | Some(Token::Nothing) => {
                return Err(Error::invalid_signature("sign is missing or empty"));
            }
            Some(_) => return Err(Error::invalid_signature("sign is no string")),
        };
        let (in_case, word): (fn(u8) -> bool, &str) = match case {
            HexCase::Lower => (|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'), "lower"),
            HexCase::Upper => (|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'), "upper"),
        };
        let mut bytes = [0; 16];
        if sign.bytes().all(in_case) && hex::decode_to_slice(&sign, &mut bytes).is_ok() {
            Ok(Self(bytes))
        } else {
            Err(Error::invalid_signature(format!(
                "sign is not 32 {word}-case hex digits"
            )))
        }
    }

    pub(super) fn is(&self, digest: &[u8; 16]) -> bool {
        self.0.ct_eq(digest).into()
    }
}

pub(super) fn digest(
    object: &RawObject<'_>,
    rule: Md5Rule,
    key: &SecretString,
) -> Result<[u8; 16]> {
    let text = rule.text_before_key(object).map_err(unproven)?;
    let hash = Md5::new()
        .chain_update(text.as_bytes())
        .chain_update(key.expose_secret().as_bytes());
    Ok(hash.finalize().into())
}

/// Whether a member names the signature's type.
pub(super) fn is_type(name: &str) -> bool {
    TYPE_MEMBERS.contains(&name)
}

/// A name with a separator in it could stand for another member and its value.
fn check_names(object: &RawObject<'_>) -> Result<(), String> {
    for member in object.tokens() {
        let (name, _) = member?;
        if name.contains(['&', '=']) {
            return Err("a member's name holds '&' or '='".to_owned());
        }
    }
    Ok(())
}

fn is_url(name: &str, value: &str) -> bool {
    name.ends_with("_url") && (value.starts_with("https://") || value.starts_with("http://"))
}

fn unproven(why: impl fmt::Display) -> Error {
    Error::invalid_signature(format!("the signed object is refused: {why}"))
}

fn unsignable(why: impl fmt::Display) -> Error {
    Error::invalid_request(format!("the object cannot be signed: {why}"))
}
