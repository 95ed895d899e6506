//! The ways to build the MD5 `sign`.

use std::fmt;
use std::str::FromStr;

use paymux_core::{Error, Result};
use secrecy::SecretString;

use super::md5::{Claim, digest};
use super::raw_object::{RawObject, Token};

/// Whether the member that names the signature's type (`sign_type`, `sing_type`) is signed itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum TypeMember {
    /// It is left out of the signed text.
    #[default]
    Dropped,
    /// It is signed like every other member.
    Kept,
}

/// How the merchant's key follows the joined members.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum KeyJoin {
    /// As `&key=KEY`.
    #[default]
    AmpKey,
    /// Directly.
    Direct,
}

/// Case of the hex digits of a signature.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum HexCase {
    /// Digits and `a` to `f`.
    #[default]
    Lower,
    /// Digits and `A` to `F`.
    Upper,
}

/// Which of the usual ways of signing with MD5 a gateway uses.
///
/// UniPayment shows signatures of its first generation and does not say how they are built. All
/// rules drop `sign`, null, empty strings, objects and arrays, sort the members by the bytes of their
/// names, join them as `name=value` with `&`, append the key and hash with MD5. They differ in three
/// things, and print as those three:
///
/// ```
/// use paymux_unipayment::{HexCase, KeyJoin, Md5Rule};
///
/// let rule = Md5Rule::default();
/// assert_eq!(rule.to_string(), "type_dropped/amp_key/lower");
/// assert_eq!("amp_key".parse::<Md5Rule>().unwrap(), rule);
///
/// let direct: Md5Rule = "direct".parse().unwrap();
/// assert_eq!(direct.to_string(), "type_dropped/direct/lower");
/// assert_eq!(direct.key_join, KeyJoin::Direct);
/// assert_eq!("type_kept/direct/upper".parse::<Md5Rule>().unwrap().hex_case, HexCase::Upper);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Md5Rule {
    /// Whether the type is signed.
    pub type_member: TypeMember,
    /// How the key is appended.
    pub key_join: KeyJoin,
    /// Case of the signature.
    pub hex_case: HexCase,
}

impl Md5Rule {
    /// Every rule, the default first.
    pub const ALL: [Self; 8] = [
        Self::new(TypeMember::Dropped, KeyJoin::AmpKey, HexCase::Lower),
        Self::new(TypeMember::Dropped, KeyJoin::AmpKey, HexCase::Upper),
        Self::new(TypeMember::Dropped, KeyJoin::Direct, HexCase::Lower),
        Self::new(TypeMember::Dropped, KeyJoin::Direct, HexCase::Upper),
        Self::new(TypeMember::Kept, KeyJoin::AmpKey, HexCase::Lower),
        Self::new(TypeMember::Kept, KeyJoin::AmpKey, HexCase::Upper),
        Self::new(TypeMember::Kept, KeyJoin::Direct, HexCase::Lower),
        Self::new(TypeMember::Kept, KeyJoin::Direct, HexCase::Upper),
    ];

    /// A rule of its three parts.
    #[must_use]
    pub const fn new(type_member: TypeMember, key_join: KeyJoin, hex_case: HexCase) -> Self {
        Self {
            type_member,
            key_join,
            hex_case,
        }
    }

    /// The rules under which the `sign` of this object is right with this key: for finding out which
    /// one a gateway uses, from one body that it signed. Several rules fit where they do not differ,
    /// such as in an object without a type. None fits under a wrong key.
    ///
    /// # Errors
    /// `InvalidSignature` when it is no JSON object, repeats a member, or has no `sign` of 32 hex
    /// digits in one case, or another type than MD5.
    ///
    /// ```
    /// use paymux_unipayment::{Md5Rule, Md5Signer};
    ///
    /// let rule: Md5Rule = "type_kept/direct/upper".parse()?;
    /// let body = Md5Signer::new("made-up-key".into(), rule)?
    ///     .signed_object(r#"{"order_id":"order-1001","sign_type":"MD5"}"#)?;
    /// assert_eq!(Md5Rule::all_that_fit(body.as_bytes(), &"made-up-key".into())?, [rule]);
    /// # Ok::<(), paymux_core::Error>(())
    /// ```
    pub fn all_that_fit(body: &[u8], key: &SecretString) -> Result<Vec<Self>> {
        let object = RawObject::read(body)
            .map_err(|why| Error::invalid_signature(format!("the body cannot be read: {why}")))?;
        // A signature with letters has one case, so it is well formed under half of the rules.
        Claim::of(&object, HexCase::Lower)
            .or_else(|why| Claim::of(&object, HexCase::Upper).map_err(|_| why))?;
        let mut fitting = Vec::new();
        for rule in Self::ALL {
            if let Ok(claim) = Claim::of(&object, rule.hex_case)
                && claim.is(&digest(&object, rule, key)?)
            {
                fitting.push(rule);
            }
        }
        Ok(fitting)
    }

    /// The text that is hashed, up to the key itself.
    pub(super) fn text_before_key(self, object: &RawObject<'_>) -> Result<String, String> {
        let mut members = Vec::new();
        for member in object.tokens() {
            let (name, token) = member?;
            if name == "sign"
                || (self.type_member == TypeMember::Dropped && super::md5::is_type(name))
            {
                continue;
            }
            if let Token::Text(value) | Token::Plain(value) = token {
                members.push((name, value));
            }
        }
        members.sort_by(|(left, _), (right, _)| left.as_bytes().cmp(right.as_bytes()));
        let pairs: Vec<String> = members
            .into_iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let joint = match self.key_join {
            KeyJoin::AmpKey => "&key=",
            KeyJoin::Direct => "",
        };
        Ok(format!("{}{joint}", pairs.join("&")))
    }
}

impl fmt::Display for Md5Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.type_member {
            TypeMember::Dropped => "type_dropped/",
            TypeMember::Kept => "type_kept/",
        })?;
        f.write_str(match self.key_join {
            KeyJoin::AmpKey => "amp_key/",
            KeyJoin::Direct => "direct/",
        })?;
        f.write_str(match self.hex_case {
            HexCase::Lower => "lower",
            HexCase::Upper => "upper",
        })
    }
}

impl FromStr for Md5Rule {
    type Err = Error;

    /// Reads a rule's full name, or `amp_key` or `direct` for the rule that has the rest as usual.
    ///
    /// # Errors
    /// `Configuration` that lists what can be written.
    fn from_str(text: &str) -> Result<Self> {
        let direct = Self {
            key_join: KeyJoin::Direct,
            ..Self::default()
        };
        match text {
            "amp_key" => return Ok(Self::default()),
            "direct" => return Ok(direct),
            _ => {}
        }
        Self::ALL
            .into_iter()
            .find(|rule| rule.to_string() == text)
            .ok_or_else(|| {
                let names: Vec<String> = Self::ALL.iter().map(Self::to_string).collect();
                Error::configuration(format!(
                    "{text:?} is no MD5 rule; use amp_key, direct, or one of {}",
                    names.join(", ")
                ))
            })
    }
}
