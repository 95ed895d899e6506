//! Which invoices to list.

use super::InvoiceStatus;

/// Which invoices to list, newest first. What is not set does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvoiceFilter {
    /// Only the one with this id.
    pub invoice_id: Option<String>,
    /// Only those of this order.
    pub order_id: Option<String>,
    /// Only those in this status; not in the first generation.
    pub status: Option<InvoiceStatus>,
    /// Which page, from 1; the first where it is not set.
    pub page: Option<u32>,
    /// How many on a page; 10 where it is not set.
    pub page_size: Option<u32>,
}

impl InvoiceFilter {
    /// The one with this id.
    #[must_use]
    pub fn of_invoice(invoice_id: impl Into<String>) -> Self {
        Self {
            invoice_id: Some(invoice_id.into()),
            ..Self::default()
        }
    }

    /// Those of this order.
    #[must_use]
    pub fn of_order(order_id: impl Into<String>) -> Self {
        Self {
            order_id: Some(order_id.into()),
            ..Self::default()
        }
    }
}
