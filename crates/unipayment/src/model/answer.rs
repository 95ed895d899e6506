//! The envelope around every answer.

use paymux_core::adapter::{lenient, read_list, read_object};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

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
    /// `OK`, or an error code. It is a string in every document: anything else is no envelope, so that
    /// nobody takes it for a no.
    #[serde(deserialize_with = "lenient::required_string")]
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
        read_object(self.told_data()?)
    }

    /// Reads `data`, which must be a JSON array, with every element of it.
    ///
    /// # Errors
    /// As [`data`](Self::data).
    pub fn list<T: DeserializeOwned>(&self) -> Result<Vec<T>, String> {
        read_list(self.told_data()?)
    }

    fn told_data(&self) -> Result<&[u8], String> {
        self.data_json()
            .map(str::as_bytes)
            .ok_or_else(|| "missing field `data`".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Batch, Invoice, Page, Rate, WalletBalance};

    fn answer(data: &str) -> Answer {
        Answer::read(format!(r#"{{"code":"OK","msg":"","data":{data}}}"#).as_bytes()).unwrap()
    }

    #[test]
    fn a_code_is_a_string() {
        for code in ["\"OK\"", "\"0\"", "\"ORDER_EXISTS\""] {
            let body = format!(r#"{{"code":{code},"data":null}}"#);
            assert!(Answer::read(body.as_bytes()).is_ok(), "{code}");
        }
        for code in ["0", "200", "-1", "true", "null", "[]", "{}", "\"\""] {
            let body = format!(r#"{{"code":{code},"msg":"no","data":null}}"#);
            let why = Answer::read(body.as_bytes()).unwrap_err();
            assert!(why.contains("`code`"), "{why}");
        }
    }

    #[test]
    fn no_element_that_carries_money_is_left_out() {
        let whole = r#"{"invoice_id":"I1","transactions":[{"hash":"h1","amount":1.5}]}"#;
        let broken = r#"{"invoice_id":"I2","transactions":[{"hash":"h1","amount":1.5},{"hash":"h2","amount":"1,5"}]}"#;
        assert_eq!(
            answer(whole).data::<Invoice>().unwrap().transactions.len(),
            1
        );
        let page = format!(r#"{{"models":[{whole},{broken}]}}"#);
        for (why, member) in [
            (
                answer(broken).data::<Invoice>().unwrap_err(),
                "`transactions[1].amount`",
            ),
            (
                answer(&page).data::<Page<Invoice>>().unwrap_err(),
                "`models[1].transactions[1].amount`",
            ),
            (
                answer(r#"{"payout_id":"B1","status":"Pending","items":[{"amount":"canary"}]}"#)
                    .data::<Batch>()
                    .unwrap_err(),
                "`items[0].amount`",
            ),
            (
                answer(r#"[{"asset_type":"BTC","balance":1,"available":{}}]"#)
                    .list::<WalletBalance>()
                    .unwrap_err(),
                "`[0].available`",
            ),
            (
                answer(r#"[{"pair":"BTC_USD","rate":1},{"pair":"ETH_USD","rate":"canary"}]"#)
                    .list::<Rate>()
                    .unwrap_err(),
                "`[1].rate`",
            ),
        ] {
            assert!(why.contains(member), "{why}");
            assert!(!why.contains("canary"), "{why}");
        }
    }
}
