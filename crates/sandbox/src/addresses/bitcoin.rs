//! Addresses of Bitcoin: segwit in bech32, and the older base58 forms.

use bech32::{Fe32, Hrp, segwit};
use bs58::Alphabet;

const MAIN: &str = "bc";
/// The leading bytes of a base58 address: pay to public key hash, pay to script hash.
const BASE58_VERSIONS: [u8; 2] = [0x00, 0x05];
const BASE58_BYTES: usize = 21;

/// A version 0 address of a public key hash.
pub(crate) fn address_of(account: [u8; 20]) -> String {
    let hrp = Hrp::parse(MAIN).ok();
    // A program of twenty bytes fits every address, so there is always one.
    hrp.and_then(|hrp| segwit::encode(hrp, Fe32::Q, &account).ok())
        .unwrap_or_default()
}

/// Says what is wrong with an address, and what a right one looks like.
pub(crate) fn check_address(address: &str) -> Result<(), String> {
    let is_segwit = segwit::decode(address).is_ok_and(|(hrp, ..)| hrp.to_lowercase() == MAIN);
    if is_segwit || is_base58(address) {
        return Ok(());
    }
    Err(format!(
        "{address:?} is no address of Bitcoin's main network; such an address begins with bc1, 1 or \
         3 and ends in a checksum"
    ))
}

fn is_base58(address: &str) -> bool {
    use sha2::{Digest, Sha256};
    let Ok(bytes) = bs58::decode(address)
        .with_alphabet(Alphabet::BITCOIN)
        .into_vec()
    else {
        return false;
    };
    let Some((payload, given)) = bytes.split_at_checked(BASE58_BYTES) else {
        return false;
    };
    let version_fits = payload
        .first()
        .is_some_and(|version| BASE58_VERSIONS.contains(version));
    let twice = Sha256::digest(Sha256::digest(payload));
    version_fits && twice.get(..4).is_some_and(|checksum| checksum == given)
}

#[cfg(test)]
mod tests {
    use super::{address_of, check_address};

    #[test]
    fn an_address_is_that_of_bip_173() {
        let account = hex::decode("751e76e8199196d454941c45d1b3a323f1433bd6").unwrap();
        let address = address_of(account.try_into().unwrap());
        assert_eq!(address, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
    }

    #[test]
    fn right_ones_are_told_from_wrong_ones() {
        for right in [
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
        ] {
            check_address(right).unwrap();
        }
        for wrong in [
            "",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
        ] {
            assert!(check_address(wrong).is_err(), "{wrong}");
        }
    }
}
