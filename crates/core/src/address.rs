//! Whether an address has the form of its network. A mistyped address loses money for good.

use std::borrow::Cow;

use sha2::{Digest, Sha256};
use sha3::Keccak256;

use crate::error::{Error, Result};
use crate::network::{AddressForm, Network};

/// Checks that an address has the form of its network: base58check for Tron, the EIP-55 checksum for
/// EVM chains, base58check or bech32 for Bitcoin and its kin, 32 bytes in base58 for Solana.
///
/// An address on a network whose form is not known here passes: the gateway has to judge it.
///
/// ```
/// use paymux_core::address;
///
/// let tron = "tron".parse().unwrap();
/// assert!(address::check("TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP", &tron).is_ok());
/// assert!(address::check("TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DQ", &tron).is_err());
/// ```
///
/// # Errors
/// `InvalidRequest` that says which form the network has and what is wrong with the address.
pub fn check(address: &str, network: &Network) -> Result<()> {
    let Some(form) = network.address_form() else {
        return Ok(());
    };
    let verdict = match form {
        AddressForm::Evm => evm(address),
        AddressForm::Tron => tron(address),
        AddressForm::Bitcoin { versions, segwit } => bitcoin(address, versions, segwit),
        AddressForm::Solana => solana(address),
    };
    verdict.map_err(|why| {
        Error::invalid_request(format!("{address:?} is no address on {network}: {why}"))
    })
}

/// Whether two texts name the same address or contract. Those of the EVM, in hex, are the same in any
/// case of their letters: gateways write them with a checksum or without.
///
/// ```
/// use paymux_core::address::is_same;
///
/// assert!(is_same("0xdAC17F958D2ee523a2206206994597C13D831ec7", "0xdac17f958d2ee523a2206206994597c13d831ec7"));
/// assert!(is_same("BC1QW508D6QEJXTDG", "bc1qw508d6qejxtdg"));
/// assert!(!is_same("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "tr7nhqjekqxgtci8q8zy4pl8otszgjlj6t"));
/// ```
#[must_use]
pub fn is_same(one: &str, other: &str) -> bool {
    in_one_spelling(one) == in_one_spelling(other)
}

/// How addresses in bech32 begin.
const BECH32: [&str; 3] = ["bc1", "tb1", "ltc1"];

/// An address as it can be compared: letters in lower case where their case means nothing, which is so
/// in hex, and in bech32 as long as they are all of one case.
///
/// ```
/// use paymux_core::address::in_one_spelling;
///
/// assert_eq!(in_one_spelling("BC1QW508D6"), "bc1qw508d6");
/// assert_eq!(in_one_spelling("TR7NHqjeKQ"), "TR7NHqjeKQ");
/// ```
#[must_use]
pub fn in_one_spelling(address: &str) -> Cow<'_, str> {
    let lower = address.to_ascii_lowercase();
    let is_of_one_case = lower == address || address.to_ascii_uppercase() == address;
    let is_bech32 = is_of_one_case && BECH32.iter().any(|prefix| lower.starts_with(prefix));
    if address.starts_with("0x") || is_bech32 {
        Cow::Owned(lower)
    } else {
        Cow::Borrowed(address)
    }
}

type Verdict = std::result::Result<(), &'static str>;

fn tron(address: &str) -> Verdict {
    let payload = base58check(address).ok_or(
        "a Tron address is base58 with a checksum and starts with T; this one has a wrong character or checksum",
    )?;
    match payload.as_slice() {
        [0x41, rest @ ..] if rest.len() == 20 => Ok(()),
        _ => Err("a Tron address starts with T and has 34 characters"),
    }
}

