//! Assets as the gateway names them: a symbol, and a code of its network.

use paymux_core::{Asset, AssetName, Error, Result};

use crate::model::NetworkCode;

/// The main coins of the networks whose codes are documented.
const COINS: [(&str, &str); 4] = [
    ("BTC", "bitcoin"),
    ("ETH", "ethereum"),
    ("BNB", "bsc"),
    ("TRX", "tron"),
];

/// What a name means to the gateway.
#[derive(Debug)]
pub(super) struct Named {
    pub(super) symbol: String,
    /// None where the name tells no network.
    pub(super) network: Option<NetworkCode>,
}

/// # Errors
/// `Unsupported` for a network whose code is not documented, and for a contract: the gateway knows
/// symbols alone.
pub(super) fn named(name: &AssetName) -> Result<Named> {
    let network = name
        .network()
        .map(|network| {
            NetworkCode::of(network).ok_or_else(|| {
                let known: Vec<&str> = COINS.iter().map(|(_, network)| *network).collect();
                Error::unsupported(format!(
                    "this gateway's code of the network {network} is not known; it has {}",
                    known.join(", ")
                ))
            })
        })
        .transpose()?;
    let symbol = match name.symbol() {
        Some(symbol) => symbol.to_ascii_uppercase(),
        None => coin(name).ok_or_else(|| {
            Error::unsupported(format!(
                "this gateway does not name assets by contract as {name} does; write SYMBOL@NETWORK, such as USDT@tron"
            ))
        })?,
    };
    Ok(Named { symbol, network })
}

fn coin(name: &AssetName) -> Option<String> {
    COINS.iter().find_map(|(symbol, network)| {
        let asset = Asset::new(symbol).ok()?.with_network(network.parse().ok());
        asset.answers_to(name).then(|| (*symbol).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_symbol_and_code() {
        for (name, symbol, network) in [
            ("usdt@tron", "USDT", Some(NetworkCode::Tron)),
            ("USDT", "USDT", None),
            ("BTC@bitcoin", "BTC", Some(NetworkCode::Bitcoin)),
            ("eip155:1/slip44:60", "ETH", Some(NetworkCode::Ethereum)),
        ] {
            let named = named(&name.parse().unwrap()).unwrap();
            assert_eq!((named.symbol.as_str(), named.network), (symbol, network));
        }
    }

    #[test]
    fn what_has_no_name_here_is_unsupported() {
        for (name, says) in [
            ("USDT@tron-nile", "bitcoin, ethereum, bsc, tron"),
            (
                "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7",
                "USDT@tron",
            ),
        ] {
            let error = named(&name.parse().unwrap()).unwrap_err();
            assert!(error.message().contains(says), "{error}");
        }
    }
}
