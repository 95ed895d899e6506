//! What must hold in every run, read off its journal and the gateways' books.

use std::collections::HashMap;
use std::time::Duration;

use paymux_core::attempts::{AttemptVerdict, ProviderAttempt};
use paymux_core::scripted::ScriptedProvider;
use paymux_core::{ErrorKind, Outcome, PaymentProvider, ProviderName};

use super::journal::{Answer, End, Written};
use super::run::World;
use super::told::{Grant, Story, Told, goes_on_after};

pub(crate) type Verdict = Result<(), String>;

/// Reads the journal and the books, and says what does not hold.
pub(crate) fn check(world: &World) -> Verdict {
    let told = Told::read(&world.journal.events())?;
    let gateways = &world.gateways.all;
    nothing_is_left_open(&told)?;
    no_payout_is_paid_twice(gateways)?;
    for (call, story, grants) in told.calls() {
        if let Some((at, answer)) = &story.answer {
            check_answer(gateways, story, &grants, *at, answer)
                .map_err(|broken| format!("call {call}: {broken}; it was told {answer:?}"))?;
        }
    }
    Ok(())
}

fn check_answer(
    gateways: &[ScriptedProvider],
    story: &Story,
    grants: &[&Grant],
    at: Duration,
    answer: &Answer,
) -> Verdict {
    in_time(at - story.asked, story.deadline)?;
    match answer {
        Answer::Made {
            provider,
            id,
            attempts,
        } => {
            let is_own = grants.iter().any(|grant| grant.end == Some(End::Made));
            told_of_all(grants, attempts, is_own)?;
            is_in_the_books(gateways, story, provider, id)?;
        }
        Answer::Failed {
            kind,
            outcome,
            attempts,
        } => failed_as_it_says(story, grants, *kind, *outcome, attempts.as_deref())?,
    }
    stopped_for_a_reason(story, grants, at, answer)?;
    left_time_for_others(story, grants, answer)
}

/// The log is told of exactly one end of each attempt.
fn nothing_is_left_open(told: &Told) -> Verdict {
    for grant in told.grants() {
        if grant.ended.is_some() == grant.is_abandoned {
            return Err(format!("the log never heard of the end of {grant:?}"));
        }
    }
    Ok(())
}

/// No call takes longer than its deadline, but for the coarseness of timers.
pub(super) fn in_time(took: Duration, deadline: Duration) -> Verdict {
    if took > deadline + Duration::from_millis(2) {
        return Err(format!("it took {took:?} of {deadline:?}"));
    }
    Ok(())
}

/// At most one payout of each reference, over all gateways.
fn no_payout_is_paid_twice(gateways: &[ScriptedProvider]) -> Verdict {
    let mut sent: HashMap<String, Vec<String>> = HashMap::new();
    for payout in gateways.iter().flat_map(ScriptedProvider::sent_payouts) {
        let reference = payout.reference.as_ref().map(ToString::to_string);
        let places = sent.entry(reference.unwrap_or_default()).or_default();
        places.push(payout.id.to_string());
    }
    match sent.iter().find(|(_, places)| places.len() > 1) {
        Some((reference, places)) => Err(format!("{reference} was paid as {places:?}")),
        None => Ok(()),
    }
}

/// Whoever was tried is in the story that the caller gets, and whoever may have made something is told
/// as such. Where another call made the payout, the story is that call's.
fn told_of_all(grants: &[&Grant], attempts: &[ProviderAttempt], is_own: bool) -> Verdict {
    for grant in grants.iter().filter(|grant| is_own || grant.may_exist()) {
        let told = attempts
            .iter()
            .find(|attempt| attempt.provider == grant.provider);
        let fits = told.is_some_and(|told| match told.verdict {
            AttemptVerdict::Made => grant.end == Some(End::Made),
            AttemptVerdict::Failed => !grant.may_exist() || told.may_have_executed(),
            _ => false,
        });
        if !fits {
            return Err(format!("{grant:?} is told as {told:?}"));
        }
    }
    Ok(())
}

