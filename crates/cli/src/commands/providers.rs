//! `paymux providers`.

use paymux::PaymentProvider;
use paymux::setup::Setup;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Context;
use crate::failure::Failure;
use crate::output::text;
use crate::setup::missing_names;

#[derive(Debug, Serialize)]
struct ProviderJson {
    name: String,
    #[serde(rename = "type")]
    type_name: &'static str,
    configured: bool,
    missing: Vec<String>,
    capabilities: Map<String, Value>,
}

pub(super) fn run(context: &Context<'_>) -> Result<(), Failure> {
    let mut providers = Vec::new();
    match &context.provider {
        Some(name) => providers.push(describe(context, context.instances.named(name)?)),
        None => {
            providers.extend(
                context
                    .instances
                    .iter()
                    .map(|setup| describe(context, setup)),
            );
        }
    }
    context.output.result(&providers, || {
        text::providers(providers.iter().map(row).collect())
    })
}

fn describe(context: &Context<'_>, setup: &Setup) -> ProviderJson {
    let missing = missing_names(setup);
    let built = if missing.is_empty() {
        match setup.build() {
            Ok(provider) => Some(provider),
            Err(error) => {
                context
                    .output
                    .note(&format!("{}: {error}", text::waiting("warning")));
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
        capabilities: built.map_or_else(Map::new, |provider| capabilities(provider.as_ref())),
    }
}

/// What the provider says it can do, and which powers it has.
fn capabilities(provider: &dyn PaymentProvider) -> Map<String, Value> {
    let mut members = match serde_json::to_value(provider.capabilities()) {
        Ok(Value::Object(members)) => members,
        _ => Map::new(),
    };
    for (power, is_there) in powers(provider) {
        members.insert(power.to_owned(), Value::Bool(is_there));
    }
    members
}

fn powers(provider: &dyn PaymentProvider) -> [(&'static str, bool); 6] {
    [
        ("payouts", provider.payouts().is_some()),
        ("search", provider.search().is_some()),
        ("quotes", provider.quotes().is_some()),
        ("catalog", provider.catalog().is_some()),
        ("balances", provider.balances().is_some()),
        ("deposit_addresses", provider.deposit_addresses().is_some()),
    ]
}

fn row(provider: &ProviderJson) -> Vec<String> {
    let state = if provider.configured {
        text::good("ready")
    } else if provider.missing.is_empty() {
        text::waiting("wrongly set up")
    } else {
        text::waiting(&format!("needs {}", provider.missing.join(", ")))
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
        provider.type_name.to_owned(),
        state,
        can_do,
    ]
}
