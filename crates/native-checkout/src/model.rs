//! The gateway's own requests and answers, member by member as its documents name them (HaloPay,
//! Native Checkout API).
//!
//! Reading is lenient where the documents are loose: members that are not known are ignored, members
//! that carry no money may be missing or null, and money is taken as a string or a number, always
//! digit for digit.

mod lenient;
mod notice;
mod order;
mod payout;
mod qr_code;
mod token;

#[cfg(feature = "client")]
pub(crate) use lenient::required as required_text;
pub use notice::{DepositNotice, Notice, NoticeMembers, OtherNotice, PaymentNotice, PayoutNotice};
pub use order::{ChainInfo, CreateOrder, FIAT_NAMES, Order, OrderStatus};
pub use payout::{CreatePayout, CreatedPayout, PayoutDetail, PayoutStatus};
pub use qr_code::{CreateQrCode, QrCode};
pub use token::{AccountBalance, AppToken, ExchangeRate, ExchangeRateQuery, Token};

/// An open set of words: those that are documented, and whatever else the gateway says.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }
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
            fn from(word: String) -> Self {
                match word.as_str() {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer).map(Self::from)
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
pub(crate) fn reading_error(why: &serde_json::Error) -> String {
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
