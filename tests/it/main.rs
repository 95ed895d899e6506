//! Tests that cross crates: the adapter, the facade, the laws and the sandbox over real sockets.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod broken_providers;
mod deposit_journeys;
mod documented_answers;
mod documented_invoices;
mod documented_requests;
mod faults;
mod invoice_journeys;
mod laws;
mod mocked_application;
mod payout_journeys;
mod router_laws;
mod router_over_sockets;
mod secrets;
mod several_providers;
mod shop;
mod switching_gateways;
mod tidy;
mod unipayment_documents;
mod unipayment_journeys;
mod webhook_disorder;
