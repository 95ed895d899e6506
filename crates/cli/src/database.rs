//! Where the ledger is kept, and opening it.

use std::time::{Duration, Instant};

use paymux::ledger::{Ledger, LedgerError, LedgerErrorKind, LedgerSettings, PayoutLimits};
use paymux::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The environment variable that names the database.
pub(crate) const VARIABLE: &str = "PAYMUX_DATABASE_URL";

/// Where the ledger is while no database is named: gone with the process.
const IN_MEMORY: &str = "sqlite::memory:";

/// How long a command that was killed counts as running. What it may have sent is in doubt then, which
/// is as safe as running: nobody sends it again.
const LEASE: Duration = Duration::from_secs(15);

/// How long a command waits for another one that works under the same reference.
const WAIT: Duration = Duration::from_secs(5);

/// How long to pause before a database that somebody else holds is opened once more.
const PAUSE: Duration = Duration::from_millis(50);

/// The database of the ledger, and what the config file says about it. Nothing is opened yet.
#[derive(Debug)]
pub(crate) struct Database {
    /// May hold a password. None where no database is named.
    url: Option<SecretString>,
    limits: PayoutLimits,
}

impl Database {
    /// The database of `PAYMUX_DATABASE_URL`. Without one, what the ledger keeps holds for this process
    /// alone.
    pub(crate) fn from_env(limits: PayoutLimits) -> Self {
        let url = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
        Self {
            url: url.map(SecretString::from),
            limits,
        }
    }

    /// Whether what the ledger keeps is there for the next command.
    pub(crate) const fn is_lasting(&self) -> bool {
        self.url.is_some()
    }

    /// Opens the ledger for one command.
    ///
    /// # Errors
    /// `Configuration` where no database is named or it does not let us in, `Unavailable` where it
    /// cannot be reached; nothing was sent.
    pub(crate) async fn open(&self) -> Result<Ledger> {
        // Every thread more is a connection more to a PostgreSQL.
        let settings = LedgerSettings::new().with_connections(1).with_lease(LEASE);
        self.open_with(settings).await
    }

    /// Opens the ledger for a payout. What a limit allows in a day, and who approved what, has to
    /// outlive the command.
    ///
    /// # Errors
    /// As [`open`](Self::open), and where there are limits and no database is named.
    pub(crate) async fn open_for_payout(&self) -> Result<Ledger> {
        if self.limits != PayoutLimits::new() {
            self.check_lasting()?;
        }
        self.open().await
    }

    /// Opens the ledger for a command that is about what others have kept.
    ///
    /// # Errors
    /// As [`open`](Self::open), and where no database is named.
    pub(crate) async fn open_lasting(&self) -> Result<Ledger> {
        self.check_lasting()?;
        self.open().await
    }

    /// Opens the ledger for a command that serves many at once.
    ///
    /// # Errors
    /// As [`open_lasting`](Self::open_lasting).
    pub(crate) async fn open_to_serve(&self) -> Result<Ledger> {
        self.check_lasting()?;
        self.open_with(LedgerSettings::new()).await
    }

    async fn open_with(&self, settings: LedgerSettings) -> Result<Ledger> {
        let settings = settings
            .with_wait(WAIT)
            .with_payout_limits(self.limits.clone());
        let url = self.url();
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
        Some(self.url()).filter(|url| self.is_lasting() && url.starts_with("sqlite:"))
    }

    /// The database as a person may see it; nothing where none is named.
    pub(crate) fn shown(&self) -> Option<String> {
        let url = self.url.as_ref()?;
        Some(without_secrets(url.expose_secret()))
    }

    fn check_lasting(&self) -> Result<()> {
        if self.is_lasting() {
            return Ok(());
        }
        Err(
            Error::configuration(format!("no ledger is kept: {VARIABLE} is not set")).with_hint(
                format!(
                    "set {VARIABLE} for all commands, such as sqlite:///var/lib/paymux/ledger.db"
                ),
            ),
        )
    }

    fn url(&self) -> &str {
        self.url
            .as_ref()
            .map_or(IN_MEMORY, |url| url.expose_secret())
    }
}

fn is_busy(error: &Error) -> bool {
    std::error::Error::source(error)
        .and_then(|source| source.downcast_ref::<LedgerError>())
        .is_some_and(|error| error.kind() == LedgerErrorKind::Busy)
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
}
