//! UniPayment's three generations over the sandbox: what becomes of invoices and payouts, by webhooks and
//! by reads, which have to agree.

mod disorder;
mod invoices;
mod payouts;
