//! The documented webhooks: what they tell, and how strongly each generation proves them.

use paymux::transition::Observed;
use paymux::{
    DepositStatus, ErrorKind, FulfilmentPolicy, InvoiceId, InvoiceStatus, Outcome, PaymentProvider,
    PayoutStatus, Proof, RawWebhook, WebhookEvent, WebhookKind, WebhookVerdict,
};
use paymux_tests::unipayment_server::{
    APP_KEY, CHECK, Era, MD5_NOTICE, MD5_QUERY, Md5Convention, V1_NOTICE, V1_NOTICE_2022,
    V1_NOTICE_EXPIRED, V1_NOTICE_WITHDRAWAL, V2_NOTICE_BANK_DEPOSIT, V2_NOTICE_DEPOSIT,
    V2_NOTICE_PAYMENT, WEBHOOK_SECRET, resigned, webhook_signature,
};
use paymux_tests::wire_server::Misbehaviour;
use paymux_unipayment::UniPayment;

use super::bench::{QUERIED, builder_at, order, provider};
use crate::shop::decimal;

/// A body as the gateway of this generation sends it.
fn sent(era: Era, body: &str) -> RawWebhook {
    match era {
        Era::Md5 => RawWebhook::new(resigned(Md5Convention::default(), APP_KEY, body)),
        Era::Hmac => RawWebhook::new(body),
        Era::OAuth => RawWebhook::new(body).with_header(
            "hmac-signature",
            webhook_signature(WEBHOOK_SECRET, body.as_bytes()),
        ),
    }
}

async fn told(provider: &UniPayment, era: Era, body: &str) -> WebhookEvent {
    let event = provider.verify_webhook(&sent(era, body)).await;
    event.unwrap_or_else(|error| panic!("{body}: {error:?}"))
}

/// The body with the payment app of the configuration.
fn of_app(body: &str, era: Era) -> String {
    body.replace("cee1b9e2-d90c-4b63-9824-d621edb38012", era.app_id())
}

#[tokio::test]
async fn an_invoice_of_the_first_generation() {
    let (server, provider) = provider(Era::Md5).await;
    let event = told(&provider, Era::Md5, MD5_NOTICE).await;
    assert_eq!(event.proof, Proof::Weak);
    assert!(event.needs_read_back());
    assert!(server.requests().is_empty(), "proof needs no call");
    let invoice = event.invoice().unwrap();
    assert_eq!(invoice.id.as_str(), QUERIED);
    assert_eq!(invoice.order_id.as_ref().unwrap().as_str(), "ORDER_123456");
    assert_eq!(invoice.status, InvoiceStatus::Pending);
    assert_eq!(invoice.price.as_ref().unwrap().to_string(), "10.86 USD");
    assert_eq!(invoice.due.as_ref().unwrap().to_string(), "10.86 USDT@tron");
    assert_eq!(invoice.received.as_ref().unwrap().amount, decimal("0"));
    let created = invoice.created_at.unwrap();
    assert_eq!(created.to_rfc3339(), "2022-02-28T08:22:07.745779+00:00");
    assert!(
        event
            .dedup_key
            .starts_with(&format!("invoice:{QUERIED}:New:"))
    );
    let later = MD5_NOTICE
        .replace("084e4c26-b589-4746-84ba-70e883e75057", "another")
        .replace("08:22:16", "09:22:16");
    let again = told(&provider, Era::Md5, &later).await;
    assert_eq!(
        again.dedup_key, event.dedup_key,
        "only stamp and id are new"
    );
}

