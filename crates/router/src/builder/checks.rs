//! Names and settings that fit together, or an error that says why not.

use std::collections::HashMap;
use std::sync::Arc;

use paymux_core::{Error, PaymentProvider, ProviderName, Result};

use crate::config::Place;
use crate::health::BreakerSettings;
use crate::member::Member;
use crate::rule::{ResolvedRule, Rule};
use crate::strategy::Strategy;

/// The providers in the order that a file gives, if it gives one: then it has to name each of them.
pub(super) fn in_order(
    mut providers: Vec<Arc<dyn PaymentProvider>>,
    order: Option<Vec<(ProviderName, Place)>>,
) -> Result<Vec<Arc<dyn PaymentProvider>>> {
    let Some(order) = order else {
        return Ok(providers);
    };
    let last = order.last().map(|(_, place)| place.clone());
    let mut ordered: Vec<Arc<dyn PaymentProvider>> = Vec::with_capacity(providers.len());
    for (name, place) in order {
        if ordered.iter().any(|provider| *provider.name() == name) {
            return Err(place.wrong(&format!("{name} is listed twice; name it once")));
        }
        let Some(found) = providers
            .iter()
            .position(|provider| *provider.name() == name)
        else {
            let all = ordered.iter().chain(&providers);
            return Err(place.wrong(&no_such(&name, all.map(|provider| provider.name()))));
        };
        ordered.push(providers.remove(found));
    }
    match (providers.first(), last) {
        (None, _) => Ok(ordered),
        (Some(left), place) => Err(place.unwrap_or(Place::Code).wrong(&format!(
            "{} is not listed; name every provider that the router has, or take it out of the router",
            left.name()
        ))),
    }
}

pub(super) fn places(
    providers: &[Arc<dyn PaymentProvider>],
    own: &ProviderName,
) -> Result<HashMap<ProviderName, usize>> {
    if providers.is_empty() {
        return Err(Error::configuration(
            "the router has no providers; add at least one",
        ));
    }
    let mut places = HashMap::with_capacity(providers.len());
    for (place, provider) in providers.iter().enumerate() {
        let name = provider.name();
        if name == own {
            return Err(Error::configuration(format!(
                "a provider is named {name} like the router itself; give one of them another name"
            )));
        }
        if places.insert(name.clone(), place).is_some() {
            return Err(Error::configuration(format!(
                "there are two providers named {name}; give one of them another name"
            )));
        }
    }
    Ok(places)
}

pub(super) fn known(
    places: &HashMap<ProviderName, usize>,
    name: &ProviderName,
    place: &Place,
) -> Result<usize> {
    places
        .get(name)
        .copied()
        .ok_or_else(|| place.wrong(&no_such(name, places.keys())))
}

fn no_such<'a>(
    name: impl std::fmt::Display,
    names: impl Iterator<Item = &'a ProviderName>,
) -> String {
    let mut names: Vec<&str> = names.map(ProviderName::as_str).collect();
    names.sort_unstable();
    format!(
        "the router has no provider {name}; it has {}",
        names.join(", ")
    )
}

pub(super) fn check_breaker(settings: &BreakerSettings) -> Result<()> {
    let wrong = |what: &str| Err(Error::configuration(what));
    if settings.failures == 0 {
        return wrong("a breaker opens after 0 failures; let it be at least 1");
    }
    if !(1..=100).contains(&settings.error_percent) {
        return wrong("a breaker's error rate is a percentage from 1 to 100");
    }
    if settings.window.is_zero() || settings.open_for.is_zero() {
        return wrong("a breaker's window and the time it stays open are longer than 0");
    }
    Ok(())
}

pub(super) fn resolved(
    rule: Rule,
    place: &Place,
    members: &[Arc<Member>],
    places: &HashMap<ProviderName, usize>,
    default: &Arc<dyn Strategy>,
) -> Result<ResolvedRule> {
    let wrong = |what: String| place.wrong(&format!("the rule {:?} {what}", rule.name));
    if let Some(problem) = rule.problem() {
        return Err(wrong(problem));
    }
    let members = match &rule.through {
        None => members.to_vec(),
        Some(names) => {
            let mut through: Vec<Arc<Member>> = Vec::with_capacity(names.len());
            for name in names {
                let member = name
                    .parse::<ProviderName>()
                    .ok()
                    .and_then(|name| members.get(*places.get(&name)?))
                    .ok_or_else(|| wrong(format!("is wrong: {}", no_such(name, places.keys()))))?;
                if through.iter().any(|other| other.name == member.name) {
                    return Err(wrong(format!("names {name} twice; name it once")));
                }
                through.push(Arc::clone(member));
            }
            through
        }
    };
    if members.is_empty() {
        return Err(wrong(
            "names no provider; name some, or leave the list out for all".to_owned(),
        ));
    }
    Ok(ResolvedRule {
        name: rule.name.clone(),
        strategy: rule.strategy.clone().unwrap_or_else(|| Arc::clone(default)),
        conditions: Some(rule),
        members,
    })
}
