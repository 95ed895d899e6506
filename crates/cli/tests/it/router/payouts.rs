//! Payouts: the next gateway only where surely nothing was sent.

use std::time::Duration;

use paymux_sandbox::{FaultRule, RequestFault, When};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::{PAYOUT, Two, file, halo_table, story, unipayment_table};
use crate::child::{UNIPAYMENT_APP_KEY, finish, paymux_bare, with};

const CREATE: &str = "/api/payout/create";

impl Two {
    /// How many payouts each gateway has.
    fn payouts(&self) -> (usize, usize) {
        (
            self.halo.halo().payouts().len(),
            self.unipayment.unipayment().payouts().len(),
        )
    }
}

#[tokio::test]
async fn what_surely_was_not_sent_goes_to_the_next() {
    let two = Two::start().await;
    let ran = two.without_the_first(&with(&PAYOUT, &["-v"])).await;
    let told = "create_payout: native-checkout failed (unavailable), nothing was sent: ";
    assert!(ran.stderr.contains(told), "{ran:#?}");
    let payout = ran.done();
    let sent = two.unipayment.unipayment().payouts()[0].id.clone();
    assert_eq!(payout["provider"], "unipayment");
    assert_eq!(payout["id"], sent.as_str());
    assert_eq!(payout["reference"], "ref-1");
    assert_eq!(
        story(&payout),
        [
            ["native-checkout", "failed", "not_sent", "-"],
            ["unipayment", "made", "-", &*sent],
        ]
    );

    let owned = format!("unipayment:{sent}");
    for provider in [&[][..], &["--provider", "router"]] {
        let args = with(&["payout", "get", &owned], provider);
        let read = two.paymux(&args).await.done();
        assert_eq!(
            (&read["id"], &read["provider"]),
            (&payout["id"], &payout["provider"])
        );
    }
    assert_eq!(two.payouts(), (0, 1));
}

#[tokio::test]
async fn what_may_have_been_sent_goes_nowhere_else() {
    let cut = |when| RequestFault::Cut { when };
    for (fault, kind, sent) in [
        (cut(When::AfterWork), "unavailable", 1),
        (cut(When::BeforeWork), "unavailable", 0),
        (RequestFault::WrongSignature, "invalid_signature", 1),
    ] {
        let two = Two::start().await;
        two.halo.faults().add(FaultRule::request(CREATE, fault));
        let ran = two.paymux(&PAYOUT).await;
        let error = ran.error(5);
        assert_eq!(error["kind"], kind);
        assert_eq!(error["outcome"], "unknown");
        assert_eq!(error["provider"], "native-checkout");
        assert_eq!(error["reference"], "ref-1");
        let hint = error["hint"].as_str().unwrap();
        assert!(
            hint.contains("may have been paid by native-checkout: never send it again"),
            "{hint}"
        );
        assert!(!hint.contains("attempt log"), "{hint}");
        assert_eq!(two.payouts(), (sent, 0));
        assert_eq!(two.halo.requests_to(CREATE).len(), 1);
    }
}

#[tokio::test]
async fn the_one_that_was_tried_last_may_have_paid() {
    let two = Two::start().await;
    let cut = RequestFault::Cut {
        when: When::AfterWork,
    };
    let path = "POST /v1.0/wallet/withdrawals";
    two.unipayment.faults().add(FaultRule::request(path, cut));
    let error = two.without_the_first(&PAYOUT).await.error(5);
    assert_eq!(error["provider"], "unipayment");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("paid by unipayment"), "{hint}");
    assert_eq!(two.payouts(), (0, 1));
}

#[tokio::test]
async fn the_hint_after_an_unknown_outcome_can_be_pasted() {
    let two = Two::start().await;
    let fault = RequestFault::ReplaceMember {
        member: "data.actual_receipt".to_owned(),
        value: json!("0.4"),
    };
    two.halo.faults().add(FaultRule::request(CREATE, fault));
    let ran = two.paymux(&with(&PAYOUT, &["-v"])).await;
    assert!(
        ran.stderr
            .contains("native-checkout failed and may have done it"),
        "{ran:#?}"
    );
    let error = ran.error(5);
    let id = two.halo.halo().payouts()[0].trade_no.clone();
    assert_eq!(error["id"], id.as_str());
    let find_out = format!("paymux payout get native-checkout:{id}");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains(&find_out), "{hint}");
    let args: Vec<&str> = find_out.split(' ').skip(1).collect();
    assert_eq!(two.paymux(&args).await.done()["id"], id.as_str());
    assert_eq!(two.payouts(), (1, 0));
}

