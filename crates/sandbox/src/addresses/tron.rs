//! Tron addresses: 0x41, twenty bytes, four bytes of a double SHA-256, in base 58.

use sha2::{Digest, Sha256};

const PREFIX: u8 = 0x41;
const PAYLOAD_BYTES: usize = 21;
const CHECKSUM_BYTES: usize = 4;

pub(crate) fn address_of(account: [u8; 20]) -> String {
    let mut bytes = vec![PREFIX];
    bytes.extend_from_slice(&account);
    let checksum = checksum(&bytes);
    bytes.extend_from_slice(&checksum);
    bs58::encode(bytes).into_string()
}

/// Says what is wrong with an address, and what a right one looks like.
pub(crate) fn check_address(address: &str) -> Result<(), String> {
    let wrong = |what: &str| {
        Err(format!(
            "{address:?} {what}; a Tron address is 34 base58 characters that begin with T and end \
             in a checksum"
        ))
    };
    let Ok(bytes) = bs58::decode(address).into_vec() else {
        return wrong("is not base58");
    };
    if bytes.len() != PAYLOAD_BYTES + CHECKSUM_BYTES {
        return wrong("has the wrong length");
    }
    let (payload, given) = bytes.split_at(PAYLOAD_BYTES);
    if payload.first() != Some(&PREFIX) {
        return wrong("is an address of another network");
    }
    if given != checksum(payload) {
        return wrong("has a wrong checksum");
    }
    Ok(())
}

fn checksum(payload: &[u8]) -> Vec<u8> {
    let twice = Sha256::digest(Sha256::digest(payload));
    twice.iter().take(CHECKSUM_BYTES).copied().collect()
}
