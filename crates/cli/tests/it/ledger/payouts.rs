//! One reference is paid once, whoever was killed in between.

use std::time::Duration;

use paymux_sandbox::{FaultRule, RequestFault, When};

use crate::books::on_each_engine;
use crate::child::{PAYOUT, command_at, kill_once_called, sandbox, with};
use crate::router::{PAYOUT as ROUTED_PAYOUT, Two};

const CREATE: &str = "/api/payout/create";

#[test]
fn the_same_reference_again_gives_the_stored_payout() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let first = books.paymux(&sandbox, &PAYOUT).await;
        assert!(!first.stderr.contains("made before"), "{first:#?}");
        let first = first.done();
        let calls = sandbox.requests().len();
        let again = books.paymux(&sandbox, &PAYOUT).await;
        assert!(again.stderr.contains("made before"), "{again:#?}");
        assert_eq!(again.done(), first);
        assert_eq!(sandbox.requests().len(), calls, "the gateway was not asked");
        assert_eq!(sandbox.halo().payouts().len(), 1);
    });
}

#[test]
fn a_used_reference_is_for_no_other_payout() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        books.paymux(&sandbox, &PAYOUT).await.done();
        let mut other = PAYOUT;
        other[7] = "0.51";
        let ran = books.paymux(&sandbox, &other).await;
        assert!(!ran.stderr.contains("made before"), "{ran:#?}");
        let error = ran.error(2);
        assert_eq!(error["kind"], "conflict");
        assert_eq!(error["outcome"], "not_sent");
        assert_eq!(error["reference"], "ref-1");
        assert_eq!(sandbox.requests_to(CREATE).len(), 1);
    });
}

#[test]
fn two_at_once_are_one_payout() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let slow = RequestFault::delay(When::AfterWork, Duration::from_secs(1));
        sandbox.faults().add(FaultRule::request(CREATE, slow));
        let (one, other) = tokio::join!(
            books.paymux(&sandbox, &PAYOUT),
            books.paymux(&sandbox, &PAYOUT)
        );
        assert_eq!(one.done(), other.done());
        assert_eq!(sandbox.requests_to(CREATE).len(), 1);
        assert_eq!(sandbox.halo().payouts().len(), 1);
    });
}

#[test]
fn killed_in_the_middle_it_is_never_sent_again() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let slow = RequestFault::delay(When::AfterWork, Duration::from_secs(60));
        sandbox.faults().add(FaultRule::request(CREATE, slow));
        let command = books.keep(command_at(sandbox.url(), &PAYOUT));
        kill_once_called(command, &sandbox, CREATE).await;

        let error = books.paymux(&sandbox, &PAYOUT).await.error(5);
        assert_eq!(error["outcome"], "unknown");
        assert_eq!(error["provider"], "native-checkout");
        assert_eq!(error["reference"], "ref-1");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("run this again in 20 seconds"), "{hint}");
        assert_eq!(sandbox.requests_to(CREATE).len(), 1);
        assert_eq!(sandbox.halo().payouts().len(), 1);

        // Whoever asks at once reads when it is going to count as in doubt.
        let report = books.paymux(&sandbox, &["recover"]).await.done();
        let (running, open) = (&report["running"][0], &report["open"][0]["doubt"]);
        let told = [running, open].map(|call| call["reference"] == "ref-1");
        assert!(told[0] != told[1], "{report}");
    });
}

#[test]
fn killed_behind_the_router_nobody_else_sends_it() {
    on_each_engine(|books| async move {
        let two = Two::start().await;
        let slow = RequestFault::delay(When::AfterWork, Duration::from_secs(60));
        two.halo.faults().add(FaultRule::request(CREATE, slow));
        let command = books.keep(two.command(&ROUTED_PAYOUT));
        kill_once_called(command, &two.halo, CREATE).await;

        for provider in [&[][..], &["--provider", "unipayment"]] {
            let command = two.command(&with(&ROUTED_PAYOUT, provider));
            let error = crate::child::run(books.keep(command)).await.error(5);
            assert_eq!(error["provider"], "native-checkout");
        }
        assert_eq!(two.halo.halo().payouts().len(), 1);
        assert!(two.unipayment.unipayment().payouts().is_empty());
    });
}

#[test]
fn a_lost_answer_stays_in_doubt() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let cut = RequestFault::Cut {
            when: When::AfterWork,
        };
        sandbox.faults().add(FaultRule::request(CREATE, cut));
        let error = books.paymux(&sandbox, &PAYOUT).await.error(5);
        assert_eq!(error["kind"], "unavailable");
        for _ in 0..2 {
            let ran = books.paymux(&sandbox, &PAYOUT).await;
            // There is nothing to agree to: nothing can be sent.
            assert_eq!(ran.stderr, "");
            let error = ran.error(5);
            assert_eq!(error["kind"], "conflict");
            let hint = error["hint"].as_str().unwrap();
            assert!(hint.contains("never send it again"), "{hint}");
            let settle = "paymux recover --settle ref-1 --made native-checkout:ID";
            assert!(hint.contains(settle), "{hint}");
        }
        assert_eq!(sandbox.halo().payouts().len(), 1);
    });
}

#[test]
fn what_was_surely_not_sent_is_sent_by_the_next_run() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let nobody = crate::raw_gateway::closed_port().await;
        let error = crate::child::run(books.keep(command_at(&nobody, &PAYOUT)))
            .await
            .error(4);
        assert_eq!(error["outcome"], "not_sent");
        let payout = books.paymux(&sandbox, &PAYOUT).await.done();
        assert_eq!(payout["reference"], "ref-1");
        assert_eq!(sandbox.halo().payouts().len(), 1);
    });
}

#[test]
fn a_refused_reference_stays_refused_and_says_how_to_free_it() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let mut args = PAYOUT;
        args[7] = "5000";
        let first = books.paymux(&sandbox, &args).await.error(3);
        let again = books.paymux(&sandbox, &args).await.error(3);
        assert_eq!(again["code"], first["code"]);
        let hint = again["hint"].as_str().unwrap();
        assert!(
            hint.contains("paymux recover --settle ref-1 --not-made"),
            "{hint}"
        );
        assert_eq!(sandbox.requests_to(CREATE).len(), 1);
    });
}
