//! What the gateway's chain, network, token and contract members mean.

#[cfg(feature = "client")]
use paymux_core::Asset;
use paymux_core::Network;

/// A chain by the names that the gateway may give it.
struct Chain {
    names: &'static [&'static str],
    main: &'static str,
    /// The gateway's name of its test network, and its slug.
    test: Option<(&'static str, &'static str)>,
}

const fn chain(
    names: &'static [&'static str],
    main: &'static str,
    test: Option<(&'static str, &'static str)>,
) -> Chain {
    Chain { names, main, test }
}

/// Chains that have no EVM chain id, whatever number the gateway gives them.
static OTHER_CHAINS: &[Chain] = &[
    chain(
        &["bitcoin", "btc"],
        "bitcoin",
        Some(("testnet", "bitcoin-testnet")),
    ),
    chain(&["litecoin", "ltc"], "litecoin", None),
    chain(&["dogecoin", "doge"], "dogecoin", None),
    chain(
        &["solana", "sol"],
        "solana",
        Some(("devnet", "solana-devnet")),
    ),
];

/// EVM chains, for answers without a chain id.
static EVM_CHAINS: &[Chain] = &[
    chain(
        &["ethereum", "eth"],
        "ethereum",
        Some(("sepolia", "ethereum-sepolia")),
    ),
    chain(
        &["bsc", "bnb", "bnb smart chain"],
        "bsc",
        Some(("testnet", "bsc-testnet")),
    ),
    chain(
        &["polygon", "matic"],
        "polygon",
        Some(("amoy", "polygon-amoy")),
    ),
    chain(&["arbitrum", "arbitrum one"], "arbitrum", None),
    chain(&["optimism"], "optimism", None),
    chain(&["base"], "base", None),
    chain(&["avalanche", "avax"], "avalanche", None),
];

/// Chains that paymux has no name for and that are not of the EVM: a number of theirs must not be
/// read as an EVM chain id.
const NAMELESS_CHAINS: &[&str] = &[
    "ton",
    "ripple",
    "xrp",
    "xrpl",
    "stellar",
    "cosmos",
    "polkadot",
    "cardano",
    "near",
    "aptos",
    "sui",
    "algorand",
    "tezos",
    "eos",
    "monero",
    "zcash",
    "dash",
    "bitcoin cash",
    "bch",
    "kaspa",
    "hedera",
    "filecoin",
];

/// The network of a token or an order. `None` where the gateway does not tell enough to be sure.
pub(crate) fn network_of(chain: &str, network: &str, chain_id: Option<u64>) -> Option<Network> {
    let chain = chain.trim().to_ascii_lowercase();
    let network = network.trim().to_ascii_lowercase();
    let chain_id = chain_id.filter(|id| *id != 0);
    if matches!(chain.as_str(), "tron" | "trx") {
        return match chain_id {
            Some(id) => Some(Network::from_tron_chain_id(id)),
            None => tron_by_name(&network)?.parse().ok(),
        };
    }
    if let Some(slug) = by_name(OTHER_CHAINS, &chain, &network) {
        return slug?.parse().ok();
    }
    if NAMELESS_CHAINS.contains(&chain.as_str()) {
        return None;
    }
    match chain_id {
        Some(id) => Some(Network::from_evm_chain_id(id)),
        None => by_name(EVM_CHAINS, &chain, &network)??.parse().ok(),
    }
}

fn tron_by_name(network: &str) -> Option<&'static str> {
    match network {
        "nile" => Some("tron-nile"),
        "shasta" => Some("tron-shasta"),
        _ if is_main(network) => Some("tron"),
        _ => None,
    }
}

fn is_main(network: &str) -> bool {
    matches!(network, "main" | "mainnet" | "main net")
}

/// Outer `None`: the chain is not in the table. Inner: its network cannot be told.
fn by_name(table: &[Chain], chain: &str, network: &str) -> Option<Option<&'static str>> {
    let chain = table.iter().find(|known| known.names.contains(&chain))?;
    Some(match chain.test {
        _ if is_main(network) => Some(chain.main),
        Some((name, slug)) if name == network => Some(slug),
        _ => None,
    })
}

/// The asset that these members describe; `None` for a symbol that cannot be named. A contract that
/// is the symbol stands for the chain's main coin.
#[cfg(feature = "client")]
pub(crate) fn asset_of(
    token: &str,
    contract: &str,
    decimals: Option<u32>,
    network: Option<Network>,
) -> Option<Asset> {
    let is_coin = contract.is_empty() || contract.eq_ignore_ascii_case(token);
    Some(
        Asset::new(token)
            .ok()?
            .with_network(network)
            .with_contract((!is_coin).then(|| contract.to_owned()))
            .with_decimals(decimals),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_get_their_names() {
        for (chain, network, chain_id, slug) in [
            ("Tron", "Nile", Some(3_448_148_188), Some("tron-nile")),
            ("Tron", "", Some(728_126_428), Some("tron")),
            ("TRON", "Nile", None, Some("tron-nile")),
            ("Tron", "Mainnet", None, Some("tron")),
            ("Tron", "", None, None),
            ("Ethereum", "Mainnet", Some(1), Some("ethereum")),
            ("Ethereum", "Sepolia", None, Some("ethereum-sepolia")),
            ("BSC", "", Some(56), Some("bsc")),
            ("Gnosis", "", Some(100), Some("eip155:100")),
            ("Bitcoin", "Mainnet", Some(0), Some("bitcoin")),
            ("Bitcoin", "Testnet", Some(7), Some("bitcoin-testnet")),
            ("Bitcoin", "", None, None),
            ("Solana", "Mainnet", Some(101), Some("solana")),
            ("TON", "Mainnet", Some(239), None),
            ("Nowhere", "Mainnet", None, None),
        ] {
            let named = network_of(chain, network, chain_id);
            assert_eq!(
                named.as_ref().map(Network::name),
                slug,
                "{chain} {network} {chain_id:?}"
            );
        }
    }

    #[cfg(feature = "client")]
    #[test]
    fn a_contract_that_is_the_symbol_is_the_main_coin() {
        let tron = || "tron".parse().ok();
        assert!(asset_of("TRX", "TRX", Some(6), tron()).unwrap().is_coin());
        let usdt = asset_of("USDT", "TR7N", Some(6), tron()).unwrap();
        assert_eq!(usdt.contract.as_deref(), Some("TR7N"));
        assert_eq!(asset_of("not a symbol", "", None, None), None);
    }
}