fn bitcoin(address: &str, versions: &[u8], segwit: Option<&str>) -> Verdict {
    if let Some(prefix) = segwit
        && let Some((human, _)) = address.rsplit_once('1')
        && human.eq_ignore_ascii_case(prefix)
    {
        return bech32::segwit::decode(address)
            .map(|_| ())
            .map_err(|_| "its bech32 checksum or length is wrong");
    }
    let payload = base58check(address)
        .ok_or("it is neither base58 with a right checksum nor bech32 of this network")?;
    match payload.split_first() {
        Some((version, hash)) if versions.contains(version) && hash.len() == 20 => Ok(()),
        _ => Err("its version byte belongs to another network"),
    }
}

fn solana(address: &str) -> Verdict {
    match bs58::decode(address).into_vec() {
        Ok(key) if key.len() == 32 => Ok(()),
        _ => Err("a Solana address is 32 bytes in base58"),
    }
}

/// The payload of a base58check text, when its four bytes of double SHA-256 are right.
fn base58check(text: &str) -> Option<Vec<u8>> {
    let mut bytes = bs58::decode(text).into_vec().ok()?;
    let payload_len = bytes.len().checked_sub(4)?;
    let checksum = bytes.split_off(payload_len);
    let digest = Sha256::digest(Sha256::digest(&bytes));
    digest.starts_with(&checksum).then_some(bytes)
}

fn evm(address: &str) -> Verdict {
    let hex = address
        .strip_prefix("0x")
        .filter(|hex| hex.len() == 40 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or("an EVM address is 0x and 40 hex digits")?;
    let has = |test: fn(&u8) -> bool| hex.as_bytes().iter().any(test);
    if !(has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)) {
        return Ok(());
    }
    let digest = Keccak256::digest(hex.to_ascii_lowercase());
    let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 0x0f]);
    let right = hex.bytes().zip(nibbles).all(|(digit, nibble)| {
        !digit.is_ascii_alphabetic() || digit.is_ascii_uppercase() == (nibble >= 8)
    });
    if right {
        Ok(())
    } else {
        Err("its EIP-55 checksum (the case of its letters) is wrong")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn verdict(network: &str, address: &str) -> Result<()> {
        check(address, &network.parse().unwrap())
    }

    #[test]
    fn published_addresses_pass() {
        for (network, address) in [
            ("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
            ("tron-nile", "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP"),
            // Examples of EIP-55 itself.
            ("ethereum", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
            ("bsc", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359"),
            ("ethereum", "0xde709f2102306220921060314715629080e2fb77"),
            ("eip155:100", "0x52908400098527886E0F7030069857D2E4169EE7"),
            // The genesis block's coinbase, and examples of BIP-173 and BIP-350.
            ("bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            ("bitcoin", "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4"),
            (
                "bitcoin",
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            ),
            (
                "bitcoin-testnet",
                "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            ),
            ("solana", "So11111111111111111111111111111111111111112"),
            ("tron:0x1234", "anything at all"),
        ] {
            verdict(network, address).unwrap();
        }
    }

    #[test]
    fn addresses_of_other_networks_and_typing_mistakes_do_not() {
        for (network, address) in [
            ("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u"),
            ("tron", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            ("tron", "THgSjcyhyxfzrjtS7VYw1vnHvb7QkMsY..."),
            ("tron", ""),
            ("ethereum", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed"),
            ("ethereum", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
            ("ethereum", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe"),
            ("bitcoin", "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx"),
            ("bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
            ("bitcoin-testnet", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            ("dogecoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            ("solana", "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP"),
        ] {
            let error = verdict(network, address).unwrap_err();
            assert!(error.message().contains("is no address on"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn every_single_wrong_character_of_a_tron_address_is_found(
            at in 0usize..34,
            digit in proptest::sample::select(
                "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz".chars().collect::<Vec<_>>()),
        ) {
            let right = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";
            let wrong: String = right
                .chars()
                .enumerate()
                .map(|(index, own)| if index == at { digit } else { own })
                .collect();
            prop_assert_eq!(verdict("tron", &wrong).is_ok(), wrong == right);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,80}") {
            for network in Network::known() {
                let _ = check(&text, &network);
            }
        }
    }
}
