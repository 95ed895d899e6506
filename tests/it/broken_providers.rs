//! The laws themselves are tested: each holds without a flaw, and notices every flaw that breaks it.

use paymux_core::conformance;
use paymux_tests::broken_provider::{BrokenHarness, Flaw};

macro_rules! laws_notice {
    ($($law:ident: $($flaw:ident)+;)+) => {$(
        #[tokio::test]
        async fn $law() {
            let flawless = BrokenHarness::start(Flaw::None).await;
            if let Err(violation) = conformance::$law(&flawless).await {
                panic!("broken without a flaw: {violation}");
            }
            for flaw in [$(Flaw::$flaw),+] {
                let flawed = BrokenHarness::start(flaw).await;
                let verdict = conformance::$law(&flawed).await;
                assert!(verdict.is_err(), "{flaw:?} goes unnoticed");
            }
        }
    )+};
}

laws_notice! {
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
        EventsNotRepeatable DedupKeyEmpty BodyRewritten ProofOverstated EventMisnamesProvider
        RefusalsAnsweredWithSuccess;
    altered_webhooks_are_refused: ForgedWebhooksBelieved;
    webhooks_of_others_are_refused: WrongKeyAccepted BareWebhooksBelieved ForgedWebhooksBelieved;
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

#[tokio::test]
async fn all_laws_together_notice_too() {
    let flawless = BrokenHarness::start(Flaw::None).await;
    assert!(conformance::check_all(&flawless).await.is_ok());
    let flawed = BrokenHarness::start(Flaw::BalanceAboveTotal).await;
    assert!(conformance::check_all(&flawed).await.is_err());
}
