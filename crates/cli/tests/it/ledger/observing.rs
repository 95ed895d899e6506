//! What a command reads at a gateway goes into the ledger.

use paymux_sandbox::{FaultRule, RequestFault, Sandbox, When};
use serde_json::{Value, json};

use crate::books::{Books, on_each_engine};
use crate::child::{INVOICE, PAYOUT, run, sandbox, with};
use crate::ledger::webhooks::apply;
use crate::router::{INVOICE as ROUTED_INVOICE, PAYOUT as ROUTED_PAYOUT, Two};

/// What the history says an invoice or a payout became, line by line.
async fn course(sandbox: &Sandbox, books: &Books, id: &str) -> Vec<[String; 2]> {
    let history = books.paymux(sandbox, &["history", id]).await.done();
    let lines = history[0]["lines"].as_array().unwrap().iter();
    lines
        .map(|line| ["cause", "became"].map(|member| line[member].as_str().unwrap().to_owned()))
        .collect()
}

fn line(cause: &str, became: &str) -> [String; 2] {
    [cause.to_owned(), became.to_owned()]
}

#[test]
fn what_is_read_moves_what_is_stored_once() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let id = books.paymux(&sandbox, &INVOICE).await.done()["id"].clone();
        let id = id.as_str().unwrap();
        sandbox.halo().pay_rest(id).unwrap();
        for _ in 0..2 {
            let ran = books.paymux(&sandbox, &["invoice", "get", id]).await;
            assert_eq!(ran.stderr, "");
        }
        sandbox.halo().confirm(id, 40).unwrap();
        let watch = ["invoice", "watch", id, "--timeout", "20s"];
        books.paymux(&sandbox, &watch).await.done();
        assert_eq!(
            course(&sandbox, &books, id).await,
            [
                line("call", "running"),
                line("call", "pending"),
                line("poll", "processing"),
                line("poll", "settled")
            ]
        );

        let id = books.paymux(&sandbox, &PAYOUT).await.done()["id"].clone();
        let id = id.as_str().unwrap();
        sandbox.halo().advance_payout(id).unwrap();
        let read = books.paymux(&sandbox, &["payout", "get", id]).await.done();
        assert_eq!(
            course(&sandbox, &books, id).await.last().unwrap(),
            &line("poll", read["status"].as_str().unwrap())
        );
        // The next run shows what is stored.
        let stored = books.paymux(&sandbox, &PAYOUT).await.done();
        assert_eq!(stored["status"], read["status"]);
    });
}

#[test]
fn what_the_ledger_does_not_know_is_not_kept() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let foreign = Books::new().paymux(&sandbox, &INVOICE).await.done();
        let id = foreign["id"].as_str().unwrap();
        let ran = books.paymux(&sandbox, &["invoice", "get", id]).await;
        assert_eq!(ran.stderr, "");
        ran.done();
        let error = books.paymux(&sandbox, &["history", id]).await.error(2);
        assert_eq!(error["kind"], "not_found");
    });
}

/// The arguments of a payout whose webhook names its reference.
fn with_callback(callback: &str) -> Vec<&str> {
    with(&PAYOUT, &["--callback-url", callback])
}

#[test]
fn reading_a_payout_ends_its_doubt_where_a_webhook_named_it() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let inbox = sandbox.inbox("shop");
        let callback = inbox.url();
        let cut = RequestFault::Cut {
            when: When::AfterWork,
        };
        sandbox
            .faults()
            .add(FaultRule::request("/api/payout/create", cut));
        let create = with_callback(&callback);
        books.paymux(&sandbox, &create).await.error(5);
        let id = sandbox.halo().payouts()[0].trade_no.clone();

        // The gateway itself does not tell whose it is.
        books.paymux(&sandbox, &["payout", "get", &id]).await.done();
        let doubtful = books.paymux(&sandbox, &["recover"]).await.done();
        assert_eq!(doubtful["open"].as_array().unwrap().len(), 1);
        books.paymux(&sandbox, &create).await.error(5);

        for _ in 0..3 {
            sandbox.halo().advance_payout(&id).unwrap();
        }
        let webhook = inbox.next().await.unwrap();
        let applied = apply(&sandbox, &books, &webhook, &webhook.body)
            .await
            .done();
        assert_eq!(applied["reference"], "ref-1");
        let read = books.paymux(&sandbox, &["payout", "get", &id]).await.done();
        let stored = books.paymux(&sandbox, &create).await;
        assert!(stored.stderr.contains("made before"), "{stored:#?}");
        assert_eq!(stored.done()["status"], read["status"]);
        assert_eq!(sandbox.halo().payouts().len(), 1);
    });
}

