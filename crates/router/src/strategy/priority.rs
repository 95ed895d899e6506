//! The order of priority.

use async_trait::async_trait;

use super::{Candidate, Strategy};
use crate::request::RouteRequest;

/// The order in which providers were given to the router, or named by the rule. The one that holds
/// where no other is set.
#[derive(Debug, Clone, Copy, Default)]
pub struct Priority;

#[async_trait]
impl Strategy for Priority {
    fn name(&self) -> &str {
        "priority"
    }

    async fn order<'a>(
        &self,
        _request: &RouteRequest<'_>,
        candidates: Vec<Candidate<'a>>,
    ) -> Vec<Candidate<'a>> {
        candidates
    }
}
