//! A database of each engine, and filling it.

use postgres::{Client, NoTls};
use rusqlite::Connection;
use tempfile::TempDir;

use paymux_test_bench::postgres_server;

pub(crate) enum Database {
    Sqlite(TempDir),
    Postgres(String),
}

/// Settled invoices of the past, each with what their lives left behind, made from the template.
const PAST: [&str; 4] = [
    "INSERT INTO paymux_invoices
        (id, order_id, attempt_no, branch, state, provider, gateway_id, terms, request, snapshot,
         status, event_seq, created_at, updated_at)
     SELECT 'past-' || i, 'past-' || i, 1, 0, state, provider, 'PAST-' || i, terms, request,
         REPLACE(snapshot, '\"id\":\"T1\"', '\"id\":\"PAST-' || i || '\"'), status, event_seq,
         created_at, updated_at
     FROM n, paymux_invoices AS template WHERE template.order_id = 'template'",
    "INSERT INTO paymux_history (entity_kind, entity, at, cause, proof, was, became)
     SELECT 'invoice', 'past-' || i, at, cause, proof, was, became
     FROM n, paymux_history AS template
     JOIN paymux_invoices AS invoice ON invoice.id = template.entity
     WHERE invoice.order_id = 'template'",
    "INSERT INTO paymux_inbox
        (provider, dedup_key, kind, proof, gateway_id, subject, body, received_at, state, next_at,
         done_at)
     SELECT provider, 'past-' || i, kind, proof, 'PAST-' || i, subject, body, received_at, state,
         next_at, done_at
     FROM n, paymux_inbox AS template WHERE template.gateway_id = 'T1'",
    "INSERT INTO paymux_outbox
        (id, entity_kind, entity, entity_seq, kind, body, state, next_at, created_at, done_at)
     SELECT 'past-' || i, entity_kind, 'past-' || i, entity_seq, kind, body, template.state,
         next_at, template.created_at, done_at
     FROM n, paymux_outbox AS template
     JOIN paymux_invoices AS invoice ON invoice.id = template.entity
     WHERE invoice.order_id = 'template'",
];

/// Invoices that wait to be paid.
const OPEN: &str = "INSERT INTO paymux_invoices
        (id, order_id, attempt_no, branch, state, provider, gateway_id, terms, request, snapshot,
         status, event_seq, poll_at, created_at, updated_at)
     SELECT 'open-' || i, 'open-' || i, 1, 0, state, provider, 'OPEN-' || i, terms, request,
         REPLACE(snapshot, '\"id\":\"T2\"', '\"id\":\"OPEN-' || i || '\"'), status, event_seq,
         poll_at + 3600000000, created_at, updated_at
     FROM n, paymux_invoices AS template WHERE template.order_id = 'open'";

impl Database {
    #[expect(clippy::unnecessary_wraps, reason = "the other engine may be missing")]
    pub(crate) fn sqlite() -> Option<Self> {
        Some(Self::Sqlite(tempfile::tempdir().unwrap()))
    }

    pub(crate) fn postgres() -> Option<Self> {
        postgres_server::new_database().map(Self::Postgres)
    }

    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(folder) => {
                format!("sqlite://{}", folder.path().join("ledger.db").display())
            }
            Self::Postgres(url) => url.clone(),
        }
    }

    pub(crate) fn sqlite_connection(&self) -> Option<Connection> {
        let Self::Sqlite(folder) = self else {
            return None;
        };
        let connection = Connection::open(folder.path().join("ledger.db")).unwrap();
        connection
            .pragma_update(None, "synchronous", "FULL")
            .unwrap();
        Some(connection)
    }

    pub(crate) fn postgres_connection(&self) -> Client {
        Client::connect(&self.url(), NoTls).unwrap()
    }

    pub(crate) fn run(&self, sql: &str) {
        match self.sqlite_connection() {
            Some(connection) => connection.execute_batch(sql).unwrap(),
            None => self.postgres_connection().batch_execute(sql).unwrap(),
        }
    }

    /// Adds so many invoices of the past.
    pub(crate) fn fill(&self, count: usize, already: usize) {
        for statement in PAST {
            self.run(&with_numbers(already + 1, already + count, statement));
        }
        // What filling left to be written is not to be written while something is measured.
        let rest: &[&str] = match self {
            Self::Sqlite(_) => &["ANALYZE", "PRAGMA wal_checkpoint(TRUNCATE)"],
            Self::Postgres(_) => &["VACUUM ANALYZE", "CHECKPOINT"],
        };
        for statement in rest {
            self.run(statement);
        }
    }

    /// Adds so many invoices that wait to be paid.
    pub(crate) fn open_invoices(&self, from: usize, count: usize) {
        self.run(&with_numbers(from, from + count - 1, OPEN));
    }
}

/// The statement with a table `n` of the numbers `i` before it.
fn with_numbers(from: usize, to: usize, statement: &str) -> String {
    let end = statement.find("SELECT").unwrap();
    let (insert, select) = statement.split_at(end);
    format!(
        "{insert} WITH RECURSIVE n(i) AS (SELECT {from} WHERE {from} <= {to}
             UNION ALL SELECT i + 1 FROM n WHERE i < {to}) {select}"
    )
}
