//! HaloPay's app key and one-time codes.

use paymux_core::conformance::Harness;
use paymux_core::{NewPayout, PaymentProvider, RawWebhook};
use paymux_native_checkout::NativeCheckout;
use paymux_sandbox::{FaultRule, RequestFault, Settings, When};
use paymux_test_bench::CapturedLog;
use paymux_tests::harness::{CANARY_KEY, CANARY_WRONG_KEY, HaloHarness};
use secrecy::SecretString;

use super::shown::Shown;

/// A one-time code that stands out; the sandbox is told to take it.
const CANARY_OTP: &str = "81546372990";
const CANARY_OLD_KEY: &str = "canary-old-key-77c21b90";

fn payout_with_code(harness: &HaloHarness) -> NewPayout {
    let request = harness.new_payout().unwrap();
    request.with_otp(SecretString::from(CANARY_OTP))
}

/// Every call once, with whatever comes back.
async fn call_everything(harness: &HaloHarness, provider: &dyn PaymentProvider, shown: &mut Shown) {
    let request = harness.new_invoice();
    shown.debug(&request);
    let created = provider.create_invoice(&request).await;
    shown.result(&created);
    if let Ok(invoice) = &created {
        shown.result(&provider.fetch_invoice(invoice.id()).await);
    }
    shown.result(&provider.create_invoice(&request).await);
    let unknown = paymux_core::InvoiceId::received("unknown");
    shown.result(&provider.fetch_invoice(&unknown).await);

    let payouts = provider.payouts().unwrap();
    let request = payout_with_code(harness);
    shown.debug(&request);
    let created = payouts.create_payout(&request).await;
    shown.result(&created);
    if let Ok(payout) = &created {
        shown.result(&payouts.fetch_payout(payout.id()).await);
    }

    let asset = "TRX@tron-nile".parse().unwrap();
    let price = "5 USD".parse().unwrap();
    shown.result(&provider.quotes().unwrap().quote(&price, &asset).await);
    let balances = provider.balances().unwrap();
    shown.result(&balances.fetch_balances(None).await);
    shown.result(&balances.fetch_balances(Some(&asset)).await);
    let address = paymux_core::NewDepositAddress::new("till", asset);
    let addresses = provider.deposit_addresses().unwrap();
    shown.result(&addresses.create_deposit_address(&address).await);
}

async fn verify_right_and_wrong_webhooks(harness: &HaloHarness, shown: &mut Shown) {
    let invoice = harness
        .provider()
        .create_invoice(&harness.new_invoice())
        .await
        .unwrap();
    let due = invoice.due().unwrap().amount;
    harness.pay(invoice.snapshot(), due).await;
    harness.confirm(invoice.snapshot()).await;
    let right = harness.next_webhook().await.unwrap();
    shown.debug(&right);
    let forged = RawWebhook::new(right.body()).with_header("X-Sign", CANARY_WRONG_KEY);
    for webhook in [&right, &forged] {
        for provider in [harness.provider(), harness.impostor()] {
            shown.result(&provider.verify_webhook(webhook).await);
        }
    }
}

#[tokio::test]
async fn nothing_that_is_shown_or_logged_holds_a_secret() {
    let log = CapturedLog::start();
    let harness = HaloHarness::with_settings(Settings {
        two_factor: true,
        google_code: SecretString::from(CANARY_OTP),
        ..Settings::default()
    })
    .await;
    let mut shown = Shown::default();

    shown.debug(&harness.provider());
    shown.debug(&harness.sandbox);
    call_everything(&harness, harness.provider(), &mut shown).await;
    assert_eq!(harness.sandbox.halo().payouts().len(), 1);
    call_everything(&harness, harness.impostor(), &mut shown).await;
    verify_right_and_wrong_webhooks(&harness, &mut shown).await;

    for fault in [
        RequestFault::Cut {
            when: When::AfterWork,
        },
        RequestFault::CutMidBody,
        RequestFault::MalformedJson,
        RequestFault::WrongSignature,
        RequestFault::status(When::AfterWork, 500),
        RequestFault::status(When::BeforeWork, 401),
        RequestFault::too_many_requests(3600),
        RequestFault::Status {
            when: When::BeforeWork,
            status: 400,
            headers: Vec::new(),
            body: format!("the gateway echoes {CANARY_KEY} and {CANARY_OTP}"),
        },
        RequestFault::Status {
            when: When::BeforeWork,
            status: 200,
            headers: Vec::new(),
            body: format!("<html>{CANARY_KEY} {CANARY_OTP}</html>"),
        },
        RequestFault::Status {
            when: When::BeforeWork,
            status: 200,
            headers: Vec::new(),
            body: format!(r#"{{"code":1006,"msg":"not with {CANARY_KEY}"}}"#),
        },
    ] {
        harness.sandbox.faults().clear();
        for path in ["/api/order/create", "/api/payout/create"] {
            let rule = FaultRule::request(path, fault.clone()).always();
            harness.sandbox.faults().add(rule);
        }
        call_everything(&harness, harness.provider(), &mut shown).await;
    }

    // The code that a gateway repeats is the one of that very call.
    harness.sandbox.faults().clear();
    let refusal = RequestFault::Status {
        when: When::BeforeWork,
        status: 200,
        headers: Vec::new(),
        body: format!(r#"{{"code":1009,"msg":"{CANARY_OTP} is wrong"}}"#),
    };
    let rule = FaultRule::request("/api/payout/create", refusal);
    harness.sandbox.faults().add(rule);
    call_everything(&harness, harness.provider(), &mut shown).await;

    shown.log(&log, &["create_payout", "create_invoice"]);
    shown.holds_none_of([CANARY_KEY, CANARY_WRONG_KEY, CANARY_OTP]);
}

#[test]
fn nothing_about_setting_up_shows_a_secret() {
    let mut shown = Shown::default();
    let builder = NativeCheckout::builder()
        .with_app_id("my-app")
        .with_app_key(SecretString::from(CANARY_KEY))
        .with_webhook_key(SecretString::from(CANARY_OLD_KEY));
    shown.debug(&builder);
    shown.result(&builder.clone().build());
    shown.result(&builder.with_base_url("ftp://pay.example/path").build());

    let setup = paymux::setup::Setup::new("eu".parse().unwrap(), "native-checkout")
        .and_then(|setup| setup.with("app_key", CANARY_KEY))
        .unwrap();
    shown.debug(&setup);
    shown.result(&setup.build());
    shown.holds_none_of([CANARY_KEY, CANARY_OLD_KEY]);
}