#[test]
fn reading_a_payout_ends_its_doubt_where_the_gateway_tells_its_reference() {
    on_each_engine(|books| async move {
        let two = Two::start().await;
        let at_unipayment = async |args: &[&str]| {
            let args = with(args, &["--provider", "unipayment"]);
            run(books.keep(two.command(&args))).await
        };
        let mut other = ROUTED_PAYOUT;
        other[3] = "ref-2";
        let other = at_unipayment(&other).await.done();
        let cut = RequestFault::Cut {
            when: When::AfterWork,
        };
        let endpoint = "POST /v1.0/wallet/withdrawals";
        let faults = two.unipayment.faults();
        faults.add(FaultRule::request(endpoint, cut));
        at_unipayment(&ROUTED_PAYOUT).await.error(5);

        // Of the same amount to the same destination, and another one all the same.
        let other_id = other["id"].as_str().unwrap();
        let ran = at_unipayment(&["payout", "get", other_id]).await;
        assert_eq!(ran.stderr, "");
        at_unipayment(&ROUTED_PAYOUT).await.error(5);

        let payouts = two.unipayment.unipayment().payouts();
        assert_eq!(payouts.len(), 2);
        let mut ids = payouts.iter().map(|payout| payout.id.as_str());
        let lost = ids.find(|id| *id != other_id).unwrap();
        at_unipayment(&["payout", "get", lost]).await.done();
        let stored = at_unipayment(&ROUTED_PAYOUT).await;
        assert!(stored.stderr.contains("made before"), "{stored:#?}");
        assert_eq!(stored.done()["id"], lost);
        assert_eq!(two.unipayment.unipayment().payouts().len(), 2);
    });
}

#[test]
fn an_orders_later_invoices_are_listed_under_its_own_id() {
    on_each_engine(|books| async move {
        let two = Two::start().await;
        let at_unipayment = async |args: &[&str]| {
            let args = with(args, &["--provider", "unipayment"]);
            run(books.keep(two.command(&args))).await
        };
        let first = at_unipayment(&ROUTED_INVOICE).await.done();
        let id = first["id"].as_str().unwrap();
        two.unipayment.unipayment().expire(id).unwrap();
        // What is read here moves the stored invoice too: the order is free for the next one.
        let list = ["invoice", "list", "--order-id", "order-1"];
        let listed = at_unipayment(&list).await.done();
        assert_eq!(listed["items"][0]["status"], "expired", "{listed}");
        let second = at_unipayment(&ROUTED_INVOICE).await.done();
        assert_ne!(second["id"], first["id"]);

        let ran = at_unipayment(&list).await;
        let listed = ran.done();
        let told = |member: &str| -> Vec<Value> {
            let items = listed["items"].as_array().unwrap().iter();
            items.map(|item| item[member].clone()).collect()
        };
        assert_eq!(told("id"), [first["id"].clone(), second["id"].clone()]);
        assert_eq!(told("order_id"), ["order-1", "order-1"]);
        assert_eq!(listed["total"], 2);
        assert_eq!(listed["pages"], 1);

        // Where the ledger cannot be asked the first is found all the same.
        let args = with(&list, &["--provider", "unipayment"]);
        let mut command = two.command(&args);
        command.env("PAYMUX_DATABASE_URL", "mysql://nowhere");
        let ran = run(command).await;
        assert!(ran.stderr.contains("the ledger was not asked"), "{ran:#?}");
        assert_eq!(ran.done()["total"], 1);
    });
}

#[test]
fn ids_are_the_gateways_own_in_all_that_the_ledger_prints() {
    on_each_engine(|books| async move {
        let two = Two::start().await;
        let paymux = async |args: &[&str]| run(books.keep(two.command(args))).await;
        let cut = RequestFault::Cut {
            when: When::BeforeWork,
        };
        two.halo
            .faults()
            .add(FaultRule::request("/api/order/create", cut));
        paymux(&ROUTED_INVOICE).await.done();
        let payout = paymux(&ROUTED_PAYOUT).await.done();
        let own = json!(payout["id"]);
        for args in [
            &["export", "invoices", "--format", "jsonl"][..],
            &["export", "payouts", "--format", "jsonl"],
            &["export", "invoices", "--format", "csv"],
            &["export", "payouts", "--format", "csv"],
            &["history", "order-1"],
            &["history", "ref-1"],
            &["recover"],
            &["drift"],
        ] {
            let ran = paymux(args).await;
            assert_eq!(ran.exit, 0, "{args:?} {ran:#?}");
            for owner in ["native-checkout", "unipayment"] {
                let owned = format!("\"{owner}:");
                assert!(!ran.stdout.contains(&owned), "{args:?} {}", ran.stdout);
                assert!(!ran.stdout.contains(&format!(",{owner}:")), "{args:?}");
            }
        }
        let exported = paymux(&["export", "payouts", "--format", "jsonl"]).await;
        let record = exported.json();
        assert_eq!(record["id"], own);
        assert_eq!(record["payout"]["id"], own);
        assert_eq!(record["payout"]["provider"], record["provider"]);
    });
}
