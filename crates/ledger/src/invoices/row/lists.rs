//! Which rows there are: of an order, of a time, or in a state.

use chrono::{DateTime, Utc};
use paymux_core::OrderId;

use super::{InvoiceRow, read};
use crate::error::Stored;
use crate::store::{Tx, values};

impl InvoiceRow {
    /// Every row of an order, oldest first.
    pub(crate) fn of_order(tx: &mut dyn Tx, order: &OrderId) -> Stored<Vec<Self>> {
        tx.query(
            select!("WHERE order_id = ?1 ORDER BY attempt_no, branch"),
            values![order.as_str()],
        )?
        .into_iter()
        .map(read)
        .collect()
    }

    /// Every row with this id of a gateway.
    pub(crate) fn of_gateway_id(tx: &mut dyn Tx, bare: &str) -> Stored<Vec<Self>> {
        tx.query(select!("WHERE gateway_id = ?1"), values![bare])?
            .into_iter()
            .map(read)
            .collect()
    }

    /// A page of those that were made within a time, oldest first, after the one named.
    pub(crate) fn created_between(
        tx: &mut dyn Tx,
        since: i64,
        until: i64,
        after: &str,
        limit: u32,
    ) -> Stored<Vec<Self>> {
        tx.query(
            select!("WHERE id > ?1 AND created_at >= ?2 AND created_at < ?3 ORDER BY id LIMIT ?4"),
            values![after, since, until, limit],
        )?
        .into_iter()
        .map(read)
        .collect()
    }

    /// Rows that were given up and whose id is not known, in the order of their orders.
    pub(crate) fn in_doubt(
        tx: &mut dyn Tx,
        since: DateTime<Utc>,
        after: &str,
        limit: u32,
    ) -> Stored<Vec<Self>> {
        tx.query(
            select!(
                "WHERE state = 'abandoned' AND gateway_id IS NULL AND created_at >= ?1 AND id > ?2
                 ORDER BY id LIMIT ?3"
            ),
            values![since, after, limit],
        )?
        .into_iter()
        .map(read)
        .collect()
    }

    /// The rows of calls whose process was not heard of any more.
    pub(crate) fn expired(tx: &mut dyn Tx, now: DateTime<Utc>) -> Stored<Vec<String>> {
        tx.query(
            "SELECT id FROM paymux_invoices
             WHERE state = 'running' AND lease_until < ?1 ORDER BY lease_until LIMIT 500",
            values![now],
        )?
        .into_iter()
        .map(|mut row| row.text())
        .collect()
    }

    /// The calls that are believed to live, those that have run longest first.
    pub(crate) fn running(tx: &mut dyn Tx, now: DateTime<Utc>) -> Stored<Vec<Self>> {
        tx.query(
            select!("WHERE state = 'running' AND lease_until >= ?1 ORDER BY lease_until"),
            values![now],
        )?
        .into_iter()
        .map(read)
        .collect()
    }
}
