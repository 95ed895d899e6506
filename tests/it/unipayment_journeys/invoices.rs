//! An invoice from its creation to its end.

use paymux::transition::{Change, Observed};
use paymux::{FulfilmentPolicy, InvoiceSnapshot, InvoiceStatus, PaymentException};
use paymux_sandbox::Settings;
use paymux_sandbox::unipayment::{EnumSpelling, MoneySpelling, UniPaymentSettings};
use paymux_unipayment::Generation;
use rust_decimal::Decimal;

use crate::shop::{Shop, decimal};

async fn shop(generation: Generation) -> Shop {
    Shop::at_unipayment(generation, Settings::default()).await
}

async fn shop_with(generation: Generation, unipayment: UniPaymentSettings) -> Shop {
    let settings = Settings {
        unipayment,
        ..Settings::default()
    };
    Shop::at_unipayment(generation, settings).await
}

fn exceptions(invoice: &InvoiceSnapshot) -> Vec<PaymentException> {
    invoice.exceptions.iter().collect()
}

fn amounts(invoice: &InvoiceSnapshot) -> [Option<Decimal>; 3] {
    let amount = |own: &Option<paymux::AssetAmount>| own.as_ref().map(|own| own.amount);
    [
        amount(&invoice.received),
        amount(&invoice.remaining),
        amount(&invoice.excess),
    ]
}

fn of(digits: [&str; 3]) -> [Option<Decimal>; 3] {
    digits.map(|digits| Some(decimal(digits)))
}

/// Takes in every webhook that the gateway has to send, and whether one of them changed something.
async fn hear_all(shop: &Shop, known: &mut InvoiceSnapshot) -> bool {
    let mut moved = false;
    for event in shop.all_notices().await {
        let told = event.invoice().expect("the webhook is about an invoice");
        assert_eq!(told.id, known.id);
        let change = known.observe(told, Observed::Notice);
        assert_ne!(change, Change::Contradiction);
        moved |= change == Change::Moved;
    }
    moved
}

fn allows(invoice: &InvoiceSnapshot) -> bool {
    FulfilmentPolicy::default().allows(invoice)
}

/// What is heard and what is read, after the webhooks of now.
async fn heard_and_read(
    shop: &Shop,
    told: &mut InvoiceSnapshot,
    read: &mut InvoiceSnapshot,
) -> [InvoiceSnapshot; 2] {
    hear_all(shop, told).await;
    shop.read(read).await;
    [told.clone(), read.clone()]
}

#[tokio::test]
async fn paid_in_two_parts_confirmed_and_complete() {
    for generation in Generation::ALL {
        let shop = shop(generation).await;
        let created = shop.invoice().await;
        assert_eq!(created.due.as_ref().unwrap().to_string(), "5 USDT@tron");
        let (mut told, mut read) = (created.clone(), created.clone());
        let gateway = shop.sandbox.unipayment();
        let id = created.id.as_str();
        hear_all(&shop, &mut told).await;

        // A part leaves it New, and is told by no webhook.
        gateway.pay(id, decimal("2.000001")).unwrap();
        assert!(!hear_all(&shop, &mut told).await, "{generation}");
        assert_eq!(shop.read(&mut read).await, Change::Moved);
        assert_eq!(read.status, InvoiceStatus::Pending);
        assert_eq!(exceptions(&read), [PaymentException::Underpaid]);
        assert_eq!(amounts(&read), of(["2.000001", "2.999999", "0"]));
        assert!(!allows(&read));

        gateway.pay_rest(id).unwrap();
        for (step, status, fulfils) in [
            (0, InvoiceStatus::Processing, false),
            (1, InvoiceStatus::Confirmed, true),
            (2, InvoiceStatus::Settled, true),
        ] {
            if step > 0 {
                gateway.confirm(id, step).unwrap();
            }
            for seen in heard_and_read(&shop, &mut told, &mut read).await {
                assert_eq!(seen.status, status, "{generation}");
                assert!(seen.exceptions.is_empty(), "{generation} {seen:?}");
                assert_eq!(amounts(&seen), of(["5", "0", "0"]), "{generation}");
                assert_eq!(allows(&seen), fulfils, "{generation} {status}");
            }
        }
        for seen in [&told, &read] {
            assert_eq!(seen.price, created.price);
            assert_eq!(seen.order_id, created.order_id);
            assert_eq!(seen.destination, created.destination);
            assert_eq!(seen.checkout_url, created.checkout_url);
        }
        assert_eq!(gateway.invoices().len(), 1);
    }
}

