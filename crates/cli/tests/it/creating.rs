//! Invoices and permanent addresses.

use serde_json::{Value, json};

use crate::child::{INVOICE, bare, members, paymux, run, sandbox, with};

pub(crate) const INVOICE_MEMBERS: [&str; 19] = [
    "provider",
    "id",
    "order_id",
    "status",
    "exceptions",
    "price",
    "due",
    "received",
    "remaining",
    "excess",
    "destination",
    "checkout_url",
    "qr",
    "created_at",
    "expires_at",
    "confirmations",
    "transactions",
    "refunded",
    "provider_status",
];

pub(crate) fn assert_invoice_shape(invoice: &Value) {
    let mut expected = INVOICE_MEMBERS.map(str::to_owned).to_vec();
    expected.sort();
    assert_eq!(members(invoice), expected);
}

#[tokio::test]
async fn an_invoice_has_every_promised_member() {
    let sandbox = sandbox().await;
    let callback = "http://127.0.0.1:9/hook";
    let args = with(
        &INVOICE,
        &["--expires-in", "10m", "--callback-url", callback],
    );
    let invoice = paymux(&sandbox, &args).await.done();
    assert_invoice_shape(&invoice);

    let order = &sandbox.halo().orders()[0];
    assert_eq!(invoice["provider"], "native-checkout");
    assert_eq!(invoice["id"], order.trade_no.as_str());
    assert_eq!(invoice["order_id"], "order-1");
    assert_eq!(invoice["status"], "pending");
    assert_eq!(invoice["exceptions"], json!([]));
    assert_eq!(invoice["price"], json!({"amount": "5", "currency": "USD"}));
    let amount = order.amount.normalize().to_string();
    assert_eq!(
        invoice["due"],
        json!({"amount": amount, "asset": "TRX@tron-nile"})
    );
    assert_eq!(
        invoice["received"],
        json!({"amount": "0", "asset": "TRX@tron-nile"})
    );
    assert_eq!(
        invoice["destination"],
        json!({"address": order.pay_address, "network": "tron-nile", "memo": null})
    );
    assert_eq!(invoice["qr"], order.pay_address.as_str());
    assert_eq!(order.callback_url.as_deref(), Some(callback));

    let time = |member: &str| {
        let text = invoice[member].as_str().unwrap();
        assert!(text.ends_with('Z'), "{text}");
        chrono::DateTime::parse_from_rfc3339(text).unwrap()
    };
    let lifetime = (time("expires_at") - time("created_at")).num_seconds();
    assert!((595..=600).contains(&lifetime), "{lifetime}");
}

#[tokio::test]
async fn text_shows_the_code_to_scan() {
    let sandbox = sandbox().await;
    let ran = paymux(&sandbox, &with(&INVOICE, &["--output", "text"])).await;
    assert_eq!(ran.exit, 0, "{ran:#?}");
    assert!(
        ran.stdout.contains("16.556292 TRX@tron-nile"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains('█'));
    assert!(!ran.stdout.contains('\u{1b}'), "no colours into a pipe");
}

#[tokio::test]
async fn what_the_gateway_refuses_is_exit_3_with_its_code() {
    let sandbox = sandbox().await;
    paymux(&sandbox, &INVOICE).await.done();
    let error = paymux(&sandbox, &INVOICE).await.error(3);
    assert_eq!(error["kind"], "refused");
    assert_eq!(error["outcome"], "rejected");
    assert_eq!(error["provider"], "native-checkout");
    assert_eq!(error["operation"], "create_invoice");
    assert_eq!(
        error["code"],
        sandbox.settings().codes.repeated_order.to_string()
    );
    assert_eq!(sandbox.halo().orders().len(), 1);
}

#[tokio::test]
async fn terms_that_cannot_be_met_send_nothing() {
    let sandbox = sandbox().await;
    for (price, asset, kind) in [
        ("5 XAU", Some("TRX@tron-nile"), "invalid_request"),
        ("5 USD", Some("BTC@bitcoin"), "unsupported"),
        ("5 USD", None, "unsupported"),
        ("0.0000001 TRX", Some("TRX@tron-nile"), "invalid_request"),
    ] {
        let mut args = vec!["invoice", "create", "--order-id", "o", "--price", price];
        args.extend(asset.iter().flat_map(|asset| ["--asset", asset]));
        let error = paymux(&sandbox, &args).await.error(2);
        assert_eq!(error["kind"], kind, "{error}");
        assert_eq!(error["outcome"], "not_sent", "{error}");
    }
    assert!(sandbox.requests_to("/api/order/create").is_empty());
}

#[tokio::test]
async fn with_a_wrong_key_nothing_is_sent_and_the_hint_names_the_key() {
    let sandbox = sandbox().await;
    let with_wrong_key = || {
        let mut command = bare(&INVOICE);
        command
            .env("PAYMUX_NATIVE_CHECKOUT_BASE_URL", sandbox.url())
            .env("PAYMUX_NATIVE_CHECKOUT_APP_ID", sandbox.halo().app_id())
            .env("PAYMUX_NATIVE_CHECKOUT_APP_KEY", "another-key");
        command
    };
    // The list of tokens is asked for first; its refusal is signed with the right key.
    let error = run(with_wrong_key()).await.error(6);
    assert_eq!(error["kind"], "invalid_signature");
    assert_eq!(error["outcome"], "not_sent");
    assert!(
        error["hint"].as_str().unwrap().contains("app key"),
        "{error}"
    );

    sandbox.update_settings(|settings| settings.sign_responses = false);
    let error = run(with_wrong_key()).await.error(4);
    assert_eq!(
        error["code"],
        sandbox.settings().codes.bad_signature.to_string()
    );
    assert_eq!(error["outcome"], "not_sent");
    assert!(sandbox.requests_to("/api/order/create").is_empty());
}

#[tokio::test]
async fn a_permanent_address_is_made() {
    let sandbox = sandbox().await;
    let args = [
        "address",
        "create",
        "--name",
        "till 1",
        "--asset",
        "USDT@tron-nile",
    ];
    let address = paymux(&sandbox, &args).await.done();
    assert_eq!(members(&address), ["address", "asset", "id"]);
    assert_eq!(
        address["address"],
        sandbox.halo().qr_codes()[0].address.as_str()
    );
    assert_eq!(address["asset"], "USDT@tron-nile");
    assert!(address["id"].is_string());
}
