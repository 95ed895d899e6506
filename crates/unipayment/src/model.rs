//! The gateway's own requests, answers and notices, member by member as its documents name them
//! (unipayment.readme.io, pages "create_invoice", "invoice-object", "ipn-payment-notification",
//! "ipn-withdrawal-notification", "ipn-deposit").
//!
//! One set of types reads all three generations. Reading is lenient where the generations differ:
//! members that are not known are ignored, members that carry no money may be missing or null, words
//! may be their numbers, and money is taken as a string or a number, always digit for digit.

mod answer;
mod create_invoice;
mod invoice;
mod invoice_filter;
mod lenient;
mod list;
mod network;
mod notice;
mod page;
mod payment;
mod rate;
mod time;
mod transfer;
mod wallet;
mod withdrawal;

pub use answer::Answer;
pub use create_invoice::{BuyerInfo, CreateInvoice};
pub use invoice::{
    ConfirmSpeed, ErrorStatus, Invoice, InvoiceStatus, PaymentMethodType, Transaction,
};
pub use invoice_filter::InvoiceFilter;
pub use network::NetworkCode;
pub use notice::{InvoiceNotice, Notice, NoticeMembers, OtherNotice};
pub use page::Page;
pub use payment::{CreatePayment, PAYMENT_REASONS, Payment};
pub use rate::Rate;
pub use transfer::{
    DepositDetail, DepositNotice, DepositStatus, PaymentNotice, PaymentStatus, TransferDestination,
    TransferMethod, WithdrawalNotice, WithdrawalStatus,
};
pub use wallet::{CurrencyInfo, WalletBalance};
pub use withdrawal::{
    Batch, BatchItem, BatchStatus, CreateBatch, CreateWithdrawal, FeeType, NewBatchItem,
    Withdrawal, WithdrawalFee,
};

/// An open set of words: those that are documented, with the numbers that stand for them in the
/// answers of 2022, and whatever else the gateway says. Words are matched in any case.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal $(or $number:literal)?,)+ }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
            /// A word that the documents do not list.
            Other(String),
        }

        impl $name {
            /// The gateway's word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<String> for $name {
            /// Takes a word, or the number that stands for it.
            fn from(word: String) -> Self {
                $(
                    if word.eq_ignore_ascii_case($word) $(|| word == $number)? {
                        return Self::$variant;
                    }
                )+
                Self::Other(word)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}
use words;

/// Reads a JSON object. Serde would also take an array for a struct, member by member in the order
/// they are written down here.
pub(crate) fn read_object<'a, T: serde::Deserialize<'a>>(json: &'a [u8]) -> Result<T, String> {
    // Checked once for all: serde would check every text on its own.
    let text = std::str::from_utf8(json).map_err(|_| "it is not UTF-8".to_owned())?;
    let value = serde_json::from_str(text).map_err(|why| reading_error(&why))?;
    match json.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Ok(value),
        _ => Err("it is no JSON object".to_owned()),
    }
}

/// Why JSON could not be read, without a word of its content: what serde says of a missing member
/// names only ours.
fn reading_error(why: &serde_json::Error) -> String {
    let text = why.to_string();
    let place = format!("line {} column {}", why.line(), why.column());
    match why.classify() {
        serde_json::error::Category::Data if text.starts_with("missing field") => {
            text.split(" at line").next().unwrap_or(&text).to_owned()
        }
        serde_json::error::Category::Data if text.starts_with(lenient::EMPTY) => {
            format!("{} ({place})", lenient::EMPTY)
        }
        serde_json::error::Category::Data => {
            format!("a member is repeated or has another type than documented ({place})")
        }
        _ => format!("it is no complete JSON ({place})"),
    }
}
