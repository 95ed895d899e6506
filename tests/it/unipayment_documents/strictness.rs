//! The server of documented bodies itself: its own signatures are those of the vectors, and it refuses
//! what no document allows.

use paymux_tests::unipayment_server::{
    CLIENT_ID, CLIENT_SECRET, Era, MD5_QUERY, Md5Convention, TOKEN, UniPaymentServer,
    hmac_authorization, resigned, webhook_signature,
};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const VECTORS: &str = include_str!("../../fixtures/unipayment/vectors.json");

fn vectors(name: &str) -> Value {
    let all: Value = serde_json::from_str(VECTORS).unwrap();
    all[name].clone()
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_default()
}

#[test]
fn its_signatures_are_those_of_the_vectors() {
    let hmac = vectors("unipayment_v1_hmac");
    for vector in hmac["positive"].as_array().unwrap() {
        let own = hmac_authorization(
            (text(vector, "client_id"), text(vector, "client_secret")),
            (
                text(vector, "method"),
                text(vector, "url"),
                text(vector, "body").as_bytes(),
            ),
            text(vector, "nonce"),
            text(vector, "timestamp"),
        );
        assert_eq!(own, text(vector, "authorization"), "{vector}");
    }
    let webhooks = vectors("unipayment_v2_webhook");
    for vector in webhooks["positive"].as_array().unwrap() {
        let own = webhook_signature(text(vector, "secret"), text(vector, "body").as_bytes());
        assert_eq!(own, text(vector, "expected"), "{vector}");
    }
    let md5 = vectors("unipayment_2022_md5_convention");
    let mut names = std::collections::BTreeSet::new();
    for vector in md5["vectors"].as_array().unwrap() {
        let (_, name) = text(vector, "name").split_once('/').unwrap();
        let mut conventions = Md5Convention::ALL.into_iter();
        let convention = conventions.find(|own| own.name() == name).unwrap();
        let own = convention.sign(text(vector, "key"), &vector["fields"].to_string());
        assert_eq!(own, text(vector, "expected_sign"), "{vector}");
        names.insert(name);
    }
    assert_eq!(names.len(), Md5Convention::ALL.len());
    let raw = &md5["raw_bodies"];
    for vector in raw["accept"].as_array().unwrap() {
        let own = Md5Convention::default().sign(text(raw, "key"), text(vector, "body"));
        assert_eq!(own, text(vector, "expected_sign"), "{vector}");
    }
}

