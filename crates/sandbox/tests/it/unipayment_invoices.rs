//! What becomes of invoices, and what merchants are told about it.

use std::time::Duration;

use chrono::TimeDelta;
use paymux_sandbox::unipayment::{ConfirmSpeed, ErrorStatus, Invoice, InvoiceStatus};
use paymux_sandbox::{SandboxError, Settings, UniPayment};
use serde_json::{Value, json};

use crate::client::{dec, eventually};
use crate::unipayment_client::{body, ok, refused, shop, shop_with, text, told};

fn pairs<const N: usize>(expected: [(&str, &str); N]) -> Vec<(String, String)> {
    let owned = |(event, status): (&str, &str)| (event.to_owned(), status.to_owned());
    expected.into_iter().map(owned).collect()
}

fn state(invoice: &Invoice) -> (InvoiceStatus, ErrorStatus) {
    (invoice.status, invoice.error_status)
}

#[tokio::test]
async fn a_payment_in_full_goes_through_all_statuses() {
    let (sandbox, uni, inbox) = shop().await;
    let pay = sandbox.unipayment();
    let id = uni.invoice("A-1", &inbox.url()).await;
    let before = pay.balances()["USDT"].total;
    pay.pay_rest(&id).unwrap();
    pay.confirm(&id, 1).unwrap();
    assert_eq!(pay.balances()["USDT"].total, before);
    let done = pay.confirm(&id, 2).unwrap();
    assert_eq!(state(&done), (InvoiceStatus::Complete, ErrorStatus::None));
    assert_eq!(pay.balances()["USDT"].total, before + dec("10.86"));
    pay.confirm(&id, 1).unwrap();
    assert_eq!(pay.balances()["USDT"].total, before + dec("10.86"));
    assert_eq!(
        told(&inbox, 4).await,
        pairs([
            ("invoice_created", "New"),
            ("invoice_paidInFull", "Paid"),
            ("invoice_confirmed", "Confirmed"),
            ("invoice_completed", "Complete"),
        ])
    );
    let one = ok(&uni.hmac("GET", &format!("/v1.0/invoices/{id}"), "").await);
    assert_eq!(
        (&one["status"], &one["paid_amount"]),
        (&json!("Complete"), &json!(10.86))
    );
    let transfer = &one["transactions"][0];
    assert_eq!(transfer["to"], one["address"]);
    assert_eq!(
        (&transfer["confirmation_count"], &transfer["is_confirmed"]),
        (&json!(4), &json!(true))
    );
}

#[tokio::test]
async fn a_part_payment_is_told_with_the_expiry() {
    let (sandbox, uni, inbox) = shop().await;
    let pay = sandbox.unipayment();
    let id = uni.invoice("A-1", &inbox.url()).await;
    let part = pay.pay(&id, dec("5")).unwrap();
    assert_eq!(state(&part), (InvoiceStatus::New, ErrorStatus::None));
    assert_eq!(part.remaining(), Some(dec("5.86")));
    let expired = pay.expire(&id).unwrap();
    assert_eq!(
        state(&expired),
        (InvoiceStatus::Expired, ErrorStatus::PaidPartial)
    );
    let events = told(&inbox, 2).await;
    assert_eq!(
        events,
        pairs([("invoice_created", "New"), ("invoice_expired", "Expired")])
    );
    // The rest, late: the status stays and what is exceptional about it is told.
    let late = pay.pay_rest(&id).unwrap();
    assert_eq!(
        state(&late),
        (InvoiceStatus::Expired, ErrorStatus::PaidLate)
    );
    let notice = body(&inbox.next().await.unwrap());
    assert_eq!(
        (&notice["event"], &notice["error_status"]),
        (&json!("invoice_expired"), &json!("PaidLate"))
    );
    assert_eq!(notice["paid_amount"], 10.86);
}

