//! A second, identical question when the first takes long. Only for what changes nothing.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use paymux_core::{Clock, Result};

/// Asks, and asks again when there is no answer after some time; the first answer counts. A failure
/// counts only when the other failed too, or was never asked. Each question is told how much of the
/// call's time was spent before it.
pub(crate) async fn hedged<T, F>(
    clock: &dyn Clock,
    after: Option<Duration>,
    ask: impl Fn(Duration) -> F,
) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let Some(after) = after else {
        return ask(Duration::ZERO).await;
    };
    let first = pin!(ask(Duration::ZERO));
    let first = match select(first, clock.sleep(after)).await {
        Either::Left((answer, _)) => return answer,
        Either::Right(((), first)) => first,
    };
    let second = pin!(ask(after));
    match select(first, second).await {
        Either::Left((Ok(answer), _)) | Either::Right((Ok(answer), _)) => Ok(answer),
        Either::Left((Err(error), other)) => other.await.map_err(|_| error),
        Either::Right((Err(_), other)) => other.await,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures_util::FutureExt;
    use paymux_core::{Error, ErrorKind, ManualClock, Outcome};

    use super::*;

    const HEDGE: Option<Duration> = Some(Duration::from_secs(1));

    fn clock() -> ManualClock {
        ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap())
    }

    fn failure(message: &str) -> Error {
        Error::new(ErrorKind::Unavailable, Outcome::NotSent, message)
    }

    /// Asks twice; the questions take so many seconds and end so.
    fn ends(answers: [(u64, Result<u8>); 2]) -> (Result<u8>, u32) {
        let clock = clock();
        let asked = Cell::new(0);
        let mut answers = answers.into_iter();
        let answers = std::cell::RefCell::new(&mut answers);
        let mut hedged = Box::pin(hedged(&clock, HEDGE, |spent| {
            assert_eq!(spent, HEDGE.unwrap() * asked.get());
            asked.set(asked.get() + 1);
            let (seconds, answer) = answers.borrow_mut().next().unwrap();
            let sleep = clock.sleep(Duration::from_secs(seconds));
            async move {
                sleep.await;
                answer
            }
        }));
        for _ in 0..20 {
            if let Some(answer) = (&mut hedged).now_or_never() {
                return (answer, asked.get());
            }
            clock.advance(Duration::from_secs(1));
        }
        panic!("no answer");
    }

    #[test]
    fn the_first_answer_counts() {
        let (answer, asked) = ends([(0, Ok(1)), (0, Ok(2))]);
        assert_eq!((answer.unwrap(), asked), (1, 1));
        let (answer, asked) = ends([(9, Ok(1)), (1, Ok(2))]);
        assert_eq!((answer.unwrap(), asked), (2, 2));
        let (answer, asked) = ends([(2, Ok(1)), (9, Ok(2))]);
        assert_eq!((answer.unwrap(), asked), (1, 2));
    }

    #[test]
    fn a_failure_waits_for_the_other() {
        let (answer, asked) = ends([(0, Err(failure("at once"))), (0, Ok(2))]);
        assert_eq!((answer.unwrap_err().message(), asked), ("at once", 1));
        let (answer, _) = ends([(2, Err(failure("first"))), (5, Ok(2))]);
        assert_eq!(answer.unwrap(), 2);
        let (answer, _) = ends([(5, Ok(1)), (1, Err(failure("second")))]);
        assert_eq!(answer.unwrap(), 1);
        let (answer, _) = ends([(2, Err(failure("first"))), (5, Err(failure("second")))]);
        assert_eq!(answer.unwrap_err().message(), "first");
    }
}
