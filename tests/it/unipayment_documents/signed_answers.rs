//! The first generation signs its answers to new invoices: nothing in one is believed whose signature
//! is not right. Answers to queries carry none.

use paymux::{ErrorKind, InvoiceId, Outcome, PaymentProvider};
use paymux_tests::unipayment_server::{
    APP_KEY, Era, MD5_CREATE, MD5_CREATED, MD5_DRAFT, MD5_PAGE, MD5_QUERY, Md5Convention, data_of,
    resigned,
};
use paymux_tests::wire_server::Misbehaviour;

use super::bench::{QUERIED, created_id, order, provider};

/// The documented answer, rightly signed.
fn signed() -> String {
    resign(MD5_CREATED, Md5Convention::default(), APP_KEY)
}

fn resign(answer: &str, convention: Md5Convention, key: &str) -> String {
    let data = data_of(answer).unwrap();
    answer.replacen(data, &resigned(convention, key, data), 1)
}

fn sign_of(answer: &str) -> String {
    let data = data_of(answer).unwrap();
    let token = paymux_tests::unipayment_server::token_of(data, "sign");
    token.unwrap().trim_matches('"').to_owned()
}

fn edited(was: &str, is: &str) -> String {
    let signed = signed();
    assert!(signed.contains(was), "{was}");
    signed.replacen(was, is, 1)
}

/// Answers that are not proven, each for another reason.
fn unproven() -> Vec<(&'static str, String)> {
    let sign = sign_of(&signed());
    let member = format!("\"sign\": \"{sign}\"");
    let with_sign = |value: &str| edited(&member, &format!("\"sign\": {value}"));
    let convention = |name: &str| {
        let mut conventions = Md5Convention::ALL.into_iter();
        let found = conventions.find(|convention| convention.name() == name);
        resign(MD5_CREATED, found.unwrap(), APP_KEY)
    };
    vec![
        ("the documents' own signature", MD5_CREATED.to_owned()),
        (
            "another key",
            resign(MD5_CREATED, Md5Convention::default(), "another"),
        ),
        ("no sign", edited(&member, "\"no_sign\": \"\"")),
        ("an empty sign", with_sign("\"\"")),
        ("a sign of null", with_sign("null")),
        (
            "a sign that is a number",
            with_sign("12345678901234567890123456789012"),
        ),
        (
            "a sign that is too short",
            with_sign(&format!("\"{}\"", &sign[..31])),
        ),
        ("a sign with a blank", with_sign(&format!("\"{sign} \""))),
        (
            "upper case",
            with_sign(&format!("\"{}\"", sign.to_uppercase())),
        ),
        (
            "two signs, the right one first",
            edited(&member, &format!("{member}, \"sign\": \"0\"")),
        ),
        (
            "two signs, the right one last",
            edited(&member, &format!("\"sign\": \"0\", {member}")),
        ),
        (
            "two signs, both right",
            edited(&member, &format!("{member}, {member}")),
        ),
        (
            "another type",
            edited("\"sing_type\": \"MD5\"", "\"sing_type\": \"SHA256\""),
        ),
        (
            "another type besides",
            edited(&member, &format!("{member}, \"sign_type\": \"RSA\"")),
        ),
        (
            "a type in lower case",
            edited("\"sing_type\": \"MD5\"", "\"sing_type\": \"md5\""),
        ),
        (
            "another address",
            edited(
                "TFmHeEqTrUQ4mFRewsc9YwYzgeLaA3oqAy",
                "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP",
            ),
        ),
        (
            "another amount",
            edited("\"pay_amount\": \"10.86\"", "\"pay_amount\": \"1.86\""),
        ),
        (
            "the amount spelt otherwise",
            edited("\"pay_amount\": \"10.86\"", "\"pay_amount\": 10.860"),
        ),
        (
            "a member more",
            edited(&member, &format!("{member}, \"paid_amount\": 10.86")),
        ),
        (
            "a member twice",
            edited(&member, &format!("{member}, \"invoice_id\": \"x\"")),
        ),
        ("the type signed", convention("type_kept/amp_key/lower")),
        (
            "the key appended directly",
            convention("type_dropped/direct/lower"),
        ),
        (
            "no object",
            format!(
                r#"{{"code": "OK", "msg": "", "data": [{}]}}"#,
                data_of(&signed()).unwrap()
            ),
        ),
    ]
}

#[tokio::test]
async fn an_answer_without_proof_makes_no_invoice() {
    for (what, answer) in unproven() {
        let (server, provider) = provider(Era::Md5).await;
        server.misbehave(MD5_CREATE, Misbehaviour::Unproven(answer));
        let error = provider.create_invoice(&order(Era::Md5)).await.unwrap_err();
        assert_eq!(
            error.kind(),
            ErrorKind::InvalidSignature,
            "{what}: {error:?}"
        );
        assert_eq!(
            error.outcome(),
            Outcome::Unknown,
            "{what}: the invoice may be there"
        );
        assert!(error.may_have_executed());
        assert_eq!(error.operation(), Some("create_invoice"), "{what}");
        assert_eq!(
            server.requests_to(MD5_CREATE).len(),
            1,
            "{what}: it is not sent again"
        );
        let shown = format!("{error} {error:?}");
        for told in ["TFmHeEqTrUQ4", "TXd8UKLtLqk5", "example.com"] {
            assert!(!shown.contains(told), "{what}: {shown}");
        }
    }
}