#[tokio::test]
async fn a_late_payment_can_revive_an_invoice() {
    let (sandbox, uni, inbox) = shop_with(|settings| settings.late_payment_revives = true).await;
    let pay = sandbox.unipayment();
    let id = uni.invoice("A-1", &inbox.url()).await;
    pay.expire(&id).unwrap();
    let revived = pay.pay_rest(&id).unwrap();
    assert_eq!(
        state(&revived),
        (InvoiceStatus::Paid, ErrorStatus::PaidLate)
    );
    let done = pay.complete(&id).unwrap();
    assert_eq!(
        state(&done),
        (InvoiceStatus::Complete, ErrorStatus::PaidLate)
    );
    let told = told(&inbox, 5).await;
    let statuses: Vec<_> = told.iter().map(|(_, status)| status.as_str()).collect();
    assert_eq!(
        statuses,
        ["New", "Expired", "Paid", "Confirmed", "Complete"]
    );
}

#[tokio::test]
async fn an_overpayment_rides_along() {
    let (sandbox, uni, inbox) = shop().await;
    let pay = sandbox.unipayment();
    let id = uni.invoice("A-1", &inbox.url()).await;
    let over = pay.pay(&id, dec("11")).unwrap();
    assert_eq!(state(&over), (InvoiceStatus::Paid, ErrorStatus::PaidOver));
    pay.complete(&id).unwrap();
    inbox.next().await.unwrap();
    for status in ["Paid", "Confirmed", "Complete"] {
        let notice = body(&inbox.next().await.unwrap());
        assert_eq!(
            (&notice["status"], &notice["error_status"]),
            (&json!(status), &json!("PaidOver"))
        );
    }
    let other = uni.invoice("A-2", "http://127.0.0.1:9/").await;
    pay.pay_rest(&other).unwrap();
    assert_eq!(
        state(&pay.pay(&other, dec("1")).unwrap()),
        (InvoiceStatus::Paid, ErrorStatus::PaidOver)
    );
}

#[tokio::test]
async fn an_invalid_invoice_can_still_complete() {
    let (sandbox, uni, inbox) = shop().await;
    let pay = sandbox.unipayment();
    let id = uni.invoice("A-1", &inbox.url()).await;
    pay.pay_rest(&id).unwrap();
    pay.invalidate(&id).unwrap();
    pay.complete(&id).unwrap();
    assert_eq!(
        told(&inbox, 4).await,
        pairs([
            ("invoice_created", "New"),
            ("invoice_paidInFull", "Paid"),
            ("invoice_invalid", "Invalid"),
            ("invoice_completed", "Complete"),
        ])
    );
    let marked = uni.invoice("A-2", "http://127.0.0.1:9/").await;
    let marked = pay.mark(&marked).unwrap();
    assert_eq!(
        state(&marked),
        (InvoiceStatus::Complete, ErrorStatus::Marked)
    );
}

#[tokio::test]
async fn time_expires_and_invalidates() {
    let (sandbox, uni, inbox) = shop().await;
    let pay = sandbox.unipayment();
    let (unpaid, paid) = (
        uni.invoice("A-1", &inbox.url()).await,
        uni.invoice("A-2", &inbox.url()).await,
    );
    pay.pay_rest(&paid).unwrap();
    sandbox.shift_clock(TimeDelta::minutes(20));
    assert_eq!(pay.invoice(&unpaid).unwrap().status, InvoiceStatus::Expired);
    assert_eq!(pay.invoice(&paid).unwrap().status, InvoiceStatus::Paid);
    sandbox.shift_clock(TimeDelta::minutes(40));
    // Nobody asks: the timer sees to it.
    eventually("the notice of the invalid one", || {
        let events = sandbox
            .deliveries()
            .into_iter()
            .map(|delivery| delivery.event);
        events.collect::<Vec<_>>().contains(&"Invalid".to_owned())
    })
    .await;
}

