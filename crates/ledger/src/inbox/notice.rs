//! The row of a webhook that was proven.

use chrono::{DateTime, Utc};
use paymux_core::{
    DepositSnapshot, Error, InvoiceSnapshot, PayoutSnapshot, Proof, ProviderName, Reference,
    Result, WebhookEvent, WebhookKind, WebhookSubject,
};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::deposit::address_of;
use crate::error::Stored;
use crate::history::proof_word;
use crate::invoices::bare_invoice_id;
use crate::payouts::bare_payout_id;
use crate::store::{Row, Tx, Value, from_json, to_json, values};

/// A proven webhook that is to be stored.
#[derive(Debug, Clone)]
pub(crate) struct NewNotice {
    event: WebhookEvent,
    gateway_id: Option<String>,
    /// As JSON.
    subject: Option<String>,
    kind: String,
    proof: String,
    received_at: DateTime<Utc>,
}

impl NewNotice {
    pub(crate) fn of(event: WebhookEvent, received_at: DateTime<Utc>) -> Result<Self> {
        let (gateway_id, subject) = match &event.subject {
            WebhookSubject::Invoice(seen) => (
                Some(bare_invoice_id(&seen.id, &seen.provider)),
                Some(to_json(seen).map_err(Error::from)?),
            ),
            WebhookSubject::Payout(seen) => (
                Some(bare_payout_id(&seen.id, &seen.provider)),
                Some(to_json(seen).map_err(Error::from)?),
            ),
            WebhookSubject::Deposit(seen) => {
                (seen.id.clone(), Some(to_json(seen).map_err(Error::from)?))
            }
            _ => (None, None),
        };
        Ok(Self {
            kind: word(&event.kind()).map_err(Error::from)?,
            proof: word(&event.proof).map_err(Error::from)?,
            event,
            gateway_id,
            subject,
            received_at,
        })
    }

    /// What it is stored once under.
    pub(super) fn key(&self) -> (&str, &str) {
        (self.event.provider.as_str(), &self.event.dedup_key)
    }

    /// Puts it in; false where it is there already.
    pub(crate) fn insert(&self, tx: &mut dyn Tx, now: DateTime<Utc>) -> Stored<bool> {
        let inserted = Self::insert_each(tx, std::iter::once((self, now)))?;
        Ok(inserted.contains(&true))
    }

    /// Puts them in; false for each that is there already.
    pub(super) fn insert_each<'n>(
        tx: &mut dyn Tx,
        notices: impl Iterator<Item = (&'n Self, DateTime<Utc>)>,
    ) -> Stored<Vec<bool>> {
        let rows: Vec<Vec<Value<'n>>> = notices.map(|(notice, now)| notice.row(now)).collect();
        let inserted = tx.execute_each(
            "INSERT INTO paymux_inbox
                (provider, dedup_key, kind, proof, gateway_id, reference, subject, body,
                 received_at, state, next_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'waiting', ?10)
             ON CONFLICT (provider, dedup_key) DO NOTHING",
            &rows,
        )?;
        Ok(inserted.into_iter().map(|rows| rows == 1).collect())
    }

    fn row(&self, now: DateTime<Utc>) -> Vec<Value<'_>> {
        let event = &self.event;
        values![
            event.provider.as_str(),
            &event.dedup_key,
            &self.kind,
            &self.proof,
            self.gateway_id.as_deref(),
            event.reference.as_ref().map(Reference::as_str),
            self.subject.as_deref(),
            event.raw_body.as_slice(),
            self.received_at,
            now,
        ]
        .to_vec()
    }
}

/// A word as JSON spells it, without the quotation marks.
pub(super) fn word<T: Serialize>(value: &T) -> Stored<String> {
    Ok(to_json(value)?.trim_matches('"').to_owned())
}

pub(super) fn of_word<T: DeserializeOwned>(word: &str) -> Stored<T> {
    from_json(&to_json(&word)?)
}

/// What a stored webhook tells.
#[derive(Debug, Clone)]
pub(crate) enum Subject {
    Invoice(Box<InvoiceSnapshot>),
    Payout(Box<PayoutSnapshot>),
    Deposit(Box<DepositSnapshot>),
    /// Nothing that an invoice or a payout could be found by.
    Other,
    /// What a newer version wrote, and why it cannot be read.
    Unreadable(String),
}

/// A webhook that a worker has taken.
#[derive(Debug, Clone)]
pub(crate) struct Notice {
    pub(crate) number: i64,
    pub(crate) provider: ProviderName,
    pub(crate) proof: Proof,
    /// What it tells of, so that those of one are taken in after each other: the gateway's id; of a
    /// deposit the address.
    pub(crate) gateway_id: Option<String>,
    pub(crate) reference: Option<Reference>,
    pub(crate) subject: Subject,
    pub(crate) received_at: DateTime<Utc>,
    pub(crate) tries: u32,
}

