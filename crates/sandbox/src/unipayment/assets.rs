//! What can be paid, received and paid out, and on which networks.

use rust_decimal::Decimal;
use serde::Serialize;

use crate::addresses::{bitcoin, evm, tron};
use crate::balances::Balances;
use crate::rates::FIAT_NAMES;

/// A coin or token on a network.
///
/// The examples of the documents name the symbols and networks; the choice and the decimals are
/// **ours**. All networks are the main ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Asset {
    /// The symbol, which is the gateway's `pay_currency` and `asset_type`.
    pub symbol: &'static str,
    /// The gateway's name of the network, such as `NETWORK_TRX`.
    pub network: &'static str,
    /// The decimals of one whole coin.
    pub decimals: u32,
    /// The name for people.
    pub name: &'static str,
}

const fn asset(
    symbol: &'static str,
    network: &'static str,
    decimals: u32,
    name: &'static str,
) -> Asset {
    Asset {
        symbol,
        network,
        decimals,
        name,
    }
}

/// The first network of a symbol is the one taken where none was asked for.
pub(super) const CATALOGUE: [Asset; 7] = [
    asset("USDT", "NETWORK_TRX", 6, "Tether"),
    asset("USDT", "NETWORK_ETH", 6, "Tether"),
    asset("USDT", "NETWORK_BSC", 18, "Tether"),
    asset("USDC", "NETWORK_ETH", 6, "USD Coin"),
    asset("ETH", "NETWORK_ETH", 18, "Ether"),
    asset("BTC", "NETWORK_BTC", 8, "Bitcoin"),
    asset("BNB", "NETWORK_BSC", 18, "BNB"),
];

/// Every symbol that the merchant's wallet holds, with the most decimals it has on any network.
pub(super) const HOLDINGS: [(&str, u32); 7] = [
    ("USDT", 18),
    ("USDC", 6),
    ("ETH", 18),
    ("BTC", 8),
    ("BNB", 18),
    ("USD", 2),
    ("EUR", 2),
];

impl Asset {
    /// A coin of this symbol on this network, or on the first it has.
    pub(super) fn find(symbol: &str, network: Option<&str>) -> Option<&'static Self> {
        CATALOGUE.iter().find(|asset| {
            asset.symbol == symbol && network.is_none_or(|network| asset.network == network)
        })
    }

    /// The networks of a symbol, for messages.
    pub(super) fn networks_of(symbol: &str) -> Vec<&'static str> {
        let of_symbol = CATALOGUE.iter().filter(|asset| asset.symbol == symbol);
        of_symbol.map(|asset| asset.network).collect()
    }

    pub(super) fn is_symbol(symbol: &str) -> bool {
        CATALOGUE.iter().any(|asset| asset.symbol == symbol)
    }

    /// An address on its network.
    pub(super) fn address_of(&self, account: [u8; 20]) -> String {
        match self.network {
            "NETWORK_TRX" => tron::address_of(account),
            "NETWORK_BTC" => bitcoin::address_of(account),
            _ => evm::address_of(account),
        }
    }

    /// Says what is wrong with an address on its network.
    pub(super) fn check_address(&self, address: &str) -> Result<(), String> {
        match self.network {
            "NETWORK_TRX" => tron::check_address(address),
            "NETWORK_BTC" => bitcoin::check_address(address),
            _ => evm::check_address(address),
        }
    }
}

/// The symbols of the catalogue, each once, in its order.
pub(super) fn symbols() -> impl Iterator<Item = &'static Asset> {
    CATALOGUE.iter().enumerate().filter_map(|(at, asset)| {
        let known = CATALOGUE.iter().take(at);
        (!known
            .into_iter()
            .any(|earlier| earlier.symbol == asset.symbol))
        .then_some(asset)
    })
}

/// The decimals in which the wallet counts a symbol.
pub(super) fn holding(symbol: &str) -> Option<(&'static str, u32)> {
    HOLDINGS.into_iter().find(|(known, _)| *known == symbol)
}

pub(super) fn first_balances() -> Balances<&'static str> {
    let symbols = HOLDINGS.into_iter().map(|(symbol, _)| symbol);
    Balances::of_each(symbols, Decimal::ONE_THOUSAND)
}

/// The currencies that a price may be in.
pub(super) fn fiat_names() -> impl Iterator<Item = &'static str> {
    FIAT_NAMES.into_iter().filter(|name| *name != "USDT")
}
