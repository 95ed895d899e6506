//! What is in doubt is found out, or settled by a person, and everything that happened is told.

use paymux_sandbox::{FaultRule, RequestFault, Sandbox, When};
use serde_json::{Value, json};

use crate::books::{Books, on_each_engine};
use crate::child::{INVOICE as SALE, PAYOUT, members, paymux, run, sandbox, with};
use crate::ledger::webhooks::apply;
use crate::router::{INVOICE, Two};

const CREATE: &str = "/api/payout/create";

/// Leaves a payout in doubt.
async fn lost(sandbox: &Sandbox, books: &Books, when: When) {
    let rule = FaultRule::request(CREATE, RequestFault::Cut { when });
    sandbox.faults().add(rule);
    books.paymux(sandbox, &PAYOUT).await.error(5);
}

const BY_ANN: [&str; 4] = ["--who", "ann", "--why", "seen in the gateway's pages"];

fn causes(history: &Value) -> Vec<&str> {
    let lines = history["lines"].as_array().unwrap().iter();
    lines.map(|line| line["cause"].as_str().unwrap()).collect()
}

#[test]
fn a_person_settles_what_was_made() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let clean = books.paymux(&sandbox, &["recover"]).await.done();
        assert_eq!(
            clean,
            json!({"resolved": [], "open": [], "running": [], "unmatched": []})
        );

        lost(&sandbox, &books, When::AfterWork).await;
        let report = books.paymux(&sandbox, &["recover"]).await.done();
        assert_eq!(report["resolved"], json!([]));
        let doubt = &report["open"][0]["doubt"];
        assert_eq!(doubt["kind"], "payout");
        assert_eq!(doubt["reference"], "ref-1");
        assert_eq!(doubt["provider"], "native-checkout");
        assert!(report["open"][0]["reason"].is_string());

        let id = sandbox.halo().payouts()[0].trade_no.clone();
        let settle = with(&["recover", "--settle", "ref-1", "--made", &id], &BY_ANN);
        let settled = books.paymux(&sandbox, &settle).await.done();
        assert_eq!(
            members(&settled),
            ["open", "resolved", "running", "settled", "unmatched"]
        );
        assert_eq!(settled["open"], json!([]));
        assert_eq!(settled["settled"]["state"], "made");
        assert_eq!(settled["settled"]["id"], id.as_str());

        let payout = books.paymux(&sandbox, &PAYOUT).await.done();
        assert_eq!(payout["id"], id.as_str());
        assert_eq!(sandbox.requests_to(CREATE).len(), 1);

        for id in ["ref-1", &id, &format!("native-checkout:{id}")] {
            let history = books.paymux(&sandbox, &["history", id]).await.done();
            let only = &history.as_array().unwrap()[0];
            assert_eq!(members(only), ["invoice", "kind", "lines", "payout"]);
            assert_eq!(causes(only).last(), Some(&"person"));
            let last = only["lines"].as_array().unwrap().last().unwrap();
            assert_eq!(last["who"], "ann");
            assert_eq!(last["why"], "seen in the gateway's pages");
            assert_eq!(last["was"], "in_doubt");
        }
        let shown = books
            .paymux(&sandbox, &["history", "ref-1", "--output", "text"])
            .await;
        assert!(shown.stdout.contains("ann"), "{}", shown.stdout);
    });
}

#[test]
fn what_was_not_made_may_be_sent_again() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        lost(&sandbox, &books, When::BeforeWork).await;
        let settle = with(&["recover", "--settle", "ref-1", "--not-made"], &BY_ANN);
        let settled = books.paymux(&sandbox, &settle).await.done();
        assert_eq!(settled["settled"]["state"], "not_sent");
        assert!(sandbox.halo().payouts().is_empty());
        books.paymux(&sandbox, &PAYOUT).await.done();
        assert_eq!(sandbox.halo().payouts().len(), 1);
        // Made by now: nobody can free it any more.
        let error = books.paymux(&sandbox, &settle).await.error(2);
        assert_eq!(error["kind"], "conflict");
    });
}

