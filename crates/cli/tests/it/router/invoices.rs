//! Invoices and permanent addresses of the first gateway that makes them.

use paymux_sandbox::{FaultRule, RequestFault, When};
use serde_json::json;

use super::{INVOICE, Two, assert_routed_invoice_shape, story};
use crate::child::{members, run, with};
use crate::creating::assert_invoice_shape;
use crate::raw_gateway::closed_port;

const ORDER_CREATE: &str = "/api/order/create";

#[tokio::test]
async fn of_two_the_first_makes_it_and_the_id_is_its_own() {
    let two = Two::start().await;
    for (order, provider) in [("order-1", &[][..]), ("order-2", &["--provider", "router"])] {
        let mut args = INVOICE;
        args[3] = order;
        let ran = two.paymux(&with(&args, provider)).await;
        assert_eq!(ran.stderr, "");
        let invoice = ran.done();
        assert_routed_invoice_shape(&invoice);
        let made = two.halo.halo().order_by_out_trade_no(order).unwrap();
        assert_eq!(invoice["provider"], "native-checkout");
        assert_eq!(invoice["id"], made.trade_no.as_str());
        assert_eq!(
            story(&invoice),
            [
                ["native-checkout", "made", "-", &*made.trade_no],
                ["unipayment", "not_tried", "-", "-"],
            ]
        );
        assert_eq!(
            members(&invoice["attempts"][0]),
            ["id", "kind", "outcome", "provider", "reason", "verdict"]
        );
    }
    assert!(two.unipayment.requests().is_empty());
}

#[tokio::test]
async fn a_gateway_that_is_down_leaves_it_to_the_next() {
    let two = Two::start().await;
    let ran = two.without_the_first(&INVOICE).await;
    assert_eq!(ran.stderr, "");
    let invoice = ran.done();
    let made = two.unipayment.unipayment().invoices()[0].invoice_id.clone();
    assert_eq!(invoice["provider"], "unipayment");
    assert_eq!(invoice["id"], made.as_str());
    assert_eq!(
        story(&invoice),
        [
            ["native-checkout", "failed", "not_sent", "-"],
            ["unipayment", "made", "-", &*made],
        ]
    );
    assert_eq!(invoice["attempts"][0]["kind"], "unavailable");
    assert!(invoice["attempts"][0]["reason"].is_string());

    let owned = format!("unipayment:{made}");
    for provider in [
        &[][..],
        &["--provider", "router"],
        &["--provider", "unipayment"],
    ] {
        let args = with(&["invoice", "get", &owned], provider);
        let read = two.paymux(&args).await.done();
        assert_invoice_shape(&read);
        assert_eq!(read["id"], made.as_str());
        assert_eq!(read["provider"], "unipayment");
    }
}

#[tokio::test]
async fn where_it_went_is_told_on_stderr_when_asked_for() {
    let two = Two::start().await;
    let loud = two.without_the_first(&with(&INVOICE, &["-v"])).await;
    let made = two.unipayment.unipayment().invoices()[0].invoice_id.clone();
    for told in [
        "create_invoice: native-checkout failed (unavailable), nothing was sent: ".to_owned(),
        format!("create_invoice: unipayment did it, unipayment:{made}"),
    ] {
        assert!(loud.stderr.contains(&told), "{told}: {loud:#?}");
    }
    assert_eq!(loud.done()["id"], made.as_str());

    let nobody = closed_port().await;
    let command = |args: &[&str]| super::command_at_both(&nobody, &nobody, args);
    let quiet = run(command(&INVOICE)).await;
    assert_eq!(quiet.stderr, "");
    let loud = run(command(&with(&INVOICE, &["-v"]))).await;
    let decision = loud
        .stderr
        .lines()
        .find(|line| line.starts_with("caused by: create_invoice by the rule \"default\""))
        .unwrap_or_else(|| panic!("{loud:#?}"));
    for provider in ["native-checkout failed: ", "unipayment failed: "] {
        assert!(decision.contains(provider), "{decision}");
    }
    assert_eq!(quiet.error(4), loud.error(4));
}

