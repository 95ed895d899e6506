//! Payouts over the sandbox: withdrawals of v1.0, payments of v2.

use paymux_core::{
    ErrorKind, NewPayout, Outcome, PaymentProvider, PayoutId, PayoutStatus, Reference,
};
use paymux_sandbox::{FaultRule, RequestFault, Sandbox, When};
use paymux_unipayment::model::{NetworkCode, WithdrawalFilter};
use paymux_unipayment::{Generation, PayoutAnswer, UniPayment, UniPaymentPayout};
use serde_json::json;
use serde_json::value::RawValue;

use crate::providers::{builder, next, provider};

const TRON_ADDRESS: &str = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

fn new_payout(to: &str) -> NewPayout {
    NewPayout::new(
        Reference::new("ref-1").unwrap(),
        "1.234567".parse().unwrap(),
        "USDT@tron".parse().unwrap(),
        to,
    )
}

/// A provider that may pay, and the payment method of a beneficiary on Tron.
async fn payer(sandbox: &Sandbox) -> (UniPayment, String) {
    let provider = builder(sandbox, Generation::OAuth)
        .with_from_account_id(sandbox.unipayment().account_id("USDT").unwrap())
        .with_payout_reason("OperatingExpense")
        .build()
        .unwrap();
    let raw = |value: serde_json::Value| RawValue::from_string(value.to_string()).unwrap();
    let id = |raw: &RawValue| {
        let value: serde_json::Value = serde_json::from_str(raw.get()).unwrap();
        value["id"].as_str().unwrap().to_owned()
    };
    let client = provider.client();
    let party = raw(json!({"name": "Ann", "share": 0.10}));
    let party = id(&client.create_beneficiary(&party).await.unwrap());
    let method = raw(json!({"network": "NETWORK_TRX", "address": TRON_ADDRESS}));
    let method = client.create_payment_method(&party, &method).await.unwrap();
    let found = client.payment_methods(&party).await.unwrap();
    assert!(found.get().contains(TRON_ADDRESS));
    let method = id(&method);
    (provider, format!("payment-method:{method}"))
}

#[tokio::test]
async fn a_withdrawal_is_sent_and_followed() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox, Generation::Hmac);
    let payouts = provider.payouts().unwrap();
    let request = new_payout(TRON_ADDRESS);
    let fee = payouts.payout_fee(&request).await.unwrap();
    let created = payouts.create_payout(&request).await.unwrap();
    assert_eq!(created.amount(), Some(&request.asset_amount()));
    assert_eq!(created.fee(), fee.as_ref());
    assert_eq!(created.reference(), Some(&request.reference));
    let destination = created.destination().unwrap();
    assert_eq!(destination.address, TRON_ADDRESS);
    let sent = sandbox.requests_to("/v1.0/wallet/withdrawals");
    let body: serde_json::Value = serde_json::from_slice(&sent[0].body).unwrap();
    assert_eq!(body["include_fee"], json!(false));
    assert_eq!(body["auto_confirm"], json!(true));

    let id = created.id().as_str();
    while !sandbox.unipayment().payout(id).unwrap().status.is_final() {
        sandbox.unipayment().advance_payout(id).unwrap();
    }
    let seen = payouts.fetch_payout(created.id()).await.unwrap();
    assert_eq!(seen.status(), PayoutStatus::Completed);
    assert_eq!(seen.amount(), Some(&request.asset_amount()));
    assert_eq!(seen.reference(), Some(&request.reference));
    assert_eq!(seen.transactions().len(), 1);
    let own = seen.as_any().downcast_ref::<UniPaymentPayout>().unwrap();
    assert!(matches!(own.answer(), PayoutAnswer::Withdrawal(_)));
}

#[tokio::test]
async fn a_withdrawal_whose_answer_was_lost_is_in_the_list_by_its_note() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox, Generation::Hmac);
    let cut = RequestFault::Cut {
        when: When::AfterWork,
    };
    let rule = FaultRule::request("POST /v1.0/wallet/withdrawals", cut);
    sandbox.faults().add(rule);
    let request = new_payout(TRON_ADDRESS);
    let payouts = provider.payouts().unwrap();
    let error = payouts.create_payout(&request).await.unwrap_err();
    assert!(error.may_have_executed());

    let mut filter = WithdrawalFilter::default();
    filter.asset_type = Some("USDT".to_owned());
    filter.network = Some(NetworkCode::Tron);
    let found = provider.client().withdrawals(&filter).await.unwrap().models;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].note.as_deref(), Some("ref-1"));
    filter.asset_type = Some("BTC".to_owned());
    filter.network = None;
    let none = provider.client().withdrawals(&filter).await.unwrap().models;
    assert!(none.is_empty());
}

