//! Invoices of each generation over the sandbox, which is written from the gateway's documents alone.

use paymux_core::{
    CatalogScope, ErrorKind, InvoiceId, InvoiceQuery, InvoiceStatus, Outcome, PaymentException,
    PaymentProvider,
};
use paymux_sandbox::unipayment::{EnumSpelling, MoneySpelling};
use paymux_sandbox::{FaultRule, RequestFault, Sandbox};
use paymux_unipayment::{Generation, UniPaymentInvoice};
use rust_decimal::Decimal;
use serde_json::json;

use crate::providers::{builder, new_invoice, provider};

#[tokio::test]
async fn an_invoice_is_paid_and_read_to_its_end() {
    for generation in Generation::ALL {
        let sandbox = Sandbox::start().await.unwrap();
        let provider = provider(&sandbox, generation);
        let created = provider
            .create_invoice(&new_invoice("order-1", "10.86 USD"))
            .await
            .unwrap();
        assert_eq!(created.status(), InvoiceStatus::Pending);
        assert_eq!(created.order_id().unwrap().as_str(), "order-1");
        assert_eq!(created.price().unwrap().to_string(), "10.86 USD");
        assert!(created.checkout_url().is_some());
        let destination = created.destination().unwrap();
        assert_eq!(destination.network.as_ref().unwrap().name(), "tron");
        let due = created.due().unwrap().clone();
        assert_eq!(due.asset.as_ref().unwrap().to_string(), "USDT@tron");
        let own = created.as_any().downcast_ref::<UniPaymentInvoice>();
        assert_eq!(own.unwrap().answer().pay_amount, Some(due.amount));

        let gateway = sandbox.unipayment();
        let half = (due.amount / Decimal::TWO).round_dp(due.amount.scale());
        gateway.pay(created.id().as_str(), half).unwrap();
        let seen = provider.fetch_invoice(created.id()).await.unwrap();
        assert_eq!(seen.status(), InvoiceStatus::Pending);
        assert!(seen.exceptions().contains(PaymentException::Underpaid));
        assert_eq!(seen.received().unwrap().amount, half);
        assert_eq!(seen.due(), Some(&due));

        gateway.pay_rest(created.id().as_str()).unwrap();
        gateway.complete(created.id().as_str()).unwrap();
        let seen = provider.fetch_invoice(created.id()).await.unwrap();
        assert_eq!(seen.status(), InvoiceStatus::Settled);
        assert!(seen.should_fulfil());
        sandbox.stop().await;
    }
}

#[tokio::test]
async fn the_payer_may_choose_the_coin() {
    for generation in [Generation::Hmac, Generation::OAuth] {
        let sandbox = Sandbox::start().await.unwrap();
        let provider = provider(&sandbox, generation);
        let mut request = new_invoice("order-1", "5 USD")
            .with_description("d".repeat(300))
            .with_return_url("https://shop.example/thanks")
            .with_metadata("cart", "7 & 8");
        request.asset = None;
        let created = provider.create_invoice(&request).await.unwrap();
        let snapshot = created.snapshot();
        assert_eq!(
            (&snapshot.due, &snapshot.remaining, &snapshot.destination),
            (&None, &None, &None)
        );
        assert_eq!(snapshot.qr, None);

        let id = created.id().as_str();
        let gateway = sandbox.unipayment();
        gateway.choose_coin(id, "BTC", "NETWORK_BTC").unwrap();
        let seen = provider.fetch_invoice(created.id()).await.unwrap();
        let asset = seen.due().unwrap().asset.as_ref().unwrap();
        assert_eq!(asset.to_string(), "BTC@bitcoin");
    }
}

