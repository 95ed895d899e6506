//! Invoices: what is stored of them, and the calls that make them.

mod begin;
mod create;
mod doubt;
mod end;
mod row;

pub use row::InvoiceState;

pub(crate) use doubt::expire;
pub(crate) use row::{InvoiceRow, bare_invoice_id};