#[tokio::test]
async fn speed_says_how_many_confirmations_are_enough() {
    let (sandbox, uni, _inbox) = shop().await;
    let pay = sandbox.unipayment();
    for (speed, after_payment, after_one) in [
        ("high", InvoiceStatus::Confirmed, InvoiceStatus::Confirmed),
        ("Medium", InvoiceStatus::Paid, InvoiceStatus::Confirmed),
        ("low", InvoiceStatus::Paid, InvoiceStatus::Paid),
    ] {
        let mut wanted = uni.wanted("A-1", "http://127.0.0.1:9/");
        wanted["confirm_speed"] = json!(speed);
        let data = ok(&uni
            .hmac("POST", "/v1.0/invoices", &wanted.to_string())
            .await);
        assert_eq!(
            text(&data["confirm_speed"]).to_lowercase(),
            speed.to_lowercase()
        );
        let id = text(&data["invoice_id"]);
        assert_eq!(pay.pay_rest(&id).unwrap().status, after_payment, "{speed}");
        assert_eq!(pay.confirm(&id, 1).unwrap().status, after_one, "{speed}");
        assert_eq!(pay.confirm(&id, 2).unwrap().status, InvoiceStatus::Complete);
    }
    let settings = Settings::default().unipayment.confirmations;
    assert_eq!(settings.of(ConfirmSpeed::Low), settings.completion);
}

#[tokio::test]
async fn the_payer_chooses_where_the_merchant_did_not() {
    let (sandbox, uni, _inbox) = shop().await;
    let pay = sandbox.unipayment();
    let create = async |extra: Value| {
        let mut wanted = json!({
            "app_id": uni.app_id, "order_id": "A-1", "price_amount": 30, "price_currency": "USD",
        });
        let members = wanted.as_object_mut().unwrap();
        members.extend(extra.as_object().unwrap().clone());
        let data = ok(&uni
            .hmac("POST", "/v1.0/invoices", &wanted.to_string())
            .await);
        assert_eq!(
            (&data["address"], &data["network"]),
            (&Value::Null, &Value::Null)
        );
        text(&data["invoice_id"])
    };
    let open = create(json!({})).await;
    assert!(matches!(
        pay.pay(&open, dec("1")),
        Err(SandboxError::State { .. })
    ));
    assert!(matches!(
        pay.pay_rest(&open),
        Err(SandboxError::State { .. })
    ));
    let unknown = pay
        .choose_coin(&open, "DOGE", "NETWORK_TRX")
        .unwrap_err()
        .to_string();
    assert!(unknown.contains("USDT on NETWORK_TRX"), "{unknown}");
    let chosen = pay.choose_coin(&open, "ETH", "NETWORK_ETH").unwrap();
    let to = chosen.destination.unwrap();
    assert_eq!(
        (to.pay_amount, to.exchange_rate),
        (dec("0.01"), dec("3000"))
    );
    assert!(matches!(
        pay.choose_coin(&open, "ETH", "NETWORK_ETH"),
        Err(SandboxError::State { .. })
    ));

    let asked = create(json!({"pay_currency": "USDT"})).await;
    assert!(matches!(
        pay.choose_coin(&asked, "ETH", "NETWORK_ETH"),
        Err(SandboxError::State { .. })
    ));
    let chosen = pay.choose_coin(&asked, "USDT", "NETWORK_BSC").unwrap();
    let address = chosen.destination.unwrap().address;
    assert!(address.starts_with("0x") && address.len() == 42);
    assert_eq!(
        pay.pay_address(&address, dec("30")).unwrap().status,
        InvoiceStatus::Paid
    );

    sandbox.update_settings(|settings| settings.unipayment.assign_at_create = false);
    create(json!({"pay_currency": "USDT", "network": "NETWORK_TRX"})).await;
    let alone = json!({
        "app_id": uni.app_id, "order_id": "A-1", "price_amount": 30, "price_currency": "USD",
        "network": "NETWORK_TRX",
    });
    refused(
        &uni.hmac("POST", "/v1.0/invoices", &alone.to_string()).await,
        "goes with pay_currency",
    );
}

