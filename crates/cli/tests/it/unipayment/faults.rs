//! Wrong keys, lost and spoiled answers, and nobody there.

use std::time::Duration;

use paymux_sandbox::unipayment::{HexCase, KeyJoin, Md5Rule, TypeMember};
use paymux_sandbox::{FaultRule, Generation, RequestFault, When};

use super::{ACCOUNT, ALL, INVOICE, command_at, invoices_path, payout_to, uni};
use crate::child::{RECEIVER, run, sandbox, with};
use crate::raw_gateway::closed_port;

fn lost_answers(id: &str) -> Vec<RequestFault> {
    let removed = RequestFault::RemoveMember {
        member: format!("data.{id}"),
    };
    vec![
        RequestFault::Cut {
            when: When::AfterWork,
        },
        RequestFault::CutMidBody,
        RequestFault::MalformedJson,
        RequestFault::status(When::AfterWork, 500),
        RequestFault::status(When::AfterWork, 302),
        removed,
    ]
}

#[tokio::test]
async fn an_invoice_whose_answer_was_lost_can_be_looked_for() {
    for generation in ALL {
        let sandbox = sandbox().await;
        let cut = RequestFault::Cut {
            when: When::AfterWork,
        };
        sandbox
            .faults()
            .add(FaultRule::request(invoices_path(generation), cut));
        let error = uni(&sandbox, generation, &INVOICE).await.error(5);
        assert_eq!(error["outcome"], "unknown");
        let hint = error["hint"].as_str().unwrap();
        let command = "paymux --provider unipayment invoice list --order-id order-1";
        assert!(hint.contains(command), "{hint}");

        // The hint is right.
        let args: Vec<&str> = command.split(' ').skip(3).collect();
        let found = uni(&sandbox, generation, &args).await.done();
        let id = sandbox.unipayment().invoices()[0].invoice_id.clone();
        assert_eq!(found["items"][0]["id"], id.as_str());
        assert_eq!(sandbox.unipayment().invoices().len(), 1);
    }
}

