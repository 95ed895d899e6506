//! A run's journal, put in order by call and by attempt. Reading it checks what must hold at each
//! moment: nothing is sent without the log's permission, and nothing is sent that may have been sent.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use paymux_core::attempts::AttemptId;
use paymux_core::scripted::Act;
use paymux_core::{ErrorKind, Outcome, ProviderName};

use super::invariants::{Verdict, in_time};
use super::journal::{About, Answer, CallNumber, End, Event, Written};

/// One permission of the log, and what became of it.
#[derive(Debug)]
pub(crate) struct Grant {
    pub(super) call: CallNumber,
    pub(super) provider: ProviderName,
    pub(super) about: About,
    pub(super) granted: Duration,
    pub(super) took: Option<Duration>,
    pub(super) reached: Option<Act>,
    pub(super) end: Option<End>,
    pub(super) ended: Option<Written>,
    pub(super) is_abandoned: bool,
}

impl Grant {
    /// Whether something may exist at the gateway, by what really happened there.
    pub(super) fn may_exist(&self) -> bool {
        self.reached.as_ref().is_some_and(is_open_ended)
    }

    /// By what happened, or by what the router could know.
    pub(super) fn outcome(&self) -> Outcome {
        match self.end {
            Some(End::Failed(_, outcome)) => outcome,
            _ => Outcome::Unknown,
        }
    }
}

/// Neither refused nor unsent: whoever hears nothing more cannot know what became of it.
fn is_open_ended(act: &Act) -> bool {
    !matches!(act.outcome(), Some(Outcome::NotSent | Outcome::Rejected))
}

#[derive(Debug, Default)]
pub(crate) struct Story {
    pub(super) about: About,
    pub(super) asked: Duration,
    pub(super) deadline: Duration,
    pub(super) grants: Vec<AttemptId>,
    /// The log said no to the last question, or nothing in time.
    pub(super) log_refused: bool,
    pub(super) answer: Option<(Duration, Answer)>,
}

/// A journal that was read.
#[derive(Debug, Default)]
pub(crate) struct Told {
    stories: BTreeMap<CallNumber, Story>,
    grants: HashMap<AttemptId, Grant>,
    /// Payouts of which the router cannot know that they were not sent, by reference.
    in_doubt: HashMap<String, AttemptId>,
}

impl Told {
    pub(crate) fn read(events: &[(Duration, Event)]) -> Result<Self, String> {
        let mut told = Self::default();
        for (at, event) in events {
            told.hear(*at, event)
                .map_err(|broken| format!("at {:.3} s: {broken}", at.as_secs_f64()))?;
        }
        Ok(told)
    }

    fn hear(&mut self, at: Duration, event: &Event) -> Verdict {
        match event {
            Event::Asked(call, about, deadline) => {
                let story = Story {
                    about: about.clone(),
                    asked: at,
                    deadline: *deadline,
                    ..Story::default()
                };
                self.stories.insert(*call, story);
            }
            Event::LogAsked(call, provider) => {
                self.may_go_on(*call, provider)?;
                self.story(*call)?.log_refused = true;
            }
            Event::LogKnows(call) => self.story(*call)?.log_refused = false,
            Event::Granted(id, call, provider, about) => {
                let grant = Grant {
                    call: *call,
                    provider: provider.clone(),
                    about: about.clone(),
                    granted: at,
                    took: None,
                    reached: None,
                    end: None,
                    ended: None,
                    is_abandoned: false,
                };
                self.grants.insert(*id, grant);
                let story = self.story(*call)?;
                story.grants.push(*id);
                story.log_refused = false;
            }
            Event::Reached(call, provider, about, act) => {
                self.reach(*call, provider, about.as_ref(), act)?;
            }
            Event::Ending(id, end) => self.end(at, *id, *end)?,
            Event::Ended(id, written) => self.grant(*id)?.ended = Some(*written),
            Event::Abandoned(id) => {
                let grant = self.grant(*id)?;
                if grant.ended.is_some() || grant.is_abandoned {
                    return Err(format!("the log is told of a second end: {grant:?}"));
                }
                grant.is_abandoned = true;
            }
            Event::Answered(call, answer) => {
                self.story(*call)?.answer = Some((at, answer.clone()));
            }
            Event::ReadBack {
                id,
                took,
                deadline,
                told,
            } => {
                in_time(*took, *deadline)?;
                let is_right = match told {
                    Ok(told) => told == id,
                    Err((kind, outcome)) => {
                        *kind != ErrorKind::NotFound && *outcome != Outcome::Unknown
                    }
                };
                if !is_right {
                    return Err(format!("{id} is read as {told:?}"));
                }
            }
            Event::Left => {}
            Event::SettledAsNotMade(reference) => {
                self.in_doubt.remove(reference);
            }
        }
        Ok(())
    }