#[tokio::test]
async fn invoices_of_v1() {
    let era = Era::Hmac;
    for (body, id, order, status, price) in [
        (
            V1_NOTICE,
            "XjwyQQanwVVUtJXVMGXtCe",
            "#0001",
            InvoiceStatus::Pending,
            "10 USD",
        ),
        (
            V1_NOTICE_2022,
            "12wQquUmeCPUx3qmp3aHnd",
            "ORDER_123456",
            InvoiceStatus::Pending,
            "2 USD",
        ),
        (
            V1_NOTICE_EXPIRED,
            "3Q7fyLnB2YNhUDW1fFNyEz",
            "20",
            InvoiceStatus::Expired,
            "6 SGD",
        ),
    ] {
        let (server, provider) = provider(era).await;
        let event = told(&provider, era, &of_app(body, era)).await;
        assert_eq!(event.proof, Proof::Checked);
        assert!(!event.needs_read_back());
        assert_eq!(server.requests_to(CHECK).len(), 1);
        let invoice = event.invoice().unwrap();
        assert_eq!(invoice.id.as_str(), id);
        assert_eq!(invoice.order_id.as_ref().unwrap().as_str(), order);
        assert_eq!(invoice.status, status);
        assert_eq!(invoice.price.as_ref().unwrap().to_string(), price);
        assert_eq!((&invoice.due, &invoice.destination), (&None, &None));
        assert!(invoice.exceptions.is_empty());
        assert!(invoice.transactions.is_empty());
    }
}

#[tokio::test]
async fn a_withdrawal_whose_event_contradicts_its_status() {
    let (_server, provider) = provider(Era::Hmac).await;
    let event = told(&provider, Era::Hmac, V1_NOTICE_WITHDRAWAL).await;
    assert_eq!(event.kind(), WebhookKind::Payout);
    let payout = event.payout().unwrap();
    assert_eq!(payout.id.as_str(), "03b6fd73-e5a8-4f98-a7e5-69556dc9cb00");
    // The event says withdraw_confirm, the status Apply: the status counts.
    assert_eq!(payout.status, PayoutStatus::Pending);
    assert_eq!(payout.provider_status.as_deref(), Some("Apply"));
    assert_eq!(payout.amount.as_ref().unwrap().to_string(), "15 UTT@bsc");
    assert_eq!(payout.fee.as_ref().unwrap().to_string(), "5 UTT@bsc");
    let destination = payout.destination.as_ref().unwrap();
    assert_eq!(
        destination.address,
        "0x347061544a8B0e17D62a14F4700166BB78f9bBEd"
    );
    assert!(payout.transactions.is_empty());
}

#[tokio::test]
async fn a_payment_and_deposits_of_v2() {
    let (server, provider) = provider(Era::OAuth).await;
    let event = told(&provider, Era::OAuth, V2_NOTICE_PAYMENT).await;
    assert_eq!(event.proof, Proof::Signed);
    assert!(!event.needs_read_back());
    let payout = event.payout().unwrap();
    assert_eq!(payout.id.as_str(), "ab379d3c-107c-407b-8c64-886ad9e80fc9");
    assert_eq!(payout.status, PayoutStatus::Pending);
    assert_eq!(payout.amount.as_ref().unwrap().to_string(), "1000 USD");
    assert_eq!(payout.fee.as_ref().unwrap().to_string(), "32 USD");
    assert_eq!(event.reference, None);

    let event = told(&provider, Era::OAuth, V2_NOTICE_BANK_DEPOSIT).await;
    let deposit = event.deposit().unwrap();
    assert_eq!(
        deposit.id.as_deref(),
        Some("74a542b4-1bb4-4852-ba4e-4b9d8a85a773")
    );
    assert_eq!(deposit.status, DepositStatus::Confirming);
    assert_eq!(deposit.amount.as_ref().unwrap().to_string(), "1600 EUR");
    let destination = deposit.destination.as_ref().unwrap();
    assert_eq!(destination.address, "CH8608799927511765814");

    let event = told(&provider, Era::OAuth, V2_NOTICE_DEPOSIT).await;
    let deposit = event.deposit().unwrap();
    assert_eq!(deposit.amount.as_ref().unwrap().to_string(), "5 USDT@bsc");
    let destination = deposit.destination.as_ref().unwrap();
    assert_eq!(
        destination.address,
        "0x4490A7d0DD7a2Aa9c5FDA9B4854E773e57c9A211"
    );
    let [transaction] = deposit.transactions.as_slice() else {
        panic!("{deposit:?}");
    };
    assert!(transaction.hash.starts_with("0x7dc63d2a2c48"));
    assert!(server.requests().is_empty(), "proof needs no call");
}