#[tokio::test]
async fn every_spelling_of_amounts_and_words_reads_the_same() {
    for generation in Generation::ALL {
        for money in [MoneySpelling::Numbers, MoneySpelling::Strings] {
            let sandbox = Sandbox::start().await.unwrap();
            sandbox.update_settings(|settings| {
                settings.unipayment.money = money;
                settings.unipayment.enums = EnumSpelling::Numbers;
            });
            let provider = provider(&sandbox, generation);
            let request = new_invoice("order-1", "0.10 USD");
            let created = provider.create_invoice(&request).await.unwrap();
            let seen = provider.fetch_invoice(created.id()).await.unwrap();
            assert_eq!(seen.status(), InvoiceStatus::Pending);
            assert_eq!(seen.price().unwrap(), &request.price);
            assert_eq!(seen.due(), created.due());
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_another_than_asked_is_a_mismatch_of_unknown_outcome() {
    for (member, value) in [
        ("data.price_amount", json!(1.86)),
        ("data.price_currency", json!("EUR")),
        ("data.pay_currency", json!("USDC")),
        ("data.network", json!("NETWORK_ETH")),
        ("data.order_id", json!("order-2")),
        ("data.app_id", json!("another-app")),
    ] {
        let sandbox = Sandbox::start().await.unwrap();
        let member = member.to_owned();
        let fault = RequestFault::ReplaceMember { member, value };
        let faults = sandbox.faults();
        faults.add(FaultRule::request("/v1.0/invoices", fault.clone()));
        let provider = provider(&sandbox, Generation::Hmac);
        let request = new_invoice("order-1", "10.86 USD");
        let error = provider.create_invoice(&request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Mismatch, "{fault:?}");
        assert_eq!(error.outcome(), Outcome::Unknown);
        let made = sandbox.unipayment().invoices();
        assert_eq!(error.id(), Some(made[0].invoice_id.as_str()));
    }
}

#[tokio::test]
async fn invoices_are_found_by_order_status_and_page() {
    for generation in Generation::ALL {
        let sandbox = Sandbox::start().await.unwrap();
        let provider = provider(&sandbox, generation);
        for order in ["order-1", "order-2", "order-2"] {
            let request = new_invoice(order, "5 USD");
            provider.create_invoice(&request).await.unwrap();
        }
        let search = provider.search().unwrap();
        let mut query = InvoiceQuery::default();
        query.order_id = Some("order-2".parse().unwrap());
        let page = search.search_invoices(&query).await.unwrap();
        assert_eq!((page.items.len(), page.total), (2, Some(2)));
        assert_eq!((page.page, page.pages), (Some(1), Some(1)));
        let orders = page.items.iter().map(|item| item.order_id().unwrap());
        assert!(orders.into_iter().all(|id| id.as_str() == "order-2"));

        query.status = Some(InvoiceStatus::Settled);
        let settled = search.search_invoices(&query).await;
        if generation == Generation::Md5 {
            assert_eq!(settled.unwrap_err().kind(), ErrorKind::Unsupported);
            let all = search.search_invoices(&InvoiceQuery::default()).await;
            assert_eq!(all.unwrap_err().kind(), ErrorKind::Unsupported);
        } else {
            assert!(settled.unwrap().items.is_empty());
            let all = search
                .search_invoices(&InvoiceQuery::default())
                .await
                .unwrap();
            assert_eq!(all.total, Some(3));
        }
    }
}

#[tokio::test]
async fn what_the_gateway_does_not_know_is_not_found() {
    for generation in Generation::ALL {
        let sandbox = Sandbox::start().await.unwrap();
        let provider = provider(&sandbox, generation);
        let id = InvoiceId::received("nobody-made-this");
        let error = provider.fetch_invoice(&id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(error.outcome(), Outcome::Rejected);
    }
}

#[tokio::test]
async fn wrong_keys_make_nothing() {
    for generation in Generation::ALL {
        let sandbox = Sandbox::start().await.unwrap();
        let impostor = builder(&sandbox, generation)
            .with_app_key("wrong-canary".into())
            .with_client_secret("wrong-canary".into())
            .build()
            .unwrap();
        let request = new_invoice("order-1", "5 USD");
        let error = impostor.create_invoice(&request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Authentication, "{error:?}");
        assert!(!error.may_have_executed());
        assert!(!format!("{error:?}").contains("canary"));
        assert!(sandbox.unipayment().invoices().is_empty());
    }
}

#[tokio::test]
async fn terms_that_cannot_be_kept_are_refused_unsent() {
    let sandbox = Sandbox::start().await.unwrap();
    let provider = provider(&sandbox, Generation::OAuth);
    let hour = std::time::Duration::from_secs(3600);
    let on = |asset: &str| new_invoice("order-1", "5 USD").with_asset(asset.parse().unwrap());
    for request in [
        on("USDT@tron").with_expires_in(hour),
        on("USDT@tron-nile"),
        on("eip155:1/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7"),
    ] {
        let error = provider.create_invoice(&request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    assert!(sandbox.requests().is_empty());
}

#[tokio::test]
async fn rates_currencies_and_balances_are_read() {
    for generation in [Generation::Hmac, Generation::OAuth] {
        let sandbox = Sandbox::start().await.unwrap();
        let provider = provider(&sandbox, generation);
        sandbox
            .unipayment()
            .set_rate("BTC", "USD", Decimal::from(30_000))
            .unwrap();
        let quotes = provider.quotes().unwrap();
        let price = "1 USD".parse().unwrap();
        let asset = "BTC@bitcoin".parse().unwrap();
        let quote = quotes.quote(&price, &asset).await.unwrap();
        assert_eq!(quote.amount.to_string(), "0.00003334 BTC@bitcoin");
        assert!(quote.estimated);
        let unknown = "DOGE@bitcoin".parse().unwrap();
        let error = quotes.quote(&price, &unknown).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);

        let catalog = provider.catalog().unwrap();
        let assets = catalog.assets(CatalogScope::Enabled).await.unwrap().items;
        let names: Vec<_> = assets.iter().map(|entry| &*entry.provider_id).collect();
        assert_eq!(names, ["USDT", "USDC", "ETH", "BTC", "BNB"]);

        let balances = provider.balances().unwrap();
        let usdt = "USDT@tron".parse().unwrap();
        let held = balances.fetch_balances(Some(&usdt)).await.unwrap().items;
        assert_eq!(held[0].asset.to_string(), "USDT");
        assert_eq!(held[0].total, Decimal::ONE_THOUSAND);
        assert!(balances.fetch_balances(None).await.unwrap().items.len() > 5);
    }
}