    /// Every call, with its attempts in their order.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (CallNumber, &Story, Vec<&Grant>)> {
        self.stories.iter().map(|(call, story)| {
            let grants = story.grants.iter().map(|id| &self.grants[id]);
            (*call, story, grants.collect())
        })
    }

    pub(crate) fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.grants.values()
    }

    fn story(&mut self, call: CallNumber) -> Result<&mut Story, String> {
        self.stories
            .get_mut(&call)
            .ok_or_else(|| format!("nobody asked for call {call}"))
    }

    fn grant(&mut self, id: AttemptId) -> Result<&mut Grant, String> {
        self.grants
            .get_mut(&id)
            .ok_or_else(|| format!("nobody was granted {id:?}"))
    }

    /// Another provider is tried: only after what allows it.
    fn may_go_on(&self, call: CallNumber, provider: &ProviderName) -> Verdict {
        let Some(story) = self.stories.get(&call) else {
            return Err(format!("nobody asked for call {call}"));
        };
        let earlier = story.grants.iter().map(|id| &self.grants[id]);
        for grant in earlier {
            if grant.provider == *provider {
                return Err(format!("call {call} tries {provider} twice"));
            }
            let is_payout = grant.about.is_some();
            let allowed = match grant.end {
                None => grant.is_abandoned && !is_payout,
                Some(End::Made) => false,
                Some(End::Failed(kind, outcome)) => {
                    let is_written = !is_payout || grant.ended == Some(Written::Yes);
                    is_written && goes_on_after(kind, outcome, is_payout)
                }
            };
            if !allowed {
                return Err(format!("call {call} goes on to {provider} after {grant:?}"));
            }
        }
        Ok(())
    }

    fn reach(
        &mut self,
        call: CallNumber,
        provider: &ProviderName,
        about: Option<&String>,
        act: &Act,
    ) -> Verdict {
        let found = self.grants.iter_mut().find(|(_, grant)| {
            grant.call == call
                && grant.provider == *provider
                && grant.about.as_ref() == about
                && grant.reached.is_none()
                && grant.end.is_none()
                && !grant.is_abandoned
        });
        let Some((id, grant)) = found else {
            return Err(format!(
                "call {call} reaches {provider} without the log's permission"
            ));
        };
        grant.reached = Some(act.clone());
        let id = *id;
        if let Some(reference) = about
            && let Some(before) = self.in_doubt.insert(reference.clone(), id)
        {
            return Err(format!(
                "{reference} is sent by call {call} to {provider} although it may have been paid by {:?}",
                self.grants[&before]
            ));
        }
        Ok(())
    }

    fn end(&mut self, at: Duration, id: AttemptId, end: End) -> Verdict {
        let grant = self.grant(id)?;
        if grant.end.is_some() || grant.is_abandoned {
            return Err(format!("the log is told of a second end: {grant:?}"));
        }
        grant.end = Some(end);
        grant.took = Some(at - grant.granted);
        let is_certain = matches!(end, End::Failed(_, Outcome::NotSent | Outcome::Rejected));
        if !is_certain {
            return Ok(());
        }
        if grant.may_exist() {
            return Err(format!(
                "an attempt is called off that may exist: {grant:?}"
            ));
        }
        if let Some(reference) = grant.about.clone()
            && self.in_doubt.get(&reference) == Some(&id)
        {
            self.in_doubt.remove(&reference);
        }
        Ok(())
    }
}

/// Whether another provider is tried after such a failure.
pub(super) fn goes_on_after(kind: ErrorKind, outcome: Outcome, is_payout: bool) -> bool {
    let was_made_before = matches!(
        kind,
        ErrorKind::Duplicate | ErrorKind::Conflict | ErrorKind::InProgress
    );
    let may_be_the_request = matches!(kind, ErrorKind::InvalidRequest | ErrorKind::Refused);
    match outcome {
        Outcome::NotSent => !was_made_before,
        Outcome::Rejected => !is_payout && !was_made_before && !may_be_the_request,
        Outcome::Unknown => !is_payout,
    }
}
