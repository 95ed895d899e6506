//! Whether to hand over the goods.

use rust_decimal::Decimal;

use crate::snapshot::InvoiceSnapshot;
use crate::status::{InvoiceStatus, PaymentException};

/// When an invoice counts as paid for.
///
/// By default: confirmed or settled, not underpaid, not late, and what arrived is at least what was
/// due where the gateway tells both. Too much is fine.
///
/// A webhook that says "paid" and tells no amounts leaves standing what was known to have arrived
/// before: fetch the invoice then, and judge what that tells.
///
/// A webhook whose proof is weak is no ground for handing anything over: fetch the invoice first
/// (see [`WebhookEvent::needs_read_back`](crate::WebhookEvent::needs_read_back)).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FulfilmentPolicy {
    /// Whether money that came after the time to pay counts.
    pub accept_late: bool,
    /// How much less than due is still enough.
    pub tolerance: PaymentTolerance,
}

/// How much less than due is still enough.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum PaymentTolerance {
    /// Nothing less.
    #[default]
    Exact,
    /// This much less, in whole tokens of what is due.
    Tokens(Decimal),
    /// This share less: 0.01 is one per cent of what is due.
    Share(Decimal),
}

impl FulfilmentPolicy {
    /// Lets money count that came after the time to pay.
    #[must_use]
    pub const fn accepting_late(mut self) -> Self {
        self.accept_late = true;
        self
    }

    /// Lets a little less than due count.
    #[must_use]
    pub const fn with_tolerance(mut self, tolerance: PaymentTolerance) -> Self {
        self.tolerance = tolerance;
        self
    }

    /// Whether to hand over the goods for this invoice.
    ///
    /// ```
    /// use paymux_core::{FulfilmentPolicy, InvoiceId, InvoiceSnapshot, InvoiceStatus};
    ///
    /// let invoice = InvoiceSnapshot::new(
    ///     "shop".parse().unwrap(), InvoiceId::received("T1"), InvoiceStatus::Settled);
    /// assert!(FulfilmentPolicy::default().allows(&invoice));
    /// ```
    #[must_use]
    pub fn allows(&self, invoice: &InvoiceSnapshot) -> bool {
        let paid = matches!(
            invoice.status,
            InvoiceStatus::Confirmed | InvoiceStatus::Settled
        );
        let in_time = self.accept_late || !invoice.exceptions.contains(PaymentException::Late);
        paid && in_time && self.is_enough(invoice)
    }

    fn is_enough(&self, invoice: &InvoiceSnapshot) -> bool {
        let underpaid = invoice.exceptions.contains(PaymentException::Underpaid);
        match (&invoice.due, &invoice.received) {
            (Some(due), Some(received)) => {
                let slack = match self.tolerance {
                    PaymentTolerance::Exact => Decimal::ZERO,
                    PaymentTolerance::Tokens(tokens) => tokens,
                    PaymentTolerance::Share(share) => {
                        due.amount.checked_mul(share).unwrap_or_default()
                    }
                };
                let short = due.amount - received.amount;
                short <= slack && (!underpaid || slack > Decimal::ZERO)
            }
            _ => !underpaid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::InvoiceId;
    use crate::money::AssetAmount;

    fn settled(due: &str, received: &str, exceptions: &[PaymentException]) -> InvoiceSnapshot {
        let mut invoice = InvoiceSnapshot::new(
            "shop".parse().unwrap(),
            InvoiceId::received("T1"),
            InvoiceStatus::Settled,
        );
        invoice.due = Some(AssetAmount::new(
            due.parse().unwrap(),
            "TRX@tron".parse().unwrap(),
        ));
        invoice.set_received(received.parse().unwrap());
        invoice.exceptions = exceptions.iter().copied().collect();
        invoice
    }

    #[test]
    fn enough_money_in_time_is_needed() {
        let policy = FulfilmentPolicy::default();
        assert!(policy.allows(&settled("5", "5", &[])));
        assert!(policy.allows(&settled("5", "6", &[PaymentException::Overpaid])));
        assert!(!policy.allows(&settled("5", "4.99", &[])));
        assert!(!policy.allows(&settled("5", "5", &[PaymentException::Underpaid])));
        assert!(!policy.allows(&settled("5", "5", &[PaymentException::Late])));
        assert!(
            policy
                .accepting_late()
                .allows(&settled("5", "5", &[PaymentException::Late]))
        );
        for status in [
            InvoiceStatus::Pending,
            InvoiceStatus::Processing,
            InvoiceStatus::Expired,
            InvoiceStatus::Unknown,
        ] {
            let mut invoice = settled("5", "5", &[]);
            invoice.status = status;
            assert!(!policy.allows(&invoice), "{status}");
        }
    }

    #[test]
    fn tolerance_forgives_a_little() {
        let share = |share: &str| {
            FulfilmentPolicy::default()
                .with_tolerance(PaymentTolerance::Share(share.parse().unwrap()))
        };
        let short = settled("100", "99.5", &[PaymentException::Underpaid]);
        assert!(share("0.005").allows(&short));
        assert!(!share("0.004").allows(&short));
        let tokens = PaymentTolerance::Tokens("0.5".parse().unwrap());
        assert!(
            FulfilmentPolicy::default()
                .with_tolerance(tokens)
                .allows(&short)
        );
    }
}
