//! What the gateways themselves have in their books: the ledger's word is not asked.

use paymux_sandbox::unipayment::{InvoiceStatus, PayoutStatus as UniPayoutStatus};
use paymux_sandbox::{OrderStatus, PayoutStatus, Sandbox};
use rust_decimal::Decimal;

/// Something that a gateway made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) provider: &'static str,
    pub(crate) id: String,
    /// The order as the gateway knows it, or the reference in a payout's callback URL.
    pub(crate) about: String,
    pub(crate) amount: Decimal,
    /// In the words of the ledger.
    pub(crate) status: &'static str,
}

pub(crate) const HALO: &str = "native-checkout";
pub(crate) const UNIPAYMENT: &str = "unipayment";

/// Every payout that was made, at any gateway.
pub(crate) fn payouts(sandbox: &Sandbox) -> Vec<Made> {
    let halo = sandbox.halo().payouts().into_iter().map(|payout| Made {
        provider: HALO,
        id: payout.trade_no,
        about: reference_in(payout.callback_url.as_deref()),
        amount: payout.amount,
        status: match payout.status {
            PayoutStatus::Progress => "pending",
            PayoutStatus::Transfer => "processing",
            PayoutStatus::Confirming => "confirming",
            PayoutStatus::Paid => "completed",
            PayoutStatus::Fail => "failed",
            PayoutStatus::Cancel => "canceled",
        },
    });
    let unipayment = sandbox.unipayment().payouts();
    let unipayment = unipayment.into_iter().map(|payout| Made {
        provider: UNIPAYMENT,
        id: payout.id,
        about: reference_in(payout.notify_url.as_deref()),
        amount: payout.amount,
        status: match payout.status {
            UniPayoutStatus::Pending => "pending",
            UniPayoutStatus::Confirmed | UniPayoutStatus::Approved => "processing",
            UniPayoutStatus::Completed => "completed",
            UniPayoutStatus::Rejected | UniPayoutStatus::Failed => "failed",
            UniPayoutStatus::Canceled => "canceled",
        },
    });
    halo.chain(unipayment).collect()
}

/// Every invoice that was made, at any gateway.
pub(crate) fn invoices(sandbox: &Sandbox) -> Vec<Made> {
    let halo = sandbox.halo().orders().into_iter().map(|order| Made {
        provider: HALO,
        about: order.out_trade_no.clone(),
        amount: order.amount,
        status: match order.status {
            OrderStatus::ToBePaid if order.is_collected() => "processing",
            OrderStatus::ToBePaid => "pending",
            OrderStatus::Paid => "settled",
            OrderStatus::TimeOut => "expired",
        },
        id: order.trade_no,
    });
    let unipayment = sandbox.unipayment().invoices();
    let unipayment = unipayment.into_iter().map(|invoice| Made {
        provider: UNIPAYMENT,
        id: invoice.invoice_id,
        about: invoice.order_id,
        amount: invoice.price_amount,
        status: match invoice.status {
            InvoiceStatus::New => "pending",
            InvoiceStatus::Paid => "processing",
            InvoiceStatus::Confirmed => "confirmed",
            InvoiceStatus::Complete => "settled",
            InvoiceStatus::Expired => "expired",
            InvoiceStatus::Invalid => "invalid",
        },
    });
    halo.chain(unipayment).collect()
}

/// The merchant's reference travels in the callback URL.
fn reference_in(url: Option<&str>) -> String {
    let query = url
        .and_then(|url| url.split_once('?'))
        .map_or("", |(_, q)| q);
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "paymux_ref")
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Every payer pays what is missing.
pub(crate) fn pay_everything(sandbox: &Sandbox) {
    for order in sandbox.halo().orders() {
        if order.status == OrderStatus::ToBePaid && !order.is_collected() {
            sandbox.halo().pay_rest(&order.trade_no).unwrap();
        }
    }
    for invoice in sandbox.unipayment().invoices() {
        if invoice.status == InvoiceStatus::New && !invoice.is_collected() {
            sandbox.unipayment().pay_rest(&invoice.invoice_id).unwrap();
        }
    }
}

/// What was paid in full has all its confirmations.
pub(crate) fn confirm_everything(sandbox: &Sandbox) {
    for order in sandbox.halo().orders() {
        if order.status == OrderStatus::ToBePaid && order.is_collected() {
            sandbox.halo().confirm(&order.trade_no, 1).unwrap();
        }
    }
    for invoice in sandbox.unipayment().invoices() {
        if matches!(
            invoice.status,
            InvoiceStatus::Paid | InvoiceStatus::Confirmed
        ) {
            sandbox.unipayment().complete(&invoice.invoice_id).unwrap();
        }
    }
}

/// Takes every payout that is under way one step further.
pub(crate) fn advance_payouts(sandbox: &Sandbox) {
    for payout in sandbox.halo().payouts() {
        if !payout.status.is_final() {
            sandbox.halo().advance_payout(&payout.trade_no).unwrap();
        }
    }
    for payout in sandbox.unipayment().payouts() {
        if !payout.status.is_final() {
            sandbox.unipayment().advance_payout(&payout.id).unwrap();
        }
    }
}

/// Takes every payout to its end.
pub(crate) fn complete_payouts(sandbox: &Sandbox) {
    // The longest way of a payout has three steps.
    for _ in 0..3 {
        advance_payouts(sandbox);
    }
}