#[tokio::test]
async fn an_invoice_that_may_be_elsewhere_too_is_told() {
    let two = Two::start().await;
    let cut = RequestFault::Cut {
        when: When::AfterWork,
    };
    two.halo.faults().add(FaultRule::request(ORDER_CREATE, cut));
    let invoice = two.paymux(&INVOICE).await.done();
    assert_eq!(invoice["provider"], "unipayment");
    assert_eq!(
        story(&invoice)[0][..3],
        ["native-checkout", "failed", "unknown"]
    );
    assert_eq!(two.halo.halo().orders().len(), 1);

    // An answer that is wrong tells its id all the same.
    let fault = RequestFault::ReplaceMember {
        member: "data.decimal".to_owned(),
        value: json!("2"),
    };
    two.halo
        .faults()
        .add(FaultRule::request(ORDER_CREATE, fault));
    let mut args = INVOICE;
    args[3] = "order-2";
    let shown = two.paymux(&with(&args, &["--output", "text"])).await.stdout;
    let left_behind = two.halo.halo().order_by_out_trade_no("order-2").unwrap();
    let id = format!("native-checkout:{}", left_behind.trade_no);
    assert!(shown.contains("in vain") && shown.contains(&id), "{shown}");
    // What a person sees can be pasted.
    assert!(shown.starts_with("Invoice unipayment:"), "{shown}");
}

#[tokio::test]
async fn a_refusal_that_may_lie_with_the_order_ends_it() {
    let two = Two::start().await;
    two.paymux(&INVOICE).await.done();
    let error = two.paymux(&INVOICE).await.error(3);
    assert_eq!(error["provider"], "native-checkout");
    assert!(two.unipayment.unipayment().invoices().is_empty());
}

#[tokio::test]
async fn when_nobody_can_the_error_names_all() {
    let nobody = closed_port().await;
    let error = run(super::command_at_both(&nobody, &nobody, &INVOICE))
        .await
        .error(4);
    assert_eq!(error["outcome"], "not_sent");
    assert_eq!(error["provider"], "native-checkout");
    assert_eq!(error["operation"], "create_invoice");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("unipayment failed"), "{message}");
}

#[tokio::test]
async fn the_hint_after_a_lost_answer_leads_to_who_can_search() {
    let two = Two::start().await;
    let cut = || RequestFault::Cut {
        when: When::AfterWork,
    };
    let nobody = closed_port().await;
    two.unipayment
        .faults()
        .add(FaultRule::request("POST /v1.0/invoices", cut()));
    let command = super::command_at_both(&nobody, two.unipayment.url(), &INVOICE);
    let error = run(command).await.error(5);
    assert_eq!(error["provider"], "unipayment");
    let hint = error["hint"].as_str().unwrap();
    let find_out = "paymux --provider unipayment invoice list --order-id order-1";
    assert!(hint.contains(find_out), "{hint}");
    let args: Vec<&str> = find_out.split(' ').skip(1).collect();
    let found = two.paymux(&args).await.done();
    let made = &two.unipayment.unipayment().invoices()[0];
    assert_eq!(found["items"][0]["id"], made.invoice_id.as_str());

    // The other gateway cannot search.
    two.halo
        .faults()
        .add(FaultRule::request(ORDER_CREATE, cut()));
    let command = super::command_at_both(two.halo.url(), &nobody, &INVOICE);
    let error = run(command).await.error(5);
    assert_eq!(error["provider"], "native-checkout");
    let hint = error["hint"].as_str().unwrap();
    assert!(
        hint.contains("may exist") && !hint.contains("invoice list"),
        "{hint}"
    );
}

#[tokio::test]
async fn a_callback_url_can_name_who_makes_it() {
    let two = Two::start().await;
    let url = "http://127.0.0.1:9/webhooks/{provider}";
    two.paymux(&with(&INVOICE, &["--callback-url", url]))
        .await
        .done();
    assert_eq!(
        two.halo.halo().orders()[0].callback_url.as_deref(),
        Some("http://127.0.0.1:9/webhooks/native-checkout")
    );
}

#[tokio::test]
async fn a_permanent_address_has_the_id_of_who_made_it() {
    let two = Two::start().await;
    let args = [
        "address",
        "create",
        "--name",
        "till",
        "--asset",
        "USDT@tron",
    ];
    let ran = two.paymux(&args).await;
    assert!(ran.stderr.contains("made by native-checkout"), "{ran:#?}");
    let address = ran.done();
    assert_eq!(members(&address), ["address", "asset", "id"]);
    let made = &two.halo.halo().qr_codes()[0];
    assert_eq!(address["address"], made.address.as_str());
    assert!(!address["id"].as_str().unwrap().contains(':'), "{address}");
}
