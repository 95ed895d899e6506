//! Ids as the gateway has them: in JSON the owner stands in `provider`, also where the router gave an id
//! out as `PROVIDER:ID`.

use paymux::{Error, InvoiceSnapshot, PayoutSnapshot, ProviderAttempt};

use crate::order;

/// An invoice under the gateway's own ids and the merchant's order.
pub(crate) fn invoice(invoice: &InvoiceSnapshot) -> InvoiceSnapshot {
    let mut bare = invoice.clone();
    bare.id = invoice.id.without_owner(&invoice.provider);
    bare.order_id = invoice.order_id.as_ref().map(order::merchants);
    bare.attempts.iter_mut().for_each(attempt);
    bare
}

/// A payout under the gateway's own ids.
pub(crate) fn payout(payout: &PayoutSnapshot) -> PayoutSnapshot {
    let mut bare = payout.clone();
    bare.id = payout.id.without_owner(&payout.provider);
    bare.attempts.iter_mut().for_each(attempt);
    bare
}

fn attempt(attempt: &mut ProviderAttempt) {
    if let Some(id) = &attempt.id {
        attempt.id = Some(without_owner(id, attempt.provider.as_str()).to_owned());
    }
}

/// The gateway's own id in an error.
pub(crate) fn of_error<'a>(error: &Error, id: &'a str) -> &'a str {
    error
        .provider()
        .map_or(id, |owner| without_owner(id, owner.as_str()))
}

/// The id without its owner before it, where it has that one.
pub(crate) fn without_owner<'a>(id: &'a str, owner: &str) -> &'a str {
    id.strip_prefix(owner)
        .and_then(|rest| rest.strip_prefix(':'))
        .unwrap_or(id)
}

#[cfg(test)]
mod tests {
    use paymux::{ErrorKind, InvoiceId, InvoiceStatus, Outcome, ProviderName};

    use super::*;

    fn name(text: &str) -> ProviderName {
        text.parse().unwrap()
    }

    #[test]
    fn every_id_of_an_invoice_is_the_gateways_own() {
        let lost = Error::new(ErrorKind::Timeout, Outcome::Unknown, "late").with_id("eu:T0");
        let mut routed = InvoiceSnapshot::new(
            name("us"),
            InvoiceId::received("us:T1"),
            InvoiceStatus::Pending,
        );
        routed.attempts = vec![
            ProviderAttempt::failed(name("eu"), &lost),
            ProviderAttempt::made(name("us"), "us:T1"),
            ProviderAttempt::not_tried(name("asia")),
        ];
        let bare = invoice(&routed);
        assert_eq!(bare.id.as_str(), "T1");
        let ids: Vec<Option<&str>> = bare.attempts.iter().map(|it| it.id.as_deref()).collect();
        assert_eq!(ids, [Some("T0"), Some("T1"), None]);
        assert_eq!(invoice(&bare), bare);
    }

    #[test]
    fn only_the_owner_is_taken_away() {
        for (id, bare) in [
            ("eu:T1", "T1"),
            ("eu:us:T1", "us:T1"),
            ("us:T1", "us:T1"),
            ("euT1", "euT1"),
            ("eu-2:T1", "eu-2:T1"),
            ("T1", "T1"),
        ] {
            assert_eq!(without_owner(id, "eu"), bare);
        }
    }
}
