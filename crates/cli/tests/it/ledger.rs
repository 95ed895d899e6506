//! What the command keeps from one run to the next.

mod approving;
mod exporting;
mod invoices;
mod observing;
mod opening;
mod payouts;
mod recovering;
mod serving;
mod under_load;
mod webhooks;