#[tokio::test]
async fn expired_unpaid_and_in_part() {
    for generation in Generation::ALL {
        for (paid, expected, left) in [
            (None, vec![], ["0", "5", "0"]),
            (
                Some("1.5"),
                vec![PaymentException::Underpaid],
                ["1.5", "3.5", "0"],
            ),
        ] {
            let shop = shop(generation).await;
            let created = shop.invoice().await;
            let (mut told, mut read) = (created.clone(), created.clone());
            let gateway = shop.sandbox.unipayment();
            if let Some(part) = paid {
                gateway.pay(created.id.as_str(), decimal(part)).unwrap();
            }
            gateway.expire(created.id.as_str()).unwrap();
            for seen in heard_and_read(&shop, &mut told, &mut read).await {
                assert_eq!(seen.status, InvoiceStatus::Expired, "{generation}");
                assert_eq!(exceptions(&seen), expected, "{generation} {paid:?}");
                assert_eq!(amounts(&seen), of(left), "{generation} {paid:?}");
                assert!(!FulfilmentPolicy::default().accepting_late().allows(&seen));
            }
        }
    }
}

#[tokio::test]
async fn paid_too_much_is_told_with_every_step_and_is_enough() {
    for generation in Generation::ALL {
        let shop = shop(generation).await;
        let created = shop.invoice().await;
        let (mut told, mut read) = (created.clone(), created.clone());
        let gateway = shop.sandbox.unipayment();
        gateway.pay(created.id.as_str(), decimal("5.01")).unwrap();
        for complete in [false, true] {
            if complete {
                gateway.complete(created.id.as_str()).unwrap();
            }
            for seen in heard_and_read(&shop, &mut told, &mut read).await {
                assert_eq!(exceptions(&seen), [PaymentException::Overpaid]);
                assert_eq!(amounts(&seen), of(["5.01", "0", "0.01"]), "{generation}");
                assert_eq!(allows(&seen), complete, "{generation}");
            }
        }
        assert_eq!(told.status, InvoiceStatus::Settled);
    }
}

#[tokio::test]
async fn paid_late_stays_expired_where_the_gateway_leaves_it_so() {
    for generation in Generation::ALL {
        let shop = shop(generation).await;
        let created = shop.invoice().await;
        let (mut told, mut read) = (created.clone(), created.clone());
        let gateway = shop.sandbox.unipayment();
        gateway.expire(created.id.as_str()).unwrap();
        for seen in heard_and_read(&shop, &mut told, &mut read).await {
            assert!(seen.exceptions.is_empty(), "{generation}");
        }
        gateway.pay_rest(created.id.as_str()).unwrap();
        for seen in heard_and_read(&shop, &mut told, &mut read).await {
            assert_eq!(seen.status, InvoiceStatus::Expired, "{generation}");
            assert_eq!(exceptions(&seen), [PaymentException::Late], "{generation}");
            assert_eq!(amounts(&seen), of(["5", "0", "0"]), "{generation}");
            assert!(!FulfilmentPolicy::default().accepting_late().allows(&seen));
        }
    }
}

#[tokio::test]
async fn paid_late_settles_late_where_the_gateway_takes_it() {
    for generation in Generation::ALL {
        let settings = UniPaymentSettings {
            late_payment_revives: true,
            ..UniPaymentSettings::default()
        };
        let shop = shop_with(generation, settings).await;
        let created = shop.invoice().await;
        let (mut told, mut read) = (created.clone(), created.clone());
        let gateway = shop.sandbox.unipayment();
        gateway.expire(created.id.as_str()).unwrap();
        heard_and_read(&shop, &mut told, &mut read).await;
        gateway.pay_rest(created.id.as_str()).unwrap();
        gateway.complete(created.id.as_str()).unwrap();
        let mut newcomer = created.clone();
        shop.read(&mut newcomer).await;
        for seen in heard_and_read(&shop, &mut told, &mut read).await {
            assert_eq!(seen, read_as(&seen, &newcomer), "{generation}");
            assert_eq!(seen.status, InvoiceStatus::Settled, "{generation}");
            assert_eq!(exceptions(&seen), [PaymentException::Late], "{generation}");
            assert!(!allows(&seen));
            assert!(FulfilmentPolicy::default().accepting_late().allows(&seen));
        }
    }
}

/// The gateway's own word says late, so also who saw nothing of the expiry knows it.
fn read_as(seen: &InvoiceSnapshot, newcomer: &InvoiceSnapshot) -> InvoiceSnapshot {
    let mut same = seen.clone();
    same.exceptions = newcomer.exceptions.clone();
    same.status = newcomer.status;
    same
}

