//! The row of a webhook that waits for its proof.

use chrono::{DateTime, Utc};
use paymux_core::{Error, ErrorKind, Outcome, ProviderName, RawWebhook};
use sha2::{Digest, Sha256};

use super::{QuarantineBounds, QuarantinedNotice};
use crate::error::Stored;
use crate::store::{Row, Tx, from_json, to_json, values};

/// A webhook that is to be kept unproven.
pub(super) struct Unproven {
    provider: ProviderName,
    webhook: RawWebhook,
    digest: String,
    /// As JSON.
    headers: String,
    bytes: u64,
    why: String,
}

impl Unproven {
    pub(super) fn of(
        provider: &ProviderName,
        webhook: &RawWebhook,
        why: &Error,
    ) -> Result<Self, Error> {
        let headers = headers_to_json(webhook).map_err(Error::from)?;
        let parts: [&[u8]; 5] = [
            provider.as_str().as_bytes(),
            webhook.method().as_bytes(),
            webhook.path_and_query().as_bytes(),
            headers.as_bytes(),
            webhook.body(),
        ];
        let bytes = parts.iter().map(|part| length(part)).sum();
        Ok(Self {
            provider: provider.clone(),
            webhook: webhook.clone(),
            digest: digest(&parts),
            headers,
            bytes,
            why: why.to_string(),
        })
    }

    /// Puts it in, unless it is there already. Fails where there is no room for it.
    pub(super) fn insert(
        &self,
        tx: &mut dyn Tx,
        bounds: QuarantineBounds,
        next_at: DateTime<Utc>,
    ) -> Stored<()> {
        let bytes = i64::try_from(self.bytes).unwrap_or(i64::MAX);
        let inserted = tx.execute(
            "INSERT INTO paymux_quarantine
                (provider, digest, method, path_and_query, headers, body, bytes, received_at,
                 next_at, last_error)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (digest) DO NOTHING",
            values![
                self.provider.as_str(),
                &self.digest,
                self.webhook.method(),
                self.webhook.path_and_query(),
                &self.headers,
                self.webhook.body(),
                bytes,
                self.webhook.received_at(),
                next_at,
                &self.why,
            ],
        )?;
        if inserted == 0 {
            return Ok(());
        }
        let room = tx.execute(
            "UPDATE paymux_quarantine_size SET notices = notices + 1, bytes = bytes + ?1
             WHERE one = 1 AND notices < ?2 AND bytes + ?1 <= ?3",
            values![
                bytes,
                bounds.notices,
                i64::try_from(bounds.bytes).unwrap_or(i64::MAX)
            ],
        )?;
        if room == 1 {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Unavailable,
            Outcome::NotSent,
            format!(
                "no more than {} webhooks and {} bytes may wait unproven",
                bounds.notices, bounds.bytes
            ),
        )
        .with_hint("see why the gateway cannot be asked, or raise the bounds of the quarantine")
        .into())
    }
}

fn length(part: &[u8]) -> u64 {
    u64::try_from(part.len()).unwrap_or(u64::MAX)
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(length(part).to_be_bytes());
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Values are bytes and JSON has none: each byte becomes the character of its number.
fn headers_to_json(webhook: &RawWebhook) -> Stored<String> {
    let pairs: Vec<(&str, String)> = webhook
        .headers()
        .map(|(name, value)| (name, value.iter().copied().map(char::from).collect()))
        .collect();
    to_json(&pairs)
}

fn with_headers(mut webhook: RawWebhook, json: &str) -> Stored<RawWebhook> {
    let pairs: Vec<(String, String)> = from_json(json)?;
    for (name, value) in pairs {
        let bytes: Vec<u8> = value
            .chars()
            .filter_map(|character| u8::try_from(u32::from(character)).ok())
            .collect();
        webhook = webhook.with_header(name, bytes);
    }
    Ok(webhook)
}

/// A webhook that a worker has taken to prove it.
pub(super) struct Held {
    pub(super) number: i64,
    pub(super) provider: ProviderName,
    pub(super) webhook: RawWebhook,
    pub(super) tries: u32,
    bytes: i64,
}

impl Held {
    /// Takes webhooks that are due. They are due again at `until`, should nobody have heard of the
    /// worker by then.
    pub(super) fn take(
        tx: &mut dyn Tx,
        worker: &str,
        due: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
    ) -> Stored<Vec<Self>> {
        tx.query(
            "WITH due AS MATERIALIZED (
                 SELECT number FROM paymux_quarantine WHERE next_at <= ?1
                 ORDER BY next_at, number LIMIT ?2 {skip locked})
             UPDATE paymux_quarantine SET worker = ?3, next_at = ?4, tries = tries + 1
             WHERE number IN (SELECT number FROM due)
             RETURNING number, provider, method, path_and_query, headers, body, bytes, received_at,
                 tries",
            values![due, limit, worker, until],
        )?
        .into_iter()
        .map(read)
        .collect()
    }

    /// Takes it out; false where another worker has it, or took it out before.
    pub(super) fn remove(&self, tx: &mut dyn Tx, worker: &str) -> Stored<bool> {
        let removed = tx.execute(
            "DELETE FROM paymux_quarantine WHERE number = ?1 AND worker = ?2",
            values![self.number, worker],
        )? == 1;
        if removed {
            tx.execute(
                "UPDATE paymux_quarantine_size SET notices = notices - 1, bytes = bytes - ?1
                 WHERE one = 1",
                values![self.bytes],
            )?;
        }
        Ok(removed)
    }

    pub(super) fn retry(
        &self,
        tx: &mut dyn Tx,
        worker: &str,
        next_at: DateTime<Utc>,
        why: &str,
    ) -> Stored<()> {
        tx.execute(
            "UPDATE paymux_quarantine SET next_at = ?3, worker = NULL, last_error = ?4
             WHERE number = ?1 AND worker = ?2",
            values![self.number, worker, next_at, why],
        )?;
        Ok(())
    }
}

fn read(mut row: Row) -> Stored<Held> {
    let row = &mut row;
    let number = row.int()?;
    let provider = row.parsed()?;
    let (method, path, headers) = (row.text()?, row.text()?, row.text()?);
    let webhook = RawWebhook::new(row.bytes()?)
        .with_method(method)
        .with_path_and_query(path);
    let bytes = row.int()?;
    let webhook = with_headers(webhook, &headers)?.with_received_at(row.time()?);
    Ok(Held {
        number,
        provider,
        webhook,
        tries: row.number()?,
        bytes,
    })
}

pub(super) fn list(tx: &mut dyn Tx, after: i64, limit: u32) -> Stored<Vec<QuarantinedNotice>> {
    tx.query(
        "SELECT number, provider, bytes, received_at, tries, last_error FROM paymux_quarantine
         WHERE number > ?1 ORDER BY number LIMIT ?2",
        values![after, limit],
    )?
    .into_iter()
    .map(|mut row| {
        Ok(QuarantinedNotice {
            number: row.int()?,
            provider: row.parsed()?,
            bytes: row.number()?,
            received_at: row.time()?,
            tries: row.number()?,
            why: row.maybe(Row::text)?,
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_header_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        let webhook = RawWebhook::new("x")
            .with_header("X-Sign", all)
            .with_header("x-sign", "b");
        let json = headers_to_json(&webhook).unwrap();
        let bare = RawWebhook::new("x").with_received_at(webhook.received_at());
        assert_eq!(with_headers(bare, &json).unwrap(), webhook);
    }

    #[test]
    fn where_a_part_ends_counts() {
        assert_ne!(digest(&[b"ab", b"c"]), digest(&[b"a", b"bc"]));
    }
}
