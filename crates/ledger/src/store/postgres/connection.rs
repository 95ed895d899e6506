//! A connection to PostgreSQL, and its transactions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use postgres::config::SslMode;
use postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};
use postgres::{Client, Config, NoTls, Statement, Transaction};

use super::failure::{failed, while_committing};
use crate::error::{LedgerError, LedgerErrorKind, Stored};
use crate::store::queue::Access;
use crate::store::tx::{Dialect, Tx};
use crate::store::value::{Cell, Row, Value};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// For every connection. A server that hangs, or a lock that somebody forgot, must not hold a caller
/// for ever; a commit must be on the disk when it returns.
const SETTINGS: &str = "SET statement_timeout = '30s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s';
    SET default_transaction_isolation = 'read committed';
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off'";

/// Makes connections.
pub(super) struct Connector {
    config: Config,
}

impl Connector {
    pub(super) fn new(url: &str) -> Result<Self, LedgerError> {
        let mut config: Config = url.parse().map_err(|error: postgres::Error| {
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
        Ok(Self { config })
    }

    pub(super) fn connect(&self) -> Result<Connection, LedgerError> {
        let mut client = self.client()?;
        client.batch_execute(SETTINGS).map_err(failed)?;
        Ok(Connection {
            client,
            statements: HashMap::new(),
        })
    }

    #[cfg(feature = "postgres-tls")]
    fn client(&self) -> Result<Client, LedgerError> {
        let mode = self.config.get_ssl_mode();
        if mode == SslMode::Disable {
            return self.config.connect(NoTls).map_err(failed);
        }
        let tls = super::tls::connector(mode)?;
        self.config.connect(tls).map_err(failed)
    }

    #[cfg(not(feature = "postgres-tls"))]
    fn client(&self) -> Result<Client, LedgerError> {
        self.config.connect(NoTls).map_err(failed)
    }
}

/// An open connection, with the statements that were prepared on it.
pub(super) struct Connection {
    client: Client,
    statements: HashMap<&'static str, Statement>,
}

impl Connection {
    /// Runs `work` in a transaction, and commits it where it was done.
    pub(super) fn transaction(
        &mut self,
        access: Access,
        work: &mut dyn FnMut(&mut dyn Tx) -> Stored<()>,
    ) -> Stored<()> {
        let mut builder = self.client.build_transaction();
        if access == Access::Read {
            // Never the opposite: READ WRITE would undo what the server's owner set.
            builder = builder.read_only(true);
        }
        let transaction = builder.start().map_err(failed)?;
        let mut tx = PostgresTx {
            transaction,
            statements: &mut self.statements,
        };
        let end = work(&mut tx);
        match end {
            Ok(()) if access == Access::Write => {
                tracing::trace!("commits");
                tx.transaction.commit().map_err(while_committing)?;
                tracing::trace!("committed");
                Ok(())
            }
            // A rollback that fails finds the connection broken, which the next use of it tells.
            Ok(()) | Err(_) => {
                let _ = tx.transaction.rollback();
                end
            }
        }
    }
}

struct PostgresTx<'c> {
    transaction: Transaction<'c>,
    statements: &'c mut HashMap<&'static str, Statement>,
}

impl PostgresTx<'_> {
    fn statement(&mut self, sql: &'static str) -> Stored<Statement> {
        Ok(match self.statements.entry(sql) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(free) => {
                let statement = self
                    .transaction
                    .prepare(&Dialect::Postgres.statement(sql))
                    .map_err(failed)?;
                free.insert(statement).clone()
            }
        })
    }
}

fn parameters<'v>(values: &'v [Value<'v>]) -> Vec<&'v (dyn ToSql + Sync)> {
    values
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

impl Tx for PostgresTx<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Stored<u64> {
        let statement = self.statement(sql)?;
        Ok(self
            .transaction
            .execute(&statement, &parameters(values))
            .map_err(failed)?)
    }

    fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Stored<Vec<Row>> {
        let statement = self.statement(sql)?;
        let rows = self
            .transaction
            .query(&statement, &parameters(values))
            .map_err(failed)?;
        rows.iter()
            .map(|row| {
                (0..row.len())
                    .map(|column| {
                        row.try_get::<_, Cell>(column)
                            .map_err(|error| failed(error).into())
                    })
                    .collect::<Stored<Vec<Cell>>>()
                    .map(Row::new)
            })
            .collect()
    }

    fn batch(&mut self, sql: &str) -> Stored<()> {
        Ok(self.transaction.batch_execute(sql).map_err(failed)?)
    }
}

type BoxedError = Box<dyn std::error::Error + Sync + Send>;

impl ToSql for Value<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, BoxedError> {
        match *self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(number) => number.to_sql_checked(kind, out),
            Value::Text(text) => text.to_sql_checked(kind, out),
            Value::Bytes(bytes) => bytes.to_sql_checked(kind, out),
        }
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

impl<'a> FromSql<'a> for Cell {
    fn from_sql(kind: &Type, raw: &'a [u8]) -> Result<Self, BoxedError> {
        match *kind {
            Type::INT8 => i64::from_sql(kind, raw).map(Self::Int),
            Type::INT4 => i32::from_sql(kind, raw).map(|number| Self::Int(number.into())),
            Type::BYTEA => Vec::<u8>::from_sql(kind, raw).map(Self::Bytes),
            _ => String::from_sql(kind, raw).map(Self::Text),
        }
    }

    fn from_sql_null(_: &Type) -> Result<Self, BoxedError> {
        Ok(Self::Null)
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::INT4 | Type::BYTEA)
            || <String as FromSql<'_>>::accepts(kind)
    }
}
