//! Every mix of the spellings that the documents show means the same.

use paymux::{InvoiceId, InvoiceSnapshot, PaymentProvider};
use paymux_tests::unipayment_server::{
    APP_KEY, Era, MD5_NOTICE, Md5Convention, Money, Spelling, UniPaymentServer, resigned, respelled,
};

use super::bench::{known_id, order, provider, provider_of};

const MONEY: [Option<Money>; 5] = [
    None,
    Some(Money::Strings),
    Some(Money::Numbers(0)),
    Some(Money::Numbers(1)),
    Some(Money::Numbers(8)),
];

/// Every mix; that of the example first.
fn mixes() -> Vec<Spelling> {
    let mut mixes = Vec::new();
    for signature_type in [None, Some("sign_type"), Some("type_of_something_else")] {
        for link in [
            None,
            Some("casher_url"),
            Some("checkout_url"),
            Some("invoice_url"),
        ] {
            for money in MONEY {
                for numbers_for_words in [false, true] {
                    mixes.push(Spelling {
                        signature_type,
                        link,
                        money,
                        numbers_for_words,
                    });
                }
            }
        }
    }
    mixes
}

/// Digits after the point that stand for nothing are kept where a gateway tells them; amounts are
/// compared by value.
async fn seen(server: &UniPaymentServer, era: Era) -> [InvoiceSnapshot; 2] {
    let provider = provider_of(server, era);
    let created = provider.create_invoice(&order(era)).await.unwrap();
    let id = InvoiceId::new(known_id(era)).unwrap();
    let fetched = provider.fetch_invoice(&id).await.unwrap();
    [created.snapshot().clone(), fetched.snapshot().clone()]
}

#[tokio::test]
async fn every_mix_of_an_invoice_reads_the_same() {
    for era in Era::ALL {
        let server = UniPaymentServer::start(era).await;
        let expected = seen(&server, era).await;
        for spelling in mixes() {
            server.documents().spell(spelling);
            assert_eq!(seen(&server, era).await, expected, "{era:?} {spelling:?}");
        }
    }
}

/// What is signed is what stands there: another spelling of the same amount has another signature.
#[tokio::test]
async fn every_spelling_of_a_notice_is_proven_and_reads_the_same() {
    let (_server, provider) = provider(Era::Md5).await;
    let convention = Md5Convention::default();
    let event = async |body: &str| {
        let webhook = paymux::RawWebhook::new(body);
        provider.verify_webhook(&webhook).await
    };
    let expected = event(&resigned(convention, APP_KEY, MD5_NOTICE))
        .await
        .unwrap();
    for (name, tokens) in [
        (
            "price_amount",
            &["10.86", "10.860", "\"10.86\"", "\"10.8600\""][..],
        ),
        ("exchange_rate", &["1", "1.0", "1.00", "\"1.0\"", "1e0"]),
        ("paid_amount", &["0", "0.0", "0.000", "\"0\"", "\"0.00\""]),
        ("status", &["\"New\"", "1", "\"1\"", "\"new\""]),
        ("error_status", &["\"None\"", "0", "\"none\""]),
        (
            "create_time",
            &[
                "\"2022-02-28T08:22:07.745779\"",
                "\"2022-02-28T08:22:07.7457790Z\"",
            ],
        ),
    ] {
        for token in tokens {
            let respelt = respelled(MD5_NOTICE, name, |_| (*token).to_owned());
            let signed = resigned(convention, APP_KEY, &respelt);
            let told = event(&signed).await;
            let told = told.unwrap_or_else(|error| panic!("{name} as {token}: {error}"));
            assert_eq!(told.subject, expected.subject, "{name} as {token}");
            assert_eq!(told.dedup_key, expected.dedup_key, "{name} as {token}");
        }
    }
    // Signed with one spelling and sent with another it is forged, even where the value is the same.
    let signed = resigned(convention, APP_KEY, MD5_NOTICE);
    for (was, is) in [
        ("\"price_amount\": 10.86", "\"price_amount\": 10.860"),
        ("\"exchange_rate\": 1.0", "\"exchange_rate\": 1"),
        ("\"paid_amount\": 0.0", "\"paid_amount\": 0.00"),
        ("\"status\": \"New\"", "\"status\": 1"),
    ] {
        let altered = signed.replacen(was, is, 1);
        assert_ne!(altered, signed, "{was}");
        let error = event(&altered).await.unwrap_err();
        assert_eq!(error.kind(), paymux::ErrorKind::InvalidSignature, "{is}");
    }
    // A text and a number with the same characters are signed alike, and mean the same.
    let as_text = signed.replacen("\"price_amount\": 10.86", "\"price_amount\": \"10.86\"", 1);
    assert_eq!(event(&as_text).await.unwrap().subject, expected.subject);
}
