//! Invoices, from their creation to the money.

use paymux_sandbox::Generation;
use serde_json::json;

use super::{ALL, INVOICE, WALLETS, invoices_path, uni};
use crate::child::{finish, sandbox, with};
use crate::creating::assert_invoice_shape;

#[tokio::test]
async fn an_invoice_is_made_read_found_and_watched() {
    for generation in ALL {
        let sandbox = sandbox().await;
        let callback = "http://127.0.0.1:9/hook";
        let args = with(&INVOICE, &["--callback-url", callback]);
        let invoice = uni(&sandbox, generation, &args).await.done();
        assert_invoice_shape(&invoice);
        let kept = &sandbox.unipayment().invoices()[0];
        assert_eq!(kept.generation, generation);
        assert_eq!(kept.notify_url.as_deref(), Some(callback));
        assert_eq!(invoice["provider"], "unipayment");
        assert_eq!(invoice["id"], kept.invoice_id.as_str());
        assert_eq!(invoice["order_id"], "order-1");
        assert_eq!(invoice["status"], "pending");
        assert_eq!(invoice["price"], json!({"amount": "5", "currency": "USD"}));
        let due = json!({"amount": "5", "asset": "USDT@tron"});
        assert_eq!(invoice["due"], due);
        let address = kept.destination.as_ref().unwrap().address.as_str();
        assert_eq!(
            invoice["destination"],
            json!({"address": address, "network": "tron", "memo": null})
        );
        assert_eq!(invoice["qr"], address);
        assert!(invoice["checkout_url"].is_string() && invoice["expires_at"].is_string());

        let id = kept.invoice_id.as_str();
        sandbox.unipayment().pay(id, 2.into()).unwrap();
        for id in [id.to_owned(), format!("unipayment:{id}")] {
            let read = uni(&sandbox, generation, &["invoice", "get", &id])
                .await
                .done();
            assert_invoice_shape(&read);
            assert_eq!(read["exceptions"], json!(["underpaid"]));
            assert_eq!(read["remaining"]["amount"], "3");
            assert!(read["created_at"].is_string());
        }
        let found = uni(
            &sandbox,
            generation,
            &["invoice", "list", "--order-id", "order-1"],
        )
        .await
        .done();
        assert_eq!(found["items"][0]["id"], id);
        assert_eq!(
            (&found["page"], &found["pages"], &found["total"]),
            (&json!(1), &json!(1), &json!(1))
        );

        let args = ["invoice", "watch", id, "--timeout", "30s"];
        let watching = super::command_at(sandbox.url(), generation, &args)
            .spawn()
            .unwrap();
        sandbox.unipayment().pay_rest(id).unwrap();
        sandbox.unipayment().complete(id).unwrap();
        assert_eq!(finish(watching).await.done()["status"], "settled");
        let until = ["invoice", "watch", id, "--until", "confirmed"];
        assert_eq!(
            uni(&sandbox, generation, &until).await.done()["status"],
            "settled"
        );
    }
}

#[tokio::test]
async fn without_an_asset_the_payer_chooses() {
    for generation in ALL {
        let sandbox = sandbox().await;
        let created = uni(&sandbox, generation, &INVOICE[..6]).await.done();
        assert_invoice_shape(&created);
        let id = created["id"].as_str().unwrap();
        let read = ["invoice", "get", id];
        let before = uni(&sandbox, generation, &read).await.done();
        for invoice in [&created, &before] {
            for member in ["due", "remaining", "excess", "destination", "qr"] {
                assert!(invoice[member].is_null(), "{member}: {invoice}");
            }
        }
        assert!(created["checkout_url"].is_string(), "{created}");
        let text = ["--output", "text", "invoice", "get", id];
        let ran = uni(&sandbox, generation, &text).await;
        assert!(
            !ran.stdout.contains("due") && !ran.stdout.contains('█'),
            "{ran:#?}"
        );

        let gateway = sandbox.unipayment();
        gateway.choose_coin(id, "BNB", "NETWORK_BSC").unwrap();
        let after = uni(&sandbox, generation, &read).await.done();
        assert_eq!(after["due"]["asset"], "BNB@bsc");
        assert_eq!(after["destination"]["network"], "bsc");
    }
}

#[tokio::test]
async fn the_later_generations_list_by_status_and_page() {
    for generation in WALLETS {
        let sandbox = sandbox().await;
        for order in ["order-1", "order-2"] {
            let mut args = INVOICE;
            args[3] = order;
            uni(&sandbox, generation, &args).await.done();
        }
        let paid = sandbox.unipayment().invoices()[0].invoice_id.clone();
        sandbox.unipayment().pay_rest(&paid).unwrap();
        for (args, items, page) in [
            (&["invoice", "list"][..], 2, 1),
            (&["invoice", "list", "--status", "processing"], 1, 1),
            (&["invoice", "list", "--status", "expired"], 0, 1),
            (&["invoice", "list", "--page", "2"], 0, 2),
        ] {
            let found = uni(&sandbox, generation, args).await.done();
            assert_eq!(found["items"].as_array().unwrap().len(), items, "{args:?}");
            assert_eq!(found["page"], page, "{args:?}");
        }
        let canceled = ["invoice", "list", "--status", "canceled"];
        let error = uni(&sandbox, generation, &canceled).await.error(2);
        assert_eq!(error["kind"], "unsupported");
    }
}

#[tokio::test]
async fn the_first_generation_lists_by_order_alone() {
    let sandbox = sandbox().await;
    for args in [
        &["invoice", "list"][..],
        &["invoice", "list", "--order-id", "o", "--status", "settled"],
    ] {
        let error = uni(&sandbox, Generation::Md5, args).await.error(2);
        assert_eq!(error["kind"], "unsupported");
        let hint = error["hint"].as_str().unwrap();
        assert!(
            hint.contains("hmac and oauth") && hint.contains("PAYMUX_UNIPAYMENT_AUTH"),
            "{hint}"
        );
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn terms_that_cannot_be_met_send_nothing() {
    for generation in ALL {
        let sandbox = sandbox().await;
        let mut by_contract = INVOICE;
        by_contract[7] = "eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7";
        let mut on_nile = INVOICE;
        on_nile[7] = "USDT@tron-nile";
        for args in [
            with(&INVOICE, &["--expires-in", "10m"]),
            by_contract.to_vec(),
            on_nile.to_vec(),
        ] {
            let error = uni(&sandbox, generation, &args).await.error(2);
            assert_eq!(error["kind"], "unsupported", "{args:?}");
            assert_eq!(error["outcome"], "not_sent");
        }
        assert!(sandbox.requests_to(invoices_path(generation)).is_empty());
        assert!(sandbox.unipayment().invoices().is_empty());
    }
}

#[tokio::test]
async fn an_id_nobody_knows_is_the_gateways_no() {
    for generation in ALL {
        let sandbox = sandbox().await;
        let error = uni(&sandbox, generation, &["invoice", "get", "I1"])
            .await
            .error(3);
        assert_eq!(error["kind"], "not_found", "{error}");
        assert_eq!(error["id"], "I1");
    }
}