/// A weak proof is no ground for handing anything over: whoever follows the documents of
/// `needs_read_back` reads, and what is read counts.
#[tokio::test]
async fn a_weakly_proven_webhook_is_followed_by_a_read() {
    let (server, provider) = provider(Era::Md5).await;
    assert_eq!(provider.capabilities().webhook_proof, Proof::Weak);
    let created = provider.create_invoice(&order(Era::Md5)).await.unwrap();
    let mut known = created.snapshot().clone();
    known.id = InvoiceId::new(QUERIED).unwrap();

    let paid = MD5_NOTICE
        .replace("\"status\": \"New\"", "\"status\": \"Complete\"")
        .replace("\"paid_amount\": 0.0", "\"paid_amount\": 10.86");
    let event = told(&provider, Era::Md5, &paid).await;
    let claimed = event.invoice().unwrap();
    assert_eq!(claimed.status, InvoiceStatus::Settled);
    assert!(
        FulfilmentPolicy::default().allows(claimed),
        "taken at its word"
    );
    assert!(event.needs_read_back());

    // The gateway says that it expired unpaid, as the documented query has it.
    let read = provider.fetch_invoice(&claimed.id).await.unwrap();
    assert_eq!(server.requests_to(MD5_QUERY).len(), 1);
    known.observe(read.snapshot(), Observed::Read);
    assert_eq!(known.status, InvoiceStatus::Expired);
    assert!(!FulfilmentPolicy::default().accepting_late().allows(&known));
}

#[tokio::test]
async fn what_md5_does_not_cover_is_not_told() {
    let (_server, provider) = provider(Era::Md5).await;
    let forged = r#""transactions": [{"hash": "h", "amount": 10.86, "confirmation_count": 99}]"#;
    let body = MD5_NOTICE.replace("\"transactions\": null", forged);
    assert_ne!(body, MD5_NOTICE);
    let event = told(&provider, Era::Md5, &body).await;
    let invoice = event.invoice().unwrap();
    assert!(invoice.transactions.is_empty());
    assert_eq!(invoice.confirmations, None);
}

/// Text moved from one member to another leaves the signed text as it was.
#[tokio::test]
async fn text_that_could_be_two_members_is_refused() {
    let (_server, provider) = provider(Era::Md5).await;
    let moved = MD5_NOTICE.replace(
        "\"order_id\": \"ORDER_123456\",\n  \"price_amount\": 10.86,",
        "\"order_id\": \"ORDER_123456&price_amount=10.86\",",
    );
    assert_ne!(moved, MD5_NOTICE);
    let webhook = sent(Era::Md5, &moved);
    let error = provider.verify_webhook(&webhook).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
}

