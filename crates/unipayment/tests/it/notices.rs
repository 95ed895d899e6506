//! The documents' own notices, byte for byte, and what they tell.

use paymux_core::{DepositStatus, InvoiceStatus, PayoutStatus, RawWebhook, WebhookEvent};
use paymux_unipayment::model::{ErrorStatus, Notice, TransferMethod};
use paymux_unipayment::{Md5Rule, Md5Signer, SIGNATURE_HEADER, WebhookSigner, WebhookVerifier};

const V1_CREATED_2022: &str = include_str!("../fixtures/v1_ipn_invoice_created_2022.json");
const V1_CREATED_2023: &str = include_str!("../fixtures/v1_ipn_invoice_created_2023.json");
const V1_EXPIRED: &str = include_str!("../fixtures/v1_ipn_invoice_expired_2022.json");
const V1_WITHDRAWAL: &str = include_str!("../fixtures/v1_ipn_withdrawal_2023.json");
const V2_BANK: &str = include_str!("../fixtures/v2_ipn_deposit_bank.json");
const V2_CRYPTO: &str = include_str!("../fixtures/v2_ipn_deposit_crypto_partial.json");
const V2_PAYMENT: &str = include_str!("../fixtures/v2_ipn_payment_initiated.json");
const MD5_NEW: &str = include_str!("../fixtures/2022_ipn_invoice_new.json");

/// The event of a body, with a proof made for it.
fn event(body: &str) -> WebhookEvent {
    let signature = WebhookSigner::new("secret".into())
        .unwrap()
        .sign(body.as_bytes())
        .unwrap();
    WebhookVerifier::signed("secret".into())
        .unwrap()
        .verify(&RawWebhook::new(body).with_header(SIGNATURE_HEADER, signature))
        .unwrap()
}

#[test]
fn a_notice_of_the_first_generation() {
    // The key behind the documents' signature is not published: it is signed anew.
    let unsigned = MD5_NEW.replace("\"sign\": \"bba8a38b3389770777829efc7fc309d3\",\n", "");
    let signer = Md5Signer::new("made-up-key".into(), Md5Rule::default()).unwrap();
    let body = signer.signed_object(&unsigned).unwrap();
    let event = WebhookVerifier::md5("made-up-key".into(), Md5Rule::default())
        .unwrap()
        .with_app_id("94273135-a935-4753-937b-c293987d44c8")
        .verify(&RawWebhook::new(body))
        .unwrap();
    assert!(event.needs_read_back());
    assert_eq!(
        event.dedup_key,
        "invoice:67af9a33-09d9-4d57-b9af-b5e20836c886:New:None:0:0:"
    );
    let invoice = event.invoice().unwrap();
    assert_eq!(invoice.status, InvoiceStatus::Pending);
    assert!(invoice.exceptions.is_empty());
    assert_eq!(invoice.order_id.as_ref().unwrap().as_str(), "ORDER_123456");
    assert_eq!(invoice.price.as_ref().unwrap().to_string(), "10.86 USD");
    assert_eq!(invoice.due.as_ref().unwrap().to_string(), "10.86 USDT@tron");
    assert_eq!(
        invoice.received.as_ref().unwrap().to_string(),
        "0 USDT@tron"
    );
    assert_eq!(invoice.remaining, invoice.due);
    let destination = invoice.destination.as_ref().unwrap();
    assert_eq!(destination.address, "TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy");
    assert_eq!(destination.network, "tron".parse().ok());
    assert_eq!(
        invoice.qr.as_deref(),
        Some("TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy")
    );
    assert_eq!(
        invoice.created_at,
        Some("2022-02-28T08:22:07.745779Z".parse().unwrap())
    );
    assert_eq!(
        invoice.expires_at,
        Some("2022-02-28T08:52:08.235153Z".parse().unwrap())
    );
    assert_eq!(invoice.provider_status.as_deref(), Some("New"));
}

