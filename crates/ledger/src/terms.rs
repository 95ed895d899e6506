//! What was asked for, as it is stored, and what makes two requests the same one.

use std::collections::BTreeMap;

use paymux_core::{AssetName, Money, NewInvoice, NewPayout, OrderId, Reference, decimal};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::error::Stored;
use crate::store::to_json;

/// What makes two payouts the same one. Its JSON is the same for the same terms, however many zeros
/// stand at the end of the amount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PayoutTerms {
    #[serde(with = "decimal::exact")]
    pub(crate) amount: Decimal,
    pub(crate) asset: AssetName,
    pub(crate) to: String,
    pub(crate) memo: Option<String>,
}

impl PayoutTerms {
    pub(crate) fn of(request: &NewPayout) -> Self {
        Self {
            amount: request.amount,
            asset: request.asset.clone(),
            to: request.to.clone(),
            memo: request.memo.clone(),
        }
    }
}

/// A payout as it was asked for. A one-time code is not among what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PayoutRequest {
    pub(crate) terms: PayoutTerms,
    pub(crate) callback_url: Option<String>,
}

impl PayoutRequest {
    pub(crate) fn of(request: &NewPayout) -> Self {
        Self {
            terms: PayoutTerms::of(request),
            callback_url: request.callback_url.clone(),
        }
    }
}

/// What makes two invoice requests the same one; what may be dropped is not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InvoiceTerms {
    pub(crate) price: Money,
    pub(crate) asset: Option<AssetName>,
    /// In whole seconds.
    pub(crate) expires_in: Option<u64>,
    pub(crate) callback_url: Option<String>,
}

impl InvoiceTerms {
    pub(crate) fn of(request: &NewInvoice) -> Self {
        Self {
            price: request.price.clone(),
            asset: request.asset.clone(),
            expires_in: request.expires_in.map(|time| time.as_secs()),
            callback_url: request.callback_url.clone(),
        }
    }
}

/// An invoice as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InvoiceRequest {
    pub(crate) terms: InvoiceTerms,
    pub(crate) description: Option<String>,
    pub(crate) return_url: Option<String>,
    #[serde(default)]
    pub(crate) metadata: BTreeMap<String, String>,
}

impl InvoiceRequest {
    pub(crate) fn of(request: &NewInvoice) -> Self {
        Self {
            terms: InvoiceTerms::of(request),
            description: request.description.clone(),
            return_url: request.return_url.clone(),
            metadata: request.metadata.clone(),
        }
    }
}

/// The terms as they are compared.
pub(crate) fn fingerprint<T: Serialize>(terms: &T) -> Stored<String> {
    to_json(terms)
}

/// An order id as the gateway sees it: the merchant's own for the first attempt, `order~2` for the
/// second.
pub(crate) fn sent_order_id(order: &OrderId, attempt: u32) -> OrderId {
    if attempt <= 1 {
        order.clone()
    } else {
        OrderId::received(format!("{order}~{attempt}"))
    }
}

/// The merchant's own order id and the number of the attempt, of an id that a gateway told.
pub(crate) fn received_order_id(sent: &OrderId) -> (OrderId, u32) {
    sent.as_str()
        .rsplit_once('~')
        .and_then(|(order, attempt)| {
            let attempt = attempt.parse().ok().filter(|attempt| *attempt > 1)?;
            Some((OrderId::received(order), attempt))
        })
        .unwrap_or_else(|| (sent.clone(), 1))
}

/// What a person may say when two payouts share a reference.
pub(crate) fn describe(reference: &Reference, terms: &PayoutTerms) -> String {
    let memo = terms
        .memo
        .as_ref()
        .map(|memo| format!(" with memo {memo:?}"))
        .unwrap_or_default();
    format!(
        "another payout has the reference {reference}: {} {} to {}{memo}",
        decimal::plain(terms.amount),
        terms.asset,
        terms.to
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payout(amount: &str) -> NewPayout {
        NewPayout::new(
            "ref-1".parse().unwrap(),
            amount.parse().unwrap(),
            "TRX@tron".parse().unwrap(),
            "T1",
        )
        .with_otp("canary".into())
    }

    #[test]
    fn zeros_at_the_end_make_no_other_payout_and_a_memo_does() {
        let terms = |request: &NewPayout| fingerprint(&PayoutTerms::of(request)).unwrap();
        assert_eq!(terms(&payout("1.50")), terms(&payout("1.5")));
        assert_ne!(terms(&payout("1.5")), terms(&payout("1.51")));
        assert_ne!(terms(&payout("1.5")), terms(&payout("1.5").with_memo("7")));
    }

    #[test]
    fn a_one_time_code_is_not_kept() {
        let json = to_json(&PayoutRequest::of(&payout("1"))).unwrap();
        assert!(!json.contains("canary"), "{json}");
    }

    #[test]
    fn attempts_are_numbered_from_the_second_on() {
        let order: OrderId = "order-1".parse().unwrap();
        for (attempt, sent) in [(1, "order-1"), (2, "order-1~2"), (12, "order-1~12")] {
            let id = sent_order_id(&order, attempt);
            assert_eq!(id.as_str(), sent);
            assert_eq!(received_order_id(&id), (order.clone(), attempt));
        }
        for foreign in ["a~b", "a~1", "a~0", "a~", "a~-2"] {
            let id = OrderId::received(foreign);
            assert_eq!(received_order_id(&id), (id.clone(), 1));
        }
    }
}
