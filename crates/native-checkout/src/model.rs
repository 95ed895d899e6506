//! The gateway's own requests and answers, member by member as its documents name them (HaloPay,
//! Native Checkout API).
//!
//! Reading is lenient where the documents are loose: members that are not known are ignored, members
//! that carry no money may be missing or null, and money is taken as a string or a number, always
//! digit for digit.

mod collected;
mod notice;
mod order;
mod payout;
mod qr_code;
mod token;

pub use notice::{DepositNotice, Notice, NoticeMembers, OtherNotice, PaymentNotice, PayoutNotice};
pub use order::{ChainInfo, CreateOrder, FIAT_NAMES, Order, OrderStatus};
pub use payout::{CreatePayout, CreatedPayout, PayoutDetail, PayoutStatus};
pub use qr_code::{CreateQrCode, QrCode};
pub use token::{AccountBalance, AppToken, ExchangeRate, ExchangeRateQuery, Token};
