//! The gateway's words for states as core's statuses.

use paymux_core::{
    DepositStatus, InvoiceStatus, PaymentException, PaymentExceptions, PayoutStatus as CoreStatus,
};
use rust_decimal::Decimal;

#[cfg(feature = "client")]
use crate::model::Order;
use crate::model::{OrderStatus, PaymentNotice, PayoutStatus};

/// A status and what is odd about the payment.
type State = (InvoiceStatus, PaymentExceptions);

/// The state of an order by `order/create` or `order/detail`. An order that was just made has no
/// status member and waits for money.
#[cfg(feature = "client")]
pub(crate) fn of_order(order: &Order) -> State {
    use PaymentException::{Late, Overpaid, Underpaid};

    let due = order.amount;
    let collected = order.amount_collected.unwrap_or_default();
    let has_money = collected > Decimal::ZERO;
    let in_part = has_money && collected < due;
    let in_full = has_money && collected >= due;
    let mut exceptions = PaymentExceptions::none();
    let status = match order.status.as_ref().unwrap_or(&OrderStatus::ToBePaid) {
        OrderStatus::ToBePaid if in_full => InvoiceStatus::Processing,
        OrderStatus::ToBePaid => {
            if in_part {
                exceptions.insert(Underpaid);
            }
            InvoiceStatus::Pending
        }
        OrderStatus::Paid => {
            let seen = order.already_confirms.unwrap_or_default();
            if seen < order.need_confirms.unwrap_or_default() {
                InvoiceStatus::Processing
            } else {
                InvoiceStatus::Settled
            }
        }
        OrderStatus::TimeOut => {
            if in_part {
                exceptions.insert(Underpaid);
            }
            if in_full {
                exceptions.insert(Late);
            }
            InvoiceStatus::Expired
        }
        OrderStatus::Other(_) => return (InvoiceStatus::Unknown, exceptions),
    };
    if collected > due {
        exceptions.insert(Overpaid);
    }
    (status, exceptions)
}

/// The state of an order by a webhook. The unit of what a webhook says was collected is not clear,
/// so it counts as part or all of what is due only where that holds in either unit, and never as too
/// much.
pub(crate) fn of_payment_notice(notice: &PaymentNotice) -> State {
    let mut exceptions = PaymentExceptions::none();
    let collected = notice.amount_collected.unwrap_or_default();
    let has_money = collected > Decimal::ZERO;
    let status = match &notice.status {
        OrderStatus::ToBePaid => {
            if has_money {
                exceptions.insert(PaymentException::Underpaid);
            }
            InvoiceStatus::Pending
        }
        OrderStatus::Paid => InvoiceStatus::Settled,
        OrderStatus::TimeOut => {
            let mut due = [notice.amount, notice.token_amount]
                .into_iter()
                .flatten()
                .peekable();
            if has_money && due.peek().is_some() {
                if due.clone().all(|due| collected < due) {
                    exceptions.insert(PaymentException::Underpaid);
                } else if due.all(|due| collected >= due) {
                    exceptions.insert(PaymentException::Late);
                }
            }
            InvoiceStatus::Expired
        }
        OrderStatus::Other(_) => InvoiceStatus::Unknown,
    };
    (status, exceptions)
}

pub(crate) const fn of_payout(status: &PayoutStatus) -> CoreStatus {
    match status {
        PayoutStatus::Progress => CoreStatus::Pending,
        PayoutStatus::Transfer => CoreStatus::Processing,
        PayoutStatus::ConfirmingProgress => CoreStatus::Confirming,
        PayoutStatus::Paid => CoreStatus::Completed,
        PayoutStatus::Fail => CoreStatus::Failed,
        PayoutStatus::Cancel => CoreStatus::Canceled,
        PayoutStatus::Other(_) => CoreStatus::Unknown,
    }
}

/// The words of orders, since those of payments to a permanent address are not documented.
pub(crate) fn of_deposit(status: Option<&str>) -> DepositStatus {
    match status {
        Some("PAID") => DepositStatus::Credited,
        Some("TO-BE-PAID") => DepositStatus::Confirming,
        _ => DepositStatus::Unknown,
    }
}

#[cfg(feature = "client")]
#[cfg(test)]
mod tests {
    use super::*;

    fn order(status: Option<&str>, collected: Option<&str>, seen: u64, needed: u64) -> Order {
        let mut json = serde_json::json!({
            "trade_no": "T1", "token": "TRX", "contract": "TRX", "amount": "10",
            "already_confirms": seen, "need_confirms": needed,
        });
        json["status"] = status.into();
        json["amount_collected"] = collected.into();
        serde_json::from_str(&json.to_string()).unwrap()
    }

    #[test]
    fn orders_are_in_the_state_that_status_and_money_say() {
        use InvoiceStatus::{Expired, Pending, Processing, Settled, Unknown};
        use PaymentException::{Late, Overpaid, Underpaid};

        for (status, collected, confirms, expected, exceptions) in [
            (None, Some(""), (0, 0), Pending, vec![]),
            (Some("TO-BE-PAID"), None, (0, 0), Pending, vec![]),
            (Some("TO-BE-PAID"), Some("0"), (0, 1), Pending, vec![]),
            (
                Some("TO-BE-PAID"),
                Some("9.99"),
                (0, 1),
                Pending,
                vec![Underpaid],
            ),
            (Some("TO-BE-PAID"), Some("10.0"), (0, 1), Processing, vec![]),
            (
                Some("TO-BE-PAID"),
                Some("10.01"),
                (0, 1),
                Processing,
                vec![Overpaid],
            ),
            (Some("PAID"), Some("10"), (0, 1), Processing, vec![]),
            (Some("PAID"), Some("10"), (1, 1), Settled, vec![]),
            (Some("PAID"), Some("10"), (0, 0), Settled, vec![]),
            (Some("PAID"), Some("11"), (2, 1), Settled, vec![Overpaid]),
            (Some("TIME-OUT"), Some("0"), (0, 0), Expired, vec![]),
            (
                Some("TIME-OUT"),
                Some("1"),
                (0, 0),
                Expired,
                vec![Underpaid],
            ),
            (Some("TIME-OUT"), Some("10"), (0, 0), Expired, vec![Late]),
            (
                Some("TIME-OUT"),
                Some("11"),
                (0, 0),
                Expired,
                vec![Late, Overpaid],
            ),
            (Some("FROZEN"), Some("11"), (0, 0), Unknown, vec![]),
        ] {
            let (state, found) = of_order(&order(status, collected, confirms.0, confirms.1));
            assert_eq!(state, expected, "{status:?} {collected:?}");
            assert_eq!(
                found,
                exceptions.into_iter().collect(),
                "{status:?} {collected:?}"
            );
        }
    }
}
