//! The chains that assets live on, as an open list with CAIP-2 names.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::error::{Error, Result};

/// What the addresses of a chain look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressForm {
    /// 20 bytes in hex after `0x`, with the EIP-55 checksum in its letters' case.
    Evm,
    /// Base58check over a version byte 0x41 and 20 bytes.
    Tron,
    /// Base58check with these version bytes, or bech32 with this human-readable part.
    Bitcoin {
        /// Version bytes of pay-to-public-key-hash and pay-to-script-hash addresses.
        versions: &'static [u8],
        /// Human-readable part of segwit addresses; `None` where the chain has none.
        segwit: Option<&'static str>,
    },
    /// 32 bytes in base58.
    Solana,
}

/// A chain that paymux knows by name.
#[derive(Debug)]
struct Known {
    slug: &'static str,
    caip2: &'static str,
    /// SLIP-44 coin type of the main coin, for its CAIP-19 name.
    slip44: u32,
    coin: &'static str,
    /// CAIP-19 namespace of its tokens.
    tokens: Option<&'static str>,
    form: AddressForm,
}

const BITCOIN: AddressForm = AddressForm::Bitcoin {
    versions: &[0x00, 0x05],
    segwit: Some("bc"),
};
const BITCOIN_TEST: AddressForm = AddressForm::Bitcoin {
    versions: &[0x6f, 0xc4],
    segwit: Some("tb"),
};
const LITECOIN: AddressForm = AddressForm::Bitcoin {
    versions: &[0x30, 0x32, 0x05],
    segwit: Some("ltc"),
};
const DOGECOIN: AddressForm = AddressForm::Bitcoin {
    versions: &[0x1e, 0x16],
    segwit: None,
};

const fn evm(slug: &'static str, caip2: &'static str, coin: &'static str, slip44: u32) -> Known {
    Known {
        slug,
        caip2,
        slip44,
        coin,
        tokens: Some("erc20"),
        form: AddressForm::Evm,
    }
}

const fn tron(slug: &'static str, caip2: &'static str) -> Known {
    Known {
        slug,
        caip2,
        slip44: 195,
        coin: "TRX",
        tokens: Some("trc20"),
        form: AddressForm::Tron,
    }
}

const fn utxo(
    slug: &'static str,
    caip2: &'static str,
    coin: &'static str,
    slip44: u32,
    form: AddressForm,
) -> Known {
    Known {
        slug,
        caip2,
        slip44,
        coin,
        tokens: None,
        form,
    }
}

const fn solana(slug: &'static str, caip2: &'static str) -> Known {
    Known {
        slug,
        caip2,
        slip44: 501,
        coin: "SOL",
        tokens: Some("token"),
        form: AddressForm::Solana,
    }
}

