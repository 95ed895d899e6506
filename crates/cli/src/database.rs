//! Where the ledger is kept, and opening it.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use etcetera::BaseStrategy;
use paymux::ledger::{Ledger, LedgerError, LedgerErrorKind, LedgerSettings, PayoutLimits};
use paymux::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The environment variable that names the database.
pub(crate) const VARIABLE: &str = "PAYMUX_DATABASE_URL";

/// How long a command waits for another one that works under the same reference.
const WAIT: Duration = Duration::from_secs(5);

/// How long to pause before a database that somebody else holds is opened once more.
const PAUSE: Duration = Duration::from_millis(50);

/// The database of the ledger, and what the config file says about it. Nothing is opened yet.
#[derive(Debug)]
pub(crate) struct Database {
    /// May hold a password.
    url: Result<SecretString>,
    limits: PayoutLimits,
}

impl Database {
    /// The database of `PAYMUX_DATABASE_URL`, else a file in the user's state folder.
    pub(crate) fn from_env(limits: PayoutLimits) -> Self {
        let set = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
        let url = match set {
            Some(url) => Ok(url.into()),
            None => default_file()
                .and_then(|file| url_of(&file))
                .map(SecretString::from),
        };
        Self { url, limits }
    }

    /// Opens the ledger for one command.
    ///
    /// # Errors
    /// `Configuration` where no database is named or it does not let us in, `Unavailable` where it
    /// cannot be reached; nothing was sent.
    pub(crate) async fn open(&self) -> Result<Ledger> {
        // Every thread more is a connection more to a PostgreSQL.
        self.open_with(LedgerSettings::new().with_connections(1))
            .await
    }

    /// Opens the ledger for a command that serves many at once.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub(crate) async fn open_to_serve(&self) -> Result<Ledger> {
        self.open_with(LedgerSettings::new()).await
    }

    async fn open_with(&self, settings: LedgerSettings) -> Result<Ledger> {
        let settings = settings
            .with_wait(WAIT)
            .with_payout_limits(self.limits.clone());
        let url = self.url()?.expose_secret();
        let started = Instant::now();
        loop {
            match Ledger::open(url, settings.clone()).await {
                // Two runs that make the file at once: SQLite does not let one wait for the other.
                Err(error) if is_busy(&error) && started.elapsed() < WAIT => {
                    tokio::time::sleep(PAUSE).await;
                }
                opened => return opened,
            }
        }
    }

    /// The URL where it holds no secret.
    pub(crate) fn public_url(&self) -> Option<&str> {
        let url = self.url.as_ref().ok()?.expose_secret();
        url.starts_with("sqlite:").then_some(url)
    }

    /// The database as a person may see it.
    ///
    /// # Errors
    /// Where none is named and there is no place for a file.
    pub(crate) fn shown(&self) -> Result<String> {
        Ok(without_secrets(self.url()?.expose_secret()))
    }

    fn url(&self) -> Result<&SecretString> {
        self.url.as_ref().map_err(|error| {
            Error::configuration(error.message().to_owned())
                .with_hint(error.hint().unwrap_or_default().to_owned())
        })
    }
}

fn is_busy(error: &Error) -> bool {
    std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<LedgerError>())
        .is_some_and(|error| error.kind() == LedgerErrorKind::Busy)
}

fn default_file() -> Result<PathBuf> {
    let strategy = etcetera::choose_base_strategy().map_err(|error| {
        Error::configuration(format!("there is no place for the ledger ({error})")).with_hint(
            format!("set {VARIABLE}, such as sqlite:///var/lib/paymux/ledger.db"),
        )
    })?;
    let folder = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
    Ok(folder.join("paymux").join("ledger.db"))
}

fn url_of(file: &Path) -> Result<String> {
    // What follows a question mark would be read as options.
    match file.to_str().filter(|path| !path.contains('?')) {
        Some(path) => Ok(format!("sqlite://{path}")),
        None => Err(Error::configuration(format!(
            "the ledger's usual place {} cannot be written as a URL",
            file.display()
        ))
        .with_hint(format!(
            "set {VARIABLE}, such as sqlite:///var/lib/paymux/ledger.db"
        ))),
    }
}

/// The URL without its password, and without options, which may hold one too.
fn without_secrets(url: &str) -> String {
    if url.starts_with("sqlite:") {
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
    fn a_file_is_a_url_unless_it_reads_like_options() {
        assert_eq!(
            url_of(Path::new("/home/shop/.local/state/paymux/ledger.db")).unwrap(),
            "sqlite:///home/shop/.local/state/paymux/ledger.db"
        );
        let error = url_of(Path::new("/home/a?mode=ro/ledger.db")).unwrap_err();
        assert!(error.hint().unwrap().contains(VARIABLE), "{error:?}");
    }
}
