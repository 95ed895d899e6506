//! Where the ledger is kept, and opening it.

mod own_file;

use std::path::{Path, PathBuf};
use std::time::Duration;

use paymux::ledger::{Ledger, LedgerError, LedgerErrorKind, LedgerSettings};
use paymux::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::setup::LedgerTable;

/// The environment variable that names the database.
pub(crate) const VARIABLE: &str = "PAYMUX_DATABASE_URL";

/// How long a command that was killed counts as running. What it may have sent is in doubt then, which
/// is as safe as running: nobody sends it again.
const LEASE: Duration = Duration::from_secs(15);

/// How long webhooks that a killed `serve` was asking its gateway about wait for the next one.
const SERVE_LEASE: Duration = Duration::from_secs(30);

/// How long a command waits for another one that works under the same reference.
const WAIT: Duration = Duration::from_secs(5);

/// The database of the ledger, and what the config file says about it. Nothing is opened yet.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    place: Place,
    settings: LedgerTable,
}

#[derive(Debug, Clone)]
enum Place {
    /// As the environment names it; may hold a password.
    Named(SecretString),
    /// The user's own file.
    Own { path: PathBuf, url: String },
    /// There is none, and why.
    Nowhere(String),
}

impl Database {
    /// The database of `PAYMUX_DATABASE_URL`, else the file in the user's state directory.
    pub(crate) fn from_env(settings: LedgerTable) -> Self {
        let place = named().map_or_else(own, |url| Place::Named(url.into()));
        Self { place, settings }
    }

    /// Whether there may be something in it: the user's own file is made by the first command that
    /// keeps something.
    pub(crate) fn may_hold_something(&self) -> bool {
        match &self.place {
            Place::Own { path, .. } => path.try_exists().unwrap_or(true),
            Place::Named(_) | Place::Nowhere(_) => true,
        }
    }

    /// Opens the ledger for one command.
    ///
    /// # Errors
    /// `Configuration` where there is no place for it or it does not let us in, `Unavailable` where it
    /// cannot be reached; nothing was sent.
    pub(crate) async fn open(&self) -> Result<Ledger> {
        // Every thread more is a connection more to a PostgreSQL.
        let settings = LedgerSettings::new().with_connections(1).with_lease(LEASE);
        self.open_with(settings).await
    }

    /// Opens the ledger for a command that serves many at once.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) async fn open_to_serve(&self) -> Result<Ledger> {
        let settings = LedgerSettings::new().with_lease(SERVE_LEASE);
        self.open_with(settings).await
    }

    async fn open_with(&self, settings: LedgerSettings) -> Result<Ledger> {
        let settings = settings
            .with_wait(WAIT)
            .with_payout_limits(self.settings.limits.clone())
            .with_retention(self.settings.retention);
        let url = match &self.place {
            Place::Named(url) => url.expose_secret(),
            Place::Own { url, .. } => url,
            Place::Nowhere(why) => {
                let error = Error::configuration(format!("the ledger cannot be opened: {why}"));
                return Err(error.with_hint(elsewhere()));
            }
        };
        let opened = Ledger::open(url, settings).await;
        opened.map_err(|error| self.explained(error))
    }

    /// Nobody has chosen the user's own file: where it cannot be used, another place can be.
    fn explained(&self, error: Error) -> Error {
        use LedgerErrorKind::{Permission, ReadOnly, Unreachable};
        let is_own = matches!(self.place, Place::Own { .. });
        match kind_of(&error) {
            Some(Permission | ReadOnly | Unreachable) if is_own => error.with_hint(elsewhere()),
            _ => error,
        }
    }

    /// The URL where it holds no secret.
    pub(crate) fn public_url(&self) -> Option<&str> {
        match &self.place {
            Place::Named(url) => Some(url.expose_secret()).filter(|url| is_sqlite(url)),
            Place::Own { url, .. } => Some(url),
            Place::Nowhere(_) => None,
        }
    }

    /// The database as a person may see it.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn shown(&self) -> std::result::Result<String, &str> {
        match &self.place {
            Place::Named(url) => Ok(without_secrets(url.expose_secret())),
            Place::Own { url, .. } => Ok(url.clone()),
            Place::Nowhere(why) => Err(why),
        }
    }
}

/// Whether the environment names a database.
pub(crate) fn is_named() -> bool {
    named().is_some()
}

fn named() -> Option<String> {
    std::env::var(VARIABLE).ok().filter(|url| !url.is_empty())
}

fn own() -> Place {
    match own_file::path() {
        Ok(path) => match url_of(&path) {
            Some(url) => Place::Own { path, url },
            None => Place::Nowhere(format!("{} cannot be written as a URL", path.display())),
        },
        Err(why) => Place::Nowhere(why),
    }
}

/// A question mark begins the options of a URL.
fn url_of(path: &Path) -> Option<String> {
    let path = path.to_str().filter(|path| !path.contains('?'))?;
    Some(format!("sqlite://{path}"))
}

fn elsewhere() -> String {
    format!(
        "the ledger is kept in the user's state folder unless {VARIABLE} names another place; set it for \
         all commands, such as {VARIABLE}=sqlite:///var/lib/paymux/ledger.db"
    )
}

fn kind_of(error: &Error) -> Option<LedgerErrorKind> {
    std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<LedgerError>())
        .map(LedgerError::kind)
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// The URL without its password, and without options, which may hold one too.
fn without_secrets(url: &str) -> String {
    if is_sqlite(url) {
        return url.to_owned();
    }
    let shown = Url::parse(url).ok().and_then(|mut url| {
        url.set_password(None).ok()?;
        url.set_query(None);
        Some(url.to_string())
    });
    shown.unwrap_or_else(|| match url.split_once("://") {
        Some((scheme, _)) => format!("{scheme}://..."),
        None => "no URL".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        for (url, shown) in [
            ("sqlite:///a/b.db", "sqlite:///a/b.db"),
            (
                "postgres://shop:canary@db.example:5433/pay?password=canary",
                "postgres://shop@db.example:5433/pay",
            ),
            ("postgres://db.example/pay", "postgres://db.example/pay"),
            ("postgres://shop:canary@[db/pay", "postgres://..."),
            ("canary", "no URL"),
        ] {
            assert_eq!(without_secrets(url), shown);
        }
    }

    #[test]
    fn a_path_that_a_url_would_cut_is_no_place() {
        let url = |path: &str| url_of(Path::new(path));
        assert_eq!(url("/a b/c.db").unwrap(), "sqlite:///a b/c.db");
        assert_eq!(url("/a?b/c.db"), None);
    }
}
