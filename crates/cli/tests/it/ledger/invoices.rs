//! An order has one invoice, and the ledger knows whose it is.

use std::time::Duration;

use paymux_sandbox::{FaultRule, RequestFault, When};

use crate::books::on_each_engine;
use crate::child::{INVOICE, command_at, kill_once_called, run, sandbox};
use crate::router::{INVOICE as ROUTED_INVOICE, Two};

#[test]
fn an_order_keeps_its_invoice() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let first = books.paymux(&sandbox, &INVOICE).await.done();
        let again = books.paymux(&sandbox, &INVOICE).await;
        assert!(
            again.stderr.contains("has this invoice already"),
            "{again:#?}"
        );
        assert_eq!(again.done(), first);
        assert_eq!(sandbox.halo().orders().len(), 1);

        let mut dearer = INVOICE;
        dearer[5] = "6 USD";
        let error = books.paymux(&sandbox, &dearer).await.error(2);
        assert_eq!(error["kind"], "conflict");
        assert_eq!(sandbox.halo().orders().len(), 1);
    });
}

#[test]
fn after_an_invoice_that_is_over_the_order_gets_another() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let cut = RequestFault::Cut {
            when: When::AfterWork,
        };
        let rule = FaultRule::request("/api/order/create", cut);
        sandbox.faults().add(rule);
        books.paymux(&sandbox, &INVOICE).await.error(5);
        let second = books.paymux(&sandbox, &INVOICE).await.done();
        assert_eq!(second["order_id"], "order-1");
        let orders = sandbox.halo().orders();
        assert_eq!(orders.len(), 2);

        let id = second["id"].as_str().unwrap();
        let read = books.paymux(&sandbox, &["invoice", "get", id]).await.done();
        assert_eq!(read["order_id"], "order-1", "the merchant's own id stays");
    });
}

#[test]
fn killed_in_the_middle_it_is_not_made_twice_at_once() {
    on_each_engine(|books| async move {
        let sandbox = sandbox().await;
        let endpoint = "/api/order/create";
        let slow = RequestFault::delay(When::AfterWork, Duration::from_secs(60));
        sandbox.faults().add(FaultRule::request(endpoint, slow));
        let command = books.keep(command_at(sandbox.url(), &INVOICE));
        kill_once_called(command, &sandbox, endpoint).await;

        let error = books.paymux(&sandbox, &INVOICE).await.error(4);
        assert_eq!(error["kind"], "in_progress");
        let hint = error["hint"].as_str().unwrap();
        assert!(hint.contains("run this again in 20 seconds"), "{hint}");
        assert_eq!(sandbox.requests_to(endpoint).len(), 1);
    });
}

#[test]
fn the_router_reads_ids_that_the_ledger_knows() {
    on_each_engine(|books| async move {
        let two = Two::start().await;
        let invoice = run(books.keep(two.command(&ROUTED_INVOICE))).await.done();
        let id = invoice["id"].as_str().unwrap();
        for provider in [&[][..], &["--provider", "router"]] {
            let args = crate::child::with(&["invoice", "get", id], provider);
            let read = run(books.keep(two.command(&args))).await.done();
            assert_eq!(read["id"], invoice["id"]);
            assert_eq!(read["provider"], "native-checkout");
            // Without that ledger it cannot know.
            run(two.command(&args)).await.error(2);
        }
        let watch = [
            "invoice",
            "watch",
            id,
            "--until",
            "final",
            "--timeout",
            "1s",
        ];
        let error = run(books.keep(two.command(&watch))).await.error(7);
        assert_eq!(error["id"], id);

        let payout = run(books.keep(two.command(&crate::router::PAYOUT)))
            .await
            .done();
        let id = payout["id"].as_str().unwrap();
        let read = run(books.keep(two.command(&["payout", "get", id])))
            .await
            .done();
        assert_eq!(read["provider"], payout["provider"]);
        // The id of a payout is none of an invoice.
        run(books.keep(two.command(&["invoice", "get", id])))
            .await
            .error(2);
    });
}
