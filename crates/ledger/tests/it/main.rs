//! Tests of the public interface, each on every engine there is: SQLite always, PostgreSQL where a
//! server is given by PAYMUX_TEST_POSTGRES_URL or its programs are installed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "the exception for tests reaches test functions alone"
)]

mod adopting;
mod adopting_invoices;
mod approvals;
mod attempts;
mod convergence;
mod deposits;
mod drifting;
mod engines;
mod events;
mod exporting;
mod faults;
mod forwarding;
mod gateway;
mod inbox;
mod invoices;
mod left_behind;
#[cfg(unix)]
mod lost_commits;
mod observing;
mod opening;
mod payouts;
mod quarantine;
mod reconciling;
mod recovery;
mod retention;
mod shop;
mod teller;
#[cfg(all(feature = "postgres-tls", target_os = "linux"))]
mod tls;
mod unmatched;
mod working;
