//! The envelope around every answer.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{lenient, read_object};

/// An answer: `code`, `msg` and, for success, `data`. Codes other than `OK` are not published.
///
/// ```
/// use paymux_unipayment::model::{Answer, Invoice};
///
/// let body = br#"{"code":"OK","msg":"","data":{"invoice_id":"KrRnGKYgy8vXvqXtscG4AT"}}"#;
/// let answer = Answer::read(body)?;
/// assert!(answer.is_ok());
/// assert_eq!(answer.data::<Invoice>()?.invoice_id, "KrRnGKYgy8vXvqXtscG4AT");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Answer {
    /// `OK`, or an error code.
    #[serde(deserialize_with = "lenient::required")]
    pub code: String,
    /// What the gateway says about it.
    #[serde(default, deserialize_with = "lenient::text")]
    pub msg: Option<String>,
    #[serde(default)]
    data: Option<Box<RawValue>>,
}

impl Answer {
    /// Reads an answer's body.
    ///
    /// # Errors
    /// Text that says what is wrong and holds nothing of the body.
    pub fn read(body: &[u8]) -> Result<Self, String> {
        read_object(body)
    }

    /// Whether the gateway did what it was asked for.
    #[must_use]
    pub fn is_ok(&self) -> bool {
        self.code == "OK"
    }

    /// `data` as JSON text, byte for byte, as its signature needs it; `None` where it is null or not
    /// there.
    #[must_use]
    pub fn data_json(&self) -> Option<&str> {
        self.data.as_deref().map(RawValue::get)
    }

    /// Reads `data`, which must be a JSON object.
    ///
    /// # Errors
    /// Text that says what is missing or wrong and holds nothing of the body.
    pub fn data<'a, T: Deserialize<'a>>(&'a self) -> Result<T, String> {
        let json = self
            .data_json()
            .ok_or_else(|| "missing field `data`".to_owned())?;
        read_object(json.as_bytes())
    }
}
