//! `paymux providers`.

use paymux::setup::Setup;
use paymux::unipayment::Generation;
use paymux::{Error, PaymentProvider};
use serde::Serialize;
use serde_json::{Map, Value};

use super::Context;
use crate::database;
use crate::failure::Failure;
use crate::generation;
use crate::output::text;
use crate::power::Power;
use crate::routed::ROUTER;
use crate::setup::missing_names;

#[derive(Debug, Serialize)]
struct ProviderJson {
    name: String,
    #[serde(rename = "type")]
    type_name: &'static str,
    configured: bool,
    missing: Vec<String>,
    capabilities: Map<String, Value>,
    /// Of UniPayment.
    #[serde(skip)]
    generation: Option<Generation>,
}

pub(super) fn run(context: &Context<'_>) -> Result<(), Failure> {
    let mut providers = Vec::new();
    match &context.provider {
        Some(name) if *name == ROUTER => providers.push(describe_router(context)),
        Some(name) => providers.push(describe(context, context.instances.named(name)?)),
        None => {
            providers.extend(
                context
                    .instances
                    .iter()
                    .map(|setup| describe(context, setup)),
            );
            if context.instances.has_several() {
                providers.push(describe_router(context));
            }
        }
    }
    context.output.result(&providers, || {
        let table = text::providers(providers.iter().map(row).collect());
        let needs: Vec<String> = providers.iter().filter_map(needs).collect();
        [vec![table], needs, vec![ledger(context)]]
            .concat()
            .join("\n\n")
    })
}

fn describe(context: &Context<'_>, setup: &Setup) -> ProviderJson {
    let missing = missing_names(setup);
    let built = if missing.is_empty() {
        match setup.build() {
            Ok(provider) => Some(provider),
            Err(error) => {
                warn(context, &error);
                None
            }
        }
    } else {
        None
    };
    ProviderJson {
        name: setup.name().to_string(),
        type_name: setup.provider_type().name(),
        configured: built.is_some(),
        missing,
        generation: generation::of(setup),
        capabilities: built.map_or_else(Map::new, |provider| capabilities(provider.as_ref())),
    }
}

/// The router over what is configured.
fn describe_router(context: &Context<'_>) -> ProviderJson {
    let built = match context.instances.router() {
        Ok(router) => Some(router),
        Err(error) => {
            // In a list an instance that is set up wrongly has told so itself.
            if context.provider.is_some() || error.provider().is_none() {
                warn(context, &error);
            }
            None
        }
    };
    ProviderJson {
        name: ROUTER.to_string(),
        type_name: "router",
        configured: built.is_some(),
        missing: Vec::new(),
        generation: None,
        capabilities: built.map_or_else(Map::new, |router| capabilities(&*router)),
    }
}

fn warn(context: &Context<'_>, error: &Error) {
    context
        .output
        .note(&format!("{}: {error}", text::waiting("warning")));
}

/// What the provider says it can do, and which powers it has.
fn capabilities(provider: &dyn PaymentProvider) -> Map<String, Value> {
    let mut members = match serde_json::to_value(provider.capabilities()) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    for power in Power::ALL {
        let is_there = Value::Bool(power.is_there(provider));
        members.insert(power.name().to_owned(), is_there);
    }
    members
}

/// What is missing, a line for each setting. UniPayment's generations need different ones.
fn needs(provider: &ProviderJson) -> Option<String> {
    if provider.missing.is_empty() {
        return None;
    }
    let heading = format!("{} needs", text::bold(&provider.name));
    let mut lines = vec![heading];
    lines.extend(provider.missing.iter().map(|place| format!("  {place}")));
    if let Some(generation) = provider.generation {
        for other in Generation::ALL {
            if other != generation {
                let needs = generation::needs(other).join(", ");
                lines.push(text::dim(&format!("  or, with auth {other}, {needs}")));
            }
        }
    }
    Some(lines.join("\n"))
}

/// Where the ledger is kept.
fn ledger(context: &Context<'_>) -> String {
    let place = match context.database.shown() {
        Ok(url) => text::clean(&url),
        Err(why) => text::waiting(&format!(
            "nowhere: {}; set {}",
            text::clean(why),
            database::VARIABLE
        )),
    };
    format!("{} {place}", text::bold("Ledger"))
}

fn row(provider: &ProviderJson) -> Vec<String> {
    let state = if provider.configured {
        text::good("ready")
    } else if provider.missing.is_empty() {
        text::waiting("wrongly set up")
    } else {
        text::waiting("not set up")
    };
    let mut can_do = vec!["invoices".to_owned()];
    let powers = provider.capabilities.iter();
    can_do.extend(
        powers
            .filter(|(name, there)| **there == Value::Bool(true) && *name != "asset_required")
            .map(|(name, _)| name.replace('_', " ")),
    );
    let can_do = if provider.configured {
        can_do.join(", ")
    } else {
        String::new()
    };
    vec![
        provider.name.clone(),
        match provider.generation {
            Some(generation) => format!("{} ({generation})", provider.type_name),
            None => provider.type_name.to_owned(),
        },
        state,
        can_do,
    ]
}
