//! HaloPay's Native Checkout API, simulated.

mod amounts;
mod auth;
mod book;
mod endpoints;
mod gateway;
mod members;
mod notices;
mod orders;
mod payers;
mod payouts;
mod rates;
mod refusal;
mod tokens;
mod tron;
mod wire;

pub use book::{Balance, QrCode};
pub(crate) use endpoints::router;
pub(crate) use gateway::Surroundings;
pub use notices::EventTypes;
pub use orders::{Order, OrderStatus, Payment};
pub use payers::Halo;
pub use payouts::{Payout, PayoutStatus};
pub use rates::{Gas, Rates};
pub use refusal::RefusalCodes;
pub use tokens::Token;
