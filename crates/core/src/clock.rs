//! What time it is, and waiting. Core has no runtime: whoever needs time is handed a clock.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use chrono::{DateTime, Utc};

/// A future that is done when time has passed.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What time it is, and waiting.
pub trait Clock: Debug + Send + Sync + 'static {
    /// The time now, UTC.
    fn now(&self) -> DateTime<Utc>;

    /// Is done when this much time has passed.
    fn sleep(&self, time: Duration) -> Sleep;
}

/// The system's time and tokio's timer. Waiting needs a tokio runtime with time enabled.
#[cfg(feature = "tokio")]
#[derive(Debug, Clone, Copy, Default)]
pub struct TokioClock;

#[cfg(feature = "tokio")]
impl Clock for TokioClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn sleep(&self, time: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(time))
    }
}

/// A clock for tests: it stands still until it is moved, and wakes whoever slept long enough.
///
/// ```
/// use std::time::Duration;
/// use paymux_core::{Clock, ManualClock};
///
/// let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().to_rfc3339(), "2026-03-17T09:37:36+00:00");
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Hands>>);

#[derive(Debug)]
struct Hands {
    now: DateTime<Utc>,
    sleepers: Vec<Waker>,
}

impl ManualClock {
    /// A clock that shows this time.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(Hands {
            now,
            sleepers: Vec::new(),
        })))
    }

    /// Moves the clock on.
    pub fn advance(&self, time: Duration) {
        let sleepers = {
            let mut hands = self.hands();
            hands.now = later(hands.now, time);
            std::mem::take(&mut hands.sleepers)
        };
        for sleeper in sleepers {
            sleeper.wake();
        }
    }

    fn hands(&self) -> MutexGuard<'_, Hands> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(now: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    chrono::TimeDelta::from_std(time)
        .ok()
        .and_then(|time| now.checked_add_signed(time))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        self.hands().now
    }

    fn sleep(&self, time: Duration) -> Sleep {
        let clock = self.clone();
        let until = later(self.now(), time);
        Box::pin(std::future::poll_fn(move |context| {
            let mut hands = clock.hands();
            if hands.now >= until {
                return Poll::Ready(());
            }
            hands.sleepers.push(context.waker().clone());
            Poll::Pending
        }))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn sleepers_wake_when_their_time_has_come() {
        let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
        let mut sleep = clock.sleep(Duration::from_secs(10));
        assert!((&mut sleep).now_or_never().is_none());
        clock.advance(Duration::from_secs(9));
        assert!((&mut sleep).now_or_never().is_none());
        clock.advance(Duration::from_secs(1));
        assert!(sleep.now_or_never().is_some());
    }
}
