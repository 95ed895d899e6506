//! Conditions on the pairs that come with an invoice.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

type Predicate = dyn Fn(&BTreeMap<String, String>) -> bool + Send + Sync;

/// A condition on the pairs that come with an invoice.
#[derive(Clone)]
pub struct Metadata(Condition);

#[derive(Clone)]
enum Condition {
    Is { key: String, value: String },
    Any { name: String, holds: Arc<Predicate> },
}

impl Metadata {
    /// The pair is there with this value.
    #[must_use]
    pub fn is(key: impl Into<String>, value: impl Into<String>) -> Self {
        Self(Condition::Is {
            key: key.into(),
            value: value.into(),
        })
    }

    /// The function says so. The name stands for it where the rule is shown.
    ///
    /// ```
    /// use paymux_router::Metadata;
    ///
    /// let large = Metadata::matches("more than 9 items", |metadata| {
    ///     metadata.get("items").and_then(|items| items.parse().ok()).is_some_and(|items: u32| items > 9)
    /// });
    /// ```
    #[must_use]
    pub fn matches(
        name: impl Into<String>,
        holds: impl Fn(&BTreeMap<String, String>) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self(Condition::Any {
            name: name.into(),
            holds: Arc::new(holds),
        })
    }

    pub(super) fn holds(&self, metadata: &BTreeMap<String, String>) -> bool {
        match &self.0 {
            Condition::Is { key, value } => metadata.get(key) == Some(value),
            Condition::Any { holds, .. } => holds(metadata),
        }
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Condition::Is { key, value } => write!(f, "Metadata({key:?} is {value:?})"),
            Condition::Any { name, .. } => write!(f, "Metadata({name})"),
        }
    }
}
