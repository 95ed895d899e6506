//! A transaction on PostgreSQL.

use tokio_postgres::Statement;
use tokio_postgres::error::Error;

use super::connection::{Connection, Prepared};
use super::failure::{failed, while_committing};
use super::pipeline::{Answer, Failed, Message};
use super::value::check;
use crate::error::Stored;
use crate::store::queue::Access;
use crate::store::tx::{Dialect, Ran, Tx};
use crate::store::value::{Cell, Row, Value};

/// What is sent is kept until there is this much of it.
const MOST_KEPT: usize = 256;

/// A transaction that begins with its first statement.
pub(super) struct PostgresTx<'c> {
    connection: &'c mut Connection,
    /// How to begin, until that was sent.
    begin: Option<&'static str>,
    /// Statements that nobody waits for: they go with the next one.
    kept: Vec<Kept>,
}

struct Kept {
    prepared: Prepared,
    values: Vec<Cell>,
}

impl<'c> PostgresTx<'c> {
    pub(super) fn new(connection: &'c mut Connection, access: Access) -> Self {
        Self {
            connection,
            begin: Some(match access {
                // Never READ WRITE: it would undo what the server's owner set.
                Access::Write => "BEGIN",
                // What is read together was true together.
                Access::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            }),
            kept: Vec::new(),
        }
    }

    pub(super) fn commit(mut self) -> Stored<()> {
        tracing::trace!("commits");
        if self.begin.is_some() && self.kept.is_empty() {
            return Ok(());
        }
        self.begin_alone(None).map_err(failed)?;
        let kept = std::mem::take(&mut self.kept);
        let values = values_of(&kept);
        let mut messages: Vec<Message<'_>> =
            self.begin.take().map(Message::Plain).into_iter().collect();
        messages.extend(messages_of(&kept, &values));
        messages.push(Message::Plain("COMMIT"));
        match self.connection.exchange(&messages) {
            Ok(_) => {
                tracing::trace!("committed");
                Ok(())
            }
            Err(Failed { error, all_sent }) => {
                self.roll_back();
                Err(if all_sent {
                    while_committing(error).into()
                } else {
                    failed(error).into()
                })
            }
        }
    }

    /// Where this fails the connection is not used again: nothing may be added to what is still open.
    pub(super) fn roll_back(self) {
        if self.begin.is_none()
            && self
                .connection
                .exchange(&[Message::Plain("ROLLBACK")])
                .is_err()
        {
            self.connection.give_up();
        }
    }

    /// Begins, unless that can go together with what is sent next: a statement that changes something
    /// must never find that there is no transaction.
    fn begin_alone(&mut self, next: Option<&Prepared>) -> Result<(), Error> {
        let first = self.kept.first().map(|kept| &kept.prepared).or(next);
        match self.begin {
            Some(begin) if !first.is_some_and(|first| first.only_reads) => {
                self.begin = None;
                self.connection
                    .exchange(&[Message::Plain(begin)])
                    .map(|_| ())
                    .map_err(|failed| failed.error)
            }
            _ => Ok(()),
        }
    }

    /// Sends what was kept and then this statement with each row of values.
    fn exchange(
        &mut self,
        next: Option<&Prepared>,
        rows: &[Vec<Value<'_>>],
    ) -> Stored<Vec<Answer>> {
        self.begin_alone(next).map_err(failed)?;
        let kept = std::mem::take(&mut self.kept);
        let values = values_of(&kept);
        let mut messages: Vec<Message<'_>> = Vec::with_capacity(kept.len() + rows.len() + 1);
        messages.extend(self.begin.take().map(Message::Plain));
        messages.extend(messages_of(&kept, &values));
        let before = messages.len();
        if let Some(next) = next {
            messages.extend(
                rows.iter()
                    .map(|row| Message::Prepared(&next.statement, row)),
            );
        }
        let mut answers = self
            .connection
            .exchange(&messages)
            .map_err(|told| failed(told.error))?;
        answers.drain(..before);
        Ok(answers)
    }
}

fn values_of(kept: &[Kept]) -> Vec<Vec<Value<'_>>> {
    kept.iter()
        .map(|kept| kept.values.iter().map(Value::from).collect())
        .collect()
}

fn messages_of<'m>(kept: &'m [Kept], values: &'m [Vec<Value<'m>>]) -> Vec<Message<'m>> {
    let statement = |kept: &'m Kept| -> &'m Statement { &kept.prepared.statement };
    kept.iter()
        .zip(values)
        .map(|(kept, values)| Message::Prepared(statement(kept), values))
        .collect()
}

impl Tx for PostgresTx<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Postgres
    }

    fn run_each(&mut self, sql: &'static str, rows: &[Vec<Value<'_>>]) -> Stored<Vec<Ran>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let prepared = self.connection.prepared(sql)?;
        for row in rows {
            check(&prepared.statement, row)?;
        }
        self.exchange(Some(&prepared), rows)?
            .into_iter()
            .map(ran)
            .collect()
    }

    fn send(&mut self, sql: &'static str, values: &[Value<'_>]) -> Stored<()> {
        let prepared = self.connection.prepared(sql)?;
        check(&prepared.statement, values)?;
        self.kept.push(Kept {
            prepared,
            values: values.iter().copied().map(Cell::from).collect(),
        });
        if self.kept.len() >= MOST_KEPT {
            self.exchange(None, &[])?;
        }
        Ok(())
    }

    fn batch(&mut self, sql: &str) -> Stored<()> {
        self.exchange(None, &[])?;
        self.connection
            .exchange(&[Message::Plain(sql)])
            .map(|_| ())
            .map_err(|told| failed(told.error).into())
    }
}

fn ran(answer: Answer) -> Stored<Ran> {
    let rows = answer
        .rows
        .iter()
        .map(|row| {
            (0..row.len())
                .map(|column| {
                    row.try_get::<_, Cell>(column)
                        .map_err(|error| failed(error).into())
                })
                .collect::<Stored<Vec<Cell>>>()
                .map(Row::new)
        })
        .collect::<Stored<_>>()?;
    Ok(Ran {
        rows,
        changed: answer.changed,
    })
}
