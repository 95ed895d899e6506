//! How many questions a provider is asked in a minute, by all processes together.

use chrono::{DateTime, TimeDelta, Utc};
use paymux_core::{ProviderName, Result};

use crate::error::Stored;
use crate::ledger::Inner;
use crate::store::{Tx, values};

/// What is left of this minute, its row locked until the transaction ends.
pub(super) fn left(
    tx: &mut dyn Tx,
    provider: &ProviderName,
    allowed: u32,
    now: DateTime<Utc>,
) -> Stored<u32> {
    let minute = minute_of(now);
    tx.send(
        "INSERT INTO paymux_budgets (provider, minute, used) VALUES (?1, ?2, 0)
         ON CONFLICT (provider) DO NOTHING",
        values![provider.as_str(), minute],
    )?;
    let row = tx.first(
        "SELECT minute, used FROM paymux_budgets WHERE provider = ?1 {for update}",
        values![provider.as_str()],
    )?;
    let Some(mut row) = row else { return Ok(0) };
    let (of, used): (i64, u32) = (row.int()?, row.number()?);
    // A machine whose clock is behind shares the minute of the others.
    let used = if of < minute { 0 } else { used };
    Ok(allowed.saturating_sub(used))
}

/// Takes this many of what is left. The row is locked.
pub(super) fn spend(
    tx: &mut dyn Tx,
    provider: &ProviderName,
    calls: u32,
    now: DateTime<Utc>,
) -> Stored<()> {
    let minute = minute_of(now);
    tx.send(
        "UPDATE paymux_budgets SET
             used = CASE WHEN minute < ?2 THEN ?3 ELSE used + ?3 END,
             minute = CASE WHEN minute < ?2 THEN ?2 ELSE minute END
         WHERE provider = ?1",
        values![provider.as_str(), minute, calls],
    )
}

fn minute_of(now: DateTime<Utc>) -> i64 {
    now.timestamp().div_euclid(60)
}

/// Takes one call of a provider's budget, waiting for the next minute where this one's is used up.
pub(crate) async fn pause_until_budget(inner: &Inner, provider: &ProviderName) -> Result<()> {
    let allowed = inner.settings.work.poll.calls_per_minute(provider).max(1);
    loop {
        let now = inner.now();
        let name = provider.clone();
        let granted = inner
            .store
            .write(move |tx| {
                let granted = left(tx, &name, allowed, now)? > 0;
                if granted {
                    spend(tx, &name, 1, now)?;
                }
                Ok(granted)
            })
            .await?;
        if granted {
            return Ok(());
        }
        let next_minute = TimeDelta::seconds(60 - now.timestamp().rem_euclid(60));
        let wait = next_minute.to_std().unwrap_or_default();
        inner.settings.clock.sleep(wait).await;
    }
}
