//! Names of orders, invoices, payouts and providers, checked when they are made.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};

const LONGEST: usize = 128;

fn checked(what: &str, value: String, forbid_tilde: bool) -> Result<String> {
    let count = value.chars().count();
    if count == 0 || count > LONGEST {
        return Err(Error::invalid_request(format!(
            "{what} has {count} characters; 1 to {LONGEST} are allowed"
        )));
    }
    if value.trim() != value || value.chars().any(char::is_control) {
        return Err(Error::invalid_request(format!(
            "{what} {value:?} holds control characters or space at its ends; use printable characters"
        )));
    }
    if forbid_tilde && value.contains('~') {
        return Err(Error::invalid_request(format!(
            "{what} {value:?} holds '~', which paymux keeps for numbering attempts; leave it out"
        )));
    }
    Ok(value)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $what:literal, forbid_tilde: $tilde:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            #[doc = concat!("Checks and takes the text of ", $what, ": 1 to 128 printable characters.")]
            ///
            /// # Errors
            /// `InvalidRequest` when it is empty, too long, has space at its ends or control
            /// characters, or holds a character that is kept for paymux itself.
            pub fn new(value: impl Into<String>) -> Result<Self> {
                checked($what, value.into(), $tilde).map(|value| Self(value.into()))
            }

            /// Takes the text as a gateway sent it, whatever it is: what others named is kept.
            #[must_use]
            pub fn received(value: impl Into<String>) -> Self {
                Self(value.into().into())
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), &*self.0)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(value: &str) -> Result<Self> {
                Self::new(value)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        /// What was stored is read back as it is.
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::received)
            }
        }
    };
}

id! {
    /// The merchant's own id of an order. `~` is kept for numbering attempts.
    ///
    /// ```
    /// use paymux_core::OrderId;
    /// assert!(OrderId::new("order-1001").is_ok());
    /// assert!(OrderId::new("order~2").is_err());
    /// ```
    OrderId, "an order id", forbid_tilde: true
}

id! {
    /// A gateway's own id of an invoice.
    InvoiceId, "an invoice id", forbid_tilde: false
}

id! {
    /// A gateway's own id of a payout.
    PayoutId, "a payout id", forbid_tilde: false
}

id! {
    /// The merchant's own reference of a payout: one reference is paid at most once.
    Reference, "a payout reference", forbid_tilde: true
}

macro_rules! owned_id {
    ($name:ident) => {
        impl $name {
            /// The same id with its owner before it, as `OWNER:ID`: what whoever speaks for several
            /// providers gives out, so that a later call finds its way.
            #[must_use]
            pub fn owned_by(&self, owner: &ProviderName) -> Self {
                Self::received(format!("{owner}:{self}"))
            }

            /// The gateway's own id, where this one has that owner before it.
            #[must_use]
            pub fn without_owner(&self, owner: &ProviderName) -> Self {
                let bare = self
                    .0
                    .strip_prefix(owner.as_str())
                    .and_then(|rest| rest.strip_prefix(':'));
                bare.map_or_else(|| self.clone(), Self::received)
            }

            /// The owner's name and the gateway's own id, where the id has the form `OWNER:ID`.
            #[must_use]
            pub fn split_owner(&self) -> Option<(ProviderName, Self)> {
                let (owner, bare) = self.0.split_once(':')?;
                Some((owner.parse().ok()?, Self::received(bare)))
            }
        }
    };
}

owned_id!(InvoiceId);
owned_id!(PayoutId);

/// The name of one configured provider instance: `[a-z0-9-]+`, the adapter's name by default.
///
/// ```
/// use paymux_core::ProviderName;
/// assert!("native-checkout".parse::<ProviderName>().is_ok());
/// assert!("Native Checkout".parse::<ProviderName>().is_err());
/// ```
#[derive(Clone)]
pub struct ProviderName(Name);

/// Names are cloned with every decision and every answer: neither form allocates then.
#[derive(Clone)]
enum Name {
    Static(&'static str),
    Shared(Arc<str>),
}

impl ProviderName {
    /// A name that is known when the program is compiled.
    ///
    /// # Panics
    /// When the name has other characters than `[a-z0-9-]`, which a `const` finds at compile time.
    #[must_use]
    #[expect(clippy::panic, reason = "a wrong literal is the programmer's mistake")]
    pub const fn from_static(name: &'static str) -> Self {
        if !is_provider_name(name) {
            panic!("a provider name has the form [a-z0-9-]+");
        }
        Self(Name::Static(name))
    }

    /// The name itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Static(name) => name,
            Name::Shared(name) => name,
        }
    }
}

impl PartialEq for ProviderName {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for ProviderName {}

impl PartialOrd for ProviderName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ProviderName {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for ProviderName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

const fn is_provider_name(name: &str) -> bool {
    let mut rest = name.as_bytes();
    if rest.is_empty() || rest.len() > LONGEST {
        return false;
    }
    while let [first, tail @ ..] = rest {
        if !matches!(first, b'a'..=b'z' | b'0'..=b'9' | b'-') {
            return false;
        }
        rest = tail;
    }
    true
}

impl FromStr for ProviderName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        if is_provider_name(name) {
            Ok(Self(Name::Shared(name.into())))
        } else {
            Err(Error::configuration(format!(
                "{name:?} is no provider name; use lower-case letters, digits and dashes"
            )))
        }
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProviderName({:?})", self.as_str())
    }
}

impl Serialize for ProviderName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for ProviderName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_say_what_is_wrong() {
        for (bad, says) in [
            ("", "0 characters"),
            (" a", "space at its ends"),
            ("a\nb", "control characters"),
            ("a~2", "'~'"),
        ] {
            let error = OrderId::new(bad).unwrap_err();
            assert!(error.message().contains(says), "{bad:?}: {error}");
        }
        assert!(OrderId::new("x".repeat(129)).is_err());
        assert!(OrderId::new("#0001 ünïcode").is_ok());
        assert!(InvoiceId::new("a~2").is_ok());
    }

    #[test]
    fn what_a_gateway_named_is_read_back() {
        let id: OrderId = serde_json::from_str("\"order~2\"").unwrap();
        assert_eq!(id.as_str(), "order~2");
    }

    #[test]
    fn an_id_can_carry_its_owner() {
        let owner: ProviderName = "eu".parse().unwrap();
        let bare = InvoiceId::received("T1:a");
        let owned = bare.owned_by(&owner);
        assert_eq!(owned.as_str(), "eu:T1:a");
        assert_eq!(owned.split_owner(), Some((owner.clone(), bare.clone())));
        assert_eq!(owned.without_owner(&owner), bare);
        assert_eq!(bare.without_owner(&owner), bare);
        assert_eq!(
            PayoutId::received("eu").without_owner(&owner).as_str(),
            "eu"
        );
        assert_eq!(InvoiceId::received("20260317").split_owner(), None);
    }

    #[test]
    fn provider_names_are_checked() {
        const NAME: ProviderName = ProviderName::from_static("native-checkout");
        assert_eq!(NAME, "native-checkout".parse().unwrap());
        for bad in ["", "A", "a b", "a_b", "ä"] {
            assert!(bad.parse::<ProviderName>().is_err(), "{bad:?}");
        }
    }
}
