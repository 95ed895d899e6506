//! The three generations of the gateway's interface.

use std::fmt;
use std::str::FromStr;

use paymux_core::{Error, Result};

/// How requests and webhooks are proven; which generation of the interface an application uses.
///
/// ```
/// use paymux_unipayment::Generation;
///
/// assert_eq!("md5".parse::<Generation>()?, Generation::Md5);
/// assert_eq!(Generation::default().to_string(), "oauth");
/// # Ok::<(), paymux_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Generation {
    /// Early 2022: `sign` in the body, both ways.
    Md5,
    /// v1.0 from 2022 on: the header `Authorization: Hmac`; webhooks are proven by asking the gateway.
    Hmac,
    /// v1.0 as the v2 clients call it, from 2024 on: bearer tokens, and the header `hmac-signature`.
    #[default]
    OAuth,
}

impl Generation {
    /// Every generation, oldest first.
    pub const ALL: [Self; 3] = [Self::Md5, Self::Hmac, Self::OAuth];

    /// The name in configuration: `md5`, `hmac` or `oauth`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Hmac => "hmac",
            Self::OAuth => "oauth",
        }
    }

    /// The gateway's own base URL for it.
    #[must_use]
    pub const fn default_base_url(self) -> &'static str {
        match self {
            Self::Md5 => "https://unipayment.io",
            Self::Hmac | Self::OAuth => "https://api.unipayment.io",
        }
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Generation {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|generation| generation.name() == name)
            .ok_or_else(|| {
                Error::configuration(format!(
                    "{name:?} is no way to authenticate; use md5, hmac or oauth"
                ))
            })
    }
}
