//! HaloPay's Native Checkout API, simulated.

mod auth;
mod book;
mod endpoints;
mod gateway;
mod notices;
mod orders;
mod payers;
mod payouts;
mod refusal;
mod tokens;
mod wire;

pub use book::QrCode;
pub(crate) use endpoints::router;
pub use notices::EventTypes;
pub use orders::{Order, OrderStatus, Payment};
pub use payers::Halo;
pub use payouts::{Payout, PayoutStatus};
pub use refusal::RefusalCodes;
pub use tokens::Token;