/// SLIP-44 coin type 1 stands for every test network's coin, but EVM and Tron test coins keep their
/// main network's type in the names that wallets exchange.
static KNOWN: &[Known] = &[
    tron("tron", "tron:0x2b6653dc"),
    tron("tron-nile", "tron:0xcd8690dc"),
    tron("tron-shasta", "tron:0x94a9059e"),
    evm("ethereum", "eip155:1", "ETH", 60),
    evm("ethereum-sepolia", "eip155:11155111", "ETH", 60),
    evm("bsc", "eip155:56", "BNB", 714),
    evm("bsc-testnet", "eip155:97", "BNB", 714),
    evm("polygon", "eip155:137", "POL", 966),
    evm("polygon-amoy", "eip155:80002", "POL", 966),
    evm("arbitrum", "eip155:42161", "ETH", 60),
    evm("optimism", "eip155:10", "ETH", 60),
    evm("base", "eip155:8453", "ETH", 60),
    evm("avalanche", "eip155:43114", "AVAX", 9005),
    utxo(
        "bitcoin",
        "bip122:000000000019d6689c085ae165831e93",
        "BTC",
        0,
        BITCOIN,
    ),
    utxo(
        "bitcoin-testnet",
        "bip122:000000000933ea01ad0ee984209779ba",
        "BTC",
        1,
        BITCOIN_TEST,
    ),
    utxo(
        "litecoin",
        "bip122:12a765e31ffd4059bada1e25190f6e98",
        "LTC",
        2,
        LITECOIN,
    ),
    utxo(
        "dogecoin",
        "bip122:1a91e3dace36e2be3bf030a65679fe82",
        "DOGE",
        3,
        DOGECOIN,
    ),
    solana("solana", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp"),
    solana("solana-devnet", "solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1"),
];

/// A chain: one that paymux knows by a slug (`tron-nile`), or any other by its CAIP-2 name.
///
/// ```
/// use paymux_core::Network;
///
/// let nile: Network = "tron-nile".parse().unwrap();
/// assert_eq!(nile.caip2(), "tron:0xcd8690dc");
/// assert_eq!("tron:0xcd8690dc".parse::<Network>().unwrap(), nile);
/// assert_eq!("eip155:100".parse::<Network>().unwrap().to_string(), "eip155:100");
/// assert!("trom".parse::<Network>().is_err());
/// ```
#[derive(Clone)]
pub struct Network(Repr);

#[derive(Clone)]
enum Repr {
    Known(&'static Known),
    Caip2(Box<str>),
}

impl Network {
    /// Every chain that has a slug.
    pub fn known() -> impl Iterator<Item = Self> {
        KNOWN.iter().map(|known| Self(Repr::Known(known)))
    }

    /// The chain of an EVM chain id, as gateways number them.
    #[must_use]
    pub fn from_evm_chain_id(chain_id: u64) -> Self {
        Self::from_caip2(format!("eip155:{chain_id}"))
    }

    /// The chain of a Tron chain id: the last four bytes of its genesis block's id.
    #[must_use]
    pub fn from_tron_chain_id(chain_id: u64) -> Self {
        Self::from_caip2(format!("tron:{chain_id:#x}"))
    }

    fn from_caip2(name: String) -> Self {
        match KNOWN.iter().find(|known| known.caip2 == name) {
            Some(known) => Self(Repr::Known(known)),
            None => Self(Repr::Caip2(name.into())),
        }
    }

    /// The slug where there is one, else the CAIP-2 name.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.0 {
            Repr::Known(known) => known.slug,
            Repr::Caip2(name) => name,
        }
    }

    /// The CAIP-2 name, such as `eip155:1`.
    #[must_use]
    pub fn caip2(&self) -> &str {
        match &self.0 {
            Repr::Known(known) => known.caip2,
            Repr::Caip2(name) => name,
        }
    }

    /// What addresses look like here; `None` for a chain that paymux does not know.
    #[must_use]
    pub fn address_form(&self) -> Option<AddressForm> {
        match &self.0 {
            Repr::Known(known) => Some(known.form),
            Repr::Caip2(name) if name.starts_with("eip155:") => Some(AddressForm::Evm),
            Repr::Caip2(_) => None,
        }
    }

    /// The number of an EVM chain.
    #[must_use]
    pub fn evm_chain_id(&self) -> Option<u64> {
        self.caip2().strip_prefix("eip155:")?.parse().ok()
    }

    /// Symbol and SLIP-44 coin type of the chain's own coin.
    pub(crate) fn coin(&self) -> Option<(&'static str, u32)> {
        match &self.0 {
            Repr::Known(known) => Some((known.coin, known.slip44)),
            Repr::Caip2(_) => None,
        }
    }

    /// CAIP-19 namespace of the chain's tokens.
    pub(crate) fn token_namespace(&self) -> Option<&'static str> {
        match &self.0 {
            Repr::Known(known) => known.tokens,
            Repr::Caip2(name) if name.starts_with("eip155:") => Some("erc20"),
            Repr::Caip2(_) => None,
        }
    }
}

/// Whether a text has the form `namespace:reference` of CAIP-2.
fn is_caip2(text: &str) -> bool {
    let Some((namespace, reference)) = text.split_once(':') else {
        return false;
    };
    (3..=8).contains(&namespace.len())
        && namespace
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && (1..=32).contains(&reference.len())
        && reference
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

impl FromStr for Network {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        if let Some(known) = KNOWN.iter().find(|known| known.slug == text) {
            return Ok(Self(Repr::Known(known)));
        }
        if is_caip2(text) {
            return Ok(Self::from_caip2(text.to_owned()));
        }
        let slugs: Vec<&str> = KNOWN.iter().map(|known| known.slug).collect();
        Err(Error::invalid_request(format!(
            "{text:?} is no network that is known here; use one of {} or a CAIP-2 name such as eip155:100",
            slugs.join(", ")
        )))
    }
}

impl PartialEq for Network {
    fn eq(&self, other: &Self) -> bool {
        self.caip2() == other.caip2()
    }
}

impl Eq for Network {}

impl std::hash::Hash for Network {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.caip2().hash(state);
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Network({})", self.name())
    }
}

impl Serialize for Network {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_and_chains_are_distinct_and_well_formed() {
        for (index, known) in KNOWN.iter().enumerate() {
            assert!(is_caip2(known.caip2), "{}", known.caip2);
            for other in &KNOWN[index + 1..] {
                assert_ne!(known.slug, other.slug);
                assert_ne!(known.caip2, other.caip2);
            }
        }
    }

    #[test]
    fn chain_ids_become_names() {
        assert_eq!(
            Network::from_tron_chain_id(3_448_148_188).name(),
            "tron-nile"
        );
        assert_eq!(Network::from_tron_chain_id(728_126_428).name(), "tron");
        assert_eq!(Network::from_evm_chain_id(56).name(), "bsc");
        assert_eq!(Network::from_evm_chain_id(100).name(), "eip155:100");
        assert_eq!(
            Network::from_evm_chain_id(100).address_form(),
            Some(AddressForm::Evm)
        );
    }
}
