//! Rules whose providers are found, in the order in which they are asked.

use std::sync::Arc;

use super::Rule;
use crate::member::Member;
use crate::request::Wanted;
use crate::strategy::Strategy;

/// A rule whose providers and strategy were found.
#[derive(Debug)]
pub(crate) struct ResolvedRule {
    pub(crate) name: String,
    /// None for the one that holds where no other matches.
    pub(crate) conditions: Option<Rule>,
    pub(crate) members: Vec<Arc<Member>>,
    pub(crate) strategy: Arc<dyn Strategy>,
}

/// All rules of a router.
#[derive(Debug)]
pub(crate) struct Rules {
    /// The most specific first.
    special: Vec<ResolvedRule>,
    default: ResolvedRule,
}

impl Rules {
    pub(crate) fn new(mut special: Vec<ResolvedRule>, default: ResolvedRule) -> Self {
        // Stable: those that are equally specific stay in the order of their declaration.
        special
            .sort_by_key(|rule| std::cmp::Reverse(rule.conditions.as_ref().map(Rule::specificity)));
        Self { special, default }
    }

    /// The rule that decides.
    pub(crate) fn matching(&self, wanted: Wanted<'_>) -> &ResolvedRule {
        self.special
            .iter()
            .find(|rule| {
                rule.conditions
                    .as_ref()
                    .is_none_or(|rule| rule.matches(wanted))
            })
            .unwrap_or(&self.default)
    }
}
