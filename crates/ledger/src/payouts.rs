//! Payouts: what is stored of them, and the calls that make them.

mod approval;
mod begin;
mod create;
mod doubt;
mod end;
mod row;

pub use create::PayoutOptions;
pub use row::PayoutState;

pub(crate) use approval::{named, unknown};
pub(crate) use begin::{Asked, Begun, conflict, in_doubt, running};
pub(crate) use doubt::{abandon, expire, into_doubt};
pub(crate) use end::{Ending, end};
pub(crate) use row::{PayoutRow, bare_payout_id};
