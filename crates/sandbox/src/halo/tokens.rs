//! The catalogue of currencies.

use serde::Serialize;

const NILE: i64 = 3_448_148_188;
const MAINNET: i64 = 728_126_428;

/// A currency of the platform catalogue (Native Checkout API, currency/token-list).
///
/// The documents show 46 (JST on Nile); the other currency ids are **ours**.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Token {
    /// The gateway's id of the currency.
    pub currency_id: i64,
    /// The chain's name.
    pub chain: &'static str,
    /// The network of the chain.
    pub network: &'static str,
    /// The token's symbol.
    pub symbol: &'static str,
    /// The contract address; for a chain's main coin its symbol.
    pub contract: &'static str,
    /// The gateway's id of the chain.
    pub chain_id: i64,
    /// Where a picture of the token would be.
    pub logo: &'static str,
    /// The decimals of one whole token.
    pub decimals: u32,
}

impl Token {
    pub(super) fn rpc(&self) -> &'static str {
        match self.chain_id {
            NILE => "https://nile.trongrid.io",
            _ => "https://api.trongrid.io",
        }
    }

    pub(super) fn browser_url(&self) -> &'static str {
        match self.chain_id {
            NILE => "https://nile.tronscan.org/#/transaction",
            _ => "https://tronscan.org/#/transaction",
        }
    }

    pub(super) fn find(currency_id: i64) -> Option<&'static Self> {
        CATALOGUE
            .iter()
            .find(|token| token.currency_id == currency_id)
    }

    pub(super) fn is_symbol(symbol: &str) -> bool {
        CATALOGUE.iter().any(|token| token.symbol == symbol)
    }
}

pub(super) const CATALOGUE: [Token; 5] = [
    Token {
        currency_id: 46,
        chain: "Tron",
        network: "Nile",
        symbol: "JST",
        contract: "TF17BgPaZYbz8oxbjhriubPDsA7ArKoLX3",
        chain_id: NILE,
        logo: "https://static.example.com/tokens/jst.png",
        decimals: 18,
    },
    Token {
        currency_id: 75,
        chain: "Tron",
        network: "Nile",
        symbol: "USDT",
        contract: "TXYZopYRdj2D9XRtbG411XZZ3kM5VkAeBf",
        chain_id: NILE,
        logo: "https://static.example.com/tokens/usdt.png",
        decimals: 6,
    },
    Token {
        currency_id: 76,
        chain: "Tron",
        network: "Nile",
        symbol: "TRX",
        contract: "TRX",
        chain_id: NILE,
        logo: "https://static.example.com/tokens/trx.png",
        decimals: 6,
    },
    Token {
        currency_id: 175,
        chain: "Tron",
        network: "Mainnet",
        symbol: "USDT",
        contract: "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        chain_id: MAINNET,
        logo: "https://static.example.com/tokens/usdt.png",
        decimals: 6,
    },
    Token {
        currency_id: 176,
        chain: "Tron",
        network: "Mainnet",
        symbol: "TRX",
        contract: "TRX",
        chain_id: MAINNET,
        logo: "https://static.example.com/tokens/trx.png",
        decimals: 6,
    },
];
