//! How each generation proves what it sends.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};

use crate::capped_log::CappedLog;
use crate::clock::Clock;
use crate::json::Json;
use crate::lock::lock;
use crate::randomness::Randomness;
use crate::settings::LiveSettings;
use crate::signer::Signer;
use crate::unipayment::keys::Keys;
use crate::unipayment::md5_rule::SIGNATURE;
use crate::unipayment::settings::Generation;
use crate::unipayment::wire::precise;

pub(super) const WEBHOOK_SIGNATURE: &str = "hmac-signature";

/// Signs what the gateway sends, and knows afterwards what that was.
#[derive(Debug)]
pub(super) struct Notary {
    pub(super) keys: Arc<Keys>,
    pub(super) randomness: Arc<Randomness>,
    pub(super) clock: Clock,
    pub(super) live_settings: Arc<LiveSettings>,
    pub(super) sent: SentNotices,
}

/// The digests of the newest notices.
#[derive(Debug, Default)]
pub(super) struct SentNotices(Mutex<Digests>);

#[derive(Debug, Default)]
struct Digests {
    known: HashSet<[u8; 32]>,
    by_age: CappedLog<[u8; 32]>,
}

impl SentNotices {
    fn remember(&self, body: &[u8], most: usize) {
        let digest: [u8; 32] = Sha256::digest(body).into();
        let mut digests = lock(&self.0);
        if digests.known.insert(digest) {
            digests.by_age.push(digest);
            for forgotten in digests.by_age.shed(most) {
                digests.known.remove(&forgotten);
            }
        }
    }

    /// Whether a notice had exactly these bytes.
    pub(super) fn contain(&self, body: &[u8]) -> bool {
        let digest: [u8; 32] = Sha256::digest(body).into();
        lock(&self.0).known.contains(&digest)
    }
}

impl Notary {
    /// The bytes of a notice, signed where its generation signs inside, and remembered.
    pub(super) fn finish(&self, generation: Generation, mut notice: Json) -> Vec<u8> {
        if generation == Generation::Md5 {
            self.sign_members(&mut notice);
        }
        let body = notice.to_bytes();
        let most = self.live_settings.now().records_kept;
        self.sent.remember(&body, most);
        body
    }

    /// An object with its `sign` put right.
    pub(super) fn signed(&self, mut object: Json) -> Json {
        self.sign_members(&mut object);
        object
    }

    /// Puts the right `sign` into an object that has one.
    fn sign_members(&self, object: &mut Json) {
        let Json::Object(members) = object else {
            return;
        };
        let rule = self.live_settings.now().unipayment.md5_rule;
        let sign = rule.sign(members, &self.keys.app_key);
        if let Some((_, value)) = members.iter_mut().find(|(name, _)| name == SIGNATURE) {
            *value = Json::String(sign);
        }
    }

    fn hmac(&self, body: &[u8]) -> String {
        let secret = self.keys.webhook_secret();
        // HMAC takes keys of any length.
        Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
            .map(|mut mac| {
                mac.update(body);
                STANDARD.encode(mac.finalize().into_bytes())
            })
            .unwrap_or_default()
    }
}

/// Another signature of the same form.
fn spoil(object: &mut Json) {
    let Json::Object(members) = object else {
        return;
    };
    for (name, value) in members {
        if let (SIGNATURE, Json::String(sign)) = (name.as_str(), value) {
            let first = if sign.starts_with('0') { "1" } else { "0" };
            let rest: String = sign.chars().skip(1).collect();
            *sign = format!("{first}{rest}");
        }
    }
}

/// Parses, changes and writes again; what is not JSON stays as it is.
fn changed(body: Vec<u8>, change: impl FnOnce(&mut Json)) -> Vec<u8> {
    match Json::parse(&body) {
        Ok(mut json) => {
            change(&mut json);
            json.to_bytes()
        }
        Err(_) => body,
    }
}

/// The proof of a webhook of one generation.
#[derive(Debug)]
pub(super) struct NoticeProof {
    pub(super) notary: Arc<Notary>,
    pub(super) generation: Generation,
}

impl NoticeProof {
    fn restamp(&self, notice: &mut Json) {
        let id = Json::String(self.notary.randomness.uuid());
        notice.edit("notify_id", Some(id));
    }
}

impl Signer for NoticeProof {
    fn headers(&self, body: &[u8], _: i64) -> Vec<(&'static str, String)> {
        match self.generation {
            Generation::OAuth => vec![(WEBHOOK_SIGNATURE, self.notary.hmac(body))],
            Generation::Md5 | Generation::Hmac => Vec::new(),
        }
    }

    fn signature_header(&self) -> &'static str {
        match self.generation {
            Generation::OAuth => WEBHOOK_SIGNATURE,
            Generation::Md5 | Generation::Hmac => "",
        }
    }

    fn spoiled(&self, body: Vec<u8>) -> Vec<u8> {
        match self.generation {
            Generation::Md5 => changed(body, spoil),
            // Nobody signs it, so the check endpoint is what must not know it.
            Generation::Hmac => changed(body, |notice| self.restamp(notice)),
            Generation::OAuth => body,
        }
    }

    fn repeated(&self, body: &[u8]) -> Vec<u8> {
        if self.notary.live_settings.now().unipayment.notify_id_kept {
            return body.to_vec();
        }
        let Ok(mut notice) = Json::parse(body) else {
            return body.to_vec();
        };
        self.restamp(&mut notice);
        let time = Json::String(precise(self.notary.clock.now()));
        notice.edit("notify_time", Some(time));
        self.notary.finish(self.generation, notice)
    }
}

/// The proof of the first generation's create answer: `sign` in its `data`.
#[derive(Debug)]
pub(super) struct AnswerProof(pub(super) Arc<Notary>);

impl Signer for AnswerProof {
    fn headers(&self, _: &[u8], _: i64) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    fn signature_header(&self) -> &'static str {
        ""
    }

    fn is_signature(&self, member: &str) -> bool {
        member == "data.sign"
    }

    fn sealed(&self, body: Vec<u8>) -> Vec<u8> {
        changed(body, |answer| {
            if let Some(data) = data_of(answer) {
                self.0.sign_members(data);
            }
        })
    }

    fn spoiled(&self, body: Vec<u8>) -> Vec<u8> {
        changed(body, |answer| {
            if let Some(data) = data_of(answer) {
                spoil(data);
            }
        })
    }
}

fn data_of(answer: &mut Json) -> Option<&mut Json> {
    let Json::Object(members) = answer else {
        return None;
    };
    members
        .iter_mut()
        .find_map(|(name, value)| (name == "data").then_some(value))
}
