//! Addresses of Ethereum and its kin: twenty bytes in hexadecimal whose case is a checksum (EIP-55).

use sha3::{Digest, Keccak256};

pub(crate) fn address_of(account: [u8; 20]) -> String {
    with_checksum(&hex::encode(account))
}

/// Says what is wrong with an address, and what a right one looks like.
pub(crate) fn check_address(address: &str) -> Result<(), String> {
    let wrong = |what: &str| {
        Err(format!(
            "{address:?} {what}; an address here is 0x and 40 hexadecimal digits, in the mixed case \
             of EIP-55 or in one case"
        ))
    };
    let Some(digits) = address.strip_prefix("0x") else {
        return wrong("does not begin with 0x");
    };
    if digits.len() != 40 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return wrong("has no 40 hexadecimal digits");
    }
    let lower = digits.to_ascii_lowercase();
    let one_case = digits == lower || digits == digits.to_ascii_uppercase();
    if !one_case && address != with_checksum(&lower) {
        return wrong("has a wrong checksum");
    }
    Ok(())
}

fn with_checksum(lower: &str) -> String {
    let digest = hex::encode(Keccak256::digest(lower.as_bytes()));
    let digits = lower.chars().zip(digest.bytes()).map(|(digit, hash)| {
        if hash >= b'8' {
            digit.to_ascii_uppercase()
        } else {
            digit
        }
    });
    "0x".chars().chain(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::{address_of, check_address};

    /// The examples of EIP-55.
    const RIGHT: [&str; 4] = [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ];

    #[test]
    fn addresses_have_the_checksum_of_eip_55() {
        for right in RIGHT {
            let account = hex::decode(&right[2..]).unwrap().try_into().unwrap();
            assert_eq!(address_of(account), right);
            check_address(right).unwrap();
            check_address(&right.to_ascii_lowercase()).unwrap();
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (address, what) in [
            ("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "checksum"),
            ("5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "begin with 0x"),
            (
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe",
                "40 hexadecimal",
            ),
        ] {
            let reason = check_address(address).unwrap_err();
            assert!(reason.contains(what), "{reason}");
        }
    }
}