/// A call that returned what was made is about the one thing that the owner's books hold.
fn is_in_the_books(
    gateways: &[ScriptedProvider],
    story: &Story,
    provider: &ProviderName,
    id: &str,
) -> Verdict {
    let Some(owner) = gateways.iter().find(|gateway| gateway.name() == provider) else {
        return Err(format!("nobody is called {provider}"));
    };
    let owned = |bare: &str| format!("{provider}:{bare}") == id;
    let found = match &story.about {
        None => owner
            .made_invoices()
            .iter()
            .any(|invoice| owned(invoice.id.as_str())),
        Some(reference) => owner.sent_payouts().iter().any(|payout| {
            let own = payout.reference.as_ref();
            own.is_some_and(|own| own.as_str() == reference) && owned(payout.id.as_str())
        }),
    };
    if found {
        Ok(())
    } else {
        Err(format!("{id} is not in the books of {provider}"))
    }
}

/// A failure claims neither more nor less than what is known.
fn failed_as_it_says(
    story: &Story,
    grants: &[&Grant],
    kind: ErrorKind,
    outcome: Outcome,
    attempts: Option<&[ProviderAttempt]>,
) -> Verdict {
    let may_exist = grants.iter().find(|grant| grant.may_exist());
    if let Some(grant) = may_exist
        && outcome != Outcome::Unknown
    {
        return Err(format!("it fails as {outcome}, and there is {grant:?}"));
    }
    let is_told = match attempts {
        Some(attempts) => told_of_all(grants, attempts, true),
        None if grants.is_empty() || story.log_refused => Ok(()),
        None => Err("its error does not carry what was decided".to_owned()),
    };
    is_told?;
    let worst = grants
        .iter()
        .map(|grant| grant.outcome())
        .max_by_key(|outcome| match outcome {
            Outcome::Unknown => 2,
            Outcome::Rejected => 1,
            Outcome::NotSent => 0,
        });
    if story.log_refused || worst.is_none_or(|worst| worst == outcome) {
        Ok(())
    } else {
        Err(format!("{kind} is {outcome} where the worst was {worst:?}"))
    }
}

/// While nothing speaks against it and time is left, the next candidate is tried.
fn stopped_for_a_reason(
    story: &Story,
    grants: &[&Grant],
    at: Duration,
    answer: &Answer,
) -> Verdict {
    let Answer::Failed {
        attempts: Some(attempts),
        ..
    } = answer
    else {
        return Ok(());
    };
    let had_time = at - story.asked < story.deadline / 2;
    let waiting = attempts
        .iter()
        .find(|attempt| attempt.verdict == AttemptVerdict::NotTried);
    let is_payout = story.about.is_some();
    let stops = |grant: &&Grant| match grant.end {
        _ if is_payout && grant.ended != Some(Written::Yes) => true,
        Some(End::Failed(kind, outcome)) => !goes_on_after(kind, outcome, is_payout),
        _ => true,
    };
    match waiting {
        Some(waiting) if had_time && !story.log_refused && !grants.iter().any(stops) => {
            Err(format!("{waiting:?} was left out"))
        }
        _ => Ok(()),
    }
}

/// An invoice's attempt that is not the last one takes its share of the time and no more.
fn left_time_for_others(story: &Story, grants: &[&Grant], answer: &Answer) -> Verdict {
    let (Answer::Made { attempts, .. }
    | Answer::Failed {
        attempts: Some(attempts),
        ..
    }) = answer
    else {
        return Ok(());
    };
    let somebody_waits = attempts
        .iter()
        .any(|attempt| attempt.verdict == AttemptVerdict::NotTried);
    let count = grants.len() - usize::from(!grants.is_empty() && !somebody_waits);
    let most = story.deadline / 2 + Duration::from_millis(2);
    let greedy = grants
        .iter()
        .take(count)
        .find(|grant| grant.about.is_none() && grant.took.is_some_and(|took| took > most));
    match greedy {
        Some(greedy) => Err(format!("{greedy:?} left no time for the others")),
        None => Ok(()),
    }
}
