//! The config file: TOML with a table for each provider instance, one for the router over them and one
//! for the ledger.
//!
//! ```toml
//! [providers.eu]
//! type = "native-checkout"
//! app_id = "..."
//! app_key = "..."
//!
//! [router]
//! strategy = "cheapest"
//! ```

use std::ops::Range;
use std::path::Path;

use paymux::router::RouterConfig;
use paymux::setup::{Setup, provider_types};
use paymux::{Error, ProviderName, Result};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::ledger_table::{self, LedgerTable};
use crate::routed::ROUTER;

/// What a config file holds.
#[derive(Debug, Default)]
pub(super) struct ConfigFile {
    pub(super) setups: Vec<Setup>,
    pub(super) router: RouterConfig,
    pub(super) ledger: LedgerTable,
    pub(super) warnings: Vec<String>,
}

/// Reads a config file.
///
/// # Errors
/// `Configuration` that names file, line and what would be right. It shows no value.
pub(super) fn read(path: &Path) -> Result<ConfigFile> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::configuration(format!(
            "cannot read the config file {}: {error}",
            path.display()
        ))
    })?;
    let mut file = parse(&text, &path.display().to_string())?;
    if holds_secrets(&file.setups) && others_can_read(path) {
        file.warnings.push(format!(
            "{0} holds secrets and other users can read it; run: chmod 600 {0}",
            path.display()
        ));
    }
    Ok(file)
}

fn holds_secrets(setups: &[Setup]) -> bool {
    setups.iter().any(|setup| {
        let settings = setup.provider_type().settings();
        settings
            .iter()
            .any(|key| key.secret && setup.is_set(key.name))
    })
}

#[cfg(unix)]
fn others_can_read(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn others_can_read(_path: &Path) -> bool {
    false
}

/// A config file's text, for errors that say where.
pub(super) struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

impl Source<'_> {
    pub(super) fn error(&self, span: Range<usize>, message: &str) -> Error {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Error::configuration(format!("{}:{line}: {message}", self.file))
    }
}

fn parse(text: &str, name: &str) -> Result<ConfigFile> {
    let source = Source { file: name, text };
    let root = DeTable::parse(text).map_err(|error| {
        // Only the message: the whole text of the error shows the line, which may hold a secret.
        let span = error.span().unwrap_or(0..0);
        source.error(span, error.message())
    })?;
    let mut file = ConfigFile::default();
    for (key, value) in root.get_ref() {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("providers", DeValue::Table(providers)) => {
                for (name, value) in providers {
                    let setup = instance(&source, name.span(), name.get_ref(), value)?;
                    file.setups.push(setup);
                }
            }
            ("providers", _) => {
                let message = "write providers as tables [providers.NAME]";
                return Err(source.error(key.span(), message));
            }
            ("router", DeValue::Table(_)) => file.router = RouterConfig::from_toml(text, name)?,
            ("router", _) => {
                return Err(source.error(key.span(), "write router as a table [router]"));
            }
            ("ledger", DeValue::Table(table)) => {
                file.ledger = ledger_table::read(&source, table)?;
            }
            ("ledger", _) => {
                return Err(source.error(key.span(), "write ledger as a table [ledger]"));
            }
            (other, _) => {
                let message = format!(
                    "there is no {other:?}; a config file holds tables [providers.NAME], [router] and \
                     [ledger]"
                );
                return Err(source.error(key.span(), &message));
            }
        }
    }
    Ok(file)
}

fn instance(
    source: &Source<'_>,
    place: Range<usize>,
    name: &str,
    value: &Spanned<DeValue<'_>>,
) -> Result<Setup> {
    let located = |span: Range<usize>| move |error: Error| source.error(span, error.message());
    let name: ProviderName = name.parse().map_err(located(place.clone()))?;
    if name == ROUTER {
        let message = "router is the name of all providers together; give this one another name";
        return Err(source.error(place, message));
    }
    let DeValue::Table(members) = value.get_ref() else {
        let message = format!("write it as a table [providers.{name}]");
        return Err(source.error(place, &message));
    };
    let (type_span, type_name) = members
        .iter()
        .find(|(key, _)| key.get_ref() == "type")
        .map(|(key, value)| string(source, key, value))
        .ok_or_else(|| {
            let types: Vec<String> = provider_types()
                .iter()
                .map(|kind| format!("type = {:?}", kind.name()))
                .collect();
            let message = format!(
                "[providers.{name}] has no type; write {}",
                types.join(" or ")
            );
            source.error(place, &message)
        })??;
    let mut setup = Setup::new(name, type_name).map_err(located(type_span))?;
    for (key, value) in members {
        if key.get_ref() != "type" {
            let (span, value) = string(source, key, value)?;
            setup.set(key.get_ref(), value).map_err(located(span))?;
        }
    }
    Ok(setup)
}

