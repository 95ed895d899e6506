//! How a gateway proves what it sends; each gateway brings its own.

use std::fmt;
use std::sync::Arc;

/// Signs answers and webhooks of one gateway account.
pub(crate) trait Signer: Send + Sync + fmt::Debug {
    /// The headers that prove `body` at a time in Unix seconds.
    fn headers(&self, body: &[u8], unix_seconds: i64) -> Vec<(&'static str, String)>;

    /// Which of those headers holds the signature.
    fn signature_header(&self) -> &'static str;

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
