//! The routes over real sockets: the sandbox pays and sends, and what must be wrong is sent by hand.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the exception for tests reaches test functions alone"
)]

mod addressing;
mod answers;
mod arrival;
mod broken_connections;
mod health;
mod ledger_down;
mod limits;
mod logs;
mod payments;
mod shop;
mod switchboard;
mod wire;