#[tokio::test]
async fn addresses_are_those_of_their_network() {
    let (_sandbox, uni, _inbox) = shop().await;
    for (symbol, network, start) in [
        ("USDT", "NETWORK_TRX", "T"),
        ("USDC", "NETWORK_ETH", "0x"),
        ("BNB", "NETWORK_BSC", "0x"),
        ("BTC", "NETWORK_BTC", "bc1q"),
    ] {
        let mut wanted = uni.wanted("A-1", "http://127.0.0.1:9/");
        wanted["pay_currency"] = json!(symbol);
        wanted["network"] = json!(network);
        let data = ok(&uni
            .hmac("POST", "/v1.0/invoices", &wanted.to_string())
            .await);
        assert!(text(&data["address"]).starts_with(start), "{data}");
        assert_eq!(data["network"], network);
    }
}

#[tokio::test]
async fn impossible_steps_are_refused_with_a_reason() {
    let (sandbox, uni, _inbox) = shop().await;
    let pay: &UniPayment = sandbox.unipayment();
    let id = uni.invoice("A-1", "http://127.0.0.1:9/").await;
    for (result, hint) in [
        (pay.confirm(&id, 1), "pay first"),
        (pay.complete(&id), "Paid, Confirmed or Invalid"),
        (pay.invalidate(&id), "only an invoice that is Paid"),
        (pay.pay(&id, dec("0")), "above 0"),
        (pay.pay(&id, dec("0.0000001")), "at most 6 decimals"),
        (
            pay.pay("nobody", dec("1")),
            "no invoice with the id \"nobody\"",
        ),
        (pay.pay_address("nowhere", dec("1")), "nowhere"),
        (pay.pay(&id, rust_decimal::Decimal::MAX), "96 bits"),
    ] {
        let reason = result.unwrap_err().to_string();
        assert!(reason.contains(hint), "{reason}");
    }
    pay.pay_rest(&id).unwrap();
    assert!(
        pay.pay_rest(&id)
            .unwrap_err()
            .to_string()
            .contains("nothing is missing")
    );
    assert!(
        pay.expire(&id)
            .unwrap_err()
            .to_string()
            .contains("only an invoice that is New")
    );
    pay.complete(&id).unwrap();
    assert!(
        pay.mark(&id)
            .unwrap_err()
            .to_string()
            .contains("complete already")
    );
}

#[tokio::test]
async fn blocks_confirm_by_themselves() {
    let (sandbox, uni, _inbox) = shop().await;
    let id = uni.invoice("A-1", "http://127.0.0.1:9/").await;
    sandbox.unipayment().pay_rest(&id).unwrap();
    sandbox.update_settings(|settings| settings.block_time = Some(Duration::from_millis(5)));
    eventually("the invoice is complete", || {
        sandbox.unipayment().invoice(&id).unwrap().status == InvoiceStatus::Complete
    })
    .await;
}

#[tokio::test]
async fn every_payment_can_be_told() {
    let (sandbox, uni, inbox) = shop_with(|settings| settings.notify_every_payment = true).await;
    let id = uni.invoice("A-1", &inbox.url()).await;
    sandbox.unipayment().pay(&id, dec("1")).unwrap();
    let events = told(&inbox, 2).await;
    assert_eq!(
        events,
        pairs([("invoice_created", "New"), ("invoice_created", "New")])
    );
}

#[tokio::test]
async fn invoices_that_live_for_an_instant_expire_one_by_one() {
    let lifetime = Some(Duration::from_millis(1));
    let (sandbox, uni, _inbox) = shop_with(|settings| settings.invoice_lifetime = lifetime).await;
    for _ in 0..40 {
        uni.invoice("A-1", "").await;
    }
    eventually("all are expired", || {
        let invoices = sandbox.unipayment().invoices();
        let mut statuses = invoices.iter().map(|invoice| invoice.status);
        statuses.all(|status| status == InvoiceStatus::Expired)
    })
    .await;
}