#[test]
fn nothing_is_due_before_the_payer_has_chosen() {
    for body in [V1_CREATED_2022, V1_CREATED_2023] {
        let event = event(body);
        let invoice = event.invoice().unwrap();
        assert_eq!(invoice.status, InvoiceStatus::Pending);
        assert_eq!(
            (&invoice.due, &invoice.remaining, &invoice.excess),
            (&None, &None, &None)
        );
        assert_eq!((&invoice.destination, &invoice.qr), (&None, &None));
        assert_eq!(invoice.received.as_ref().unwrap().to_string(), "0");
    }
    let Notice::Invoice(notice) = Notice::read(V1_CREATED_2022.as_bytes()).unwrap() else {
        panic!("another notice");
    };
    assert_eq!(notice.shared.event.as_deref(), Some("invoice_created"));
    assert_eq!(notice.shared.notify_time, None);
    assert_eq!(
        notice.shared.notify_id.as_deref(),
        Some("fd58cedd-67c6-4053-ae65-2f6fb09a7d2c")
    );
    assert_eq!(
        notice.invoice.ext_args.as_deref(),
        Some("Merchant Pass Through Data")
    );
    assert_eq!(notice.invoice.error_status, Some(ErrorStatus::None));
    assert_eq!(
        notice.invoice.create_time,
        Some("2022-09-14T04:57:54.559930700Z".parse().unwrap())
    );
}

#[test]
fn an_expired_invoice() {
    let event = event(V1_EXPIRED);
    assert_eq!(
        event.dedup_key,
        "invoice:3Q7fyLnB2YNhUDW1fFNyEz:Expired:None:0:0:0"
    );
    let invoice = event.invoice().unwrap();
    assert_eq!(invoice.status, InvoiceStatus::Expired);
    assert!(invoice.exceptions.is_empty());
    assert_eq!(invoice.price.as_ref().unwrap().to_string(), "6 SGD");
    assert_eq!(
        invoice.expires_at,
        Some("2022-09-12T03:41:03Z".parse().unwrap())
    );
}

#[test]
fn a_withdrawal_is_in_the_state_of_its_status_not_of_its_event() {
    let event = event(V1_WITHDRAWAL);
    assert_eq!(
        event.dedup_key,
        "payout:03b6fd73-e5a8-4f98-a7e5-69556dc9cb00:Apply"
    );
    let payout = event.payout().unwrap();
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
    assert_eq!(
        payout.created_at,
        Some("2023-09-05T09:42:42Z".parse().unwrap())
    );
}

#[test]
fn a_payment_to_a_bank() {
    let event = event(V2_PAYMENT);
    assert_eq!(
        event.dedup_key,
        "payout:ab379d3c-107c-407b-8c64-886ad9e80fc9:PENDING"
    );
    let payout = event.payout().unwrap();
    assert_eq!(payout.status, PayoutStatus::Pending);
    assert_eq!(payout.amount.as_ref().unwrap().to_string(), "1000 USD");
    assert_eq!(payout.fee.as_ref().unwrap().to_string(), "32 USD");
    assert_eq!(payout.destination, None);

    let Notice::Payment(payment, _) = Notice::read(V2_PAYMENT.as_bytes()).unwrap() else {
        panic!("another notice");
    };
    assert_eq!(payment.transfer_method, Some(TransferMethod::Bank));
    let destination = payment.transfer_destination.unwrap();
    assert_eq!(destination.account_number.as_deref(), Some("0000000000"));
    assert_eq!(destination.bic.as_deref(), Some("DBSSSGSG"));
    assert_eq!(
        (destination.iban, destination.reference, payment.note),
        (None, None, None)
    );
}

#[test]
fn deposits_by_bank_and_on_a_chain() {
    let bank = event(V2_BANK);
    assert_eq!(
        bank.dedup_key,
        "deposit:74a542b4-1bb4-4852-ba4e-4b9d8a85a773:CONFIRMING"
    );
    let deposit = bank.deposit().unwrap();
    assert_eq!(deposit.status, DepositStatus::Confirming);
    assert_eq!(deposit.amount.as_ref().unwrap().to_string(), "1600 EUR");
    let to = deposit.destination.as_ref().unwrap();
    assert_eq!(
        (to.address.as_str(), &to.network),
        ("CH8608799927511765814", &None)
    );
    assert!(deposit.transactions.is_empty());

    let chain = event(V2_CRYPTO);
    let deposit = chain.deposit().unwrap();
    assert_eq!(deposit.amount.as_ref().unwrap().to_string(), "5 USDT@bsc");
    let to = deposit.destination.as_ref().unwrap();
    assert_eq!(to.address, "0x4490A7d0DD7a2Aa9c5FDA9B4854E773e57c9A211");
    assert_eq!(to.network, "bsc".parse().ok());
    assert_eq!(
        deposit.transactions[0].hash,
        "0x7dc63d2a2c484489741dd5d66ce393b7cd56823d230d840c796e16a5c86798ce"
    );
}

