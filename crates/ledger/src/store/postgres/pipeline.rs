//! Several statements on their way at once, so that the server's answers are waited for once.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use futures_util::StreamExt as _;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use crate::store::value::Value;

/// What is sent to the server.
pub(super) enum Message<'m> {
    /// Statements without values.
    Plain(&'m str),
    Prepared(&'m Statement, &'m [Value<'m>]),
}

/// What the server answered to one of them.
pub(super) struct Answer {
    pub(super) rows: Vec<Row>,
    pub(super) changed: u64,
}

/// Why they did not all succeed.
pub(super) struct Failed {
    pub(super) error: Error,
    /// Whether every one of them was sent.
    pub(super) all_sent: bool,
}

/// Sends messages in their order and waits for all answers. The first failure is told. None is sent
/// after one that could not be sent; those after one that failed at the server were sent all the
/// same, and inside of a transaction they change nothing.
pub(super) async fn send_at_once(
    client: &Client,
    messages: &[Message<'_>],
) -> Result<Vec<Answer>, Failed> {
    let mut calls = Vec::with_capacity(messages.len());
    for message in messages {
        let mut call = Box::pin(answer(client, message));
        // To be polled once is to be sent.
        match poll_fn(|context| Poll::Ready(Pin::as_mut(&mut call).poll(context))).await {
            Poll::Pending => calls.push(Call::Sent(call)),
            Poll::Ready(Ok(answer)) => calls.push(Call::Answered(answer)),
            Poll::Ready(Err(error)) => {
                return Err(Failed {
                    error,
                    all_sent: false,
                });
            }
        }
    }
    let mut answers = Vec::with_capacity(calls.len());
    for call in calls {
        answers.push(match call {
            Call::Answered(answer) => answer,
            Call::Sent(call) => call.await.map_err(|error| Failed {
                error,
                all_sent: true,
            })?,
        });
    }
    Ok(answers)
}

enum Call<F> {
    Sent(Pin<Box<F>>),
    Answered(Answer),
}

async fn answer(client: &Client, message: &Message<'_>) -> Result<Answer, Error> {
    let (statement, values) = match *message {
        Message::Plain(sql) => {
            client.batch_execute(sql).await?;
            return Ok(Answer {
                rows: Vec::new(),
                changed: 0,
            });
        }
        Message::Prepared(statement, values) => (statement, values),
    };
    let values = values.iter().map(|value| value as &(dyn ToSql + Sync));
    let stream = client.query_raw(statement, values).await?;
    let mut stream = std::pin::pin!(stream);
    let mut rows = Vec::new();
    while let Some(row) = stream.next().await {
        rows.push(row?);
    }
    Ok(Answer {
        changed: stream.rows_affected().unwrap_or_default(),
        rows,
    })
}
