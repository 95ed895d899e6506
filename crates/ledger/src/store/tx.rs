//! One transaction, the same for both engines.

use crate::error::Stored;
use crate::store::value::{Row, Value};

/// Which engine's SQL a text has to be in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    #[cfg(feature = "sqlite")]
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

impl Dialect {
    /// A statement as this engine wants it. Placeholders are written `?1`; `{for update}` and
    /// `{skip locked}` at the end of a SELECT lock its rows where rows can be locked, the latter
    /// leaving out those that others hold. A writer of SQLite is alone.
    pub(crate) fn statement(self, sql: &str) -> String {
        match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => sql.replace("{for update}", "").replace("{skip locked}", ""),
            #[cfg(feature = "postgres")]
            Self::Postgres => sql
                .replace('?', "$")
                .replace("{for update}", "FOR UPDATE")
                .replace("{skip locked}", "FOR UPDATE SKIP LOCKED"),
        }
    }

    /// The text of a migration, in which `{int}`, `{bytes}`, `{serial}` and `{strict}` stand for
    /// what the engines write differently.
    pub(crate) fn schema(self, sql: &str) -> String {
        let words: [(&str, &str); 4] = match self {
            #[cfg(feature = "sqlite")]
            Self::Sqlite => [
                ("{int}", "INTEGER"),
                ("{bytes}", "BLOB"),
                ("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT"),
                ("{strict}", "STRICT"),
            ],
            #[cfg(feature = "postgres")]
            Self::Postgres => [
                ("{int}", "BIGINT"),
                ("{bytes}", "BYTEA"),
                (
                    "{serial}",
                    "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
                ),
                ("{strict}", ""),
            ],
        };
        let mut sql = sql.to_owned();
        for (word, means) in words {
            sql = sql.replace(word, means);
        }
        sql
    }
}

/// One transaction. Statements are written once, in SQL that both engines read; see
/// [`Dialect::statement`].
///
/// Each answer of a server is waited for, and that wait is most of what a statement costs. So what
/// need not be waited for is [sent](Self::send), and what is asked for many times is asked
/// [at once](Self::run_each).
pub(crate) trait Tx {
    fn dialect(&self) -> Dialect;

    /// Runs a statement once with each row of values; what became of each, in their order.
    fn run_each(&mut self, sql: &'static str, rows: &[Vec<Value<'_>>]) -> Stored<Vec<Ran>>;

    /// Runs a statement of which nothing is to be known but that it did not fail. That may be told
    /// only by a later statement or by the commit.
    fn send(&mut self, sql: &'static str, values: &[Value<'_>]) -> Stored<()> {
        self.execute(sql, values).map(|_| ())
    }

    /// Runs several statements without values, in the engine's own SQL.
    fn batch(&mut self, sql: &str) -> Stored<()>;

    /// Runs a statement; the number of rows that it changed.
    fn execute(&mut self, sql: &'static str, values: &[Value<'_>]) -> Stored<u64> {
        let ran = self.run_each(sql, &[values.to_vec()])?;
        Ok(ran.into_iter().map(|ran| ran.changed).sum())
    }

    /// Runs a statement once with each row of values; the number of rows that each changed.
    fn execute_each(&mut self, sql: &'static str, rows: &[Vec<Value<'_>>]) -> Stored<Vec<u64>> {
        let ran = self.run_each(sql, rows)?;
        Ok(ran.into_iter().map(|ran| ran.changed).collect())
    }

    /// The rows of a SELECT, or of a statement with RETURNING.
    fn query(&mut self, sql: &'static str, values: &[Value<'_>]) -> Stored<Vec<Row>> {
        let ran = self.run_each(sql, &[values.to_vec()])?;
        Ok(ran.into_iter().flat_map(|ran| ran.rows).collect())
    }

    /// The first row of each, in the order of the values.
    fn first_each(
        &mut self,
        sql: &'static str,
        rows: &[Vec<Value<'_>>],
    ) -> Stored<Vec<Option<Row>>> {
        let ran = self.run_each(sql, rows)?;
        Ok(ran
            .into_iter()
            .map(|ran| ran.rows.into_iter().next())
            .collect())
    }

    /// The first row.
    fn first(&mut self, sql: &'static str, values: &[Value<'_>]) -> Stored<Option<Row>> {
        Ok(self.query(sql, values)?.into_iter().next())
    }
}

/// What became of a statement.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) rows: Vec<Row>,
    pub(crate) changed: u64,
}