#[tokio::test]
async fn a_check_that_says_no_is_a_forgery() {
    let says = |body: &str| Misbehaviour::Body(body.to_owned());
    for how in [
        says(r#"{"code": "INVALID_IPN", "msg": "IPN is not verified."}"#),
        says(r#"{"code": "ERROR", "msg": ""}"#),
        says(r#"{"code": "OK", "msg": "", "data": {"code": "ERROR", "msg": "no"}}"#),
        Misbehaviour::Status(400, r#"{"code": "INVALID_IPN", "msg": "no"}"#),
    ] {
        let (server, provider) = provider(Era::Hmac).await;
        server.misbehave(CHECK, how.clone());
        let webhook = sent(Era::Hmac, V1_NOTICE);
        let error = provider.verify_webhook(&webhook).await.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidSignature,
            "{how:?}: {error:?}"
        );
        assert_eq!(error.operation(), Some("verify_webhook"));
        assert_eq!(server.requests_to(CHECK).len(), 1, "{how:?}");
    }
}

/// Whoever answers like this is not the gateway's check, and has not said that the webhook is forged.
#[tokio::test]
async fn a_4xx_without_an_envelope_leaves_it_open() {
    for status in [404, 405, 413] {
        for body in ["", "<html>no such page</html>"] {
            let (server, provider) = provider(Era::Hmac).await;
            server.misbehave(CHECK, Misbehaviour::Status(status, body));
            let webhook = sent(Era::Hmac, V1_NOTICE);
            let error = provider.verify_webhook(&webhook).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{status}: {error:?}");
        }
    }
}

/// The gateway that says nothing proves nothing and refutes nothing: it should send it again.
#[tokio::test]
async fn a_check_that_fails_leaves_it_open() {
    for (how, asked) in [
        (Misbehaviour::CutAfterReading, 3),
        (Misbehaviour::CutMidBody, 3),
        (Misbehaviour::Status(500, ""), 3),
        (
            Misbehaviour::Status(503, r#"{"code": "INVALID_IPN", "msg": "no"}"#),
            3,
        ),
        (Misbehaviour::Status(429, ""), 3),
        (Misbehaviour::Status(302, ""), 1),
        (
            Misbehaviour::Status(401, r#"{"code": "INVALID_SIGNATURE", "msg": "who?"}"#),
            1,
        ),
        (Misbehaviour::Status(403, ""), 1),
        (Misbehaviour::Body("<html>".to_owned()), 1),
        (Misbehaviour::Body("{}".to_owned()), 1),
    ] {
        let (server, provider) = provider(Era::Hmac).await;
        for _ in 0..asked {
            server.misbehave(CHECK, how.clone());
        }
        let webhook = sent(Era::Hmac, V1_NOTICE);
        let error = provider.verify_webhook(&webhook).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{how:?}: {error:?}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert_eq!(server.requests_to(CHECK).len(), asked, "{how:?}");
        // The same webhook is good once the gateway answers.
        provider.verify_webhook(&webhook).await.unwrap();
    }
    assert_eq!(
        paymux_unipayment::WebhookVerifier::answer(WebhookVerdict::TryAgain).status,
        503
    );

    let gone = builder_at("http://127.0.0.1:1", Era::Hmac).build().unwrap();
    let error = gone.verify_webhook(&sent(Era::Hmac, V1_NOTICE)).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn a_webhook_of_another_app_is_refused() {
    for (era, body) in [
        (Era::Md5, MD5_NOTICE),
        (Era::Hmac, V1_NOTICE),
        (Era::OAuth, V1_NOTICE),
    ] {
        let (_server, provider) = provider(era).await;
        let own = body.replace(Era::Hmac.app_id(), era.app_id());
        told(&provider, era, &own).await;
        let other = own.replace(era.app_id(), "00000000-0000-4000-8000-000000000000");
        let webhook = sent(era, &other);
        let error = provider.verify_webhook(&webhook).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSignature, "{era:?}");
    }
}

#[tokio::test]
async fn a_proven_webhook_that_cannot_be_read_is_told_apart() {
    for era in Era::ALL {
        let (_server, provider) = provider(era).await;
        for body in [
            r#"{"invoice_id": "I1", "sign": ""}"#,
            r#"{"status": "New", "sign": ""}"#,
            r#"{"ipn_type": "withdrawal", "status": "Apply", "sign": ""}"#,
            r#"{"invoice_id": "I1", "status": "New", "paid_amount": "lots", "sign": ""}"#,
        ] {
            let webhook = sent(era, body);
            let error = provider.verify_webhook(&webhook).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidResponse, "{era:?} {body}");
        }
        let exchange = r#"{"ipn_type": "exchange", "event": "exchange_completed", "sign": ""}"#;
        let event = told(&provider, era, exchange).await;
        assert_eq!(event.kind(), WebhookKind::Other);
    }
}