#[test]
fn a_paid_invoice_with_its_transactions() {
    let body = r##"{"ipn_type":"invoice","event":"invoice_paidInFull","invoice_id":"I1","order_id":"#1",
        "price_amount":20,"price_currency":"USD","network":"NETWORK_ETH","address":"0xabc",
        "pay_currency":"ETH","pay_amount":"0.010","paid_amount":0.0125,"confirmed_amount":0.01,
        "refunded_price_amount":1.50,"status":"Paid","error_status":"PaidOver","transactions":[
        {"hash":"0x1","network":"NETWORK_ETH","amount":0.01,"confirmation_count":7,"is_confirmed":true},
        {"hash":"0x2","amount":"0.0025","confirmation_count":2,"is_confirmed":false}]}"##;
    let event = event(body);
    assert_eq!(event.dedup_key, "invoice:I1:Paid:PaidOver:0.0125:0.01:1.5");
    let invoice = event.invoice().unwrap();
    assert_eq!(invoice.status, InvoiceStatus::Processing);
    assert_eq!(format!("{:?}", invoice.exceptions), "{Overpaid}");
    assert_eq!(
        invoice.remaining.as_ref().unwrap().to_string(),
        "0 ETH@ethereum"
    );
    assert_eq!(
        invoice.excess.as_ref().unwrap().to_string(),
        "0.0025 ETH@ethereum"
    );
    assert_eq!(invoice.refunded.as_ref().unwrap().to_string(), "1.5 USD");
    assert_eq!(invoice.confirmations.unwrap().seen, 2);
    assert_eq!(
        invoice.qr.as_deref(),
        Some("ethereum:0xabc@1?value=10000000000000000")
    );
    let hashes: Vec<&str> = invoice
        .transactions
        .iter()
        .map(|each| each.hash.as_str())
        .collect();
    assert_eq!(hashes, ["0x1", "0x2"]);
}

#[test]
fn what_has_no_documented_body_is_still_an_event() {
    let event = event(r#"{"ipn_type":"exchange","event":"exchange_placed","notify_id":"N1"}"#);
    assert_eq!(event.kind(), paymux_core::WebhookKind::Other);
    assert!(event.dedup_key.starts_with("other:"), "{}", event.dedup_key);
}

#[test]
fn a_notice_without_what_matters_is_refused() {
    for (body, says) in [
        (r#"{"invoice_id":"I1"}"#, "missing field `status`"),
        (
            r#"{"invoice_id":"I1","status":null}"#,
            "missing field `status`",
        ),
        (r#"{"status":"Paid"}"#, "missing field `invoice_id`"),
        (r#"{"invoice_id":" ","status":"Paid"}"#, "is empty"),
        (
            r#"{"ipn_type":"withdrawal","withdrawal_id":"W1"}"#,
            "missing field `status`",
        ),
        (
            r#"{"ipn_type":"payment","status":"PENDING"}"#,
            "missing field `payment_id`",
        ),
        (
            r#"{"ipn_type":"deposit","deposit_id":"","status":"CREDITED"}"#,
            "is empty",
        ),
        (
            r#"{"invoice_id":"I1","status":"Paid","paid_amount":[]}"#,
            "another type",
        ),
        (
            r#"{"invoice_id":"I1","invoice_id":"I2","status":"Paid"}"#,
            "repeated",
        ),
        (r#"[]"#, "no JSON object"),
        ("", "no complete JSON"),
    ] {
        let why = Notice::read(body.as_bytes()).unwrap_err();
        assert!(why.contains(says), "{body}: {why}");
    }
}
