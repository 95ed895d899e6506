//! UniPayment's app key, client secret, webhook secret and access tokens.

use std::collections::BTreeSet;

use paymux_core::conformance::Harness;
use paymux_core::{CatalogScope, InvoiceQuery, NewPayout, PaymentProvider, RawWebhook, Reference};
use paymux_sandbox::{FaultRule, RequestFault, When};
use paymux_test_bench::CapturedLog;
use paymux_tests::harness::{
    CANARY_APP_KEY, CANARY_CLIENT_SECRET, CANARY_WEBHOOK_SECRET, CANARY_WRONG_KEY,
    UniPaymentHarness,
};
use paymux_unipayment::{Generation, Md5Rule, Md5Signer, UniPayment, WebhookSigner};

use super::shown::Shown;

const CANARY_OLD_KEY: &str = "canary-old-key-90d15f6e";

const SECRETS: [&str; 5] = [
    CANARY_APP_KEY,
    CANARY_CLIENT_SECRET,
    CANARY_WEBHOOK_SECRET,
    CANARY_WRONG_KEY,
    CANARY_OLD_KEY,
];

/// Every access token that was used so far.
fn tokens(harness: &UniPaymentHarness) -> BTreeSet<String> {
    let requests = harness.sandbox.requests().into_iter();
    let used = requests.filter_map(|request| {
        let authorization = request.header("authorization")?;
        authorization.strip_prefix("Bearer ").map(str::to_owned)
    });
    used.collect()
}

/// The beginning of a token's own part: half a secret is one, too.
fn claims(token: &str) -> &str {
    let part = token.split('.').nth(1).expect("it is a JWT");
    &part[..24]
}

fn payout(harness: &UniPaymentHarness) -> NewPayout {
    harness.new_payout().unwrap_or_else(|| {
        let to = "payment-method:pm-1";
        let asset = "USDT@tron".parse().unwrap();
        NewPayout::new(Reference::new("payout-1").unwrap(), 1.into(), asset, to)
    })
}

/// Every call once, with whatever comes back.
async fn call_everything(
    harness: &UniPaymentHarness,
    provider: &dyn PaymentProvider,
    shown: &mut Shown,
) {
    let request = harness.new_invoice();
    shown.debug(&request);
    let created = provider.create_invoice(&request).await;
    shown.result(&created);
    if let Ok(invoice) = &created {
        shown.result(&provider.fetch_invoice(invoice.id()).await);
    }
    let unknown = paymux_core::InvoiceId::received("unknown");
    shown.result(&provider.fetch_invoice(&unknown).await);
    let mut query = InvoiceQuery::default();
    query.order_id = Some(request.order_id.clone());
    let search = provider.search().unwrap();
    shown.result(&search.search_invoices(&query).await);

    if let Some(payouts) = provider.payouts() {
        let request = payout(harness);
        let created = payouts.create_payout(&request).await;
        shown.result(&created);
        if let Ok(payout) = &created {
            shown.result(&payouts.fetch_payout(payout.id()).await);
        }
        shown.result(&payouts.payout_fee(&request).await);
    }
    let asset = "USDT".parse().unwrap();
    if let Some(quotes) = provider.quotes() {
        let price = "5 USD".parse().unwrap();
        shown.result(&quotes.quote(&price, &asset).await);
    }
    if let Some(balances) = provider.balances() {
        shown.result(&balances.fetch_balances(None).await);
    }
    if let Some(catalog) = provider.catalog() {
        shown.result(&catalog.assets(CatalogScope::All).await);
    }
}

