use std::time::Duration;

use paymux_core::scripted::{Act, Operation, ScriptedProvider};
use paymux_core::{InvoiceId, PaymentProvider, PayoutApi};

use super::*;
use crate::testing::{Stage, invoice, name, payout};

/// A copy of a webhook that came in by another route.
fn by_route(webhook: &RawWebhook, path: &str) -> RawWebhook {
    let empty = RawWebhook::new(webhook.body())
        .with_path_and_query(path)
        .with_received_at(webhook.received_at());
    webhook
        .headers()
        .fold(empty, |copy, (name, value)| copy.with_header(name, value))
}

/// An invoice of this provider, and a notice of it.
fn notice_of(stage: &Stage, owner: &str) -> (InvoiceId, RawWebhook) {
    let gateway = stage.gateway(owner);
    let made = stage.run(gateway.create_invoice(&invoice())).unwrap();
    (made.id().clone(), gateway.notice_of(made.id()).unwrap())
}

#[test]
fn the_account_in_the_notice_finds_the_provider() {
    let stage = Stage::new(&["eu", "us"]);
    let router = stage.router();
    let (id, webhook) = notice_of(&stage, "us");
    assert_eq!(router.webhook_claim(&webhook), WebhookClaim::Own);
    let event = stage.run(router.verify_webhook(&webhook)).unwrap();
    assert_eq!(event.provider, name("us"));
    assert_eq!(event.invoice().unwrap().id, id.owned_by(&name("us")));
    assert_eq!(event.raw_body, webhook.body());
    // Nobody else tries a key.
    assert_eq!(stage.gateway("eu").calls(Operation::VerifyWebhook), 0);
}

#[test]
fn a_payouts_notice_carries_the_owned_id_too() {
    let stage = Stage::new(&["eu"]);
    let router = stage.router();
    let sent = stage.run(router.create_payout(&payout("r-1"))).unwrap();
    let at_gateway = stage.gateway("eu").sent_payouts().remove(0);
    let webhook = stage
        .gateway("eu")
        .notice_of_payout(&at_gateway.id)
        .unwrap();
    let event = stage.run(router.verify_webhook(&webhook)).unwrap();
    assert_eq!(&event.payout().unwrap().id, sent.id());
    assert_eq!(event.reference.unwrap().as_str(), "r-1");
}

#[test]
fn a_route_that_names_a_provider_decides_alone() {
    let stage = Stage::new(&["eu", "us"]);
    let router = stage.router();
    let (_, webhook) = notice_of(&stage, "us");
    for (path, named) in [
        ("/webhooks/us", Some("us")),
        ("/shop/webhooks/us/?a=b", Some("us")),
        ("/webhooks/us/eu", Some("us")),
        ("/notify/us", Some("us")),
        ("/webhooks/eu", Some("eu")),
        ("/webhooks/EU", None),
        ("/eu/notify", None),
        ("/notify?to=eu", None),
        ("/webhooks", None),
        ("", None),
    ] {
        let webhook = by_route(&webhook, path);
        let found = router.inner().named_by_route(&webhook);
        assert_eq!(found.map(|member| member.name.as_str()), named, "{path}");
        let event = stage.run(router.verify_webhook(&webhook));
        if named == Some("eu") {
            let error = event.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidSignature);
            assert_eq!(error.provider(), Some(&name("eu")));
            assert_eq!(router.webhook_claim(&webhook), WebhookClaim::Foreign);
        } else {
            assert_eq!(event.unwrap().provider, name("us"), "{path}");
        }
    }
}

