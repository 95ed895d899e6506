//! Answers about something else than what was asked for: a mismatch that says the right outcome and
//! names what was made.

use paymux::ErrorKind::{InvalidResponse, Mismatch};
use paymux::Outcome::{NotSent, Unknown};
use paymux::{InvoiceId, PaymentProvider, PayoutId};
use paymux_tests::unipayment_server::{
    Era, MD5_CREATED, MD5_PAGE, PAY, PAYMENT, V1_CREATED, V2_CREATED, WITHDRAW, WITHDRAWAL,
};
use paymux_tests::wire_server::Misbehaviour;

use super::bench::{
    create_call, created_id, fetch_call, known_id, order, payment, provider, withdrawal,
};

fn edited(body: &str, was: &str, is: &str) -> Misbehaviour {
    assert!(body.contains(was), "{was}");
    Misbehaviour::Body(body.replacen(was, is, 1))
}

fn created_body(era: Era) -> &'static str {
    match era {
        Era::Md5 => MD5_CREATED,
        Era::Hmac => V1_CREATED,
        Era::OAuth => V2_CREATED,
    }
}

#[tokio::test]
async fn of_a_new_invoice() {
    for (era, was, is) in [
        (
            Era::Md5,
            r#""price_amount": "10.86""#,
            r#""price_amount": "10.85""#,
        ),
        (
            Era::Md5,
            r#""price_currency": "USD""#,
            r#""price_currency": "HKD""#,
        ),
        (
            Era::Md5,
            r#""pay_currency": "USDT""#,
            r#""pay_currency": "USDC""#,
        ),
        (Era::Md5, "NETWORK_TRX", "NETWORK_ETH"),
        (
            Era::Hmac,
            r#""price_amount": 100.0"#,
            r#""price_amount": 10.0"#,
        ),
        (
            Era::Hmac,
            r#""price_currency": "USD""#,
            r#""price_currency": "SGD""#,
        ),
        (
            Era::Hmac,
            r#""pay_currency": "USDT""#,
            r#""pay_currency": "BTC""#,
        ),
        (
            Era::Hmac,
            "5f166a9592e54babad01c26b243b69be",
            "another-order",
        ),
        (Era::Hmac, Era::Hmac.app_id(), Era::OAuth.app_id()),
        (
            Era::OAuth,
            r#""price_amount": 2.0"#,
            r#""price_amount": 2.01"#,
        ),
        (
            Era::OAuth,
            r#""price_currency": "USD""#,
            r#""price_currency": "CNY""#,
        ),
        (
            Era::OAuth,
            "62986426-d37c-452b-98cf-039c785f3d86",
            "another-order",
        ),
        (Era::OAuth, Era::OAuth.app_id(), Era::Hmac.app_id()),
    ] {
        let (server, provider) = provider(era).await;
        server.misbehave(create_call(era), edited(created_body(era), was, is));
        let error = provider.create_invoice(&order(era)).await.unwrap_err();
        let seen = (error.kind(), error.outcome());
        assert_eq!(seen, (Mismatch, Unknown), "{era:?} {is}: {error:?}");
        assert_eq!(error.id(), Some(created_id(era)), "what was made is named");
        assert_eq!(error.operation(), Some("create_invoice"));
        assert_eq!(server.requests_to(create_call(era)).len(), 1);
    }
}

/// Without these an answer is of no use, or could be about anything.
#[tokio::test]
async fn of_a_new_invoice_with_a_member_missing() {
    for (era, was, id_known) in [
        (Era::Md5, "\"invoice_id\"", false),
        (Era::Md5, "\"price_amount\"", true),
        (Era::Md5, "\"price_currency\"", true),
        (Era::Hmac, "\"invoice_id\"", false),
        (Era::Hmac, "\"price_amount\"", true),
        (Era::Hmac, "\"price_currency\"", true),
        (Era::OAuth, "\"invoice_id\"", false),
        (Era::OAuth, "\"price_amount\"", true),
    ] {
        let (server, provider) = provider(era).await;
        let how = edited(created_body(era), was, "\"added_later\"");
        server.misbehave(create_call(era), how);
        let error = provider.create_invoice(&order(era)).await.unwrap_err();
        let seen = (error.kind(), error.outcome());
        assert_eq!(seen, (InvalidResponse, Unknown), "{era:?} {was}: {error:?}");
        let id = id_known.then_some(created_id(era));
        assert_eq!(error.id(), id, "{era:?} {was}");
    }
}

