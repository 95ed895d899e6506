//! The laws themselves are tested: each holds without a flaw, and notices every flaw that breaks it.

use paymux_core::conformance;
use paymux_tests::broken_provider::{BrokenHarness, Flaw};
use paymux_tests::harness::{HaloHarness, UniPaymentHarness};
use paymux_unipayment::Generation;

macro_rules! laws_notice {
    ($right:expr => $($law:ident: $($flaw:ident)+;)+) => {$(
        #[tokio::test]
        async fn $law() {
            let flawless = BrokenHarness::over($right.await, Flaw::None);
            if let Err(violation) = conformance::$law(&flawless).await {
                panic!("broken without a flaw: {violation}");
            }
            for flaw in [$(Flaw::$flaw),+] {
                let flawed = BrokenHarness::over($right.await, flaw);
                let verdict = conformance::$law(&flawed).await;
                assert!(verdict.is_err(), "{flaw:?} goes unnoticed");
            }
        }
    )+};
}

laws_notice! { HaloHarness::start() =>
    create_and_fetch_agree:
        OrderSwapped OrderForgotten ProviderMisnamed SettledUnpaid DueChangesOnRead
        DestinationChangesOnRead ExpiresBeforeCreation AnotherInvoiceFetched;
    unknown_ids_are_not_found: UnknownIdFound UnknownIdInDoubt;
    bad_requests_send_nothing: BadRequestsMended BadRequestsInDoubt;
    amounts_are_exact: PriceRounded ReceivedRounded RemainingStands;
    statuses_move_legally: UnderpaidUntold PartTakenForWhole UnderpaidForever NeverSettles;
    overpaid_is_told: OverpaidUntold ExcessRounded;
    unknown_words_are_kept: UnknownWordSettles UnknownWordExpires UnknownWordForgotten;
    webhooks_are_proven_and_repeatable:
        EventsNotRepeatable DedupKeyEmpty BodyRewritten ProofMisstated EventMisnamesProvider
        RefusalsAnsweredWithSuccess;
    altered_webhooks_are_refused: ForgedWebhooksBelieved AlteredWebhooksBelieved;
    webhooks_of_others_are_refused:
        WrongKeyAccepted WrongKeyUnavailable BareWebhooksBelieved ForgedWebhooksBelieved;
    old_webhooks_are_refused: OldWebhooksBelieved;
    doubled_headers_change_nothing: DedupKeyOfHeaders DoubledHeadersUnavailable;
    wrong_keys_are_refused: WrongKeyAccepted WrongKeyInDoubt;
    secrets_are_never_shown: SecretInDebug SecretInMessage SecretInSource;
    payouts_are_made_once_and_followed:
        PayoutAmountChanged PayoutAmountChangesOnRead PayoutReferenceForgotten PayoutNeverEnds
        UnknownPayoutFound;
    wrong_destinations_are_refused: DestinationsMended DestinationsInDoubt;
    assets_answer_to_their_names: CatalogEmpty CatalogOfTwins;
    quotes_are_positive: QuoteOfZero QuoteForAnotherPrice QuoteInAnotherAsset;
    balances_add_up: BalanceAboveTotal;
}

/// Laws ask less of a proof that is weak or a call; what they ask of it they notice.
mod weak_proof {
    use super::*;

    laws_notice! { UniPaymentHarness::start(Generation::Md5) =>
        webhooks_are_proven_and_repeatable:
            EventsNotRepeatable DedupKeyEmpty BodyRewritten ProofMisstated EventMisnamesProvider;
        altered_webhooks_are_refused: AlteredWebhooksBelieved;
        webhooks_of_others_are_refused:
            WrongKeyAccepted WrongKeyUnavailable ForgedWebhooksBelieved;
        doubled_headers_change_nothing: DedupKeyOfHeaders DoubledHeadersUnavailable;
    }
}

mod checked_proof {
    use super::*;

    laws_notice! { UniPaymentHarness::start(Generation::Hmac) =>
        webhooks_are_proven_and_repeatable:
            EventsNotRepeatable DedupKeyEmpty BodyRewritten ProofMisstated EventMisnamesProvider;
        altered_webhooks_are_refused:
            ForgedWebhooksBelieved AlteredWebhooksBelieved WrongKeyUnavailable;
        webhooks_of_others_are_refused: WrongKeyAccepted ForgedWebhooksBelieved;
        doubled_headers_change_nothing: DedupKeyOfHeaders DoubledHeadersUnavailable;
    }

    /// Who asks with a wrong key is not told anything: the webhook stays unproven.
    #[tokio::test]
    async fn a_wrong_key_may_leave_it_open() {
        let right = UniPaymentHarness::start(Generation::Hmac).await;
        let unavailable = BrokenHarness::over(right, Flaw::WrongKeyUnavailable);
        let verdict = conformance::webhooks_of_others_are_refused(&unavailable).await;
        assert!(verdict.is_ok());
    }
}

#[tokio::test]
async fn all_laws_together_notice_too() {
    let flawless = BrokenHarness::over(HaloHarness::start().await, Flaw::None);
    assert!(conformance::check_all(&flawless).await.is_ok());
    let flawed = BrokenHarness::over(HaloHarness::start().await, Flaw::BalanceAboveTotal);
    assert!(conformance::check_all(&flawed).await.is_err());
}