#[test]
fn one_that_two_would_accept_is_refused() {
    let stage = Stage::of(&["eu", "us"], |gateway| {
        gateway.with_account("one").with_key("the same key".into())
    });
    let router = stage.router();
    let (_, webhook) = notice_of(&stage, "us");
    let error = stage.run(router.verify_webhook(&webhook)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    assert!(
        error.message().contains("eu and us would all accept it"),
        "{error}"
    );
    // By a route of its own it is clear.
    let webhook = by_route(&webhook, "/webhooks/us");
    assert_eq!(
        stage.run(router.verify_webhook(&webhook)).unwrap().provider,
        name("us")
    );
}

#[test]
fn without_an_account_the_key_that_fits_decides() {
    let stage = Stage::of(
        &["eu", "us", "asia"],
        ScriptedProvider::with_unnamed_webhooks,
    );
    let router = stage.router();
    let (_, webhook) = notice_of(&stage, "us");
    assert_eq!(router.webhook_claim(&webhook), WebhookClaim::Unclear);
    let event = stage.run(router.verify_webhook(&webhook)).unwrap();
    assert_eq!(event.provider, name("us"));
    for gateway in &stage.gateways {
        assert_eq!(gateway.calls(Operation::VerifyWebhook), 1);
    }

    // Nobody's key fits; while one of them cannot say, it may be right later.
    let forged = RawWebhook::new(webhook.body()).with_header("X-Scripted-Sign", "00");
    let error = stage.run(router.verify_webhook(&forged)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    assert_eq!(error.provider(), Some(&name("eu")));
    let down = Act::not_sent(ErrorKind::Unavailable);
    stage
        .gateway("asia")
        .script(Operation::VerifyWebhook, [down]);
    let error = stage.run(router.verify_webhook(&forged)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.provider(), Some(&name("asia")));
}

#[test]
fn those_that_cannot_tell_are_not_asked_where_one_is_named() {
    let mut stage = Stage::new(&["eu", "us"]);
    let unnamed = stage.gateways.remove(0).with_unnamed_webhooks();
    stage.gateways.insert(0, unnamed);
    let (_, webhook) = notice_of(&stage, "us");
    let event = stage.run(stage.router().verify_webhook(&webhook)).unwrap();
    assert_eq!(event.provider, name("us"));
    let asked = |own: &str| stage.gateway(own).calls(Operation::VerifyWebhook);
    assert_eq!((asked("eu"), asked("us")), (0, 1));
}

#[test]
fn one_for_nobody_is_refused_without_a_key_being_tried() {
    let stage = Stage::new(&["eu", "us"]);
    let elsewhere = Stage::new(&["asia"]);
    let router = stage.router();
    let (_, webhook) = notice_of(&elsewhere, "asia");
    assert_eq!(router.webhook_claim(&webhook), WebhookClaim::Foreign);
    let error = stage.run(router.verify_webhook(&webhook)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidSignature);
    assert!(
        error.message().contains("none of the router's providers"),
        "{error}"
    );
    let asked = |own: &str| stage.gateway(own).calls(Operation::VerifyWebhook);
    assert_eq!(asked("eu") + asked("us"), 0);
    let answer = router.webhook_answer(&webhook, WebhookVerdict::Refused);
    assert_eq!((answer.status, answer.body), (400, "fail"));
}

#[test]
fn a_proof_that_hangs_is_to_be_sent_again() {
    let stage = Stage::new(&["eu"]);
    let (_, webhook) = notice_of(&stage, "eu");
    stage
        .gateway("eu")
        .always(Operation::VerifyWebhook, Act::hangs());
    let router = stage.router().within(Duration::from_secs(3));
    let error = stage.run(router.verify_webhook(&webhook)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.operation(), Some("verify_webhook"));
}

#[test]
fn the_gateway_gets_the_answer_of_its_own_provider() {
    let stage = Stage::new(&["eu", "us"]);
    let router = stage.router();
    let (_, webhook) = notice_of(&stage, "us");
    for verdict in [WebhookVerdict::Accepted, WebhookVerdict::TryAgain] {
        let own = stage.gateway("us").webhook_answer(&webhook, verdict);
        assert_eq!(router.webhook_answer(&webhook, verdict), own);
    }
}
