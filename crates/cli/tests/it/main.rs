//! The built command, run as a process against the sandbox and against servers that misbehave. What
//! keeps a ledger runs on SQLite, and on PostgreSQL where a server is given by
//! PAYMUX_TEST_POSTGRES_URL or its programs are installed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test ends where something is not as it should be"
)]

mod books;
mod child;
mod creating;
mod demo;
mod faults;
mod ledger;
mod parser;
mod payouts;
mod providers;
mod raw_gateway;
mod reading;
mod router;
mod sandbox_command;
mod terminal;
mod unipayment;
mod watching;
mod webhooks;