/// An id that nobody proved could be that of another's invoice, which is then read, shown and paid.
#[tokio::test]
async fn not_even_the_id_of_an_answer_without_proof_is_believed() {
    for (what, answer) in unproven() {
        let (server, provider) = provider(Era::Md5).await;
        server.misbehave(MD5_CREATE, Misbehaviour::Unproven(answer));
        let error = provider.create_invoice(&order(Era::Md5)).await.unwrap_err();
        assert_eq!(error.id(), None, "{what}");
    }
}

#[tokio::test]
async fn what_the_signature_does_not_depend_on_may_differ() {
    let sign = sign_of(&signed());
    let member = format!("\"sign\": \"{sign}\"");
    let data = data_of(MD5_CREATED).unwrap();
    let compact = data.replace(['\n', ' '], "");
    for answer in [
        signed(),
        edited("\"sing_type\": \"MD5\"", "\"sign_type\": \"MD5\""),
        edited("\"sing_type\": \"MD5\",", ""),
        edited(
            &member,
            &format!("{member}, \"nothing\": null, \"empty\": \"\""),
        ),
        edited("\"pay_amount\": \"10.86\"", "\"pay_amount\": 10.86"),
        edited("\"USDT\"", "\"\\u0055SDT\""),
        resign(
            &MD5_CREATED.replacen(data, &compact, 1),
            Md5Convention::default(),
            APP_KEY,
        ),
    ] {
        let (server, provider) = provider(Era::Md5).await;
        server.misbehave(MD5_CREATE, Misbehaviour::Unproven(answer.clone()));
        let created = provider.create_invoice(&order(Era::Md5)).await;
        let created = created.unwrap_or_else(|error| panic!("{answer}: {error}"));
        assert_eq!(created.id().as_str(), created_id(Era::Md5));
        assert_eq!(created.due().unwrap().to_string(), "10.86 USDT@tron");
    }
}

#[tokio::test]
async fn numbers_are_signed_as_they_stand() {
    for token in ["10.86", "10.860", "\"10.86\"", "\"10.860\"", "1086e-2"] {
        let (server, provider) = provider(Era::Md5).await;
        let was = "\"pay_amount\": \"10.86\"";
        let respelt = MD5_CREATED.replacen(was, &format!("\"pay_amount\": {token}"), 1);
        assert!(token == "\"10.86\"" || respelt != MD5_CREATED);
        server.misbehave(MD5_CREATE, Misbehaviour::Body(respelt));
        let created = provider.create_invoice(&order(Era::Md5)).await;
        let created = created.unwrap_or_else(|error| panic!("{token}: {error}"));
        assert_eq!(
            created.due().unwrap().to_string(),
            "10.86 USDT@tron",
            "{token}"
        );
    }
}

/// Rightly signed it is no better: it names no invoice.
#[tokio::test]
async fn the_draft_of_the_answer_makes_no_invoice() {
    let (server, provider) = provider(Era::Md5).await;
    server.misbehave(MD5_CREATE, Misbehaviour::Body(MD5_DRAFT.to_owned()));
    let error = provider.create_invoice(&order(Era::Md5)).await.unwrap_err();
    let seen = (error.kind(), error.outcome());
    assert_eq!(seen, (ErrorKind::InvalidResponse, Outcome::Unknown));
    assert_eq!(error.id(), None);
}

/// The first invoice of the documented query, with more members at its end.
fn model(more: &str) -> String {
    let start = MD5_PAGE.find('[').unwrap() + 1;
    let end = MD5_PAGE[start..].find('}').unwrap() + start;
    format!("{}{more}}}", &MD5_PAGE[start..end])
}

/// The answer to a query by its id.
fn page(model: &str) -> String {
    format!(
        r#"{{"msg": "", "code": "OK", "data": {{"models": [{model}], "page_index": 1, "total": 1}}}}"#
    )
}

#[tokio::test]
async fn an_answer_to_a_query_may_be_unsigned_and_not_wrongly_signed() {
    let sign = r#", "sign": "x", "sign_type": "MD5""#;
    let right = |more: &str| page(&resigned(Md5Convention::default(), APP_KEY, &model(more)));
    for (what, answer, is_believed) in [
        ("unsigned", page(&model("")), true),
        ("rightly signed", right(sign), true),
        ("wrongly signed", page(&model(sign)), false),
        ("with an empty sign", page(&model(r#", "sign": """#)), false),
        (
            "with a sign of null",
            page(&model(r#", "sign": null"#)),
            false,
        ),
        (
            "of another type",
            right(r#", "sign": "x", "sign_type": "RSA""#),
            false,
        ),
        (
            "altered",
            right(sign).replace("\"Expired\"", "\"Complete\""),
            false,
        ),
    ] {
        let (server, provider) = provider(Era::Md5).await;
        server.misbehave(MD5_QUERY, Misbehaviour::Unproven(answer));
        let id = InvoiceId::new(QUERIED).unwrap();
        match provider.fetch_invoice(&id).await {
            Ok(invoice) => {
                assert!(is_believed, "{what} is believed");
                assert_eq!(invoice.status(), paymux::InvoiceStatus::Expired);
            }
            Err(error) => {
                assert!(!is_believed, "{what}: {error:?}");
                let seen = (error.kind(), error.outcome());
                assert_eq!(
                    seen,
                    (ErrorKind::InvalidSignature, Outcome::NotSent),
                    "{what}"
                );
            }
        }
        assert_eq!(server.requests_to(MD5_QUERY).len(), 1, "{what}");
    }
}
