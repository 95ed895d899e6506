//! Every law of conformance, for HaloPay Native Checkout over sandboxes that differ in what no
//! document says, and for each generation of UniPayment.

use paymux_core::conformance;
use paymux_sandbox::Settings;
use paymux_tests::harness::{HaloHarness, UniPaymentHarness};
use paymux_unipayment::Generation;

macro_rules! laws {
    ($harness:expr; $($law:ident)+) => {$(
        #[tokio::test]
        async fn $law() {
            let harness = $harness.await;
            if let Err(violation) = conformance::$law(&harness).await {
                panic!("{violation}");
            }
        }
    )+};
}

macro_rules! all_laws {
    ($($gateway:ident: $harness:expr;)+) => {$(
        mod $gateway {
            use super::*;

            laws! {
                $harness;
                create_and_fetch_agree
                unknown_ids_are_not_found
                bad_requests_send_nothing
                amounts_are_exact
                statuses_move_legally
                overpaid_is_told
                unknown_words_are_kept
                webhooks_are_proven_and_repeatable
                altered_webhooks_are_refused
                webhooks_of_others_are_refused
                old_webhooks_are_refused
                doubled_headers_change_nothing
                wrong_keys_are_refused
                secrets_are_never_shown
                payouts_are_made_once_and_followed
                wrong_destinations_are_refused
                assets_answer_to_their_names
                quotes_are_positive
                balances_add_up
            }
        }
    )+};
}

all_laws! {
    as_it_comes: HaloHarness::start();
    with_unsigned_answers: HaloHarness::with_settings(Settings {
        sign_responses: false,
        ..Settings::default()
    });
    paid_at_sight: HaloHarness::with_settings(Settings {
        paid_at_sight: true,
        ..Settings::default()
    });
    without_confirmations: HaloHarness::with_settings(Settings {
        confirmations_required: 0,
        ..Settings::default()
    });
    with_three_confirmations: HaloHarness::with_settings(Settings {
        confirmations_required: 3,
        ..Settings::default()
    });
    paid_at_sight_with_three_confirmations: HaloHarness::with_settings(Settings {
        paid_at_sight: true,
        confirmations_required: 3,
        ..Settings::default()
    });
    unipayment_md5: UniPaymentHarness::start(Generation::Md5);
    unipayment_hmac: UniPaymentHarness::start(Generation::Hmac);
    unipayment_oauth: UniPaymentHarness::start(Generation::OAuth);
}

#[tokio::test]
async fn what_the_laws_ask_for_is_done_once_at_the_gateway() {
    let harness = HaloHarness::start().await;
    if let Err(violation) = conformance::payouts_are_made_once_and_followed(&harness).await {
        panic!("{violation}");
    }
    assert_eq!(harness.sandbox.halo().payouts().len(), 1);
    assert_eq!(harness.sandbox.requests_to("/api/payout/create").len(), 1);

    if let Err(violation) = conformance::wrong_destinations_are_refused(&harness).await {
        panic!("{violation}");
    }
    if let Err(violation) = conformance::bad_requests_send_nothing(&harness).await {
        panic!("{violation}");
    }
    assert_eq!(harness.sandbox.requests_to("/api/payout/create").len(), 1);
    assert_eq!(harness.sandbox.requests_to("/api/order/create").len(), 0);
}