#[tokio::test]
async fn of_a_read() {
    for (era, body, was, is) in [
        (Era::Md5, MD5_PAGE, Era::Md5.app_id(), Era::Hmac.app_id()),
        (
            Era::Hmac,
            V1_CREATED,
            Era::Hmac.app_id(),
            Era::OAuth.app_id(),
        ),
        (Era::Hmac, V1_CREATED, created_id(Era::Hmac), "another"),
        (
            Era::OAuth,
            V2_CREATED,
            Era::OAuth.app_id(),
            Era::Hmac.app_id(),
        ),
        (Era::OAuth, V2_CREATED, created_id(Era::OAuth), "another"),
    ] {
        let (server, provider) = provider(era).await;
        let body = if era == Era::Md5 {
            // The first of the two invoices alone, as a query by its id gives it.
            let end = body.find("},\n      {").unwrap();
            format!("{}}}]}}}}", &body[..end])
        } else {
            body.to_owned()
        };
        server.misbehave(fetch_call(era), edited(&body, was, is));
        let id = InvoiceId::new(known_id(era)).unwrap();
        let error = provider.fetch_invoice(&id).await.unwrap_err();
        let seen = (error.kind(), error.outcome());
        assert_eq!(seen, (Mismatch, NotSent), "{era:?} {is}: {error:?}");
    }
}

#[tokio::test]
async fn of_a_read_with_a_member_missing() {
    for (era, body) in [(Era::Hmac, V1_CREATED), (Era::OAuth, V2_CREATED)] {
        let (server, provider) = provider(era).await;
        let id = InvoiceId::new(known_id(era)).unwrap();
        for was in ["\"invoice_id\"", "\"status\""] {
            server.misbehave(fetch_call(era), edited(body, was, "\"added_later\""));
            let error = provider.fetch_invoice(&id).await.unwrap_err();
            let seen = (error.kind(), error.outcome());
            assert_eq!(seen, (InvalidResponse, NotSent), "{era:?} {was}: {error:?}");
        }
    }
}

#[tokio::test]
async fn of_a_payout() {
    let evm = "0x347061544a8B0e17D62a14F4700166BB78f9bBEd";
    for (era, was, is) in [
        (Era::Hmac, r#""amount": 15.0"#, r#""amount": 15.01"#),
        (
            Era::Hmac,
            r#""asset_type": "UTT""#,
            r#""asset_type": "USDT""#,
        ),
        (Era::Hmac, "NETWORK_BSC", "NETWORK_ETH"),
        (Era::Hmac, evm, "0x4490A7d0DD7a2Aa9c5FDA9B4854E773e57c9A211"),
        (Era::OAuth, r#""amount": 1000.0"#, r#""amount": 1000.5"#),
        (
            Era::OAuth,
            r#""asset_type": "USD""#,
            r#""asset_type": "EUR""#,
        ),
    ] {
        let (server, provider) = provider(era).await;
        let (call, body, request, id) = match era {
            Era::Hmac => (
                WITHDRAW,
                WITHDRAWAL,
                withdrawal(),
                "03b6fd73-e5a8-4f98-a7e5-69556dc9cb00",
            ),
            _ => (
                PAY,
                PAYMENT,
                payment(),
                "ab379d3c-107c-407b-8c64-886ad9e80fc9",
            ),
        };
        server.misbehave(call, edited(body, was, is));
        let payouts = provider.payouts().unwrap();
        let error = payouts.create_payout(&request).await.unwrap_err();
        let seen = (error.kind(), error.outcome());
        assert_eq!(seen, (Mismatch, Unknown), "{is}: {error:?}");
        assert!(error.may_have_executed());
        assert_eq!(error.id(), Some(id));
        assert_eq!(error.reference(), Some(&request.reference));
        assert_eq!(server.requests_to(call).len(), 1);

        for was in ["\"id\"", "\"amount\"", "\"status\""] {
            server.misbehave(call, edited(body, was, "\"added_later\""));
            let error = payouts.create_payout(&request).await.unwrap_err();
            let seen = (error.kind(), error.outcome());
            assert_eq!(seen, (InvalidResponse, Unknown), "{was}: {error:?}");
            let known = (was != "\"id\"").then_some(id);
            assert_eq!(error.id(), known, "{was}");
        }

        let another = PayoutId::new("another").unwrap();
        let error = payouts.fetch_payout(&another).await.unwrap_err();
        assert_eq!((error.kind(), error.outcome()), (Mismatch, NotSent));
    }
}

/// Addresses of the EVM come back in whatever case.
#[tokio::test]
async fn what_only_looks_different_is_no_mismatch() {
    let (server, provider) = provider(Era::Hmac).await;
    let evm = "0x347061544a8B0e17D62a14F4700166BB78f9bBEd";
    server.misbehave(WITHDRAW, edited(WITHDRAWAL, evm, &evm.to_lowercase()));
    let number = edited(WITHDRAWAL, r#""amount": 15.0"#, r#""amount": "15.000""#);
    server.misbehave(WITHDRAW, number);
    server.misbehave(WITHDRAW, edited(WITHDRAWAL, "\"UTT\"", "\"utt\""));
    let payouts = provider.payouts().unwrap();
    for _ in 0..3 {
        payouts.create_payout(&withdrawal()).await.unwrap();
    }
}
