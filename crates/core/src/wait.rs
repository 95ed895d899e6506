//! Conveniences over every provider: following an invoice or a payout until something happens.

use std::time::Duration;

use futures_util::stream::{self, Stream, StreamExt};

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::ids::{InvoiceId, PayoutId};
use crate::powers::PayoutApi;
use crate::provider::PaymentProvider;
use crate::snapshot::{InvoiceSnapshot, PayoutSnapshot};
use crate::status::InvoiceStatus;
use crate::transition::{Change, Observed};

/// What to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitTarget {
    /// This status or one beyond it on the normal course.
    Status(InvoiceStatus),
    /// Any final status.
    Final,
}

impl WaitTarget {
    /// Whether waiting is over, with success.
    #[must_use]
    pub fn is_reached_by(self, status: InvoiceStatus) -> bool {
        match self {
            Self::Status(target) => status.has_reached(target),
            Self::Final => status.is_final(),
        }
    }
}

/// How often to ask and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitOptions {
    /// Time between two questions while things change.
    pub interval: Duration,
    /// The most that time grows to while nothing changes.
    pub longest_interval: Duration,
    /// When to give up.
    pub timeout: Duration,
    /// How many questions in a row may go unanswered.
    pub patience: u32,
}

impl Default for WaitOptions {
    /// Every 3 seconds, growing to 30, for 30 minutes; 10 failures in a row are put up with.
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(3),
            longest_interval: Duration::from_secs(30),
            timeout: Duration::from_secs(30 * 60),
            patience: 10,
        }
    }
}

impl WaitOptions {
    /// Sets when to give up.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the time between two questions; it grows to ten times as much while nothing changes.
    #[must_use]
    pub const fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self.longest_interval = interval.saturating_mul(10);
        self
    }
}

/// Why waiting ended without what was waited for. Each holds the last state that was seen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError<S: std::fmt::Debug> {
    /// A final state came that cannot reach the target.
    #[error("it ended in another state")]
    EndedElsewhere(Box<S>),
    /// Time ran out.
    #[error("timed out waiting")]
    TimedOut(Option<Box<S>>),
    /// The provider failed for good, or too often in a row.
    #[error(transparent)]
    Failed(#[from] Error),
}

/// Conveniences for every provider; there is nothing to implement.
pub trait PaymentProviderExt: PaymentProvider {
    /// Asks again and again until the invoice has reached the target.
    ///
    /// ```no_run
    /// # async fn f(provider: std::sync::Arc<dyn paymux_core::PaymentProvider>, clock: &dyn paymux_core::Clock)
    /// # -> Result<(), Box<dyn std::error::Error>> {
    /// use paymux_core::{InvoiceId, InvoiceStatus, PaymentProviderExt, WaitOptions, WaitTarget};
    ///
    /// let id = InvoiceId::new("20260317173635066d54f5b6c7269d41")?;
    /// let target = WaitTarget::Status(InvoiceStatus::Settled);
    /// let invoice = provider.wait_until(&id, target, WaitOptions::default(), clock).await?;
    /// println!("{} is {}", invoice.id, invoice.status);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`WaitError`]: a final state that cannot reach the target, time ran out, or the provider
    /// failed for good.
    fn wait_until(
        &self,
        id: &InvoiceId,
        target: WaitTarget,
        options: WaitOptions,
        clock: &dyn Clock,
    ) -> impl Future<Output = Result<InvoiceSnapshot, WaitError<InvoiceSnapshot>>> + Send {
        async move {
            wait(
                self.changes(id, options, clock),
                options.timeout,
                clock,
                move |invoice: &InvoiceSnapshot| target.is_reached_by(invoice.status),
                |invoice| invoice.status.is_final(),
            )
            .await
        }
    }

    /// The invoice as it is now, then again each time that something about it changes, until it is
    /// final. An unanswered question is asked again; the stream ends after an error it yields.
    fn changes<'a>(
        &'a self,
        id: &'a InvoiceId,
        options: WaitOptions,
        clock: &'a dyn Clock,
    ) -> impl Stream<Item = Result<InvoiceSnapshot>> + Send + 'a {
        poll(
            move || async move { Ok(self.fetch_invoice(id).await?.snapshot().clone()) },
            |known: &mut InvoiceSnapshot, seen| known.observe(seen, Observed::Read),
            |invoice| invoice.status.is_final(),
            options,
            clock,
        )
    }

    /// Asks again and again until the payout is in a final state.
    ///
    /// # Errors
    /// [`WaitError`]: no payouts here (`Unsupported`), time ran out, or the provider failed for good.
    fn wait_for_payout(
        &self,
        id: &PayoutId,
        options: WaitOptions,
        clock: &dyn Clock,
    ) -> impl Future<Output = Result<PayoutSnapshot, WaitError<PayoutSnapshot>>> + Send {
        async move {
            let payouts = self.payouts().ok_or_else(|| {
                Error::unsupported("this provider has no payouts")
                    .with_provider(self.name().clone())
            })?;
            wait(
                payout_changes(payouts, id, options, clock),
                options.timeout,
                clock,
                |payout: &PayoutSnapshot| payout.status.is_final(),
                |_| false,
            )
            .await
        }
    }
}