#[tokio::test]
async fn an_invalid_invoice_may_still_become_complete() {
    for generation in Generation::ALL {
        let shop = shop(generation).await;
        let created = shop.invoice().await;
        let (mut told, mut read) = (created.clone(), created.clone());
        let gateway = shop.sandbox.unipayment();
        gateway.pay_rest(created.id.as_str()).unwrap();
        gateway.invalidate(created.id.as_str()).unwrap();
        for seen in heard_and_read(&shop, &mut told, &mut read).await {
            assert_eq!(seen.status, InvoiceStatus::Invalid, "{generation}");
            assert!(seen.status.is_final());
            assert!(!allows(&seen));
        }
        gateway.complete(created.id.as_str()).unwrap();
        for seen in heard_and_read(&shop, &mut told, &mut read).await {
            assert_eq!(seen.status, InvoiceStatus::Settled, "{generation}");
            assert!(seen.exceptions.is_empty(), "{generation}");
            assert!(allows(&seen));
        }
    }
}

/// Whoever marked it knows why; that the money is there is another thing.
#[tokio::test]
async fn an_invoice_that_a_person_completed() {
    for generation in Generation::ALL {
        let shop = shop(generation).await;
        let created = shop.invoice().await;
        let (mut told, mut read) = (created.clone(), created.clone());
        let gateway = shop.sandbox.unipayment();
        gateway.mark(created.id.as_str()).unwrap();
        for seen in heard_and_read(&shop, &mut told, &mut read).await {
            assert_eq!(seen.status, InvoiceStatus::Settled, "{generation}");
            assert!(seen.exceptions.contains(PaymentException::Marked));
            assert_eq!(amounts(&seen), of(["0", "5", "0"]));
            assert!(!allows(&seen), "nothing arrived");
        }
    }
}

#[tokio::test]
async fn an_invoice_whose_payer_chooses_the_coin() {
    for generation in [Generation::Hmac, Generation::OAuth] {
        let shop = shop(generation).await;
        let mut request = shop.order();
        request.asset = None;
        let created = shop.provider.create_invoice(&request).await.unwrap();
        let mut invoice = created.snapshot().clone();
        assert_eq!((&invoice.due, &invoice.destination), (&None, &None));
        let link = invoice.checkout_url.clone();
        assert!(link.is_some());

        let gateway = shop.sandbox.unipayment();
        let id = invoice.id.clone();
        gateway
            .choose_coin(id.as_str(), "ETH", "NETWORK_ETH")
            .unwrap();
        shop.read(&mut invoice).await;
        // 5 USD at 3000 USD for one ETH, rounded up to the last of eighteen decimals.
        let due = invoice.due.as_ref().unwrap().to_string();
        assert_eq!(due, "0.001666666666666667 ETH@ethereum");
        assert!(invoice.qr.as_ref().unwrap().starts_with("ethereum:0x"));
        gateway.pay_rest(id.as_str()).unwrap();
        gateway.complete(id.as_str()).unwrap();
        shop.read(&mut invoice).await;
        assert_eq!(invoice.received, invoice.due);
        assert_eq!(invoice.checkout_url, link);
        assert!(allows(&invoice));
    }
}

#[tokio::test]
async fn every_spelling_of_the_gateway_tells_the_same() {
    for generation in Generation::ALL {
        let mut seen = Vec::new();
        for money in [
            MoneySpelling::AsShown,
            MoneySpelling::Numbers,
            MoneySpelling::Strings,
        ] {
            for enums in [EnumSpelling::Names, EnumSpelling::Numbers] {
                let settings = UniPaymentSettings {
                    money,
                    enums,
                    ..UniPaymentSettings::default()
                };
                let shop = shop_with(generation, settings).await;
                let created = shop.invoice().await;
                let (mut told, mut read) = (created.clone(), created.clone());
                let gateway = shop.sandbox.unipayment();
                gateway.pay(created.id.as_str(), decimal("1.5")).unwrap();
                shop.read(&mut read).await;
                assert_eq!(amounts(&read), of(["1.5", "3.5", "0"]), "{money:?}");
                gateway.pay(created.id.as_str(), decimal("4")).unwrap();
                gateway.complete(created.id.as_str()).unwrap();
                heard_and_read(&shop, &mut told, &mut read).await;
                for one in [told, read] {
                    let word = one.provider_status.clone();
                    seen.push((one.status, exceptions(&one), amounts(&one), word));
                }
            }
        }
        let settled = (
            InvoiceStatus::Settled,
            vec![PaymentException::Overpaid],
            of(["5.5", "0", "0.5"]),
            Some("Complete".to_owned()),
        );
        for one in seen {
            assert_eq!(one, settled, "{generation}");
        }
    }
}
