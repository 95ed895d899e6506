//! A shop with a ledger is killed without warning, at every step and at random, and started anew; then
//! its books are compared with those of the gateways.
//!
//! `PAYMUX_SOAK_SECONDS=…` goes on for so long; a failure prints its seed, which `PAYMUX_SEED=…` takes.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)]

mod at_random;
mod books;
mod database;
mod every_step;
mod four_processes;
mod front_door;
mod gateways;
mod journeys;
mod process;
mod script;
mod world;
