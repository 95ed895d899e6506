//! Invoices: what is stored of them, and the calls that make them.

mod begin;
mod create;
mod doubt;
mod end;
mod left_behind;
mod row;

pub use row::InvoiceState;

pub(crate) use doubt::expire;
pub(crate) use left_behind::give_up_others;
pub(crate) use row::{InvoiceRow, bare_invoice_id};