/// Which webhooks a worker takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Which {
    /// Those whose proof is another one.
    All { but: Option<Proof> },
    /// Of these, those that somebody has looked at.
    SeenBefore { but: Option<Proof> },
    /// Those with this proof.
    Proven(Proof),
}

/// Takes webhooks that are due and of which this is so too.
macro_rules! take {
    ($also:literal) => {
        concat!(
            "WITH due AS MATERIALIZED (
                 SELECT number FROM paymux_inbox WHERE state <> 'done' AND next_at <= ?1 ",
            $also,
            " ORDER BY next_at, number LIMIT ?2 {skip locked})
             UPDATE paymux_inbox SET worker = ?3, next_at = ?4, tries = tries + 1
             WHERE number IN (SELECT number FROM due)
             RETURNING number, provider, kind, proof, gateway_id, reference, subject, received_at,
                 tries"
        )
    };
}

impl Notice {
    /// Webhooks that are due and that nobody has looked at yet, oldest first, but for those whose proof
    /// is `but`. They are locked until the transaction ends; those that others have locked are left
    /// out. Nobody who holds an invoice or a payout waits for one of these, so those may be locked
    /// after them.
    pub(super) fn lock_fresh(
        tx: &mut dyn Tx,
        due: DateTime<Utc>,
        limit: u32,
        but: Option<Proof>,
    ) -> Stored<Vec<Self>> {
        tx.query(
            "SELECT number, provider, kind, proof, gateway_id, reference, subject, received_at, tries
             FROM paymux_inbox
             WHERE state <> 'done' AND next_at <= ?1 AND state = 'waiting' AND tries = 0
                 AND proof <> ?3
             ORDER BY next_at, number LIMIT ?2 {skip locked}",
            values![due, limit, but.map_or("", proof_word)],
        )?
        .into_iter()
        .map(read)
        .collect()
    }

    /// Takes it for longer than this transaction. It is due again at `until`, should nobody have heard
    /// of the worker by then.
    pub(super) fn hold(
        &mut self,
        tx: &mut dyn Tx,
        worker: &str,
        until: DateTime<Utc>,
    ) -> Stored<()> {
        self.tries = self.tries.saturating_add(1);
        tx.send(
            "UPDATE paymux_inbox SET worker = ?2, next_at = ?3, tries = tries + 1 WHERE number = ?1",
            values![self.number, worker, until],
        )
    }

    /// Takes webhooks that are due and of this kind, oldest first. They are due again at `until`, should
    /// nobody have heard of the worker by then.
    pub(super) fn take(
        tx: &mut dyn Tx,
        worker: &str,
        due: DateTime<Utc>,
        until: DateTime<Utc>,
        limit: u32,
        which: Which,
    ) -> Stored<Vec<Self>> {
        let (sql, proof) = match which {
            Which::All { but } => (take!("AND proof <> ?5"), but),
            Which::SeenBefore { but } => (
                take!("AND proof <> ?5 AND (state <> 'waiting' OR tries > 0)"),
                but,
            ),
            Which::Proven(proof) => (take!("AND proof = ?5"), Some(proof)),
        };
        let proof = proof.map_or("", proof_word);
        let mut taken: Vec<Self> = tx
            .query(sql, values![due, limit, worker, until, proof])?
            .into_iter()
            .map(read)
            .collect::<Stored<_>>()?;
        taken.sort_by_key(|notice| notice.number);
        Ok(taken)
    }

    /// It is taken in by this transaction, which has it locked.
    pub(super) fn done_here(&self, tx: &mut dyn Tx, now: DateTime<Utc>) -> Stored<()> {
        tx.send(
            "UPDATE paymux_inbox SET state = 'done', done_at = ?2 WHERE number = ?1",
            values![self.number, now],
        )
    }

    /// It is taken in by this transaction; false where another worker has it, or had it. An invoice
    /// or payout is always locked before it.
    pub(crate) fn done(&self, tx: &mut dyn Tx, worker: &str, now: DateTime<Utc>) -> Stored<bool> {
        Ok(Self::done_each(tx, &[self], worker, now)?.contains(&true))
    }

