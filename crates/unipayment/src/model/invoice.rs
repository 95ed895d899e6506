//! Invoices as answers and notices show them.

use chrono::{DateTime, Utc};
use paymux_core::adapter::{lenient, words};
use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::{NetworkCode, time};

/// An invoice. Which members are there depends on the generation, and on whether it is an answer to
/// its creation, an answer to a query or a notice.
///
/// Times are UTC. Before the payer has chosen how to pay, `network` and `address` are `None` and
/// `pay_amount` is 0.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Invoice {
    /// The gateway's id: a UUID in the first generation, 22 characters from v1.0.
    #[serde(deserialize_with = "lenient::required")]
    pub invoice_id: String,
    /// The payment app.
    #[serde(default, deserialize_with = "lenient::text")]
    pub app_id: Option<String>,
    /// The merchant's order id.
    #[serde(default, deserialize_with = "lenient::text")]
    pub order_id: Option<String>,
    /// How it may be paid; v2 only.
    #[serde(default, deserialize_with = "lenient::word")]
    pub payment_method_type: Option<PaymentMethodType>,
    /// Price, in whole units of `price_currency`.
    #[serde(default, with = "decimal::exact_option")]
    pub price_amount: Option<Decimal>,
    /// Currency of the price.
    #[serde(default, deserialize_with = "lenient::text")]
    pub price_currency: Option<String>,
    /// Where the payer sends it.
    #[serde(default, deserialize_with = "lenient::word")]
    pub network: Option<NetworkCode>,
    /// Where the payer sends it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub address: Option<String>,
    /// What the payer has to send, in whole tokens of `pay_currency`; 0 while that is not chosen.
    #[serde(default, with = "decimal::exact_option")]
    pub pay_amount: Option<Decimal>,
    /// Symbol of what it is paid with.
    #[serde(default, deserialize_with = "lenient::text")]
    pub pay_currency: Option<String>,
    /// Rate between price and payment.
    #[serde(default, with = "decimal::exact_option")]
    pub exchange_rate: Option<Decimal>,
    /// What arrived so far, in whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub paid_amount: Option<Decimal>,
    /// What of it is confirmed, in whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub confirmed_amount: Option<Decimal>,
    /// What was given back, in the currency of the price.
    #[serde(default, with = "decimal::exact_option")]
    pub refunded_price_amount: Option<Decimal>,
    /// When it was made.
    #[serde(default, deserialize_with = "time::utc")]
    pub create_time: Option<DateTime<Utc>>,
    /// When enough had arrived.
    #[serde(default, deserialize_with = "time::utc")]
    pub paid_time: Option<DateTime<Utc>>,
    /// When that was confirmed.
    #[serde(default, deserialize_with = "time::utc")]
    pub confirm_time: Option<DateTime<Utc>>,
    /// When the merchant was credited.
    #[serde(default, deserialize_with = "time::utc")]
    pub complete_time: Option<DateTime<Utc>>,
    /// When the time to pay runs out.
    #[serde(default, deserialize_with = "time::utc")]
    pub expiration_time: Option<DateTime<Utc>>,
    /// How many confirmations count as confirmed.
    #[serde(default, deserialize_with = "lenient::word")]
    pub confirm_speed: Option<ConfirmSpeed>,
    /// How far it has come. An answer of the first generation to a new invoice does not tell.
    #[serde(default, deserialize_with = "lenient::word")]
    pub status: Option<InvoiceStatus>,
    /// What is odd about the payment.
    #[serde(default, deserialize_with = "lenient::word")]
    pub error_status: Option<ErrorStatus>,
    /// The gateway's page for the payer, as v1.0 and v2 name it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub invoice_url: Option<String>,
    /// The gateway's page for the payer, as the first generation's example names it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub cashier_url: Option<String>,
    /// The gateway's page for the payer, as the first generation's table names it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub casher_url: Option<String>,
    /// The gateway's page for the payer, as drafts name it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub checkout_url: Option<String>,
    /// A picture of the QR code; first generation only.
    #[serde(default, deserialize_with = "lenient::text")]
    pub qrcode_url: Option<String>,
    /// What the merchant gave along; notices only.
    #[serde(default, deserialize_with = "lenient::text")]
    pub ext_args: Option<String>,
    /// Whether the merchant shows the payment itself; v2 only.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub host_to_host_mode: Option<bool>,
    /// What the merchant needs for that: JSON as it stands, of a shape that is not documented.
    #[serde(default, deserialize_with = "lenient::json")]
    pub host_to_host_data: Option<String>,
    /// The transactions that paid it, where they are told.
    #[serde(default, deserialize_with = "lenient::list")]
    pub transactions: Vec<Transaction>,
}

