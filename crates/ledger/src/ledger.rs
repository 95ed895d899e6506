//! The ledger itself.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use paymux_core::Result;

use crate::inbox::Incoming;
use crate::keeper::Keeper;
use crate::settings::LedgerSettings;
use crate::store::Store;
use crate::work::Bells;

/// What an application knows of its payments, kept in a database. Cheap to clone; every clone works
/// on the same database.
#[derive(Debug, Clone)]
pub struct Ledger(pub(crate) Arc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Store,
    pub(crate) settings: LedgerSettings,
    pub(crate) keeper: Keeper,
    pub(crate) incoming: Incoming,
    pub(crate) bells: Bells,
}

impl Ledger {
    /// Opens a database, makes it where it is a file that is not there, and brings its schema up to
    /// date. Several processes may do so at once.
    ///
    /// | URL | |
    /// |---|---|
    /// | `sqlite:///absolute/path`, `sqlite://relative/path` | a file, made with mode 0600 |
    /// | `sqlite://…?mode=ro` | a file, for reading alone |
    /// | `sqlite://…?max_page_count=PAGES` | a file that may not grow beyond this |
    /// | `sqlite::memory:` | gone with the ledger; for tests |
    /// | `postgres://user:password@host/database` | PostgreSQL 12 or newer |
    ///
    /// ```
    /// # async fn open() -> paymux_core::Result<()> {
    /// use paymux_ledger::{Ledger, LedgerSettings};
    ///
    /// let ledger = Ledger::open("sqlite::memory:", LedgerSettings::new()).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// `Configuration` for a URL that names no database, a user who is not let in, a schema that is
    /// newer than this version, and webhooks that are to be pruned too early; `Unavailable` for a database that cannot be reached or written.
    /// The source is a [`LedgerError`](crate::LedgerError).
    pub async fn open(url: &str, settings: LedgerSettings) -> Result<Self> {
        settings.retention.check()?;
        let now = settings.clock.now();
        let store = Store::open(url, settings.connections, now).await?;
        Ok(Self(Arc::new(Inner {
            store,
            settings,
            keeper: Keeper::default(),
            incoming: Incoming::default(),
            bells: Bells::default(),
        })))
    }
}

impl Inner {
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.settings.clock.now()
    }

    /// Until when a call is believed to live that was heard of now.
    pub(crate) fn lease_until(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + self.settings.lease
    }
}
