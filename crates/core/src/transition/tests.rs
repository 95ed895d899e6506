use proptest::prelude::*;

use super::*;
use crate::ids::{InvoiceId, PayoutId};

fn invoice(status: InvoiceStatus, exceptions: &[PaymentException]) -> InvoiceSnapshot {
    let mut snapshot =
        InvoiceSnapshot::new("shop".parse().unwrap(), InvoiceId::received("T1"), status);
    snapshot.exceptions = exceptions.iter().copied().collect();
    snapshot
}

fn payout(status: PayoutStatus) -> PayoutSnapshot {
    PayoutSnapshot::new("shop".parse().unwrap(), PayoutId::received("P1"), status)
}

/// The moves that the design names, written out one by one; skipping forward is legal.
fn designed(from: InvoiceStatus, to: InvoiceStatus) -> bool {
    use InvoiceStatus::{
        Canceled, Confirmed, Expired, Invalid, Pending, Processing, Settled, Unknown,
    };
    match from {
        Unknown => to != Unknown,
        Pending => to != Pending && to != Unknown,
        Processing => to != Processing && to != Unknown,
        Confirmed => matches!(to, Settled | Invalid),
        Invalid => matches!(to, Settled),
        Expired => matches!(to, Canceled | Processing | Confirmed | Settled | Invalid),
        Canceled => matches!(to, Processing | Confirmed | Settled | Invalid),
        Settled => false,
    }
}

#[test]
fn the_moves_of_a_read_are_the_designed_ones() {
    for from in InvoiceStatus::ALL {
        for to in InvoiceStatus::ALL {
            assert_eq!(
                may_move(from, to, Observed::Read),
                designed(from, to),
                "{from} to {to}"
            );
            if may_move(from, to, Observed::Notice) {
                assert!(designed(from, to), "{from} to {to}");
            }
        }
    }
}

#[test]
fn paid_after_expiry_is_late_in_either_order() {
    for (first, second) in [
        (InvoiceStatus::Expired, InvoiceStatus::Settled),
        (InvoiceStatus::Settled, InvoiceStatus::Expired),
        (InvoiceStatus::Processing, InvoiceStatus::Canceled),
    ] {
        let mut known = invoice(first, &[]);
        known.observe(&invoice(second, &[]), Observed::Notice);
        assert!(is_paid(known.status));
        assert!(known.exceptions.contains(PaymentException::Late));
    }
}

#[test]
fn being_paid_ends_being_underpaid() {
    let mut known = invoice(InvoiceStatus::Pending, &[PaymentException::Underpaid]);
    known.observe(&invoice(InvoiceStatus::Processing, &[]), Observed::Notice);
    assert!(known.exceptions.is_empty());
    let stale = invoice(InvoiceStatus::Pending, &[PaymentException::Underpaid]);
    assert_eq!(known.observe(&stale, Observed::Notice), Change::Stale);
    assert!(known.exceptions.is_empty());
}

#[test]
fn an_unknown_word_changes_the_word_only() {
    let mut known = invoice(InvoiceStatus::Confirmed, &[PaymentException::Overpaid]);
    let mut seen = invoice(InvoiceStatus::Unknown, &[]);
    seen.provider_status = Some("ON-HOLD".to_owned());
    assert_eq!(known.observe(&seen, Observed::Read), Change::Unchanged);
    assert_eq!(known.status, InvoiceStatus::Confirmed);
    assert_eq!(known.provider_status.as_deref(), Some("ON-HOLD"));
}

#[test]
fn a_read_that_cannot_be_is_reported_and_changes_nothing() {
    let mut known = invoice(InvoiceStatus::Settled, &[]);
    let seen = invoice(InvoiceStatus::Pending, &[]);
    assert_eq!(known.observe(&seen, Observed::Read), Change::Contradiction);
    assert_eq!(known.status, InvoiceStatus::Settled);

    let mut known = payout(PayoutStatus::Failed);
    let seen = payout(PayoutStatus::Completed);
    for observed in [Observed::Read, Observed::Notice] {
        assert_eq!(known.observe(&seen, observed), Change::Contradiction);
        assert_eq!(known.status, PayoutStatus::Failed);
    }
}

#[test]
fn a_notice_clears_nothing() {
    let mut known = invoice(InvoiceStatus::Pending, &[]);
    known.order_id = Some("order-1".parse().unwrap());
    known.due = Some(AssetAmount::new(
        "5".parse().unwrap(),
        "TRX@tron".parse().unwrap(),
    ));
    known.set_received("2".parse().unwrap());
    let mut seen = invoice(InvoiceStatus::Settled, &[]);
    seen.due = Some(AssetAmount::of_unknown("5".parse().unwrap()));
    seen.transactions = vec![TransactionRef::new("aa")];
    known.observe(&seen, Observed::Notice);
    assert_eq!(known.order_id.unwrap().as_str(), "order-1");
    assert_eq!(known.due.unwrap().to_string(), "5 TRX@tron");
    assert_eq!(known.received.unwrap().to_string(), "2 TRX@tron");
    assert_eq!(known.transactions.len(), 1);
}

