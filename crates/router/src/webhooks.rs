//! Webhooks: whose they are, and the proof by that provider.

use futures_util::future::join_all;
use paymux_core::{
    Error, ErrorKind, Outcome, RawWebhook, Result, WebhookAnswer, WebhookClaim, WebhookEvent,
    WebhookVerdict,
};

use crate::member::Member;
use crate::owner::own_event;
use crate::router::{Inner, Router};

/// The segment of a route after which the provider's name stands.
const WEBHOOKS: &str = "webhooks";

/// Who may have sent a webhook.
enum Senders<'a> {
    /// Its route names the provider: nobody else is asked.
    Named(&'a Member),
    /// Those whose account it names; where it names none that is known, those that cannot tell.
    Recognised(Vec<&'a Member>),
}

impl Inner {
    fn senders(&self, webhook: &RawWebhook) -> Senders<'_> {
        if let Some(member) = self.named_by_route(webhook) {
            return Senders::Named(member);
        }
        let mut own = Vec::new();
        let mut unclear = Vec::new();
        for member in self.members() {
            match member.provider.webhook_claim(webhook) {
                WebhookClaim::Own => own.push(member),
                WebhookClaim::Unclear => unclear.push(member),
                WebhookClaim::Foreign => {}
            }
        }
        Senders::Recognised(if own.is_empty() { unclear } else { own })
    }

    /// The member whose name stands in the path right after `webhooks`, or at its end.
    fn named_by_route(&self, webhook: &RawWebhook) -> Option<&Member> {
        let path = webhook.path_and_query().split('?').next()?;
        let segments = || path.split('/').filter(|segment| !segment.is_empty());
        let member = |segment: &str| self.member(&segment.parse().ok()?);
        segments()
            .zip(segments().skip(1))
            .filter(|(before, _)| *before == WEBHOOKS)
            .find_map(|(_, segment)| member(segment))
            .or_else(|| member(segments().next_back()?))
    }
}

impl Router {
    pub(crate) async fn prove(&self, webhook: &RawWebhook) -> Result<WebhookEvent> {
        let senders = match self.inner().senders(webhook) {
            Senders::Named(member) => vec![member],
            Senders::Recognised(members) => members,
        };
        let proofs = senders.iter().map(|member| async {
            let mut deadline = self.deadline();
            let result = deadline.rest(member.provider.verify_webhook(webhook)).await;
            let result = result.unwrap_or_else(|| Err(unproven_in_time()));
            (
                *member,
                result.map_err(|error| error.with_provider(member.name.clone())),
            )
        });
        one_of(join_all(proofs).await)
    }

    pub(crate) fn claim(&self, webhook: &RawWebhook) -> WebhookClaim {
        match self.inner().senders(webhook) {
            Senders::Named(member) => member.provider.webhook_claim(webhook),
            Senders::Recognised(members) => {
                let claims = members
                    .iter()
                    .map(|member| member.provider.webhook_claim(webhook));
                claims.into_iter().next().unwrap_or(WebhookClaim::Foreign)
            }
        }
    }

    /// What the provider answers that sent it; a plain word where it is not clear which.
    pub(crate) fn answer(&self, webhook: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        let senders = match self.inner().senders(webhook) {
            Senders::Named(member) => vec![member],
            Senders::Recognised(members) => members,
        };
        let mut answers = senders
            .iter()
            .map(|member| member.provider.webhook_answer(webhook, verdict));
        match answers.next() {
            Some(first) if answers.all(|other| other == first) => first,
            _ => WebhookAnswer::new(verdict, "success", "fail"),
        }
    }
}

/// The one proof among several results.
fn one_of(results: Vec<(&Member, Result<WebhookEvent>)>) -> Result<WebhookEvent> {
    let mut proven = Vec::new();
    let mut failures = Vec::new();
    for (member, result) in results {
        match result {
            Ok(event) => proven.push((member, event)),
            Err(error) => failures.push(error),
        }
    }
    if proven.len() > 1 {
        let names: Vec<&str> = proven
            .iter()
            .map(|(member, _)| member.name.as_str())
            .collect();
        return Err(Error::invalid_signature(format!(
            "{} would all accept it; give each a route of its own, such as /webhooks/{}",
            names.join(" and "),
            names.first().copied().unwrap_or_default(),
        )));
    }
    if let Some((member, event)) = proven.pop() {
        return Ok(own_event(&member.name, event));
    }
    // Somebody may accept it later: the gateway must send it again.
    let told = failures
        .iter()
        .position(|error| error.kind() == ErrorKind::Unavailable)
        .unwrap_or_default();
    if told < failures.len() {
        return Err(failures.swap_remove(told));
    }
    Err(Error::invalid_signature(
        "the webhook is for none of the router's providers",
    ))
}

fn unproven_in_time() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        Outcome::NotSent,
        "the gateway did not say in time whether it sent this",
    )
}

#[cfg(test)]
mod tests;
