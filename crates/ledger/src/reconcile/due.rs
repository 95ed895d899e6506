//! What is to be asked for next.

use chrono::{DateTime, Utc};
use paymux_core::ProviderName;

use super::budget;
use crate::error::{LedgerError, Stored};
use crate::inbox::Seen;
use crate::store::{Row, Tx, values};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Invoice,
    Payout,
}

/// An invoice or a payout that a worker has taken to ask for it.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub(super) what: What,
    /// The key of its row.
    pub(super) id: String,
    pub(super) provider: ProviderName,
    pub(super) gateway_id: String,
    pub(super) polls: u32,
    pub(super) seen: Seen,
}

/// Every provider of which something is due.
pub(super) fn providers(tx: &mut dyn Tx, due: DateTime<Utc>) -> Stored<Vec<ProviderName>> {
    let mut names = Vec::new();
    for (next, is_due) in [
        (
            "SELECT MIN(provider) FROM paymux_invoices
             WHERE poll_at IS NOT NULL AND provider > ?1",
            "SELECT 1 FROM paymux_invoices
             WHERE poll_at IS NOT NULL AND provider = ?1 AND poll_at <= ?2
                 AND gateway_id IS NOT NULL LIMIT 1",
        ),
        (
            "SELECT MIN(provider) FROM paymux_payouts
             WHERE poll_at IS NOT NULL AND provider > ?1",
            "SELECT 1 FROM paymux_payouts
             WHERE poll_at IS NOT NULL AND provider = ?1 AND poll_at <= ?2
                 AND gateway_id IS NOT NULL LIMIT 1",
        ),
    ] {
        // From one to the next: the index is not read through.
        let mut last = String::new();
        while let Some(mut row) = tx.first(next, values![&last])? {
            let Some(name) = row.maybe(Row::text)? else {
                break;
            };
            let provider: ProviderName = name.parse().map_err(LedgerError::unreadable)?;
            if !names.contains(&provider) && tx.first(is_due, values![&name, due])?.is_some() {
                names.push(provider);
            }
            last = name;
        }
    }
    Ok(names)
}

/// Takes what is due at one provider, as far as its budget goes. It is due again at `until`, should
/// nobody have heard of the worker by then.
pub(super) fn take(
    tx: &mut dyn Tx,
    provider: &ProviderName,
    due: DateTime<Utc>,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
    allowed: u32,
    most: u32,
) -> Stored<Vec<Due>> {
    let left = budget::left(tx, provider, allowed, now)?.min(most);
    let mut taken = Vec::new();
    for (what, sql) in [
        (
            // Payouts first: money that left is worth more than money that may come.
            What::Payout,
            "WITH due AS MATERIALIZED (
                 SELECT reference FROM paymux_payouts
                 WHERE poll_at IS NOT NULL AND provider = ?1 AND poll_at <= ?2
                     AND gateway_id IS NOT NULL
                 ORDER BY poll_at LIMIT ?3 {skip locked})
             UPDATE paymux_payouts SET poll_at = ?4, polls = polls + 1
             WHERE reference IN (SELECT reference FROM due)
             RETURNING reference, gateway_id, polls, event_seq, updated_at",
        ),
        (
            What::Invoice,
            "WITH due AS MATERIALIZED (
                 SELECT id FROM paymux_invoices
                 WHERE poll_at IS NOT NULL AND provider = ?1 AND poll_at <= ?2
                     AND gateway_id IS NOT NULL
                 ORDER BY poll_at LIMIT ?3 {skip locked})
             UPDATE paymux_invoices SET poll_at = ?4, polls = polls + 1
             WHERE id IN (SELECT id FROM due)
             RETURNING id, gateway_id, polls, event_seq, updated_at",
        ),
    ] {
        let room = left.saturating_sub(u32::try_from(taken.len()).unwrap_or(u32::MAX));
        if room == 0 {
            break;
        }
        for mut row in tx.query(sql, values![provider.as_str(), due, room, until])? {
            taken.push(Due {
                what,
                id: row.text()?,
                provider: provider.clone(),
                gateway_id: row.text()?,
                polls: row.number()?,
                seen: Seen {
                    event_seq: row.number()?,
                    updated_at: row.time()?,
                },
            });
        }
    }
    if !taken.is_empty() {
        let calls = u32::try_from(taken.len()).unwrap_or(u32::MAX);
        budget::spend(tx, provider, calls, now)?;
    }
    Ok(taken)
}
