//! Pages of lists.

use serde::Deserialize;

use super::lenient;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// What is on it.
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
