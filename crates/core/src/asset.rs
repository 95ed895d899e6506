//! What pays: tokens and coins on their chains, and the names that people give them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};
use crate::network::Network;

fn symbol(text: &str) -> Result<String> {
    let well_formed = (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'$'))
        && text.bytes().any(|byte| byte.is_ascii_alphanumeric());
    if well_formed {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid_request(format!(
            "{text:?} is no symbol of a currency or token; write it like USD, USDT or USDC.e"
        )))
    }
}

/// What a price is given in: an ISO 4217 or crypto code, in upper case.
///
/// ```
/// assert_eq!("usd".parse::<paymux_core::Currency>().unwrap().code(), "USD");
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(Box<str>);

impl Currency {
    /// The code, such as `USD`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0
    }
}

impl FromStr for Currency {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        symbol(text).map(|code| Self(code.to_ascii_uppercase().into()))
    }
}

/// What an app calls an asset: `USDT@tron`, `USDT@eip155:56`, `USDT` alone where the network is not
/// known, or a full CAIP-19 name.
///
/// ```
/// use paymux_core::AssetName;
///
/// let name: AssetName = "USDT@tron-nile".parse().unwrap();
/// assert_eq!(name.symbol(), Some("USDT"));
/// assert_eq!(name.network().unwrap().caip2(), "tron:0xcd8690dc");
/// assert!("eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7".parse::<AssetName>().is_ok());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AssetName(Name);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Name {
    Symbol {
        symbol: Box<str>,
        network: Option<Network>,
    },
    Caip19 {
        network: Network,
        namespace: Box<str>,
        reference: Box<str>,
    },
}

impl AssetName {
    /// A symbol on a network, or alone where the network is not known.
    ///
    /// # Errors
    /// `InvalidRequest` when the symbol has characters that no symbol has.
    pub fn new(text: &str, network: Option<Network>) -> Result<Self> {
        Ok(Self(Name::Symbol {
            symbol: symbol(text)?.into(),
            network,
        }))
    }

    /// The symbol; `None` for a CAIP-19 name, which has none.
    #[must_use]
    pub fn symbol(&self) -> Option<&str> {
        match &self.0 {
            Name::Symbol { symbol, .. } => Some(symbol),
            Name::Caip19 { .. } => None,
        }
    }

    /// The network, where the name tells it.
    #[must_use]
    pub fn network(&self) -> Option<&Network> {
        match &self.0 {
            Name::Symbol { network, .. } => network.as_ref(),
            Name::Caip19 { network, .. } => Some(network),
        }
    }
}

impl FromStr for AssetName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some((chain, token)) = text.split_once('/') {
            let bad = || {
                Error::invalid_request(format!(
                    "{text:?} is no CAIP-19 name; write it like tron:0x2b6653dc/trc20:ADDRESS"
                ))
            };
            let (namespace, reference) = token.split_once(':').ok_or_else(bad)?;
            let well_formed = (3..=8).contains(&namespace.len())
                && namespace
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
                && (1..=128).contains(&reference.len())
                && reference
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'%'));
            if !well_formed {
                return Err(bad());
            }
            return Ok(Self(Name::Caip19 {
                network: chain.parse()?,
                namespace: namespace.into(),
                reference: reference.into(),
            }));
        }
        match text.split_once('@') {
            Some((symbol, network)) => Self::new(symbol, Some(network.parse()?)),
            None => Self::new(text, None),
        }
    }
}

impl fmt::Display for AssetName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Name::Symbol {
                symbol,
                network: Some(network),
            } => write!(f, "{symbol}@{network}"),
            Name::Symbol { symbol, .. } => f.write_str(symbol),
            Name::Caip19 {
                network,
                namespace,
                reference,
            } => write!(f, "{}/{namespace}:{reference}", network.caip2()),
        }
    }
}

/// An asset as a gateway's catalogue describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Asset {
    /// Symbol, as the gateway spells it.
    pub symbol: String,
    /// The chain it lives on, where the gateway tells one that has a name.
    pub network: Option<Network>,
    /// The token's contract; `None` for a chain's own coin or where it is not told.
    pub contract: Option<String>,
    /// Decimal places of one whole token, where they are known.
    pub decimals: Option<u32>,
}

impl Asset {
    /// An asset by its symbol.
    ///
    /// # Errors
    /// `InvalidRequest` when the symbol has characters that no symbol has.
    pub fn new(text: &str) -> Result<Self> {
        Ok(Self {
            symbol: symbol(text)?,
            network: None,
            contract: None,
            decimals: None,
        })
    }

    /// Sets the chain.
    #[must_use]
    pub fn with_network(mut self, network: Option<Network>) -> Self {
        self.network = network;
        self
    }

