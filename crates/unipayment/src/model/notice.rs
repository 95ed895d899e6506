//! Bodies of webhooks, which the gateway calls IPNs (unipayment.readme.io, "ipn-payment-notification",
//! "ipn-withdrawal-notification", "ipn-deposit").

use chrono::{DateTime, Utc};
use paymux_core::adapter::{lenient, read_object};
use serde::Deserialize;

use super::{DepositNotice, Invoice, PaymentNotice, WithdrawalNotice, time};

/// What a webhook tells. Prove it first: [`WebhookVerifier`](crate::WebhookVerifier).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// Of an invoice.
    Invoice(Box<InvoiceNotice>),
    /// Of a withdrawal, v1.0's payout.
    Withdrawal(WithdrawalNotice, NoticeMembers),
    /// Of a payment, v2's payout.
    Payment(PaymentNotice, NoticeMembers),
    /// Of money that came to an account.
    Deposit(DepositNotice, NoticeMembers),
    /// Of an `ipn_type` whose body is not documented, such as an exchange.
    Other(OtherNotice),
}

/// A notice of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvoiceNotice {
    /// The invoice. Its status is always told.
    pub invoice: Invoice,
    /// What all notices tell.
    pub shared: NoticeMembers,
}

/// A notice of something whose body is not documented.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OtherNotice {
    /// The gateway's word for what it is.
    pub kind: String,
    /// What all notices tell.
    pub shared: NoticeMembers,
}

/// What all notices tell. The first generation has neither type nor event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct NoticeMembers {
    /// What it is about, such as `invoice`.
    #[serde(deserialize_with = "lenient::text")]
    pub ipn_type: Option<String>,
    /// What happened, such as `invoice_paidInFull`. The status counts, not this.
    #[serde(deserialize_with = "lenient::text")]
    pub event: Option<String>,
    /// The payment app.
    #[serde(deserialize_with = "lenient::text")]
    pub app_id: Option<String>,
    /// The gateway's id of this notice. Whether it is kept when a notice is sent again is not
    /// documented.
    #[serde(deserialize_with = "lenient::text")]
    pub notify_id: Option<String>,
    /// When it was written, UTC.
    #[serde(deserialize_with = "time::utc")]
    pub notify_time: Option<DateTime<Utc>>,
}

impl Notice {
    /// Reads a body. This proves nothing: see [`WebhookVerifier`](crate::WebhookVerifier).
    ///
    /// # Errors
    /// Text that says which member is missing or has another type than documented. It holds nothing
    /// of the body.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        let shared: NoticeMembers = read_object(body)?;
        let kind = shared.ipn_type.clone();
        let lower = kind.as_deref().map(str::to_ascii_lowercase);
        match lower.as_deref() {
            None | Some("invoice") => {
                let invoice: Invoice = read_object(body)?;
                if invoice.status.is_none() {
                    return Err("missing field `status`".to_owned());
                }
                Ok(Self::Invoice(Box::new(InvoiceNotice { invoice, shared })))
            }
            Some("withdrawal") => Ok(Self::Withdrawal(read_object(body)?, shared)),
            Some("payment") => Ok(Self::Payment(read_object(body)?, shared)),
            Some("deposit") => Ok(Self::Deposit(read_object(body)?, shared)),
            Some(_) => Ok(Self::Other(OtherNotice {
                kind: kind.unwrap_or_default(),
                shared,
            })),
        }
    }

    /// What all notices tell.
    #[must_use]
    pub const fn shared(&self) -> &NoticeMembers {
        match self {
            Self::Invoice(notice) => &notice.shared,
            Self::Withdrawal(_, shared) | Self::Payment(_, shared) | Self::Deposit(_, shared) => {
                shared
            }
            Self::Other(notice) => &notice.shared,
        }
    }

    /// Without objects and arrays, which the MD5 signature does not cover.
    pub(crate) fn without_nested(mut self) -> Self {
        match &mut self {
            Self::Invoice(notice) => {
                notice.invoice.transactions = Vec::new();
                notice.invoice.host_to_host_data = None;
            }
            Self::Payment(notice, _) => {
                notice.transfer_destination = None;
                notice.detail = None;
            }
            Self::Deposit(notice, _) => notice.detail = None,
            Self::Withdrawal(..) | Self::Other(_) => {}
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_that_cannot_be_read_is_told() {
        let notice = |transactions: &str| {
            let json = format!(
                r#"{{"ipn_type":"invoice","invoice_id":"I1","status":"Paid","transactions":{transactions}}}"#
            );
            Notice::read(json.as_bytes())
        };
        for (transactions, count) in [("null", 0), ("[]", 0), (r#"[{"amount":"1.5"},{}]"#, 2)] {
            let Notice::Invoice(read) = notice(transactions).unwrap() else {
                panic!("no invoice");
            };
            assert_eq!(read.invoice.transactions.len(), count);
        }
        for (transactions, member) in [
            (
                r#"[{"amount":"1.5"},{"amount":"canary"}]"#,
                "`transactions[1].amount`",
            ),
            (r#"[{"amount":true}]"#, "`transactions[0].amount`"),
            (r#"["canary"]"#, "`transactions[0]`"),
            (r#""canary""#, "`transactions`"),
        ] {
            let why = notice(transactions).unwrap_err();
            assert!(why.contains(member), "{why}");
            assert!(!why.contains("canary"), "{why}");
        }
    }
}