impl Invoice {
    /// The gateway's page for the payer, by whichever name.
    #[must_use]
    pub fn pay_link(&self) -> Option<&str> {
        [
            &self.invoice_url,
            &self.cashier_url,
            &self.casher_url,
            &self.checkout_url,
        ]
        .into_iter()
        .find_map(|link| link.as_deref())
    }

    /// What the payer has to send, in whole tokens; `None` until the way to pay is chosen.
    #[must_use]
    pub fn chosen_amount(&self) -> Option<Decimal> {
        self.pay_amount
            .filter(|amount| *amount > Decimal::ZERO && self.address.is_some())
    }
}

/// A transaction that pays an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Transaction {
    /// Its hash.
    #[serde(default, deserialize_with = "lenient::text")]
    pub hash: Option<String>,
    /// The chain.
    #[serde(default, deserialize_with = "lenient::word")]
    pub network: Option<NetworkCode>,
    /// Symbol of what was sent.
    #[serde(default, deserialize_with = "lenient::text")]
    pub symbol: Option<String>,
    /// Sender.
    #[serde(default, deserialize_with = "lenient::text")]
    pub from: Option<String>,
    /// Receiver.
    #[serde(default, deserialize_with = "lenient::text")]
    pub to: Option<String>,
    /// Whole tokens.
    #[serde(default, with = "decimal::exact_option")]
    pub amount: Option<Decimal>,
    /// Confirmations seen so far.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub confirmation_count: Option<u64>,
    /// Whether the gateway takes it for confirmed.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub is_confirmed: Option<bool>,
}

words! {
    /// How far an invoice has come.
    pub enum InvoiceStatus {
        /// Waiting for money, also after a part of it.
        New = "New" or "1",
        /// Enough arrived.
        Paid = "Paid" or "2",
        /// Confirmed as often as the speed asks for.
        Confirmed = "Confirmed" or "3",
        /// Credited to the merchant.
        Complete = "Complete" or "4",
        /// The time to pay ran out.
        Expired = "Expired" or "5",
        /// Paid and not confirmed within an hour. It may still be completed.
        Invalid = "Invalid" or "6",
    }
}

words! {
    /// What is odd about the payment of an invoice.
    pub enum ErrorStatus {
        /// Nothing.
        None = "None" or "0",
        /// It was paid after the time to pay.
        PaidLate = "PaidLate" or "1",
        /// Too little was paid.
        PaidPartial = "PaidPartial" or "2",
        /// Too much was paid.
        PaidOver = "PaidOver" or "3",
        /// A person set the status.
        Marked = "Marked" or "4",
    }
}

words! {
    /// How many confirmations count as confirmed. How many those are is not published.
    pub enum ConfirmSpeed {
        /// As it is set for the payment app.
        None = "None" or "0",
        /// Fewest.
        High = "High" or "1",
        /// In between.
        Medium = "Medium" or "2",
        /// Most.
        Low = "Low" or "3",
    }
}

words! {
    /// How an invoice may be paid.
    pub enum PaymentMethodType {
        /// The payer chooses.
        Unknown = "UNKNOWN",
        /// On a chain.
        Crypto = "CRYPTO",
        /// By card.
        Card = "CARD",
        /// By Skrill.
        Skrill = "SKRILL",
    }
}
