//! UniPayment's signatures, worked out anew from its documents so that a misreading shows.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha2::Sha256;

use super::json_members::{Member, members};

/// One of the usual ways of signing with MD5. Which of them the gateway takes is not documented.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Md5Convention {
    /// Whether `sign_type` or `sing_type` is signed too.
    pub with_type: bool,
    /// Whether the key follows the members directly, and not as `&key=KEY`.
    pub key_directly: bool,
    /// Whether the digits are in upper case.
    pub upper_case: bool,
}

impl Md5Convention {
    /// All of them, the usual one first.
    pub const ALL: [Self; 8] = {
        let mut all = [Self {
            with_type: false,
            key_directly: false,
            upper_case: false,
        }; 8];
        let mut at = 0;
        while at < 8 {
            all[at].with_type = at & 4 != 0;
            all[at].key_directly = at & 2 != 0;
            all[at].upper_case = at & 1 != 0;
            at += 1;
        }
        all
    };

    /// The name that the adapter's configuration has for it.
    #[must_use]
    pub fn name(self) -> String {
        let choice = |chosen, yes, no| if chosen { yes } else { no };
        format!(
            "{}/{}/{}",
            choice(self.with_type, "type_kept", "type_dropped"),
            choice(self.key_directly, "direct", "amp_key"),
            choice(self.upper_case, "upper", "lower"),
        )
    }

    /// The `sign` of an object: members without `sign`, nulls, empty strings, objects and arrays,
    /// sorted by name, joined as `name=value` with `&`, then the key; strings decoded, everything else
    /// as it stands.
    #[must_use]
    pub fn sign(self, key: &str, object: &str) -> String {
        let mut signed: Vec<(String, String)> = members(object)
            .expect("an object is signed")
            .into_iter()
            .filter(|member| member.name != "sign")
            .filter(|member| {
                self.with_type || !["sign_type", "sing_type"].contains(&member.name.as_str())
            })
            .filter_map(|member| Some((member.name.clone(), counted(&member)?)))
            .collect();
        signed.sort_by(|(one, _), (other, _)| one.as_bytes().cmp(other.as_bytes()));
        let joined: Vec<String> = signed
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let before_key = if self.key_directly { "" } else { "&key=" };
        let text = format!("{}{before_key}{key}", joined.join("&"));
        let digits = hex::encode(Md5::digest(text.as_bytes()));
        if self.upper_case {
            digits.to_uppercase()
        } else {
            digits
        }
    }
}

fn counted(member: &Member<'_>) -> Option<String> {
    match member.token.as_bytes().first()? {
        b'{' | b'[' | b'n' => None,
        b'"' => member.text().filter(|text| !text.is_empty()),
        _ => Some(member.token.to_owned()),
    }
}

/// The signature within `Authorization: Hmac` (unipayment.readme.io, "authentication", 2022 and 2023).
#[must_use]
pub fn hmac_authorization(
    (client_id, client_secret): (&str, &str),
    (method, url, body): (&str, &str, &[u8]),
    nonce: &str,
    timestamp: &str,
) -> String {
    let body_digest = if body.is_empty() {
        String::new()
    } else {
        STANDARD.encode(Md5::digest(body))
    };
    let encoded: String = url
        .to_lowercase()
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let text = [client_id, method, &encoded, timestamp, nonce, &body_digest].concat();
    let signature = hmac_base64(client_secret, text.as_bytes());
    format!("Hmac {client_id}:{signature}:{nonce}:{timestamp}")
}

/// The header `hmac-signature` of a webhook (help.unipayment.io, article 9758873).
#[must_use]
pub fn webhook_signature(secret: &str, body: &[u8]) -> String {
    hmac_base64(secret, body)
}

fn hmac_base64(key: &str, message: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("any key length does");
    mac.update(message);
    STANDARD.encode(mac.finalize().into_bytes())
}