#[tokio::test]
async fn a_payout_whose_answer_was_lost_is_unknown_and_was_sent_once() {
    for (generation, to, path, found_by) in [
        (
            Generation::Hmac,
            RECEIVER,
            "POST /v1.0/wallet/withdrawals",
            "by amount, address and time",
        ),
        (
            Generation::OAuth,
            ACCOUNT,
            "POST /v1.0/payments",
            "the note ref-1",
        ),
    ] {
        for fault in lost_answers("id") {
            let sandbox = sandbox().await;
            sandbox
                .faults()
                .add(FaultRule::request(path, fault.clone()));
            let error = uni(&sandbox, generation, &payout_to(to)).await.error(5);
            assert_eq!(error["outcome"], "unknown", "{fault:?}: {error}");
            assert_eq!(error["reference"], "ref-1");
            let hint = error["hint"].as_str().unwrap();
            assert!(
                hint.contains("never send it again") && hint.contains(found_by),
                "{hint}"
            );
            assert_eq!(sandbox.unipayment().payouts().len(), 1, "{fault:?}");
            let (_, path) = path.split_once(' ').unwrap();
            assert_eq!(sandbox.requests_to(path).len(), 1, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn an_answer_about_another_price_is_unknown_and_names_the_invoice() {
    for generation in ALL {
        let sandbox = sandbox().await;
        let fault = RequestFault::ReplaceMember {
            member: "data.price_amount".to_owned(),
            value: "4".into(),
        };
        sandbox
            .faults()
            .add(FaultRule::request(invoices_path(generation), fault));
        let error = uni(&sandbox, generation, &INVOICE).await.error(5);
        assert_eq!(error["kind"], "mismatch", "{error}");
        let id = sandbox.unipayment().invoices()[0].invoice_id.clone();
        assert_eq!(error["id"], id.as_str());
        let command = format!("paymux --provider unipayment invoice get {id}");
        assert!(
            error["hint"].as_str().unwrap().contains(&command),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_spoiled_signature_is_6_and_nothing_of_the_answer_is_believed() {
    let sandbox = sandbox().await;
    sandbox.faults().add(FaultRule::request(
        invoices_path(Generation::Md5),
        RequestFault::WrongSignature,
    ));
    let error = uni(&sandbox, Generation::Md5, &INVOICE).await.error(6);
    assert_eq!(error["kind"], "invalid_signature");
    assert_eq!(error["outcome"], "unknown");
    assert_eq!(error["id"], serde_json::Value::Null);
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("invoice list --order-id order-1"), "{hint}");

    let id = sandbox.unipayment().invoices()[0].invoice_id.clone();
    let fault = RequestFault::ReplaceMember {
        member: "data.models.0.sign".to_owned(),
        value: "0".repeat(32).into(),
    };
    sandbox
        .faults()
        .add(FaultRule::request("/api/invoice/query", fault));
    let error = uni(&sandbox, Generation::Md5, &["invoice", "get", &id])
        .await
        .error(6);
    assert!(
        error["hint"].as_str().unwrap().contains("--diagnose"),
        "{error}"
    );
}

#[tokio::test]
async fn a_wrong_rule_is_the_gateways_no_and_the_right_one_works() {
    let sandbox = sandbox().await;
    sandbox.update_settings(|settings| {
        settings.unipayment.md5_rule = Md5Rule {
            type_member: TypeMember::Kept,
            key_join: KeyJoin::Direct,
            hex_case: HexCase::Upper,
        };
    });
    let with_rule = |rule: &str| {
        let mut command = command_at(sandbox.url(), Generation::Md5, &INVOICE);
        command.env("PAYMUX_UNIPAYMENT_MD5_RULE", rule);
        command
    };
    for rule in ["amp_key", "direct", "type_kept/direct/lower"] {
        let error = run(with_rule(rule)).await.error(3);
        assert_eq!(error["kind"], "authentication", "{error}");
    }
    run(with_rule("type_kept/direct/upper")).await.done();
    let error = run(with_rule("upper")).await.error(2);
    assert_eq!(error["kind"], "configuration");
    assert!(
        error["message"]
            .as_str()
            .unwrap()
            .contains("type_kept/direct/upper"),
        "{error}"
    );
    assert_eq!(sandbox.unipayment().invoices().len(), 1);
}

#[tokio::test]
async fn wrong_keys_make_nothing_and_the_hint_names_them() {
    for (generation, variable, exit) in [
        (Generation::Md5, "PAYMUX_UNIPAYMENT_APP_KEY", 3),
        (Generation::Hmac, "PAYMUX_UNIPAYMENT_CLIENT_SECRET", 3),
        // Without a token nothing else was sent.
        (Generation::OAuth, "PAYMUX_UNIPAYMENT_CLIENT_SECRET", 4),
    ] {
        let sandbox = sandbox().await;
        let mut command = command_at(sandbox.url(), generation, &with(&INVOICE, &["-vv"]));
        command.env(variable, "canary-another-secret");
        let ran = run(command).await;
        assert!(!ran.stderr.contains("canary-another") && !ran.stdout.contains("canary-another"));
        let error = ran.error(exit);
        assert_eq!(error["kind"], "authentication", "{error}");
        let hint = error["hint"].as_str().unwrap();
        assert!(
            hint.contains(variable) || hint.contains("client secret"),
            "{hint}"
        );
        assert!(sandbox.unipayment().invoices().is_empty());
    }
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let sandbox = sandbox().await;
    let expired = |body: &str| RequestFault::Status {
        when: When::BeforeWork,
        status: 401,
        headers: Vec::new(),
        body: body.to_owned(),
    };
    let path = invoices_path(Generation::OAuth);
    sandbox.faults().add(FaultRule::request(
        path,
        expired(r#"{"error":"invalid_token"}"#),
    ));
    uni(&sandbox, Generation::OAuth, &INVOICE).await.done();
    assert_eq!(sandbox.requests_to("/connect/token").len(), 2);
    assert_eq!(sandbox.unipayment().invoices().len(), 1);

    sandbox
        .faults()
        .add(FaultRule::request(path, expired("")).always());
    let error = uni(&sandbox, Generation::OAuth, &INVOICE).await.error(3);
    assert_eq!(error["kind"], "authentication");
    assert_eq!(sandbox.unipayment().invoices().len(), 1);
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let nowhere = closed_port().await;
    for generation in ALL {
        for args in [&INVOICE[..], &["invoice", "get", "I1"]] {
            let error = run(command_at(&nowhere, generation, args)).await.error(4);
            assert_eq!(error["kind"], "unavailable");
            assert_eq!(error["outcome"], "not_sent");
        }
    }
}

#[tokio::test]
async fn a_slow_down_is_told_with_its_time() {
    for generation in ALL {
        let sandbox = sandbox().await;
        sandbox.faults().add(FaultRule::request(
            invoices_path(generation),
            RequestFault::too_many_requests(7),
        ));
        let error = uni(&sandbox, generation, &INVOICE).await.error(3);
        assert_eq!(error["kind"], "rate_limited");
        assert!(error["hint"].as_str().unwrap().contains("7 s"), "{error}");
    }
}

#[tokio::test]
async fn details_on_stderr_hold_no_secret() {
    for generation in ALL {
        let sandbox = sandbox().await;
        let slow = RequestFault::delay(When::BeforeWork, Duration::from_millis(1));
        sandbox
            .faults()
            .add(FaultRule::request(invoices_path(generation), slow));
        // Each run is searched for the secrets.
        let ran = uni(&sandbox, generation, &with(&INVOICE, &["-vv"])).await;
        assert!(ran.stderr.contains("create_invoice"), "{ran:#?}");
        assert!(!ran.stderr.contains("Bearer ey"), "{ran:#?}");
        ran.done();
    }
}
