//! What the control API shows of UniPayment.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::Serialize;

use super::half_of;
use crate::balances::Balance;
use crate::unipayment::{Asset, Deposit, Invoice, Payout, UniPayment};

#[derive(Serialize)]
pub(super) struct UniPaymentState {
    app_id: String,
    client_id: String,
    assets: &'static [Asset],
    balances: BTreeMap<&'static str, Balance>,
    invoices: Vec<InvoiceView>,
    payouts: Vec<PayoutView>,
    deposits: Vec<Deposit>,
}

impl UniPaymentState {
    pub(super) fn of(gateway: &UniPayment) -> Self {
        Self {
            app_id: gateway.app_id().to_owned(),
            client_id: gateway.client_id().to_owned(),
            assets: gateway.assets(),
            balances: gateway.balances(),
            invoices: gateway.invoices().iter().map(InvoiceView::of).collect(),
            payouts: gateway.payouts().iter().map(PayoutView::of).collect(),
            deposits: gateway.deposits(),
        }
    }
}

#[derive(Serialize)]
pub(in crate::control) struct InvoiceView {
    #[serde(flatten)]
    invoice: Invoice,
    /// Null while no coin is chosen.
    remaining: Option<Decimal>,
    /// Half of what is missing, in figures that the coin can hold; null where that is nothing.
    half: Option<Decimal>,
}

impl InvoiceView {
    pub(in crate::control) fn of(invoice: &Invoice) -> Self {
        let remaining = invoice.remaining();
        let to = invoice.destination.as_ref();
        Self {
            invoice: invoice.clone(),
            remaining,
            half: to
                .zip(remaining)
                .and_then(|(to, remaining)| half_of(remaining, to.asset.decimals)),
        }
    }
}

#[derive(Serialize)]
pub(in crate::control) struct PayoutView {
    #[serde(flatten)]
    payout: Payout,
    /// The status in the gateway's own word for this kind.
    status_word: &'static str,
    is_final: bool,
}

impl PayoutView {
    pub(in crate::control) fn of(payout: &Payout) -> Self {
        Self {
            payout: payout.clone(),
            status_word: payout.status_word(),
            is_final: payout.status.is_final(),
        }
    }
}
