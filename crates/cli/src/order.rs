//! The merchant's own order id, under which an order is known whatever the gateway was told.

use paymux::OrderId;

/// What stands before the number of an order's second invoice, third and so on, in the id that the
/// ledger sends to a gateway. An order id of a merchant's has none.
const ATTEMPT: char = '~';

/// The merchant's order id, of one that a gateway knows.
pub(crate) fn merchants(sent: &OrderId) -> OrderId {
    match sent.as_str().rsplit_once(ATTEMPT) {
        Some((order, attempt)) if attempt.parse::<u32>().is_ok_and(|number| number > 1) => {
            OrderId::received(order)
        }
        _ => sent.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_number_of_an_attempt_is_taken_away() {
        for (sent, order) in [
            ("order-1", "order-1"),
            ("order-1~2", "order-1"),
            ("order-1~13", "order-1"),
            ("order-1~1", "order-1~1"),
            ("order~a", "order~a"),
        ] {
            assert_eq!(merchants(&OrderId::received(sent)).as_str(), order);
        }
    }
}
