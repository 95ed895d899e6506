//! What goes into a statement and what comes out of it, the same for both engines.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{LedgerError, Stored};

/// What a statement is given. Times are microseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Value<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Int(flag.into())
    }
}

impl From<DateTime<Utc>> for Value<'_> {
    fn from(time: DateTime<Utc>) -> Self {
        Self::Int(time.timestamp_micros())
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a, T> From<Option<T>> for Value<'a>
where
    Self: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}

/// The values of a statement: `values![reference, 7, None::<&str>]`.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        &[$($crate::store::Value::from($value)),*]
    };
}
pub(crate) use values;

/// One value of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<Value<'_>> for Cell {
    fn from(value: Value<'_>) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(number) => Self::Int(number),
            Value::Text(text) => Self::Text(text.to_owned()),
            Value::Bytes(bytes) => Self::Bytes(bytes.to_owned()),
        }
    }
}

impl<'a> From<&'a Cell> for Value<'a> {
    fn from(cell: &'a Cell) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Int(number) => Self::Int(*number),
            Cell::Text(text) => Self::Text(text),
            Cell::Bytes(bytes) => Self::Bytes(bytes),
        }
    }
}

/// A row, read from left to right.
#[derive(Debug)]
pub(crate) struct Row(std::vec::IntoIter<Cell>);

impl Row {
    pub(crate) fn new(cells: Vec<Cell>) -> Self {
        Self(cells.into_iter())
    }

    fn next(&mut self) -> Stored<Cell> {
        self.0
            .next()
            .ok_or_else(|| LedgerError::unreadable("a row is too short").into())
    }

    pub(crate) fn int(&mut self) -> Stored<i64> {
        match self.next()? {
            Cell::Int(number) => Ok(number),
            other => Err(wrong("a number", &other)),
        }
    }

    pub(crate) fn flag(&mut self) -> Stored<bool> {
        Ok(self.int()? != 0)
    }

    pub(crate) fn number<T: TryFrom<i64>>(&mut self) -> Stored<T> {
        let number = self.int()?;
        T::try_from(number)
            .map_err(|_| LedgerError::unreadable(format!("{number} is out of range")).into())
    }

    pub(crate) fn text(&mut self) -> Stored<String> {
        match self.next()? {
            Cell::Text(text) => Ok(text),
            other => Err(wrong("text", &other)),
        }
    }

    pub(crate) fn bytes(&mut self) -> Stored<Vec<u8>> {
        match self.next()? {
            Cell::Bytes(bytes) => Ok(bytes),
            other => Err(wrong("bytes", &other)),
        }
    }

    pub(crate) fn time(&mut self) -> Stored<DateTime<Utc>> {
        time_of(self.int()?)
    }

    /// Text in a form that is checked when it is read.
    pub(crate) fn parsed<T>(&mut self) -> Stored<T>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        let text = self.text()?;
        text.parse()
            .map_err(|error: T::Err| LedgerError::unreadable(error).into())
    }

    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> Stored<T> {
        from_json(&self.text()?)
    }

    /// What `read` reads, or nothing where the cell is NULL.
    pub(crate) fn maybe<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Stored<T>,
    ) -> Stored<Option<T>> {
        match self.0.as_slice().first() {
            Some(Cell::Null) => {
                self.next()?;
                Ok(None)
            }
            _ => read(self).map(Some),
        }
    }
}

fn wrong(wanted: &str, found: &Cell) -> crate::error::Failure {
    let found = match found {
        Cell::Null => "nothing",
        Cell::Int(_) => "a number",
        Cell::Text(_) => "text",
        Cell::Bytes(_) => "bytes",
    };
    LedgerError::unreadable(format!("{wanted} should stand where {found} stands")).into()
}

pub(crate) fn time_of(micros: i64) -> Stored<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| LedgerError::unreadable(format!("{micros} is no time")).into())
}

pub(crate) fn to_json<T: Serialize>(value: &T) -> Stored<String> {
    serde_json::to_string(value).map_err(|error| LedgerError::unreadable(error).into())
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Stored<T> {
    serde_json::from_str(text).map_err(|error| LedgerError::unreadable(error).into())
}
