//! Pages of lists.

use paymux_core::adapter::lenient;
use serde::Deserialize;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it; null is nothing.
    #[serde(deserialize_with = "lenient::list")]
    pub models: Vec<T>,
    /// Number of the page from 1, as v1.0 and v2 name it.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub page_no: Option<u64>,
    /// Number of the page from 1, as the first generation names it.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub page_index: Option<u64>,
    /// How many fit on a page.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub page_size: Option<u64>,
    /// How many there are on all pages.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub total: Option<u64>,
    /// How many pages there are.
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub page_count: Option<u64>,
}

impl<T> Page<T> {
    /// Number of the page from 1, by either name.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.page_no.or(self.page_index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_an_empty_page_and_a_missing_list_is_none() {
        let read = serde_json::from_str::<Page<u8>>;
        let page = read(r#"{"models":null,"page_no":"1","total":0}"#).unwrap();
        assert_eq!(
            (page.models.len(), page.number(), page.total),
            (0, Some(1), Some(0))
        );
        assert_eq!(
            read(r#"{"models":[7],"page_index":2}"#).unwrap().number(),
            Some(2)
        );
        for json in [
            r#"{"page_no":1}"#,
            r#"{"models":{}}"#,
            r#"{"models":[7,"x"]}"#,
        ] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
