//! The schema's versions, and how a database comes to the newest one.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use crate::error::{LedgerError, LedgerErrorKind, Stored};
use crate::store::tx::{Dialect, Tx};
use crate::store::value::values;

/// A step of the schema. A step that was released is never changed.
struct Migration {
    version: i64,
    name: &'static str,
    sql: &'static str,
}

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "ledger",
    sql: include_str!("migrations/0001_ledger.sql"),
}];

/// Held while a database is brought up to date, so that several processes may start at once.
#[cfg(feature = "postgres")]
const LOCK: &str = "SELECT pg_advisory_xact_lock(7165065861)";

/// What a step's text is known by. Line ends differ between checkouts.
fn checksum(sql: &str) -> String {
    let digest = Sha256::digest(sql.replace("\r\n", "\n").as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether every step was taken. Changes nothing, so that a current database may be read-only.
pub(super) fn is_current(tx: &mut dyn Tx) -> Stored<bool> {
    Ok(has_table(tx)? && taken(tx)? == MIGRATIONS.len())
}

fn has_table(tx: &mut dyn Tx) -> Stored<bool> {
    let exists = match tx.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => {
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'paymux_schema'"
        }
        #[cfg(feature = "postgres")]
        Dialect::Postgres => "SELECT 1 WHERE to_regclass('paymux_schema') IS NOT NULL",
    };
    Ok(tx.first(exists, &[])?.is_some())
}

/// Takes the steps that are missing. Run in one transaction that may write.
pub(super) fn migrate(tx: &mut dyn Tx, now: DateTime<Utc>) -> Stored<()> {
    match tx.dialect() {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => {}
        #[cfg(feature = "postgres")]
        Dialect::Postgres => tx.batch(LOCK)?,
    }
    // Not asked for by name first: a server may remember for a while that there was none.
    let table = "CREATE TABLE IF NOT EXISTS paymux_schema (
        version {int} PRIMARY KEY,
        name TEXT NOT NULL,
        checksum TEXT NOT NULL,
        applied_at {int} NOT NULL
    ) {strict};";
    let table = tx.dialect().schema(table);
    tx.batch(&table)?;
    let taken = taken(tx)?;
    for migration in MIGRATIONS.iter().skip(taken) {
        let sql = tx.dialect().schema(migration.sql);
        tx.batch(&sql)?;
        tx.execute(
            "INSERT INTO paymux_schema (version, name, checksum, applied_at) VALUES (?1, ?2, ?3, ?4)",
            values![
                migration.version,
                migration.name,
                &checksum(migration.sql),
                now
            ],
        )?;
    }
    Ok(())
}

/// How many steps were taken, checked against those that this version knows.
fn taken(tx: &mut dyn Tx) -> Stored<usize> {
    let rows = tx.query(
        "SELECT version, name, checksum FROM paymux_schema ORDER BY version",
        &[],
    )?;
    let count = rows.len();
    for (index, mut row) in rows.into_iter().enumerate() {
        let (version, name, found) = (row.int()?, row.text()?, row.text()?);
        let Some(known) = MIGRATIONS.get(index) else {
            return Err(wrong(format!(
                "the database has schema version {version} ({name}); this version of paymux knows \
                 {}",
                MIGRATIONS.len()
            )));
        };
        if known.version != version || checksum(known.sql) != found {
            return Err(wrong(format!(
                "schema version {version} ({name}) of the database is not the one that this version \
                 of paymux has; somebody changed it"
            )));
        }
    }
    Ok(count)
}

fn wrong(message: String) -> crate::error::Failure {
    LedgerError::new(LedgerErrorKind::Schema, message).into()
}
