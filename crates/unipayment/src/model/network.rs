//! The gateway's names of networks.

use paymux_core::Network;
use paymux_core::adapter::words;

words! {
    /// Where an asset lives: a chain, or a bank's way of sending. The gateway does not publish the
    /// whole list.
    pub enum NetworkCode {
        /// Bitcoin.
        Bitcoin = "NETWORK_BTC",
        /// Ethereum.
        Ethereum = "NETWORK_ETH",
        /// BNB Smart Chain.
        Bsc = "NETWORK_BSC",
        /// Tron.
        Tron = "NETWORK_TRX",
        /// A bank transfer within SEPA.
        Sepa = "BANK_SEPA",
        /// A bank transfer by SWIFT.
        Swift = "BANK_SWIFT",
    }
}

impl NetworkCode {
    /// Codes of chains that have a name here, and those names.
    const CHAINS: [(Self, &'static str); 4] = [
        (Self::Bitcoin, "bitcoin"),
        (Self::Ethereum, "ethereum"),
        (Self::Bsc, "bsc"),
        (Self::Tron, "tron"),
    ];

    /// The chain; `None` for a bank, and for a code that is not known here.
    ///
    /// ```
    /// use paymux_unipayment::model::NetworkCode;
    ///
    /// assert_eq!(NetworkCode::Tron.network().unwrap().caip2(), "tron:0x2b6653dc");
    /// assert_eq!(NetworkCode::from("NETWORK_NEW".to_owned()).network(), None);
    /// ```
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        Self::CHAINS
            .iter()
            .find(|(code, _)| code == self)
            .and_then(|(_, slug)| slug.parse().ok())
    }

    /// The code of a chain; `None` for one whose code is not documented.
    #[must_use]
    pub fn of(network: &Network) -> Option<Self> {
        Self::CHAINS
            .into_iter()
            .find(|(_, slug)| network.name() == *slug)
            .map(|(code, _)| code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_go_both_ways_and_banks_are_no_chains() {
        for (code, slug) in [
            ("NETWORK_BTC", Some("bitcoin")),
            ("NETWORK_ETH", Some("ethereum")),
            ("NETWORK_BSC", Some("bsc")),
            ("network_trx", Some("tron")),
            ("BANK_SEPA", None),
            ("BANK_SWIFT", None),
            ("NETWORK_TON", None),
        ] {
            let code = NetworkCode::from(code.to_owned());
            let network = code.network();
            assert_eq!(network.as_ref().map(Network::name), slug, "{code}");
            if let Some(network) = network {
                assert_eq!(NetworkCode::of(&network), Some(code));
            }
        }
        assert_eq!(NetworkCode::of(&"tron-nile".parse().unwrap()), None);
    }
}