    /// The same for each of several.
    pub(crate) fn done_each(
        tx: &mut dyn Tx,
        notices: &[&Self],
        worker: &str,
        now: DateTime<Utc>,
    ) -> Stored<Vec<bool>> {
        let rows: Vec<Vec<Value<'_>>> = notices
            .iter()
            .map(|notice| values![notice.number, worker, now].to_vec())
            .collect();
        let done = tx.execute_each(
            "UPDATE paymux_inbox
             SET state = 'done', done_at = ?3, worker = NULL, last_error = NULL
             WHERE number = ?1 AND worker = ?2 AND state <> 'done'",
            &rows,
        )?;
        Ok(done.into_iter().map(|rows| rows == 1).collect())
    }

    /// Nobody knows what it tells of. Only the worker that holds it may say so.
    pub(crate) fn set_unmatched(
        &self,
        tx: &mut dyn Tx,
        worker: &str,
        next_at: DateTime<Utc>,
    ) -> Stored<()> {
        tx.send(
            "UPDATE paymux_inbox
             SET state = 'unmatched', next_at = ?3, worker = NULL, last_error = NULL
             WHERE number = ?1 AND worker = ?2 AND state <> 'done'",
            values![self.number, worker, next_at],
        )
    }

    /// It is looked at again. Only the worker that holds it may say so.
    pub(crate) fn retry(
        &self,
        tx: &mut dyn Tx,
        worker: &str,
        next_at: DateTime<Utc>,
        why: &str,
    ) -> Stored<()> {
        tx.send(
            "UPDATE paymux_inbox SET next_at = ?3, worker = NULL, last_error = ?4
             WHERE number = ?1 AND worker = ?2 AND state <> 'done'",
            values![self.number, worker, next_at, why],
        )
    }
}

/// One that cannot be read must not keep the others from being taken.
fn subject_of(kind: WebhookKind, json: Option<&str>) -> Subject {
    let read = match (kind, json) {
        (WebhookKind::Invoice, Some(json)) => from_json(json).map(Subject::Invoice),
        (WebhookKind::Payout, Some(json)) => from_json(json).map(Subject::Payout),
        (WebhookKind::Deposit, Some(json)) => from_json(json).map(Subject::Deposit),
        _ => Ok(Subject::Other),
    };
    read.unwrap_or_else(|failure| Subject::Unreadable(Error::from(failure).to_string()))
}

fn read(mut row: Row) -> Stored<Notice> {
    let row = &mut row;
    let number = row.int()?;
    let provider = row.parsed()?;
    let kind = of_word(&row.text()?)?;
    let proof = of_word(&row.text()?)?;
    let gateway_id = row.maybe(Row::text)?;
    let reference = row.maybe(Row::text)?.map(Reference::received);
    let subject = row.maybe(Row::text)?;
    let subject = subject_of(kind, subject.as_deref());
    let address = match &subject {
        Subject::Deposit(seen) => address_of(seen),
        _ => None,
    };
    Ok(Notice {
        number,
        provider,
        proof,
        gateway_id: address.or(gateway_id),
        reference,
        subject,
        received_at: row.time()?,
        tries: row.number()?,
    })
}

/// Lets webhooks be looked at now that came before their invoice or payout was known by this id.
pub(crate) fn wake(
    tx: &mut dyn Tx,
    provider: &ProviderName,
    bare_id: &str,
    now: DateTime<Utc>,
) -> Stored<()> {
    tx.send(
        "UPDATE paymux_inbox SET next_at = ?3
         WHERE state = 'unmatched' AND provider = ?1 AND gateway_id = ?2 AND next_at > ?3",
        values![provider.as_str(), bare_id, now],
    )
}

/// Lets webhooks be looked at now that came before their payout was known by this reference.
pub(crate) fn wake_reference(
    tx: &mut dyn Tx,
    reference: &Reference,
    now: DateTime<Utc>,
) -> Stored<()> {
    tx.send(
        "UPDATE paymux_inbox SET next_at = ?2
         WHERE state = 'unmatched' AND reference IS NOT NULL AND reference = ?1 AND next_at > ?2",
        values![reference.as_str(), now],
    )
}

/// What proven webhooks tell of a payout that no row has.
pub(crate) fn unmatched_payouts(
    tx: &mut dyn Tx,
    provider: &ProviderName,
    bare_id: &str,
) -> Stored<Vec<PayoutSnapshot>> {
    let told = tx.query(
        "SELECT subject FROM paymux_inbox
         WHERE state = 'unmatched' AND provider = ?1 AND gateway_id = ?2 AND kind = 'payout'
             AND proof <> 'weak' AND subject IS NOT NULL
         ORDER BY number LIMIT 100",
        values![provider.as_str(), bare_id],
    )?;
    // What a newer version wrote is compared when it is taken in.
    Ok(told
        .into_iter()
        .filter_map(|mut row| row.json().ok())
        .collect())
}