#[test]
fn an_address_keeps_its_network_and_another_address_does_not_get_it() {
    let to = |address: &str, network: Option<&str>| {
        let mut snapshot = payout(PayoutStatus::Pending);
        let network = network.map(|network| network.parse().unwrap());
        snapshot.destination = Some(Destination::new(address, network));
        snapshot
    };
    let mut known = to("T1", Some("tron"));
    known.observe(&to("T1", None), Observed::Read);
    assert_eq!(known.destination, to("T1", Some("tron")).destination);
    known.observe(&to("T2", None), Observed::Read);
    assert_eq!(known.destination, to("T2", None).destination);
}

#[test]
fn an_older_notice_does_not_take_back_what_arrived() {
    let with = |received: &str| {
        let mut snapshot = invoice(InvoiceStatus::Pending, &[PaymentException::Underpaid]);
        snapshot.due = Some(AssetAmount::new(
            "5".parse().unwrap(),
            "TRX@tron".parse().unwrap(),
        ));
        snapshot.set_received(received.parse().unwrap());
        snapshot
    };
    let mut known = with("3");
    known.observe(&with("2"), Observed::Notice);
    assert_eq!(known.received.unwrap().to_string(), "3 TRX@tron");
    assert_eq!(known.remaining.unwrap().to_string(), "2 TRX@tron");
    let mut known = with("3");
    known.observe(&with("2"), Observed::Read);
    assert_eq!(known.received.unwrap().to_string(), "2 TRX@tron");
}

fn any_status() -> impl Strategy<Value = InvoiceStatus> {
    proptest::sample::select(InvoiceStatus::ALL.to_vec())
}

fn any_observation() -> impl Strategy<Value = InvoiceSnapshot> {
    let exceptions = proptest::sample::subsequence(
        vec![
            PaymentException::Late,
            PaymentException::Marked,
            PaymentException::Overpaid,
            PaymentException::Underpaid,
        ],
        0..=4,
    );
    (any_status(), exceptions).prop_map(|(status, exceptions)| invoice(status, &exceptions))
}

proptest! {
    #[test]
    fn notices_converge_in_any_order_and_however_often(
        notices in proptest::collection::vec(any_observation(), 1..8),
        order in proptest::collection::vec(any::<prop::sample::Index>(), 1..24),
    ) {
        let apply = |sequence: &mut dyn Iterator<Item = &InvoiceSnapshot>| {
            let mut known = invoice(InvoiceStatus::Pending, &[]);
            for notice in sequence {
                known.observe(notice, Observed::Notice);
            }
            (known.status, known.exceptions)
        };
        let straight = apply(&mut notices.iter());
        let backwards = apply(&mut notices.iter().rev());
        // Any repetition in any order, as long as each was delivered at least once.
        let shuffled = apply(&mut order.iter().map(|index| index.get(&notices)).chain(&notices));
        prop_assert_eq!(&straight, &backwards);
        prop_assert_eq!(&straight, &shuffled);
    }

    #[test]
    fn every_step_is_a_designed_one(
        steps in proptest::collection::vec((any_observation(), any::<bool>()), 0..40),
    ) {
        let mut known = invoice(InvoiceStatus::Pending, &[]);
        for (seen, is_read) in steps {
            let was = known.status;
            let observed = if is_read { Observed::Read } else { Observed::Notice };
            let change = known.observe(&seen, observed);
            if known.status != was {
                prop_assert!(designed(was, known.status), "{} to {}", was, known.status);
                prop_assert_eq!(change, Change::Moved);
                prop_assert_eq!(known.status, seen.status);
            }
            if was == InvoiceStatus::Settled {
                prop_assert_eq!(known.status, InvoiceStatus::Settled);
            }
        }
    }

    #[test]
    fn payouts_never_go_back_and_never_leave_an_end(
        steps in proptest::collection::vec(proptest::sample::select(PayoutStatus::ALL.to_vec()), 0..30),
    ) {
        let mut known = payout(PayoutStatus::Pending);
        for status in steps {
            let was = known.status;
            known.observe(&payout(status), Observed::Notice);
            prop_assert!(payout_rank(known.status) >= payout_rank(was));
            if was.is_final() {
                prop_assert_eq!(known.status, was);
            }
        }
    }
}
