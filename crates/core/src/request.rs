//! What an application asks a provider for.
//!
//! A *term* (amount, asset, expiry, callback, code) is honoured or the call fails with
//! `Unsupported`. A *hint* (description, return URL, metadata) may be dropped;
//! [`Capabilities`](crate::Capabilities) says which are honoured.

use std::collections::BTreeMap;
use std::time::Duration;

use secrecy::SecretString;

use crate::asset::AssetName;
use crate::error::{Error, Result};
use crate::ids::{OrderId, Reference};
use crate::money::{AssetAmount, Money, positive};
use crate::status::InvoiceStatus;

/// An invoice to be made.
///
/// ```
/// use std::time::Duration;
/// use paymux_core::{NewInvoice, OrderId};
///
/// let request = NewInvoice::new(OrderId::new("order-1001").unwrap(), "5 USD".parse().unwrap())
///     .with_asset("TRX@tron".parse().unwrap())
///     .with_expires_in(Duration::from_secs(1800));
/// assert!(request.check().is_ok());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewInvoice {
    /// The merchant's order.
    pub order_id: OrderId,
    /// What to ask for.
    pub price: Money,
    /// What the payer pays with; without it the gateway lets the payer choose, where it can.
    pub asset: Option<AssetName>,
    /// How long the payer has; without it the gateway's own default holds. Whole seconds count.
    pub expires_in: Option<Duration>,
    /// Where the gateway sends its webhooks for this invoice.
    pub callback_url: Option<String>,
    /// Hint: what the payer is shown.
    pub description: Option<String>,
    /// Hint: where the payer's browser goes afterwards.
    pub return_url: Option<String>,
    /// Hint: pairs that the gateway keeps with the invoice.
    pub metadata: BTreeMap<String, String>,
}

impl NewInvoice {
    /// An invoice for an order at a price.
    #[must_use]
    pub const fn new(order_id: OrderId, price: Money) -> Self {
        Self {
            order_id,
            price,
            asset: None,
            expires_in: None,
            callback_url: None,
            description: None,
            return_url: None,
            metadata: BTreeMap::new(),
        }
    }

    /// Sets what the payer pays with.
    #[must_use]
    pub fn with_asset(mut self, asset: AssetName) -> Self {
        self.asset = Some(asset);
        self
    }

    /// Sets how long the payer has.
    #[must_use]
    pub const fn with_expires_in(mut self, expires_in: Duration) -> Self {
        self.expires_in = Some(expires_in);
        self
    }

    /// Sets where the gateway sends its webhooks.
    #[must_use]
    pub fn with_callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_url = Some(url.into());
        self
    }

    /// Sets what the payer is shown.
    #[must_use]
    pub fn with_description(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    /// Sets where the payer's browser goes afterwards.
    #[must_use]
    pub fn with_return_url(mut self, url: impl Into<String>) -> Self {
        self.return_url = Some(url.into());
        self
    }

    /// Adds a pair that the gateway keeps with the invoice.
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.insert(key.into(), value.into());
        self
    }

    /// What holds for every gateway. Providers call it before anything is sent.
    ///
    /// # Errors
    /// `InvalidRequest` for a price that is not above zero, less than a second to pay, or a URL that
    /// is not http or https.
    pub fn check(&self) -> Result<()> {
        positive(self.price.amount)?;
        if let Some(expires_in) = self.expires_in
            && expires_in.as_secs() == 0
        {
            return Err(Error::invalid_request(
                "the invoice would expire at once; give the payer at least a second",
            ));
        }
        check_url("the callback URL", self.callback_url.as_deref())?;
        check_url("the return URL", self.return_url.as_deref())
    }
}

/// A payout to be sent. One reference is paid at most once.
#[derive(Clone)]
#[non_exhaustive]
pub struct NewPayout {
    /// The merchant's own reference.
    pub reference: Reference,
    /// What the destination is to receive, in whole tokens; fees come on top.
    pub amount: rust_decimal::Decimal,
    /// What is sent.
    pub asset: AssetName,
    /// The destination's address, or its name at gateways that keep a list of destinations.
    pub to: String,
    /// Memo, tag or comment that must go with it, where the chain has one.
    pub memo: Option<String>,
    /// Where the gateway sends its webhooks for this payout.
    pub callback_url: Option<String>,
    /// One-time code, where the account asks for a second factor.
    pub otp: Option<SecretString>,
}

impl NewPayout {
    /// A payout of an amount of an asset to an address.
    #[must_use]
    pub fn new(
        reference: Reference,
        amount: rust_decimal::Decimal,
        asset: AssetName,
        to: impl Into<String>,
    ) -> Self {
        Self {
            reference,
            amount,
            asset,
            to: to.into(),
            memo: None,
            callback_url: None,
            otp: None,
        }
    }

