//! The text behind a QR code: BIP-21 for Bitcoin, EIP-681 for EVM chains, else the bare address.

use rust_decimal::Decimal;

use crate::asset::Asset;
use crate::decimal::plain;
use crate::network::{AddressForm, Network};

/// The text that wallets read to pay this amount of this asset to this address.
///
/// An amount is put in where the chain's own form has room for it and the asset is known well enough
/// to name it there; wallets of other chains take the bare address.
///
/// ```
/// use paymux_core::{Asset, payment_uri};
///
/// let btc = Asset::new("BTC").unwrap().with_network("bitcoin".parse().ok());
/// let address = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
/// assert_eq!(
///     payment_uri(address, &btc, "0.0150".parse().ok()),
///     "bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=0.015"
/// );
/// ```
#[must_use]
pub fn payment_uri(address: &str, asset: &Asset, amount: Option<Decimal>) -> String {
    let uri = match asset.network.as_ref().and_then(Network::address_form) {
        Some(AddressForm::Bitcoin { .. }) => bip21(address, asset, amount),
        Some(AddressForm::Evm) => eip681(address, asset, amount),
        _ => None,
    };
    uri.unwrap_or_else(|| address.to_owned())
}

fn bip21(address: &str, asset: &Asset, amount: Option<Decimal>) -> Option<String> {
    if asset.symbol != "BTC" {
        return None;
    }
    let query = amount.map_or_else(String::new, |amount| format!("?amount={}", plain(amount)));
    Some(format!("bitcoin:{address}{query}"))
}

fn eip681(address: &str, asset: &Asset, amount: Option<Decimal>) -> Option<String> {
    let chain = asset.network.as_ref()?.evm_chain_id()?;
    if let Some(contract) = &asset.contract {
        let decimals = asset.decimals?;
        let amount = match amount {
            Some(amount) => format!("&uint256={}", smallest_units(amount, decimals)?),
            None => String::new(),
        };
        return Some(format!(
            "ethereum:{contract}@{chain}/transfer?address={address}{amount}"
        ));
    }
    if !asset.is_coin() {
        return None;
    }
    let value = match amount {
        Some(amount) => format!("?value={}", smallest_units(amount, 18)?),
        None => String::new(),
    };
    Some(format!("ethereum:{address}@{chain}{value}"))
}

/// Whole tokens as a count of the token's smallest unit, in digits; `None` where there would be a
/// fraction left.
fn smallest_units(amount: Decimal, decimals: u32) -> Option<String> {
    let text = plain(amount);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let missing = usize::try_from(decimals)
        .ok()?
        .checked_sub(fraction.len())?;
    let digits = format!("{whole}{fraction}{}", "0".repeat(missing));
    let significant = digits.trim_start_matches('0');
    Some(
        if significant.is_empty() {
            "0"
        } else {
            significant
        }
        .to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADDRESS: &str = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";

    fn asset(symbol: &str, network: &str) -> Asset {
        Asset::new(symbol)
            .unwrap()
            .with_network(network.parse().ok())
    }

    #[test]
    fn evm_amounts_are_whole_numbers_of_the_smallest_unit() {
        assert_eq!(
            payment_uri(ADDRESS, &asset("ETH", "ethereum"), "2.014".parse().ok()),
            format!("ethereum:{ADDRESS}@1?value=2014000000000000000")
        );
        let usdc = asset("USDC", "polygon")
            .with_contract(Some(
                "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359".to_owned(),
            ))
            .with_decimals(Some(6));
        assert_eq!(
            payment_uri(ADDRESS, &usdc, "0.50".parse().ok()),
            format!(
                "ethereum:0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359@137/transfer?address={ADDRESS}&uint256=500000"
            )
        );
    }

    #[test]
    fn what_cannot_be_said_exactly_is_the_bare_address() {
        let usdc = asset("USDC", "polygon")
            .with_contract(Some("0x3c".to_owned()))
            .with_decimals(Some(6));
        assert_eq!(
            payment_uri(ADDRESS, &usdc, "0.0000001".parse().ok()),
            ADDRESS
        );
        assert_eq!(payment_uri(ADDRESS, &asset("FOO", "bsc"), None), ADDRESS);
        assert_eq!(
            payment_uri("T1", &asset("TRX", "tron"), "1".parse().ok()),
            "T1"
        );
        assert_eq!(payment_uri("x", &Asset::new("TRX").unwrap(), None), "x");
        assert_eq!(payment_uri("L1", &asset("LTC", "litecoin"), None), "L1");
    }
}