#[test]
fn an_invoice_is_found_by_its_order() {
    on_each_engine(|books| async move {
        let two = Two::start().await;
        let cut = RequestFault::Cut {
            when: When::AfterWork,
        };
        let rule = FaultRule::request("POST /v1.0/invoices", cut);
        two.unipayment.faults().add(rule);
        let at_unipayment =
            |args: &[&str]| books.keep(two.command(&with(args, &["--provider", "unipayment"])));
        run(at_unipayment(&INVOICE)).await.error(5);
        let report = run(at_unipayment(&["recover"])).await.done();
        let resolved = &report["resolved"][0];
        let made = two.unipayment.unipayment().invoices()[0].invoice_id.clone();
        assert_eq!(resolved["id"], made.as_str(), "{report}");
        assert_eq!(resolved["doubt"]["order_id"], "order-1");
    });
}

#[test]
fn what_the_gateway_tells_otherwise_is_settled_by_who_insists() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        lost(&sandbox, &books, When::BeforeWork).await;
        let mut dearer = PAYOUT;
        dearer[7] = "0.51";
        let made = Books::new().paymux(&sandbox, &dearer).await.done();
        let id = made["id"].as_str().unwrap();
        let settle = with(&["recover", "--settle", "ref-1", "--made", id], &BY_ANN);
        let error = books.paymux(&sandbox, &settle).await.error(2);
        assert_eq!(error["kind"], "conflict");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("amount 0.51 instead of 0.5"), "{message}");

        let insist = with(&settle, &["--insist"]);
        let settled = books.paymux(&sandbox, &insist).await.done();
        assert_eq!(settled["settled"]["state"], "made");
        let again = books.paymux(&sandbox, &PAYOUT).await.done();
        assert_eq!(again["id"], id);
        assert_eq!(sandbox.halo().payouts().len(), 1);
    });
}

#[test]
fn a_webhook_of_somebody_elses_payment_is_shown_until_a_person_takes_it_off() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let inbox = sandbox.inbox("elsewhere");
        // The same account sells in another shop, which keeps books of its own.
        let url = inbox.url();
        let create = with(&SALE, &["--callback-url", &url]);
        let sold = Books::new().paymux(&sandbox, &create).await.done();
        let id = sold["id"].as_str().unwrap();
        sandbox.halo().pay(id, 1.into()).unwrap();
        let webhook = inbox.next().await.unwrap();
        apply(&sandbox, &books, &webhook, &webhook.body)
            .await
            .done();

        let report = books.paymux(&sandbox, &["recover"]).await.done();
        let unmatched = &report["unmatched"][0];
        assert_eq!(unmatched["gateway_id"], id);
        assert_eq!(unmatched["kind"], "invoice");
        let number = unmatched["number"].to_string();
        let nameless = ["recover", "--dismiss", &number];
        books.paymux(&sandbox, &nameless).await.error(2);
        let dismiss = with(&nameless, &BY_ANN);
        let report = books.paymux(&sandbox, &dismiss).await.done();
        assert_eq!(report["unmatched"], json!([]));
        let name = format!("webhook:{number}");
        let history = books.paymux(&sandbox, &["history", &name]).await.done();
        assert_eq!(history[0]["lines"][0]["who"], "ann");
        let shown = with(&["history", &name], &["--output", "text"]);
        let shown = books.paymux(&sandbox, &shown).await.stdout;
        assert!(shown.starts_with("AT "), "{shown}");
        books.paymux(&sandbox, &dismiss).await.error(2);
    });
}

#[tokio::test]
async fn a_settlement_says_what_who_and_why() {
    let sandbox = sandbox().await;
    for args in [
        &["recover", "--settle", "ref-1", "--not-made"][..],
        &with(&["recover", "--settle", "ref-1"], &BY_ANN),
        &with(
            &["recover", "--settle", "r", "--made", "T1", "--not-made"],
            &BY_ANN,
        ),
        &["recover", "--not-made"],
        &[
            "recover",
            "--settle",
            "ref-1",
            "--not-made",
            "--who",
            " ",
            "--why",
            "w",
        ],
        // Known to nobody.
        &with(&["recover", "--settle", "ref-1", "--not-made"], &BY_ANN),
        &["history", "ref-1"],
        &["payout", "approve", "ref-1", "--who", "ann"],
    ] {
        let error = paymux(&sandbox, args).await.error(2);
        assert_eq!(error["outcome"], "not_sent", "{args:?}");
    }
    assert!(sandbox.requests().is_empty());
}
