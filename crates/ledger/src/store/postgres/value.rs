//! The ledger's values as PostgreSQL's.

use tokio_postgres::Statement;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, private::BytesMut, to_sql_checked};

use crate::error::{LedgerError, LedgerErrorKind, Stored};
use crate::store::value::{Cell, Value};

type BoxedError = Box<dyn std::error::Error + Sync + Send>;

/// Whether these are the values that a statement takes. It is told here, where nothing was sent yet.
pub(super) fn check(statement: &Statement, values: &[Value<'_>]) -> Stored<()> {
    let kinds = statement.params();
    let fits = kinds.len() == values.len()
        && values.iter().zip(kinds).all(|(value, kind)| match value {
            Value::Null => true,
            Value::Int(_) => <i64 as ToSql>::accepts(kind),
            Value::Text(_) => <&str as ToSql>::accepts(kind),
            Value::Bytes(_) => <&[u8] as ToSql>::accepts(kind),
        });
    if fits {
        return Ok(());
    }
    Err(LedgerError::new(
        LedgerErrorKind::Other,
        format!("a statement of the ledger takes {kinds:?} and was given other values"),
    )
    .into())
}

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