impl<P: PaymentProvider + ?Sized> PaymentProviderExt for P {}

/// The payout as it is now, then again each time that something about it changes, until it is final.
pub fn payout_changes<'a>(
    payouts: &'a dyn PayoutApi,
    id: &'a PayoutId,
    options: WaitOptions,
    clock: &'a dyn Clock,
) -> impl Stream<Item = Result<PayoutSnapshot>> + Send + 'a {
    poll(
        move || async move { Ok(payouts.fetch_payout(id).await?.snapshot().clone()) },
        |known: &mut PayoutSnapshot, seen| known.observe(seen, Observed::Read),
        |payout| payout.status.is_final(),
        options,
        clock,
    )
}

async fn wait<S: Clone + std::fmt::Debug + Send>(
    changes: impl Stream<Item = Result<S>> + Send,
    timeout: Duration,
    clock: &dyn Clock,
    is_reached: impl Fn(&S) -> bool + Send,
    is_over: impl Fn(&S) -> bool + Send,
) -> Result<S, WaitError<S>> {
    let mut changes = Box::pin(changes);
    let mut deadline = clock.sleep(timeout);
    let mut last: Option<S> = None;
    loop {
        let next = futures_util::future::select(changes.next(), &mut deadline).await;
        match next {
            futures_util::future::Either::Left((Some(Ok(seen)), _)) => {
                if is_reached(&seen) {
                    return Ok(seen);
                }
                if is_over(&seen) {
                    return Err(WaitError::EndedElsewhere(Box::new(seen)));
                }
                last = Some(seen);
            }
            futures_util::future::Either::Left((Some(Err(error)), _)) => return Err(error.into()),
            futures_util::future::Either::Left((None, _))
            | futures_util::future::Either::Right(_) => {
                return Err(WaitError::TimedOut(last.map(Box::new)));
            }
        }
    }
}

struct Poll<S> {
    known: Option<S>,
    pause: Duration,
    failures: u32,
    over: bool,
}

fn poll<'a, S, F, R>(
    ask: F,
    merge: impl Fn(&mut S, &S) -> Change + Send + Sync + Copy + 'a,
    is_over: impl Fn(&S) -> bool + Send + Sync + Copy + 'a,
    options: WaitOptions,
    clock: &'a dyn Clock,
) -> impl Stream<Item = Result<S>> + Send + 'a
where
    S: Clone + PartialEq + Send + 'a,
    F: Fn() -> R + Send + Sync + Copy + 'a,
    R: Future<Output = Result<S>> + Send,
{
    let start = Poll {
        known: None,
        pause: Duration::ZERO,
        failures: 0,
        over: false,
    };
    stream::unfold(start, move |mut state| async move {
        if state.over {
            return None;
        }
        loop {
            if !state.pause.is_zero() {
                clock.sleep(state.pause).await;
            }
            match ask().await {
                Ok(seen) => {
                    state.failures = 0;
                    let mut known = state.known.clone().unwrap_or_else(|| seen.clone());
                    merge(&mut known, &seen);
                    state.over = is_over(&known);
                    let changed = state.known.as_ref() != Some(&known);
                    state.known = Some(known.clone());
                    if changed {
                        state.pause = options.interval;
                        return Some((Ok(known), state));
                    }
                    state.pause = longer(state.pause, options);
                }
                Err(error) => {
                    state.failures += 1;
                    if !error.kind().is_transient() || state.failures > options.patience {
                        state.over = true;
                        return Some((Err(error), state));
                    }
                    state.pause =
                        longer(state.pause, options).max(error.retry_after().unwrap_or_default());
                }
            }
        }
    })
}

fn longer(pause: Duration, options: WaitOptions) -> Duration {
    (pause + pause / 2).clamp(
        options.interval,
        options.longest_interval.max(options.interval),
    )
}

#[cfg(test)]
mod tests;
