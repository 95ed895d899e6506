//! Who can take a request, and in which order they are tried.

use chrono::{DateTime, Utc};
use paymux_core::Clock;

use super::Route;
use crate::deadline::Deadline;
use crate::decision::RouteDecision;
use crate::health::Gate;
use crate::member::Member;
use crate::request::{RouteRequest, Wanted};
use crate::rule::ResolvedRule;
use crate::strategy::Candidate;

pub(super) const LEFT_OUT: &str = "the strategy left it out";

/// A provider that can take the request, and its place in the order of priority.
type Fit<'a> = (usize, &'a Member);

impl<'a> Route<'a> {
    /// Leaves out who cannot do it, and lets the strategy put the others in order.
    pub(crate) async fn choose(
        rule: &'a ResolvedRule,
        wanted: Wanted<'_>,
        deadline: &mut Deadline<'a>,
    ) -> Self {
        let mut route = Self::of(rule, wanted);
        let fit = route.those_who_can(rule, wanted, deadline.clock().now());
        let ordered = ordered(rule, wanted, &fit, deadline).await;
        // A strategy can leave some out, and neither make nor double one.
        if ordered.len() < fit.len() {
            route.leave_out(&fit, &ordered);
        }
        let members: Vec<&'a Member> = ordered.into_iter().map(|(_, member)| member).collect();
        route.left = members.into_iter();
        tracing::debug!(
            operation = route.decision.operation.as_str(),
            rule = route.decision.rule,
            strategy = route.decision.strategy,
            first = route.first().map(|member| member.name.as_str()),
            candidates = route.left.len(),
            excluded = route.decision.attempts.len(),
            "route"
        );
        route
    }

    /// The decision has room for everybody from the start: leaving one out costs no memory.
    fn of(rule: &ResolvedRule, wanted: Wanted<'_>) -> Self {
        Self {
            decision: RouteDecision {
                operation: wanted.operation(),
                rule: rule.name.clone(),
                strategy: rule.strategy.name().to_owned(),
                attempts: Vec::with_capacity(rule.members.len()),
            },
            left: Vec::new().into_iter(),
            failure: None,
            is_passing: false,
            retry_at: None,
        }
    }

    fn those_who_can(
        &mut self,
        rule: &'a ResolvedRule,
        wanted: Wanted<'_>,
        now: DateTime<Utc>,
    ) -> Vec<Fit<'a>> {
        let operation = wanted.operation();
        let mut fit = Vec::new();
        for (priority, member) in rule.members.iter().enumerate() {
            if let Some(reason) = wanted.unfitness(&*member.provider) {
                self.exclude(member, reason);
            } else if let Some(refusal) = member.health.refusal(operation, Gate::New, now) {
                self.refused(member, refusal);
            } else {
                fit.push((priority, &**member));
            }
        }
        fit
    }

    fn leave_out(&mut self, fit: &[Fit<'a>], ordered: &[Fit<'a>]) {
        let mut kept: Vec<usize> = ordered.iter().map(|(priority, _)| *priority).collect();
        kept.sort_unstable();
        for (priority, member) in fit {
            if kept.binary_search(priority).is_err() {
                self.exclude(member, LEFT_OUT);
            }
        }
    }
}

/// The strategy's order; that of priority where the strategy takes too long.
async fn ordered<'a>(
    rule: &ResolvedRule,
    wanted: Wanted<'_>,
    fit: &[Fit<'a>],
    deadline: &mut Deadline<'a>,
) -> Vec<Fit<'a>> {
    let clock: &'a dyn Clock = deadline.clock();
    let candidates = fit.iter().map(|(priority, member)| Candidate {
        member,
        priority: *priority,
        operation: wanted.operation(),
        clock,
    });
    let request = RouteRequest {
        wanted,
        time: deadline.for_strategy(),
        clock,
    };
    let order = rule.strategy.order(&request, candidates.collect());
    let Some(order) = deadline.limit(request.time, order).await else {
        tracing::warn!(
            strategy = rule.strategy.name(),
            "the strategy took too long; the order of priority holds"
        );
        return fit.to_vec();
    };
    order
        .into_iter()
        .map(|own| (own.priority, own.member))
        .collect()
}