/// A call as it would be typed: its HTTP status, and what the server says.
async fn typed(
    server: &UniPaymentServer,
    request_line: &str,
    headers: &[(&str, String)],
    body: &str,
) -> (String, String) {
    let address = server.url().trim_start_matches("http://");
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let mut head = format!("{request_line} HTTP/1.1\r\nhost: {address}\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().to_owned();
    (status, answer.split("\r\n\r\n").nth(1).unwrap().to_owned())
}

fn json_header() -> (&'static str, String) {
    ("content-type", "application/json".to_owned())
}

#[tokio::test]
async fn it_refuses_what_the_first_generation_does_not_allow() {
    let server = UniPaymentServer::start(Era::Md5).await;
    let right = format!(
        r#"{{"app_id": "{}", "order_id": "o", "page_index": 1, "page_size": 10, "sign": ""}}"#,
        Era::Md5.app_id()
    );
    let signed = |body: &str| {
        resigned(
            Md5Convention::default(),
            paymux_tests::unipayment_server::APP_KEY,
            body,
        )
    };
    let line = format!("POST {MD5_QUERY}");
    let headers = [json_header()];
    let (status, said) = typed(&server, &line, &headers, &signed(&right)).await;
    assert_eq!(status, "200", "{said}");
    for (what, body, says) in [
        ("unsigned", right.clone(), "sign does not fit"),
        (
            "altered",
            signed(&right).replace("\"o\"", "\"p\""),
            "sign does not fit",
        ),
        (
            "text for a number",
            signed(&right.replace(": 1,", ": \"1\",")),
            "no Number",
        ),
        (
            "a member more",
            signed(&right.replace("{", "{\"status\": \"New\", ")),
            "in no document",
        ),
        (
            "a member less",
            signed(&right.replace("page_size", "order")),
            "page_size is missing",
        ),
        (
            "a member twice",
            right.replace("{", "{\"order_id\": \"o\", "),
            "there twice",
        ),
        ("no object", "[]".to_owned(), "no JSON object"),
    ] {
        let (status, said) = typed(&server, &line, &headers, &body).await;
        assert_eq!(status, "400", "{what}");
        assert!(said.contains(says), "{what}: {said}");
    }
    for (line, headers) in [
        (format!("GET {MD5_QUERY}"), vec![json_header()]),
        ("POST /v1.0/invoices".to_owned(), vec![json_header()]),
        (line.clone(), vec![]),
        (line.clone(), vec![json_header(), json_header()]),
        (
            line.clone(),
            vec![json_header(), ("authorization", "Hmac".to_owned())],
        ),
        (format!("{line}?a=b"), vec![json_header()]),
    ] {
        let (status, _) = typed(&server, &line, &headers, &signed(&right)).await;
        assert_eq!(status, "400", "{line} {headers:?}");
    }
}

#[tokio::test]
async fn it_refuses_what_v1_does_not_allow() {
    let server = UniPaymentServer::start(Era::Hmac).await;
    let target = "/v1.0/invoices?order_id=ORDER_1&page_no=1";
    let now = chrono::Utc::now().timestamp();
    let signed = |at: i64, nonce: &str, secret: &str| {
        let url = format!("{}{target}", server.url());
        let at = at.to_string();
        hmac_authorization((CLIENT_ID, secret), ("GET", &url, b""), nonce, &at)
    };
    let nonce = |digit: char| digit.to_string().repeat(32);
    let line = format!("GET {target}");
    let right = signed(now, &nonce('0'), CLIENT_SECRET);
    let (status, said) = typed(&server, &line, &[("Authorization", right.clone())], "").await;
    assert_eq!(status, "200", "{said}");
    for (what, authorization, says) in [
        ("the same again", right.clone(), "used before"),
        (
            "an old one",
            signed(now - 600, &nonce('1'), CLIENT_SECRET),
            "ten digits of now",
        ),
        (
            "another secret",
            signed(now, &nonce('2'), "another"),
            "does not fit",
        ),
        (
            "another nonce",
            signed(now, "abc", CLIENT_SECRET),
            "32 hex digits",
        ),
        ("a token", "Bearer abc".to_owned(), "four parts"),
        (
            "lower case",
            signed(now, &nonce('3'), CLIENT_SECRET).replace("Hmac", "hmac"),
            "does not fit",
        ),
    ] {
        let (status, said) = typed(&server, &line, &[("Authorization", authorization)], "").await;
        assert_eq!(status, "400", "{what}");
        assert!(said.contains(says), "{what}: {said}");
    }
    let twice = [("Authorization", right.clone()), ("authorization", right)];
    assert_eq!(typed(&server, &line, &twice, "").await.0, "400");
    let query = format!("{line}&color=red");
    let (_, said) = typed(&server, &query, &[], "").await;
    assert!(said.contains("the query has color"), "{said}");
}

#[tokio::test]
async fn it_refuses_what_oauth_does_not_allow() {
    let server = UniPaymentServer::start(Era::OAuth).await;
    let form = "grant_type=client_credentials&client_id=11111111-2222-4333-8444-555555555555&client_secret=fixture%2Bclient%2Fsecret%3D5f7a%2681";
    let of_form = (
        "content-type",
        "application/x-www-form-urlencoded".to_owned(),
    );
    let line = format!("POST {TOKEN}");
    let (status, said) = typed(&server, &line, std::slice::from_ref(&of_form), form).await;
    assert_eq!(status, "200", "{said}");
    let token = server.documents().tokens().remove(0);
    for (line, headers, body) in [
        (
            format!("GET {TOKEN}"),
            vec![of_form.clone()],
            form.to_owned(),
        ),
        (line.clone(), vec![json_header()], form.to_owned()),
        (
            line.clone(),
            vec![of_form.clone()],
            form.replace("81", "82"),
        ),
        (
            line.clone(),
            vec![of_form.clone()],
            format!("{form}&scope=all"),
        ),
        (
            line,
            vec![of_form, ("authorization", format!("Bearer {token}"))],
            form.to_owned(),
        ),
    ] {
        let (status, _) = typed(&server, &line, &headers, &body).await;
        assert_eq!(status, "400", "{line} {headers:?} {body}");
    }
    let bearer = [("authorization", format!("Bearer {token}"))];
    let line = "GET /v1.0/currencies";
    assert_eq!(typed(&server, line, &bearer, "").await.0, "200");
    assert_eq!(typed(&server, line, &[], "").await.0, "400");
    let made_up = [("authorization", "Bearer abc".to_owned())];
    assert_eq!(typed(&server, line, &made_up, "").await.0, "400");
    server.documents().expire_tokens();
    assert_eq!(typed(&server, line, &bearer, "").await.0, "401");
}