    /// Sets the token's contract address.
    #[must_use]
    pub fn with_contract(mut self, contract: Option<String>) -> Self {
        self.contract = contract;
        self
    }

    /// Sets the decimal places of one whole token.
    #[must_use]
    pub fn with_decimals(mut self, decimals: Option<u32>) -> Self {
        self.decimals = decimals;
        self
    }

    /// The short name: `SYMBOL@network`, or the symbol alone where the network is not known.
    #[must_use]
    pub fn name(&self) -> AssetName {
        AssetName(Name::Symbol {
            symbol: self.symbol.as_str().into(),
            network: self.network.clone(),
        })
    }

    /// Whether this is the main coin of its chain.
    #[must_use]
    pub fn is_coin(&self) -> bool {
        self.contract.is_none()
            && self
                .network
                .as_ref()
                .and_then(Network::coin)
                .is_some_and(|(coin, _)| coin.eq_ignore_ascii_case(&self.symbol))
    }

    /// The CAIP-19 name, where the chain and the token's place on it are known.
    ///
    /// ```
    /// use paymux_core::Asset;
    /// let trx = Asset::new("TRX").unwrap().with_network("tron".parse().ok());
    /// assert_eq!(trx.caip19().unwrap().to_string(), "tron:0x2b6653dc/slip44:195");
    /// ```
    #[must_use]
    pub fn caip19(&self) -> Option<AssetName> {
        let network = self.network.clone()?;
        let (namespace, reference) = match &self.contract {
            Some(contract) => (network.token_namespace()?, contract.clone()),
            None => {
                let (coin, slip44) = network.coin()?;
                if !coin.eq_ignore_ascii_case(&self.symbol) {
                    return None;
                }
                ("slip44", slip44.to_string())
            }
        };
        Some(AssetName(Name::Caip19 {
            network,
            namespace: namespace.into(),
            reference: reference.into(),
        }))
    }

    /// Whether a name means this asset. A symbol is matched in any case; a name without a network
    /// matches on every network.
    #[must_use]
    pub fn answers_to(&self, name: &AssetName) -> bool {
        match &name.0 {
            Name::Symbol { symbol, network } => {
                symbol.eq_ignore_ascii_case(&self.symbol)
                    && network
                        .as_ref()
                        .is_none_or(|network| Some(network) == self.network.as_ref())
            }
            Name::Caip19 {
                network, reference, ..
            } => match self.caip19().map(|own| own.0) {
                Some(Name::Caip19 {
                    network: own_network,
                    reference: own_reference,
                    ..
                }) => {
                    let same_reference = if network.evm_chain_id().is_some() {
                        own_reference.eq_ignore_ascii_case(reference)
                    } else {
                        own_reference == *reference
                    };
                    own_network == *network && same_reference
                }
                _ => false,
            },
        }
    }
}

macro_rules! text_serde {
    ($name:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }
    };
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

text_serde!(Currency);
text_serde!(AssetName);

#[cfg(test)]
mod tests {
    use super::*;

    fn usdt() -> Asset {
        Asset::new("USDT")
            .unwrap()
            .with_network("ethereum".parse().ok())
            .with_contract(Some(
                "0xdAC17F958D2ee523a2206206994597C13D831ec7".to_owned(),
            ))
            .with_decimals(Some(6))
    }

    #[test]
    fn names_round_trip() {
        for text in [
            "USDT@tron",
            "USDT@eip155:100",
            "USDT",
            "tron:0xcd8690dc/slip44:195",
        ] {
            assert_eq!(text.parse::<AssetName>().unwrap().to_string(), text);
        }
        assert_eq!(
            "USDT@eip155:1".parse::<AssetName>().unwrap().to_string(),
            "USDT@ethereum"
        );
        for bad in [
            "",
            "@tron",
            "US DT",
            "USDT@",
            "USDT@nowhere",
            "eip155:1/x",
            "a@b@c",
        ] {
            assert!(bad.parse::<AssetName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_asset_answers_to_its_names_only() {
        let usdt = usdt();
        for name in [
            "USDT",
            "usdt@ethereum",
            "USDT@eip155:1",
            "eip155:1/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7",
        ] {
            assert!(usdt.answers_to(&name.parse().unwrap()), "{name}");
        }
        for name in [
            "USDC",
            "USDT@tron",
            "eip155:56/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7",
            "eip155:1/slip44:60",
        ] {
            assert!(!usdt.answers_to(&name.parse().unwrap()), "{name}");
        }
    }

    #[test]
    fn a_token_without_contract_has_no_caip19_name() {
        let unknown = Asset::new("FOO").unwrap().with_network("tron".parse().ok());
        assert_eq!(unknown.caip19(), None);
        assert!(!unknown.is_coin());
        assert!(
            Asset::new("TRX")
                .unwrap()
                .with_network("tron".parse().ok())
                .is_coin()
        );
    }
}
