//! How a gateway proves what it sends; each gateway brings its own.

use std::fmt;
use std::sync::Arc;

/// Signs answers and webhooks of one gateway account.
pub(crate) trait Signer: Send + Sync + fmt::Debug {
    /// The headers that prove `body` at a time in Unix seconds.
    fn headers(&self, body: &[u8], unix_seconds: i64) -> Vec<(&'static str, String)>;

    /// Which of those headers holds the signature; empty where none does.
    fn signature_header(&self) -> &'static str;

    /// Whether this member of a body, dotted as in a fault, is a signature of the body itself.
    fn is_signature(&self, _member: &str) -> bool {
        false
    }

    /// The body with the signature that it carries itself put right.
    fn sealed(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    /// The body with the proof that lies in it, if one does, made wrong.
    fn spoiled(&self, body: Vec<u8>) -> Vec<u8> {
        body
    }

    /// The body of a later attempt to deliver a webhook.
    fn repeated(&self, body: &[u8]) -> Vec<u8> {
        body.to_vec()
    }

    /// The headers with a signature of the right form that is wrong.
    fn wrong_headers(&self, body: &[u8], unix_seconds: i64) -> Vec<(&'static str, String)> {
        let mut headers = self.headers(body, unix_seconds);
        for (name, value) in &mut headers {
            if *name == self.signature_header() {
                let first = if value.starts_with('0') { "1" } else { "0" };
                let rest: String = value.chars().skip(1).collect();
                *value = format!("{first}{rest}");
            }
        }
        headers
    }
}

/// Put into the extensions of an answer that is to be signed once its body is final.
#[derive(Debug, Clone)]
pub(crate) struct SignedBy {
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) unix_seconds: i64,
}