    /// Sets the memo, tag or comment.
    #[must_use]
    pub fn with_memo(mut self, memo: impl Into<String>) -> Self {
        self.memo = Some(memo.into());
        self
    }

    /// Sets where the gateway sends its webhooks.
    #[must_use]
    pub fn with_callback_url(mut self, url: impl Into<String>) -> Self {
        self.callback_url = Some(url.into());
        self
    }

    /// Sets the one-time code.
    #[must_use]
    pub fn with_otp(mut self, otp: SecretString) -> Self {
        self.otp = Some(otp);
        self
    }

    /// What is sent, as an amount of its asset.
    #[must_use]
    pub fn asset_amount(&self) -> AssetAmount {
        AssetAmount::new(self.amount, self.asset.clone())
    }

    /// What holds for every gateway. Providers call it before anything is sent.
    ///
    /// # Errors
    /// `InvalidRequest` for an amount that is not above zero, an empty destination, or a URL that is
    /// not http or https.
    pub fn check(&self) -> Result<()> {
        positive(self.amount)?;
        if self.to.is_empty() || self.to.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(Error::invalid_request(format!(
                "{:?} is no destination; give an address without spaces",
                self.to
            )));
        }
        check_url("the callback URL", self.callback_url.as_deref())
    }
}

impl std::fmt::Debug for NewPayout {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPayout")
            .field("reference", &self.reference)
            .field("amount", &self.amount)
            .field("asset", &self.asset)
            .field("to", &self.to)
            .field("memo", &self.memo)
            .field("callback_url", &self.callback_url)
            .field("otp", &self.otp.as_ref().map(|_| "[REDACTED]"))
            .finish()
    }
}

/// A permanent address to be made, for payments without an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewDepositAddress {
    /// The merchant's name for it.
    pub name: String,
    /// What will be paid to it.
    pub asset: AssetName,
    /// The amount that a payer is asked for, in whole tokens; without it any amount.
    pub amount: Option<rust_decimal::Decimal>,
}

impl NewDepositAddress {
    /// A permanent address for an asset.
    #[must_use]
    pub fn new(name: impl Into<String>, asset: AssetName) -> Self {
        Self {
            name: name.into(),
            asset,
            amount: None,
        }
    }

    /// Sets the amount that a payer is asked for.
    #[must_use]
    pub const fn with_amount(mut self, amount: rust_decimal::Decimal) -> Self {
        self.amount = Some(amount);
        self
    }

    /// What holds for every gateway. Providers call it before anything is sent.
    ///
    /// # Errors
    /// `InvalidRequest` for an empty name or an amount that is not above zero.
    pub fn check(&self) -> Result<()> {
        if self.name.trim().is_empty() {
            return Err(Error::invalid_request(
                "a permanent address needs a name; give it one",
            ));
        }
        self.amount.map_or(Ok(()), positive)
    }
}

/// Which invoices to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvoiceQuery {
    /// Only those of this order.
    pub order_id: Option<OrderId>,
    /// Only those in this status.
    pub status: Option<InvoiceStatus>,
    /// Which page, from 1; the first where it is not given.
    pub page: Option<u32>,
}

fn check_url(what: &str, url: Option<&str>) -> Result<()> {
    let Some(url) = url else { return Ok(()) };
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"));
    let well_formed = rest.is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
            && !rest.contains(|c: char| c.is_control() || c.is_whitespace())
    });
    if well_formed {
        Ok(())
    } else {
        Err(Error::invalid_request(format!(
            "{what} {url:?} is no http or https URL; write it like https://shop.example/webhooks"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice() -> NewInvoice {
        NewInvoice::new("order-1".parse().unwrap(), "5 USD".parse().unwrap())
    }

    #[test]
    fn what_no_gateway_can_do_is_refused() {
        let mut free = invoice();
        free.price.amount = rust_decimal::Decimal::ZERO;
        for (request, says) in [
            (free, "above zero"),
            (
                invoice().with_expires_in(Duration::from_millis(10)),
                "expire at once",
            ),
            (
                invoice().with_callback_url("shop.example/hook"),
                "callback URL",
            ),
            (invoice().with_return_url("https:// x"), "return URL"),
        ] {
            let error = request.check().unwrap_err();
            assert!(error.message().contains(says), "{error}");
            assert!(!error.may_have_executed());
        }
        assert!(
            invoice()
                .with_callback_url("http://127.0.0.1:8080/hook?a=b")
                .check()
                .is_ok()
        );
    }

    #[test]
    fn the_one_time_code_is_not_shown() {
        let payout = NewPayout::new(
            "ref-1".parse().unwrap(),
            "1".parse().unwrap(),
            "TRX@tron".parse().unwrap(),
            "T",
        )
        .with_otp("123456".into());
        assert!(!format!("{payout:?}").contains("123456"));
    }
}