#[tokio::test]
async fn a_gateways_no_is_everybodys() {
    let two = Two::start().await;
    let mut args = PAYOUT;
    args[7] = "5000";
    let error = two.paymux(&args).await.error(3);
    assert_eq!(error["provider"], "native-checkout");
    assert_eq!(error["outcome"], "rejected");
    assert_eq!(two.payouts(), (0, 0));
}

#[tokio::test]
async fn nothing_is_sent_to_an_address_that_cannot_be_or_without_a_word() {
    let two = Two::start().await;
    let mut mistyped = PAYOUT;
    mistyped[9] = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DQ";
    two.paymux(&mistyped).await.error(2);
    let error = two.paymux(&PAYOUT[..10]).await.error(2);
    assert!(
        error["message"].as_str().unwrap().contains("--yes"),
        "{error}"
    );
    assert!(two.halo.requests().is_empty() && two.unipayment.requests().is_empty());
}

#[tokio::test]
async fn a_symbol_alone_needs_every_catalogue() {
    let two = Two::start().await;
    let mut args = PAYOUT;
    args[5] = "JST";
    let error = two.without_the_first(&args).await.error(4);
    assert_eq!(error["outcome"], "not_sent");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("native-checkout"), "{message}");
    assert!(
        error["hint"].as_str().unwrap().contains("JST@tron"),
        "{error}"
    );
    assert_eq!(two.payouts(), (0, 0));
}

#[tokio::test]
async fn who_may_have_paid_is_known_after_an_interruption() {
    for signal in [Signal::INT, Signal::TERM] {
        let two = Two::start().await;
        let slow = RequestFault::delay(When::AfterWork, Duration::from_secs(60));
        two.halo.faults().add(FaultRule::request(CREATE, slow));
        let child = two.command(&PAYOUT).spawn().unwrap();
        let arrived = async {
            while two.halo.requests_to(CREATE).is_empty() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), arrived)
            .await
            .unwrap();
        let pid = Pid::from_raw(child.id().unwrap().try_into().unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
        let error = finish(child).await.error(5);
        assert_eq!(error["provider"], "native-checkout");
        assert_eq!(error["reference"], "ref-1");
        assert_eq!(two.payouts().1, 0);
    }
}

/// UniPayment's first generation has no payouts.
#[tokio::test]
async fn who_has_no_payouts_is_left_out_and_said_so() {
    let two = Two::start().await;
    let poor = |name: &str| {
        unipayment_table(name, two.unipayment.url()).replace(
            "auth = 'hmac'",
            &format!("auth = 'md5'\napp_key = '{UNIPAYMENT_APP_KEY}'"),
        )
    };
    let both = file(&(poor("a-poor") + &halo_table("b-rich", two.halo.url())));
    let path = both.path().to_str().unwrap();
    let ran = paymux_bare(&with(&PAYOUT, &["--config", path, "-v"])).await;
    let told = "create_payout: a-poor was left out: it has no payouts";
    assert!(ran.stderr.contains(told), "{ran:#?}");
    let payout = ran.done();
    assert_eq!(payout["provider"], "b-rich");
    assert_eq!(story(&payout)[0][..2], ["a-poor", "excluded"]);

    let none = file(&(poor("one") + &poor("two")));
    let path = none.path().to_str().unwrap();
    let error = paymux_bare(&with(&PAYOUT, &["--config", path]))
        .await
        .error(2);
    assert_eq!(error["kind"], "unsupported");
    assert_eq!(error["provider"], "router");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.contains("one sends no payouts; two sends no payouts"),
        "{message}"
    );
}
