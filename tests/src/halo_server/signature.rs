//! HaloPay's signature, worked out anew from its documents so that a misreading shows.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Lower-case hex of HMAC-SHA256 over the raw body followed by the digits of the timestamp, keyed
/// with the app key (docs.pay.halochat.io, signature page).
pub fn sign(app_key: &str, body: &[u8], timestamp: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(app_key.as_bytes()).expect("any key length does");
    mac.update(body);
    mac.update(timestamp.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}