pub(super) fn string<'a>(
    source: &Source<'_>,
    key: &Spanned<toml::de::DeString<'_>>,
    value: &'a Spanned<DeValue<'_>>,
) -> Result<(Range<usize>, &'a str)> {
    match value.get_ref() {
        DeValue::String(text) => Ok((key.span(), text)),
        _ => {
            let message = format!(
                "write {} in quotes: every setting is a string",
                key.get_ref()
            );
            Err(source.error(key.span(), &message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANARY: &str = "canary-77aa";

    #[test]
    fn every_table_is_an_instance() {
        let text = format!(
            "[providers.eu]\ntype = \"native-checkout\"\napp_id = \"a\"\napp_key = '{CANARY}'\n\
             [providers.us]\ntype = \"native-checkout\"\n"
        );
        let setups = parse(&text, "f").unwrap().setups;
        assert_eq!(setups.len(), 2);
        assert!(holds_secrets(&setups));
        assert!(!format!("{setups:?}").contains(CANARY));
        assert!(parse("", "f").unwrap().setups.is_empty());
    }

    #[test]
    fn mistakes_are_named_with_file_and_line_and_without_values() {
        let table = "[providers.eu]\ntype = \"native-checkout\"\n";
        for (text, says) in [
            (
                format!("\nprovider = \"{CANARY}\""),
                "f:2: there is no \"provider\"",
            ),
            (
                format!("router = \"{CANARY}\""),
                "f:1: write router as a table [router]",
            ),
            (
                "[providers.eu]\ntype = \"native-checkout\"\n[router]\nstrategy = \"best\""
                    .to_owned(),
                "f:4: \"best\" is no strategy; use priority",
            ),
            (
                "[router]\nproviders = [\n  \"eu\",\n  \"E U\",\n]".to_owned(),
                "f:4: \"E U\" is no provider name",
            ),
            (
                "[router]\nretries = 3".to_owned(),
                "f:2: unknown field `retries`",
            ),
            (
                "[providers.router]\ntype = \"native-checkout\"".to_owned(),
                "f:1: router is the name of all providers together",
            ),
            (
                format!("ledger = \"{CANARY}\""),
                "f:1: write ledger as a table [ledger]",
            ),
            (
                "[ledger]\nlimit = \"1\"".to_owned(),
                "f:2: there is no \"limit\"; the ledger has tables [ledger.limits",
            ),
            (
                "[ledger]\nlimits = \"1\"".to_owned(),
                "f:2: write limits as tables [ledger.limits",
            ),
            (
                "[ledger]\nretention = \"30d\"".to_owned(),
                "f:2: write retention as a table [ledger.retention]",
            ),
            (
                "[ledger.retention]\nwebhooks = \"90\"".to_owned(),
                "f:2: it has no unit; write 90s",
            ),
            (
                "[ledger.retention]\nwebhook = \"90d\"".to_owned(),
                "f:2: there is no \"webhook\" to keep; there are webhooks",
            ),
            (
                "[ledger.limits.\"USDT tron\"]\nper_day = \"1\"".to_owned(),
                "f:1: ",
            ),
            (
                "[ledger.limits.\"USDT@tron\"]\nper_week = \"1\"".to_owned(),
                "f:2: there is no limit \"per_week\"; there are per_payout",
            ),
            (
                "[ledger.limits.\"USDT@tron\"]\nper_day = \"0\"".to_owned(),
                "f:2: a limit is an amount",
            ),
            (
                "[ledger.limits.\"USDT@tron\"]\nper_day = 1000".to_owned(),
                "f:2: write per_day in quotes",
            ),
            (
                "[ledger.limits.\"USDT@tron\"]".to_owned(),
                "f:1: it limits nothing",
            ),
            (
                format!("providers = \"{CANARY}\""),
                "f:1: write providers as tables",
            ),
            (
                format!("providers.eu = \"{CANARY}\""),
                "f:1: write it as a table",
            ),
            (
                format!("[providers.eu]\napp_key = \"{CANARY}\""),
                "f:1: [providers.eu] has no type; write type = \"native-checkout\" or type = \"unipayment\"",
            ),
            (
                "[providers.eu]\ntype = \"halo\"".to_owned(),
                "f:2: there is no provider type \"halo\"; use one of native-checkout, unipayment",
            ),
            (
                "[providers.EU]\ntype = \"native-checkout\"".to_owned(),
                "f:1: \"EU\" is no provider name",
            ),
            (
                format!("{table}app_kye = \"{CANARY}\""),
                "f:3: native-checkout has no setting \"app_kye\"; it has app_id, app_key, base_url",
            ),
            (format!("{table}app_id = 12"), "f:3: write app_id in quotes"),
            (format!("{table}app_key = \"{CANARY}"), "f:3: "),
            (
                format!("{table}app_key = \"{CANARY}\"\napp_key = \"x\""),
                "f:4: duplicate key",
            ),
        ] {
            let error = parse(&text, "f").unwrap_err();
            assert!(error.message().starts_with(says), "{text:?}: {error}");
            assert!(!format!("{error:?}").contains(CANARY), "{error:?}");
        }
    }
}
