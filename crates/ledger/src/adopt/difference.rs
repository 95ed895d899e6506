//! What differs between terms that were journaled and what a gateway tells. What it does not tell
//! differs from nothing.

use paymux_core::{
    AssetName, Destination, InvoiceSnapshot, Network, PayoutSnapshot, address, decimal,
};

use crate::terms::{InvoiceTerms, PayoutTerms};

/// The differences of a payout, such as `amount 2 instead of 1`; empty where there is none.
pub(super) fn of_payout(terms: &PayoutTerms, seen: &PayoutSnapshot) -> Vec<String> {
    let mut differences = Vec::new();
    if let Some(told) = &seen.amount {
        if told.amount != terms.amount {
            let (told, asked) = (decimal::plain(told.amount), decimal::plain(terms.amount));
            differences.push(format!("amount {told} instead of {asked}"));
        }
        compare_asset(&mut differences, Some(&terms.asset), told.asset.as_ref());
    }
    if let Some(told) = &seen.destination {
        compare_destination(&mut differences, terms, told);
    }
    differences
}

/// The differences of an invoice.
pub(super) fn of_invoice(terms: &InvoiceTerms, seen: &InvoiceSnapshot) -> Vec<String> {
    let mut differences = Vec::new();
    if let Some(told) = seen.price.as_ref().filter(|told| **told != terms.price) {
        differences.push(format!("price {told} instead of {}", terms.price));
    }
    let due = seen.due.as_ref().and_then(|due| due.asset.as_ref());
    compare_asset(&mut differences, terms.asset.as_ref(), due);
    let asked = terms.asset.as_ref().and_then(AssetName::network);
    let told = seen.destination.as_ref().and_then(|to| to.network.as_ref());
    compare_network(&mut differences, asked, told);
    differences
}

fn compare_asset(
    differences: &mut Vec<String>,
    asked: Option<&AssetName>,
    told: Option<&AssetName>,
) {
    let (Some(asked), Some(told)) = (asked, told) else {
        return;
    };
    if is_other_asset(asked, told) {
        differences.push(format!("asset {told} instead of {asked}"));
    }
}

/// A symbol and a CAIP-19 name can be compared by their networks alone.
fn is_other_asset(asked: &AssetName, told: &AssetName) -> bool {
    if is_other_network(asked.network(), told.network()) {
        return true;
    }
    match (asked.symbol(), told.symbol()) {
        (Some(asked), Some(told)) => !asked.eq_ignore_ascii_case(told),
        // A contract of the EVM is the same in any case of its letters.
        (None, None) => !asked.to_string().eq_ignore_ascii_case(&told.to_string()),
        _ => false,
    }
}

fn is_other_network(asked: Option<&Network>, told: Option<&Network>) -> bool {
    matches!((asked, told), (Some(asked), Some(told)) if asked != told)
}

fn compare_network(differences: &mut Vec<String>, asked: Option<&Network>, told: Option<&Network>) {
    if let (Some(asked), Some(told)) = (asked, told)
        && asked != told
    {
        differences.push(format!("network {told} instead of {asked}"));
    }
}

fn compare_destination(differences: &mut Vec<String>, terms: &PayoutTerms, told: &Destination) {
    // A name that the gateway gave, such as `payment-method:7`, is no address to compare.
    let may_be_one = |text: &str| !text.is_empty() && !text.contains(':');
    let comparable = may_be_one(&terms.to) && may_be_one(&told.address);
    if comparable && !is_address(&told.address, &terms.to) {
        differences.push(format!(
            "destination {} instead of {}",
            told.address, terms.to
        ));
    }
    compare_network(differences, terms.asset.network(), told.network.as_ref());
    let memo = told.memo.as_deref().filter(|memo| !memo.is_empty());
    if let Some(memo) = memo.filter(|memo| terms.memo.as_deref() != Some(*memo)) {
        let asked = terms.memo.as_deref().unwrap_or("none");
        differences.push(format!("memo {memo} instead of {asked}"));
    }
}

/// What a gateway writes in place of a part of an address that it does not show.
const MASKS: [&str; 3] = ["...", "\u{2026}", "**"];

/// Whether an address is the one that was asked for, as far as it is shown.
fn is_address(told: &str, asked: &str) -> bool {
    let (told, asked) = (
        address::in_one_spelling(told),
        address::in_one_spelling(asked),
    );
    let shown = MASKS.iter().find_map(|mask| {
        let (start, _) = told.split_once(mask)?;
        let (_, end) = told.rsplit_once(mask)?;
        Some((start, end))
    });
    match shown {
        Some((start, end)) => asked
            .strip_prefix(start)
            .is_some_and(|rest| rest.ends_with(end)),
        None => told == asked,
    }
}

#[cfg(test)]
mod tests {
    use paymux_core::{
        AssetAmount, InvoiceId, InvoiceStatus, NewInvoice, NewPayout, PayoutId, PayoutStatus,
    };

    use super::*;

    fn terms(asset: &str, to: &str) -> PayoutTerms {
        let request = NewPayout::new(
            "ref-1".parse().unwrap(),
            "1.50".parse().unwrap(),
            asset.parse().unwrap(),
            to,
        );
        PayoutTerms::of(&request)
    }

