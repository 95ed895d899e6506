//! How the gateway's three generations sign.

mod hmac;
mod md5;
mod md5_rule;
mod raw_object;
mod webhook;

use paymux_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};

pub use self::hmac::HmacSigner;
pub use self::md5::Md5Signer;
pub use self::md5_rule::{HexCase, KeyJoin, Md5Rule, TypeMember};
pub use self::webhook::{SIGNATURE_HEADER, WebhookSigner};

/// Refuses a secret that cannot have been meant.
fn check_secret(what: &str, secret: &SecretString) -> Result<()> {
    let text = secret.expose_secret();
    if text.is_empty() || text.trim() != text {
        Err(Error::configuration(format!(
            "{what} is empty or has space at its ends; copy it from the merchant's console"
        )))
    } else {
        Ok(())
    }
}
