//! Answers whose `data` is a list.

use serde::de::DeserializeOwned;

use super::{Answer, reading_error};

impl Answer {
    /// Reads `data`, which must be a JSON array.
    ///
    /// # Errors
    /// Text that says what is missing or wrong and holds nothing of the body.
    pub fn list<T: DeserializeOwned>(&self) -> Result<Vec<T>, String> {
        let json = self
            .data_json()
            .ok_or_else(|| "missing field `data`".to_owned())?;
        serde_json::from_str(json).map_err(|why| reading_error(&why))
    }
}
