//! A UniPayment merchant of all three generations, sharing nothing with the sandbox.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use paymux_sandbox::{Inbox, ReceivedWebhook, Sandbox, Settings, UniPaymentSettings};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::client::{Answer, Merchant, unix_now};

static NONCES: AtomicU64 = AtomicU64::new(0);

pub(crate) struct Uni {
    pub(crate) wire: Merchant,
    pub(crate) app_id: String,
    pub(crate) app_key: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
}

pub(crate) async fn shop_with(
    change: impl FnOnce(&mut UniPaymentSettings),
) -> (Sandbox, Uni, Inbox) {
    let mut settings = Settings {
        time_scale: 1_000_000,
        ..Settings::default()
    };
    change(&mut settings.unipayment);
    let sandbox = Sandbox::builder().settings(settings).start().await.unwrap();
    let uni = Uni::of(&sandbox);
    let inbox = sandbox.inbox("shop");
    (sandbox, uni, inbox)
}

pub(crate) async fn shop() -> (Sandbox, Uni, Inbox) {
    shop_with(|_| {}).await
}

/// `data` of a success.
pub(crate) fn ok(answer: &Answer) -> Value {
    let json = answer.json();
    assert_eq!(
        (answer.status, &json["code"]),
        (200, &json!("OK")),
        "{json}"
    );
    json["data"].clone()
}

/// HTTP status and code of a refusal whose message says `hint`.
pub(crate) fn refused(answer: &Answer, hint: &str) -> (u16, String) {
    let json = answer.json();
    let msg = json["msg"].as_str().unwrap();
    assert!(msg.contains(hint), "{msg:?} does not say {hint:?}");
    assert_eq!(json["data"], Value::Null);
    (answer.status, json["code"].as_str().unwrap().to_owned())
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

pub(crate) fn body(webhook: &ReceivedWebhook) -> Value {
    serde_json::from_slice(&webhook.body).unwrap()
}

/// The MD5 of the default rule over members whose numbers are spelled as `serde_json` spells them.
pub(crate) fn md5_sign(members: &Map<String, Value>, key: &str) -> String {
    let mut pairs: Vec<String> = members
        .iter()
        .filter(|(name, _)| !["sign", "sign_type", "sing_type"].contains(&name.as_str()))
        .filter_map(|(name, value)| match value {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(format!("{name}={text}")),
            Value::Number(number) => Some(format!("{name}={number}")),
            Value::Bool(value) => Some(format!("{name}={value}")),
            _ => None,
        })
        .collect();
    pairs.sort();
    hex::encode(Md5::digest(format!("{}&key={key}", pairs.join("&"))))
}

pub(crate) fn hmac_base64(key: &str, message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(message);
    STANDARD.encode(mac.finalize().into_bytes())
}

fn encoded(url: &str) -> String {
    url.to_lowercase()
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

impl Uni {
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let unipayment = sandbox.unipayment();
        Self {
            wire: Merchant::of(sandbox),
            app_id: unipayment.app_id().to_owned(),
            app_key: unipayment.app_key().to_owned(),
            client_id: unipayment.client_id().to_owned(),
            client_secret: unipayment.client_secret().to_owned(),
        }
    }

    /// A call of the first generation; `members` get the signature.
    pub(crate) async fn md5(&self, path: &str, mut members: Value) -> Answer {
        let object = members.as_object_mut().unwrap();
        let sign = md5_sign(object, &self.app_key);
        object.insert("sign_type".into(), "MD5".into());
        object.insert("sign".into(), sign.into());
        self.plain("POST", path, &members.to_string()).await
    }

    /// A JSON call that proves nothing.
    pub(crate) async fn plain(&self, method: &str, path: &str, body: &str) -> Answer {
        self.with(method, path, body, &[]).await
    }

    pub(crate) async fn with(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, String)],
    ) -> Answer {
        let mut all = vec![("content-type".to_owned(), "application/json".to_owned())];
        all.extend(
            headers
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        );
        self.wire.send(method, path, &all, body.as_bytes()).await
    }

    pub(crate) fn nonce() -> String {
        format!("nonce-{}", NONCES.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn authorization(
        &self,
        method: &str,
        path: &str,
        body: &str,
        (nonce, timestamp): (&str, i64),
    ) -> String {
        let url = encoded(&format!("http://{}{path}", self.wire.address));
        let digest = match body {
            "" => String::new(),
            _ => STANDARD.encode(Md5::digest(body)),
        };
        let id = &self.client_id;
        let message = format!("{id}{method}{url}{timestamp}{nonce}{digest}");
        let signature = hmac_base64(&self.client_secret, message.as_bytes());
        format!("Hmac {id}:{signature}:{nonce}:{timestamp}")
    }

    /// A call of v1.0.
    pub(crate) async fn hmac(&self, method: &str, path: &str, body: &str) -> Answer {
        let stamp = (Self::nonce(), unix_now());
        let header = self.authorization(method, path, body, (&stamp.0, stamp.1));
        self.with(method, path, body, &[("Authorization", header)])
            .await
    }

    pub(crate) async fn form(&self, form: &str) -> Answer {
        let kind = "application/x-www-form-urlencoded".to_owned();
        let headers = [("content-type".to_owned(), kind)];
        self.wire
            .send("POST", "/connect/token", &headers, form.as_bytes())
            .await
    }

    pub(crate) async fn token(&self) -> String {
        let form = format!(
            "grant_type=client_credentials&client_id={}&client_secret={}",
            self.client_id, self.client_secret
        );
        let answer = self.form(&form).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        text(&answer.json()["access_token"])
    }

    /// A call with a token.
    pub(crate) async fn bearer(&self, token: &str, method: &str, path: &str, body: &str) -> Answer {
        let header = ("Authorization", format!("Bearer {token}"));
        self.with(method, path, body, &[header]).await
    }

    /// A call of the OAuth generation with a token of its own.
    pub(crate) async fn oauth(&self, method: &str, path: &str, body: &str) -> Answer {
        let token = self.token().await;
        self.bearer(&token, method, path, body).await
    }

    /// The members of a create call for 10.86 USD in USDT on Tron.
    pub(crate) fn wanted(&self, order_id: &str, notify_url: &str) -> Value {
        json!({
            "app_id": self.app_id,
            "price_amount": 10.86,
            "price_currency": "USD",
            "pay_currency": "USDT",
            "network": "NETWORK_TRX",
            "order_id": order_id,
            "notify_url": notify_url,
        })
    }

    /// An invoice of v1.0 for 10.86 USD in USDT on Tron, and its id.
    pub(crate) async fn invoice(&self, order_id: &str, notify_url: &str) -> String {
        let wanted = self.wanted(order_id, notify_url).to_string();
        text(&ok(&self.hmac("POST", "/v1.0/invoices", &wanted).await)["invoice_id"])
    }
}

/// The next webhooks' events and statuses.
pub(crate) async fn told(inbox: &Inbox, count: usize) -> Vec<(String, String)> {
    let mut told = Vec::new();
    for _ in 0..count {
        let body = body(&inbox.next().await.expect("a webhook is missing"));
        told.push((text(&body["event"]), text(&body["status"])));
    }
    assert!(inbox.try_next().is_none(), "more was told than expected");
    told
}