async fn verify_right_and_wrong_webhooks(harness: &UniPaymentHarness, shown: &mut Shown) {
    let provider = harness.provider();
    let request = harness.new_invoice();
    provider.create_invoice(&request).await.unwrap();
    let right = harness.next_webhook().await.unwrap();
    shown.debug(&right);
    let forged = RawWebhook::new(right.body()).with_header("hmac-signature", CANARY_WRONG_KEY);
    let sign = format!(r#"{{"invoice_id": "I1", "sign": "{CANARY_WRONG_KEY}"}}"#);
    for webhook in [&right, &forged, &RawWebhook::new(sign)] {
        for provider in [provider, harness.impostor()] {
            shown.result(&provider.verify_webhook(webhook).await);
        }
    }
}

/// Answers that fail, some of which repeat what they were asked with.
fn faults(echoed: &str) -> Vec<RequestFault> {
    let answer = |status, body: String| RequestFault::Status {
        when: When::BeforeWork,
        status,
        headers: Vec::new(),
        body,
    };
    let mut faults = vec![
        RequestFault::Cut {
            when: When::AfterWork,
        },
        RequestFault::CutMidBody,
        RequestFault::MalformedJson,
        RequestFault::WrongSignature,
        RequestFault::status(When::AfterWork, 500),
        RequestFault::too_many_requests(3600),
    ];
    for status in [200, 400, 401, 403] {
        faults.extend([
            answer(
                status,
                format!(r#"{{"code":"NO","msg":"not with {echoed}"}}"#),
            ),
            answer(status, format!(r#"{{"code":"{echoed}","msg":""}}"#)),
            answer(
                status,
                format!(r#"{{"code":"OK","data":{{"status":"{echoed}"}}}}"#),
            ),
            answer(
                status,
                format!(r#"{{"error":"x","error_description":"{echoed}"}}"#),
            ),
            answer(status, format!("<html>{echoed}</html>")),
        ]);
    }
    faults
}

async fn nothing_is_shown(generation: Generation) {
    let log = CapturedLog::start();
    let harness = UniPaymentHarness::start(generation).await;
    let mut shown = Shown::default();
    let provider = harness.unipayment();
    shown.debug(provider);
    shown.debug(provider.client());
    shown.debug(&provider.webhook_verifier());
    shown.debug(&harness.sandbox);
    shown.debug(&harness.sandbox.requests());
    call_everything(&harness, harness.provider(), &mut shown).await;
    call_everything(&harness, harness.impostor(), &mut shown).await;
    verify_right_and_wrong_webhooks(&harness, &mut shown).await;

    let (secret, paths) = match generation {
        Generation::Md5 => (CANARY_APP_KEY, &["/api/*"][..]),
        Generation::Hmac => (CANARY_CLIENT_SECRET, &["/v1.0/*"][..]),
        Generation::OAuth => (CANARY_CLIENT_SECRET, &["/v1.0/*", "/connect/*"][..]),
    };
    for fault in faults(secret) {
        for path in paths {
            harness.sandbox.faults().clear();
            let rule = FaultRule::request(*path, fault.clone()).always();
            harness.sandbox.faults().add(rule);
            call_everything(&harness, harness.provider(), &mut shown).await;
            let webhook = RawWebhook::new(r#"{"invoice_id": "I1", "status": "New"}"#);
            shown.result(&harness.provider().verify_webhook(&webhook).await);
        }
    }
    shown.log(&log, &["create_invoice", "fetch_invoice"]);
    shown.holds_none_of(SECRETS);
    let tokens = tokens(&harness);
    assert_eq!(tokens.is_empty(), generation != Generation::OAuth);
    shown.holds_none_of(tokens.iter().map(|token| claims(token)));
}

#[tokio::test]
async fn nothing_that_is_shown_or_logged_by_md5_holds_a_secret() {
    nothing_is_shown(Generation::Md5).await;
}

#[tokio::test]
async fn nothing_that_is_shown_or_logged_by_hmac_holds_a_secret() {
    nothing_is_shown(Generation::Hmac).await;
}

#[tokio::test]
async fn nothing_that_is_shown_or_logged_by_oauth_holds_a_secret() {
    nothing_is_shown(Generation::OAuth).await;
}

#[test]
fn nothing_about_setting_up_shows_a_secret() {
    let mut shown = Shown::default();
    for generation in Generation::ALL {
        let builder = UniPayment::builder()
            .with_generation(generation)
            .with_app_id("app-1")
            .with_app_key(CANARY_APP_KEY.into())
            .with_client_id("client-1")
            .with_client_secret(CANARY_CLIENT_SECRET.into())
            .with_webhook_secret(CANARY_WEBHOOK_SECRET.into())
            .with_webhook_key(CANARY_OLD_KEY.into());
        shown.debug(&builder);
        shown.result(&builder.clone().build());
        shown.result(&builder.clone().with_base_url("ftp://pay.example").build());
        shown.result(&builder.with_md5_rule(Md5Rule::default()).build_client());
    }
    // A secret in the wrong place, or with space at its ends, is wrong and still a secret.
    for padded in [format!(" {CANARY_APP_KEY}"), format!("{CANARY_APP_KEY}\n")] {
        shown.result(&Md5Signer::new(padded.as_str().into(), Md5Rule::default()));
        shown.result(&WebhookSigner::new(padded.as_str().into()));
        let builder = UniPayment::builder()
            .with_generation(Generation::Hmac)
            .with_app_id("app-1")
            .with_client_id("client-1")
            .with_client_secret(padded.as_str().into());
        shown.result(&builder.build());
    }
    shown.holds_none_of(SECRETS);
}
