//! A connection to PostgreSQL.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, NoTls, Socket, Statement};
#[cfg(feature = "postgres-tls")]
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::failed;
use super::pipeline::{Answer, Failed, Message, send_at_once};
use super::transaction::PostgresTx;
use crate::error::{LedgerError, LedgerErrorKind, Stored};
use crate::store::queue::Access;
use crate::store::tx::{Dialect, Tx};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long to wait for the goodbye to be sent.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// For every connection. A server that hangs, or a lock that somebody forgot, must not hold a caller
/// for ever; a commit must be on the disk when it returns. Plans are kept, and one that was made while
/// a table was small must not read through it once it has grown: every statement has its index.
const SETTINGS: &str = "SET statement_timeout = '30s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s';
    SET default_transaction_isolation = 'read committed';
    SET enable_seqscan = off;
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off'";

/// Makes connections.
pub(super) struct Connector {
    config: Config,
    /// Made once: it reads the platform's certificates.
    #[cfg(feature = "postgres-tls")]
    tls: Option<MakeRustlsConnect>,
}

impl Connector {
    pub(super) fn new(url: &str) -> Result<Self, LedgerError> {
        let mut config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
            LedgerError::new(
                LedgerErrorKind::Url,
                format!("the PostgreSQL URL cannot be read ({error})"),
            )
        })?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name("paymux-ledger");
        }
        if !cfg!(feature = "postgres-tls") && config.get_ssl_mode() == SslMode::Require {
            return Err(LedgerError::new(
                LedgerErrorKind::Url,
                "the PostgreSQL URL asks for TLS and this build has none; turn on the feature \
                 postgres-tls of paymux-ledger",
            ));
        }
        Ok(Self {
            #[cfg(feature = "postgres-tls")]
            tls: super::tls::connector(config.get_ssl_mode())?,
            config,
        })
    }

    pub(super) fn connect(&self) -> Result<Connection, LedgerError> {
        let connection = self.unprepared()?;
        connection
            .runtime
            .block_on(connection.client.batch_execute(SETTINGS))
            .map_err(failed)?;
        Ok(connection)
    }

    #[cfg(feature = "postgres-tls")]
    fn unprepared(&self) -> Result<Connection, LedgerError> {
        match &self.tls {
            Some(tls) => self.connect_by(tls.clone()),
            None => self.connect_by(NoTls),
        }
    }

    #[cfg(not(feature = "postgres-tls"))]
    fn unprepared(&self) -> Result<Connection, LedgerError> {
        self.connect_by(NoTls)
    }

    fn connect_by<T>(&self, tls: T) -> Result<Connection, LedgerError>
    where
        T: MakeTlsConnect<Socket>,
        T::Stream: Send + 'static,
    {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| {
                LedgerError::new(
                    LedgerErrorKind::Other,
                    "the machine gives the database's connection no way to wait",
                )
                .with_source(error)
            })?;
        let (client, socket) = runtime.block_on(self.config.connect(tls)).map_err(failed)?;
        // What breaks it is told to whoever uses it next.
        let socket = runtime.spawn(async move { drop(socket.await) });
        Ok(Connection {
            runtime,
            client,
            socket,
            statements: HashMap::new(),
            is_usable: true,
        })
    }
}

/// A statement that a connection knows.
#[derive(Clone)]
pub(super) struct Prepared {
    pub(super) statement: Statement,
    /// Whether it changes nothing but locks.
    pub(super) only_reads: bool,
}

/// An open connection, with the statements that were prepared on it.
pub(super) struct Connection {
    runtime: Runtime,
    client: Client,
    /// Reads and writes for the client while the runtime runs.
    socket: JoinHandle<()>,
    statements: HashMap<&'static str, Prepared>,
    is_usable: bool,
}

impl Connection {
    /// Runs `work` in a transaction, and commits it where it was done.
    pub(super) fn transaction(
        &mut self,
        access: Access,
        work: &mut dyn FnMut(&mut dyn Tx) -> Stored<()>,
    ) -> Stored<()> {
        let mut tx = PostgresTx::new(self, access);
        let end = work(&mut tx);
        match end {
            Ok(()) if access == Access::Write => tx.commit(),
            Ok(()) | Err(_) => {
                tx.roll_back();
                end
            }
        }
    }

    /// False where a transaction may still be open in it that could not be ended.
    pub(super) const fn is_usable(&self) -> bool {
        self.is_usable
    }

    pub(super) const fn give_up(&mut self) {
        self.is_usable = false;
    }

    /// Sends these in their order and waits for all answers.
    pub(super) fn exchange(&self, messages: &[Message<'_>]) -> Result<Vec<Answer>, Failed> {
        self.runtime.block_on(send_at_once(&self.client, messages))
    }

    pub(super) fn prepared(&mut self, sql: &'static str) -> Stored<Prepared> {
        Ok(match self.statements.entry(sql) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(free) => {
                let text = Dialect::Postgres.statement(sql);
                let statement = self
                    .runtime
                    .block_on(self.client.prepare(&text))
                    .map_err(failed)?;
                let only_reads = text.trim_start().starts_with("SELECT");
                let prepared = Prepared {
                    statement,
                    only_reads,
                };
                free.insert(prepared).clone()
            }
        })
    }

    /// Says goodbye to the server.
    pub(super) fn close(self) {
        let Self {
            runtime,
            client,
            socket,
            statements,
            ..
        } = self;
        drop(statements);
        drop(client);
        let _ = runtime.block_on(async { tokio::time::timeout(CLOSE_TIMEOUT, socket).await });
    }
}
