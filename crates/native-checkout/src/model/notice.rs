//! Bodies of webhooks (docs.pay.halochat.io, "Webhook notification").
//!
//! The body of a payment is documented. Of a payout's the first members are, and of a payment's to a
//! permanent address nothing is: both are read with whatever is there.

use paymux_core::adapter::{lenient, read_object};
use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::collected::collected;
use super::{OrderStatus, PayoutStatus};

/// What a webhook tells. Prove it first: [`WebhookVerifier`](crate::WebhookVerifier).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// Of an order.
    Payment(PaymentNotice),
    /// Of a payout.
    Payout(PayoutNotice),
    /// Of a payment to a permanent address.
    Deposit(DepositNotice),
    /// Of a `type` that the documents do not name.
    Other(OtherNotice),
}

/// A notice of an order. In the documents' example `amount` looks like the fiat price, and the unit
/// of `amount_collected` is not clear: token amounts are to be taken from `order/detail`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PaymentNotice {
    /// The gateway's id of the order.
    pub trade_no: String,
    /// The merchant's order id.
    pub out_trade_no: Option<String>,
    /// What arrived.
    pub amount_collected: Option<Decimal>,
    /// What was asked for.
    pub amount: Option<Decimal>,
    /// What is due, in whole tokens.
    pub token_amount: Option<Decimal>,
    /// How far it has come.
    pub status: OrderStatus,
    /// What all notices tell.
    pub shared: NoticeMembers,
}

/// A notice of a payout.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PayoutNotice {
    /// The gateway's id of the payout.
    pub trade_no: String,
    /// What the destination receives.
    pub amount: Option<Decimal>,
    /// How far it has come.
    pub status: PayoutStatus,
    /// What all notices tell.
    pub shared: NoticeMembers,
}

/// A notice of a payment to a permanent address.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DepositNotice {
    /// The gateway's id of the payment, where it tells one.
    pub trade_no: Option<String>,
    /// The gateway's id of the permanent address.
    pub qr_code_id: Option<u64>,
    /// The address.
    pub address: Option<String>,
    /// What arrived.
    pub amount: Option<Decimal>,
    /// The gateway's word for how far it has come.
    pub status: Option<String>,
    /// What all notices tell.
    pub shared: NoticeMembers,
}

/// A notice of something that the documents do not name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherNotice {
    /// The gateway's word for what it is.
    pub kind: String,
    /// What all notices tell.
    pub shared: NoticeMembers,
}

/// What all notices tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NoticeMembers {
    /// The application.
    pub app_id: Option<String>,
    /// Name of the chain.
    pub chain: String,
    /// The gateway's number of the chain.
    pub chain_id: Option<u64>,
    /// Contract of the token.
    pub contract: Option<String>,
    /// The gateway's id of the token.
    pub currency_id: Option<u64>,
    /// Hash of the transaction.
    pub txid: Option<String>,
    /// When it was written, Unix seconds.
    pub time: Option<i64>,
}

/// Every member that any notice has.
#[derive(Deserialize)]
struct Body {
    #[serde(default, deserialize_with = "lenient::text")]
    appid: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    trade_no: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    out_trade_no: Option<String>,
    #[serde(default, deserialize_with = "collected")]
    amount_collected: Option<Decimal>,
    #[serde(default, with = "decimal::exact_option")]
    amount: Option<Decimal>,
    #[serde(default, with = "decimal::exact_option")]
    token_amount: Option<Decimal>,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    chain: String,
    #[serde(default, deserialize_with = "lenient::maybe")]
    chain_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    contract: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "lenient::text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "lenient::maybe")]
    currency_id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    txid: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "lenient::maybe")]
    time: Option<i64>,
    #[serde(default, deserialize_with = "lenient::maybe")]
    id: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text")]
    address: Option<String>,
}

/// Which kind of notice a body is.
enum Kind {
    Payment,
    Payout,
    Other(String),
}

impl Body {
    fn kind(&self) -> Kind {
        if let Some(word) = &self.kind {
            return match word.to_ascii_uppercase().as_str() {
                "PAYMENT" => Kind::Payment,
                "PAYOUT" => Kind::Payout,
                _ => Kind::Other(word.clone()),
            };
        }
        // Without a `type`: only payments have these members, and their documented body always has
        // an order id.
        let of_payment = self.out_trade_no.is_some()
            || self.amount_collected.is_some()
            || self.token_amount.is_some()
            || self.address.is_some()
            || matches!(self.status.as_deref(), Some("TO-BE-PAID" | "TIME-OUT"));
        if of_payment {
            Kind::Payment
        } else {
            Kind::Payout
        }
    }

    fn shared(&self) -> NoticeMembers {
        NoticeMembers {
            app_id: self.appid.clone(),
            chain: self.chain.clone(),
            chain_id: self.chain_id,
            contract: self.contract.clone(),
            currency_id: self.currency_id,
            txid: self.txid.clone(),
            time: self.time,
        }
    }
}

impl Notice {
    /// Reads a body. This proves nothing: see [`WebhookVerifier`](crate::WebhookVerifier).
    ///
    /// # Errors
    /// Text that says which member is missing or has another type than documented. It holds nothing
    /// of the body.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let body: Body = read_object(body)?;
        let shared = body.shared();
        let missing = |name: &str| format!("the member {name:?} is missing");
        match body.kind() {
            Kind::Other(kind) => Ok(Self::Other(OtherNotice { kind, shared })),
            Kind::Payment if body.out_trade_no.is_none() && body.address.is_some() => {
                Ok(Self::Deposit(DepositNotice {
                    trade_no: body.trade_no,
                    qr_code_id: body.id,
                    address: body.address,
                    amount: body.amount_collected.or(body.amount),
                    status: body.status,
                    shared,
                }))
            }
            Kind::Payment => Ok(Self::Payment(PaymentNotice {
                trade_no: body.trade_no.ok_or_else(|| missing("trade_no"))?,
                out_trade_no: body.out_trade_no,
                amount_collected: body.amount_collected,
                amount: body.amount,
                token_amount: body.token_amount,
                status: body.status.ok_or_else(|| missing("status"))?.into(),
                shared,
            })),
            Kind::Payout => Ok(Self::Payout(PayoutNotice {
                trade_no: body.trade_no.ok_or_else(|| missing("trade_no"))?,
                amount: body.amount,
                status: body.status.ok_or_else(|| missing("status"))?.into(),
                shared,
            })),
        }
    }

    /// What all notices tell.
    #[must_use]
    pub const fn shared(&self) -> &NoticeMembers {
        match self {
            Self::Payment(notice) => &notice.shared,
            Self::Payout(notice) => &notice.shared,
            Self::Deposit(notice) => &notice.shared,
            Self::Other(notice) => &notice.shared,
        }
    }
}
