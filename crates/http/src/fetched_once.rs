//! Something that is fetched once for all who ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use paymux_core::{Error, ErrorKind, Outcome, Result};
use tokio::sync::Mutex;

/// Something that is fetched when it is needed and kept: an access token, a list of assets. Whoever
/// asks while it is being fetched waits for that one fetch, and shares its failure too; a failure is not
/// kept for those who ask later.
///
/// ```
/// use paymux_http::FetchedOnce;
///
/// # async fn f() -> paymux_core::Result<()> {
/// let greeting = FetchedOnce::new();
/// let first = greeting.get(|_, _| true, async || Ok("hello")).await?;
/// let again = greeting.get(|_, _| true, async || Ok("not asked for")).await?;
/// assert_eq!((*first.value, again.fetch), ("hello", first.fetch));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct FetchedOnce<T> {
    /// How many fetches have ended: tells whether one ended while somebody waited.
    fetches: AtomicU64,
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    known: Option<Fetched<T>>,
    failure: Option<Failure>,
}

/// What was fetched, and by which fetch.
#[derive(Debug)]
pub struct Fetched<T> {
    /// What was fetched.
    pub value: Arc<T>,
    /// The number of the fetch, from 1: a later one has a higher number.
    pub fetch: u64,
}

impl<T> Clone for Fetched<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            fetch: self.fetch,
        }
    }
}

/// What can be told again of an error: it has one owner, and everybody who waited gets it.
#[derive(Debug)]
struct Failure {
    kind: ErrorKind,
    outcome: Outcome,
    message: String,
    code: Option<String>,
    hint: Option<String>,
    retry_after: Option<Duration>,
    fetch: u64,
}

impl<T> Default for FetchedOnce<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> FetchedOnce<T> {
    /// Nothing fetched yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            fetches: AtomicU64::new(0),
            state: Mutex::new(State {
                known: None,
                failure: None,
            }),
        }
    }

    /// How many fetches have ended so far.
    #[must_use]
    pub fn fetches(&self) -> u64 {
        self.fetches.load(Ordering::Acquire)
    }

    /// What is known, where it `is_good` (it and the number of its fetch), else what `fetch` gives.
    ///
    /// # Errors
    /// What `fetch` fails with, or what the fetch failed with that was waited for. What was known
    /// before stays known.
    pub async fn get(
        &self,
        is_good: impl FnOnce(&T, u64) -> bool,
        fetch: impl AsyncFnOnce() -> Result<T>,
    ) -> Result<Fetched<T>> {
        let asked_at = self.fetches();
        let mut state = self.state.lock().await;
        if let Some(known) = &state.known
            && is_good(&known.value, known.fetch)
        {
            return Ok(known.clone());
        }
        if let Some(failure) = &state.failure
            && failure.fetch > asked_at
        {
            return Err(failure.error());
        }
        let result = fetch().await;
        let number = self.fetches.fetch_add(1, Ordering::AcqRel) + 1;
        match result {
            Ok(value) => {
                let fetched = Fetched {
                    value: Arc::new(value),
                    fetch: number,
                };
                state.failure = None;
                state.known = Some(fetched.clone());
                Ok(fetched)
            }
            Err(error) => {
                state.failure = Some(Failure::of(&error, number));
                Err(error)
            }
        }
    }
}

impl Failure {
    fn of(error: &Error, fetch: u64) -> Self {
        Self {
            kind: error.kind(),
            outcome: error.outcome(),
            message: error.message().to_owned(),
            code: error.code().map(str::to_owned),
            hint: error.hint().map(str::to_owned),
            retry_after: error.retry_after(),
            fetch,
        }
    }

    fn error(&self) -> Error {
        let mut error = Error::new(self.kind, self.outcome, self.message.as_str());
        if let Some(code) = &self.code {
            error = error.with_code(code.as_str());
        }
        if let Some(hint) = &self.hint {
            error = error.with_hint(hint.clone());
        }
        if let Some(wait) = self.retry_after {
            error = error.with_retry_after(wait);
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down() -> Error {
        Error::new(ErrorKind::Unavailable, Outcome::NotSent, "down")
            .with_code("7")
            .with_hint("wait")
            .with_retry_after(Duration::from_secs(3))
    }

    #[tokio::test]
    async fn everybody_who_waited_shares_one_fetch() {
        let fetched = FetchedOnce::new();
        let asked = AtomicU64::new(0);
        let ask = || {
            fetched.get(
                |_, _| true,
                async || {
                    asked.fetch_add(1, Ordering::AcqRel);
                    tokio::task::yield_now().await;
                    Ok(7)
                },
            )
        };
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        for fetched in [a, b, c] {
            let fetched = fetched.unwrap();
            assert_eq!((*fetched.value, fetched.fetch), (7, 1));
        }
        assert_eq!(asked.into_inner(), 1);
    }

    #[tokio::test]
    async fn a_failure_is_shared_and_not_kept() {
        let fetched = FetchedOnce::<u8>::new();
        let fail = || {
            fetched.get(
                |_, _| true,
                async || {
                    tokio::task::yield_now().await;
                    Err(down())
                },
            )
        };
        let (first, waited) = tokio::join!(fail(), fail());
        for error in [first.unwrap_err(), waited.unwrap_err()] {
            assert_eq!(error.kind(), ErrorKind::Unavailable);
            assert_eq!((error.code(), error.hint()), (Some("7"), Some("wait")));
            assert_eq!(error.retry_after(), Some(Duration::from_secs(3)));
        }
        assert_eq!(fetched.fetches(), 1);
        let later = fetched.get(|_, _| true, async || Ok(1)).await.unwrap();
        assert_eq!((*later.value, later.fetch), (1, 2));
    }

    #[tokio::test]
    async fn what_is_no_longer_good_is_fetched_anew_and_kept_when_that_fails() {
        let fetched = FetchedOnce::new();
        fetched.get(|_, _| true, async || Ok(1)).await.unwrap();
        let outdated = |_: &i32, fetch| fetch > 1;
        assert!(fetched.get(outdated, async || Err(down())).await.is_err());
        let kept = fetched.get(|_, _| true, async || Ok(2)).await.unwrap();
        assert_eq!(*kept.value, 1);
        let anew = fetched.get(outdated, async || Ok(3)).await.unwrap();
        assert_eq!((*anew.value, anew.fetch), (3, 3));
    }

    #[tokio::test]
    async fn a_fetch_that_nobody_waits_for_any_more_leaves_the_way_free() {
        let fetched = FetchedOnce::new();
        {
            let hanging = fetched.get(|_, _| true, async || std::future::pending().await);
            tokio::pin!(hanging);
            assert!(futures_poll(hanging.as_mut()).await);
        }
        let next = fetched.get(|_, _| true, async || Ok(5)).await.unwrap();
        assert_eq!(*next.value, 5);
    }

    /// Polls once; whether it is still pending.
    async fn futures_poll<F: Future>(mut future: std::pin::Pin<&mut F>) -> bool {
        std::future::poll_fn(|context| {
            std::task::Poll::Ready(future.as_mut().poll(context).is_pending())
        })
        .await
    }
}