#[tokio::test]
async fn a_payment_goes_to_a_kept_destination() {
    let sandbox = Sandbox::start().await.unwrap();
    let (provider, method) = payer(&sandbox).await;
    let payouts = provider.payouts().unwrap();
    let request = new_payout(&method);
    let created = payouts.create_payout(&request).await.unwrap();
    assert_eq!(created.status(), PayoutStatus::Pending);
    assert_eq!(created.amount(), Some(&request.asset_amount()));
    let made = sandbox.unipayment().payout(created.id().as_str()).unwrap();
    assert_eq!(made.unique_id.as_deref(), Some("ref-1"));
    let client = provider.client();
    client
        .confirm_payment(created.id().as_str(), Some("yes"))
        .await
        .unwrap();
    let seen = payouts.fetch_payout(created.id()).await.unwrap();
    assert_eq!(seen.status(), PayoutStatus::Processing);
    assert_eq!(seen.reference(), Some(&request.reference));
    assert_eq!(payouts.payout_fee(&request).await.unwrap(), None);
}

#[tokio::test]
async fn a_payments_webhook_tells_its_reference() {
    let sandbox = Sandbox::start().await.unwrap();
    let inbox = sandbox.inbox("shop");
    sandbox.update_settings(|settings| {
        settings.unipayment.global_notify_url = Some(inbox.url());
    });
    let (provider, method) = payer(&sandbox).await;
    let payouts = provider.payouts().unwrap();
    let request = new_payout(&method);
    let created = payouts.create_payout(&request).await.unwrap();
    let event = provider.verify_webhook(&next(&inbox).await).await.unwrap();
    assert_eq!(event.reference.as_ref(), Some(&request.reference));
    assert_eq!(&event.payout().unwrap().id, created.id());
}

#[tokio::test]
async fn what_a_payment_cannot_carry_is_refused_unsent() {
    let sandbox = Sandbox::start().await.unwrap();
    let (payer, method) = payer(&sandbox).await;
    let bare = provider(&sandbox, Generation::OAuth);
    let request = new_payout(&method);
    for (provider, request, kind, says) in [
        (
            &payer,
            new_payout(TRON_ADDRESS),
            ErrorKind::Unsupported,
            "payment-method:ID",
        ),
        (
            &payer,
            request.clone().with_memo("7"),
            ErrorKind::Unsupported,
            "memo",
        ),
        (
            &payer,
            request.clone().with_otp("123456".into()),
            ErrorKind::Unsupported,
            "one-time code",
        ),
        (
            &payer,
            request.clone().with_callback_url("https://shop.example/"),
            ErrorKind::Unsupported,
            "callback URL",
        ),
        (
            &bare,
            request.clone(),
            ErrorKind::Configuration,
            "PAYMUX_UNIPAYMENT_PAYOUT_REASON",
        ),
    ] {
        let payouts = provider.payouts().unwrap();
        let error = payouts.create_payout(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (kind, Outcome::NotSent));
        assert!(error.message().contains(says), "{error}");
        assert_eq!(error.reference(), Some(&request.reference));
    }
    assert!(sandbox.requests_to("/v1.0/payments").is_empty());
}

#[tokio::test]
async fn what_a_withdrawal_cannot_carry_is_refused_unsent() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox, Generation::Hmac);
    let payouts = provider.payouts().unwrap();
    let mut anywhere = new_payout(TRON_ADDRESS);
    anywhere.asset = "USDT".parse().unwrap();
    let mistyped = new_payout("TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DQ");
    for request in [anywhere, mistyped] {
        let error = payouts.create_payout(&request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn a_withdrawal_that_is_another_than_asked_is_of_unknown_outcome() {
    for (member, value) in [
        ("data.amount", json!(1.2)),
        ("data.asset_type", json!("USDC")),
        ("data.network", json!("NETWORK_ETH")),
        ("data.address", json!("TXxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let member = member.to_owned();
        let fault = RequestFault::ReplaceMember { member, value };
        let faults = sandbox.faults();
        faults.add(FaultRule::request(
            "/v1.0/wallet/withdrawals",
            fault.clone(),
        ));
        let provider = provider(&sandbox, Generation::Hmac);
        let payouts = provider.payouts().unwrap();
        let request = new_payout(TRON_ADDRESS);
        let error = payouts.create_payout(&request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{fault:?}");
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert!(error.id().is_some());
    }
}

#[tokio::test]
async fn unknown_payouts_and_other_generations_calls_are_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    for generation in [Generation::Hmac, Generation::OAuth] {
        let provider = provider(&sandbox, generation);
        let payouts = provider.payouts().unwrap();
        let id = PayoutId::received("nobody-made-this");
        let error = payouts.fetch_payout(&id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.outcome(), Outcome::Rejected);
    }
    let md5 = provider(&sandbox, Generation::Md5);
    let oauth = provider(&sandbox, Generation::OAuth);
    for (error, says) in [
        (md5.client().balances().await.unwrap_err(), "hmac or oauth"),
        (oauth.client().withdrawal("w").await.unwrap_err(), "hmac"),
        (md5.client().payment("p").await.unwrap_err(), "oauth"),
    ] {
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(error.message().contains(says), "{error}");
    }
}