    fn told() -> PayoutSnapshot {
        PayoutSnapshot::new(
            "eu".parse().unwrap(),
            PayoutId::received("P1"),
            PayoutStatus::Pending,
        )
    }

    fn paying(amount: &str, asset: Option<&str>) -> PayoutSnapshot {
        let mut seen = told();
        seen.amount = Some(AssetAmount {
            amount: amount.parse().unwrap(),
            asset: asset.map(|asset| asset.parse().unwrap()),
        });
        seen
    }

    fn going_to(address: &str, network: Option<&str>, memo: Option<&str>) -> PayoutSnapshot {
        let mut seen = told();
        let network = network.map(|network| network.parse().unwrap());
        let memo = memo.map(str::to_owned);
        seen.destination = Some(Destination::new(address, network).with_memo(memo));
        seen
    }

    #[test]
    fn what_is_told_in_other_words_is_the_same() {
        let tron = terms("USDT@tron", "TDestination");
        let bsc = terms("USDT@bsc", "0xdAC17F958D2ee523a2206206994597C13D831ec7");
        let method = terms("USDT", "payment-method:7");
        let bitcoin = terms("BTC@bitcoin", "BC1QW508D6QEJXTDG");
        for (terms, seen) in [
            (&tron, told()),
            (&tron, paying("1.5", None)),
            (&tron, paying("1.500", Some("usdt"))),
            (&tron, paying("1.5", Some("USDT@tron:0x2b6653dc"))),
            (&tron, going_to("TDestination", Some("tron"), Some(""))),
            (&tron, going_to("", None, None)),
            (
                &bsc,
                going_to("0xdac17f958d2ee523a2206206994597c13d831ec7", None, None),
            ),
            (&method, going_to("TDestination", Some("tron"), None)),
            (&tron, going_to("TDest...", None, None)),
            (&tron, going_to("...", None, None)),
            (&bsc, going_to("0xDAC17f...831EC7", None, None)),
            (&tron, going_to("TDes****tion", None, None)),
            (&tron, going_to("TDes\u{2026}tion", None, None)),
            (&bitcoin, going_to("bc1qw508d6qejxtdg", None, None)),
        ] {
            assert_eq!(of_payout(terms, &seen), Vec::<String>::new(), "{seen:?}");
        }
    }

    #[test]
    fn what_is_another_payout_is_named() {
        let terms = terms("USDT@tron", "TDestination");
        for (seen, says) in [
            (paying("15", None), "amount 15 instead of 1.5"),
            (
                paying("1.5", Some("TRX@tron")),
                "asset TRX@tron instead of USDT@tron",
            ),
            (
                paying("1.5", Some("USDT@bsc")),
                "asset USDT@bsc instead of USDT@tron",
            ),
            (
                going_to("TOther", None, None),
                "destination TOther instead of TDestination",
            ),
            (
                going_to("tdestination", None, None),
                "destination tdestination",
            ),
            (
                going_to("TOth...", None, None),
                "destination TOth... instead of TDestination",
            ),
            (going_to("TDes***nation2", None, None), "destination TDes"),
            (
                going_to("TDestination...TDestination", None, None),
                "destination TDestination...",
            ),
            (
                going_to("TDestination", Some("bsc"), None),
                "network bsc instead of tron",
            ),
            (
                going_to("TDestination", None, Some("7")),
                "memo 7 instead of none",
            ),
        ] {
            let found = of_payout(&terms, &seen);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with(says), "{found:?}");
        }
    }

    #[test]
    fn an_invoice_is_compared_by_price_and_asset() {
        let request = NewInvoice::new("order-1".parse().unwrap(), "5.00 USD".parse().unwrap())
            .with_asset("USDT@tron".parse().unwrap());
        let terms = InvoiceTerms::of(&request);
        let seen = |price: Option<&str>, due: Option<&str>, network: Option<&str>| {
            let mut seen = InvoiceSnapshot::new(
                "eu".parse().unwrap(),
                InvoiceId::received("T1"),
                InvoiceStatus::Pending,
            );
            seen.price = price.map(|price| price.parse().unwrap());
            seen.due = due.map(|due| AssetAmount::new("5".parse().unwrap(), due.parse().unwrap()));
            let network = network.map(|network| network.parse().unwrap());
            seen.destination = Some(Destination::new("TAddress", network));
            of_invoice(&terms, &seen)
        };
        assert!(seen(None, None, None).is_empty());
        assert!(seen(Some("5 USD"), Some("USDT"), Some("tron")).is_empty());
        assert_eq!(
            seen(Some("6 USD"), None, None),
            ["price 6 USD instead of 5 USD"]
        );
        assert_eq!(
            seen(Some("5 EUR"), None, None),
            ["price 5 EUR instead of 5 USD"]
        );
        assert_eq!(
            seen(None, Some("TRX@tron"), Some("bsc")),
            [
                "asset TRX@tron instead of USDT@tron",
                "network bsc instead of tron"
            ]
        );
    }
}
