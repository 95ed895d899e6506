//! Going away at every point where a call waits, and logs that fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use paymux_core::attempts::MemoryAttemptLog;
use paymux_core::scripted::{Act, Operation};
use paymux_core::{Clock, ManualClock, PaymentProvider, PayoutApi};

use super::*;
use crate::testing::{Stage, invoice, payout, story};
use crate::{BreakerSettings, BreakerState, Router};

/// A log that takes a while for each answer, and fails or hangs where it is told to.
#[derive(Debug)]
struct SlowLog {
    clock: ManualClock,
    memory: MemoryAttemptLog,
    told: Mutex<Vec<&'static str>>,
    before: Trouble,
    after: Trouble,
    /// From this attempt on, counted from 1, `before` is in trouble.
    from: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Trouble {
    None,
    Fails,
    Hangs,
    /// No trouble, and no pause either.
    Quick,
}

const PAUSE: Duration = Duration::from_secs(1);

impl SlowLog {
    fn new(stage: &Stage, before: Trouble, after: Trouble) -> Arc<Self> {
        Arc::new(Self {
            clock: stage.clock.clone(),
            memory: MemoryAttemptLog::new(),
            told: Mutex::default(),
            before,
            after,
            from: 1,
        })
    }

    /// A log that can write only so long.
    fn failing_from(stage: &Stage, attempt: usize) -> Arc<Self> {
        let log = Self::new(stage, Trouble::Fails, Trouble::None);
        let mut log = Arc::into_inner(log).unwrap();
        log.from = attempt;
        Arc::new(log)
    }

    async fn pause(&self, trouble: Trouble) -> Result<()> {
        let time = match trouble {
            Trouble::None | Trouble::Fails => PAUSE,
            Trouble::Hangs => PAUSE * 9_999,
            Trouble::Quick => Duration::ZERO,
        };
        self.clock.sleep(time).await;
        if trouble == Trouble::Fails {
            return Err(Error::new(
                ErrorKind::Unavailable,
                Outcome::NotSent,
                "disk full",
            ));
        }
        Ok(())
    }

    fn note(&self, what: &'static str) {
        self.told.lock().unwrap().push(what);
    }
}

#[async_trait]
impl AttemptLog for SlowLog {
    async fn before(&self, attempt: Attempt<'_>) -> Result<Permission> {
        let granted = {
            let told = self.told.lock().unwrap();
            told.iter().filter(|what| **what == "before").count()
        };
        let is_in_trouble = granted + 1 >= self.from;
        let trouble = if is_in_trouble {
            self.before
        } else {
            Trouble::None
        };
        self.pause(trouble).await?;
        self.note("before");
        self.memory.before(attempt).await
    }

    async fn after(&self, id: AttemptId, end: AttemptEnd<'_>) -> Result<()> {
        self.pause(self.after).await?;
        self.note("after");
        self.memory.after(id, end).await
    }

    fn abandoned(&self, id: AttemptId) {
        self.note("abandoned");
        self.memory.abandoned(id);
    }
}

/// A stage whose gateways take a second to connect, to work and to answer each.
fn slow_stage() -> Stage {
    let stage = Stage::new(&["eu", "us"]);
    let slow = |act: Act| act.connecting_for(PAUSE).working_for(PAUSE).after(PAUSE);
    for gateway in &stage.gateways {
        for operation in [Operation::CreatePayout, Operation::CreateInvoice] {
            gateway.always(operation, slow(Act::answer()));
        }
    }
    for operation in [Operation::CreatePayout, Operation::CreateInvoice] {
        let first = slow(Act::not_sent(ErrorKind::Unavailable));
        stage.gateway("eu").script(operation, [first]);
    }
    stage
}

fn router(stage: &Stage, log: &Arc<SlowLog>) -> Router {
    let breaker = BreakerSettings::new()
        .with_failures(1)
        .with_open_for(PAUSE, PAUSE);
    stage
        .builder()
        .with_attempt_log(Arc::clone(log) as _)
        .with_breaker(breaker)
        .build()
        .unwrap()
}

/// Nothing runs, and no circuit waits for a probe that went away.
fn nothing_is_held(router: &Router) {
    for health in router.health() {
        assert_eq!(health.in_flight, 0, "{health:?}");
        assert!(
            health.operations.iter().all(|own| !own.probing),
            "{health:?}"
        );
    }
}

/// Lets the call run for a time, then goes away. Whether it had ended by then.
fn leave_after<T>(stage: &Stage, steps: u32, call: impl Future<Output = T>) -> Option<T> {
    let mut call = Box::pin(call);
    for _ in 0..steps {
        if let Some(ended) = (&mut call).now_or_never() {
            return Some(ended);
        }
        stage.clock.advance(PAUSE / 2);
    }
    (&mut call).now_or_never()
}

#[test]
fn a_payout_that_is_left_at_any_point_is_in_doubt_or_was_not_sent() {
    // Two attempts with a log that takes a second on each side, in half seconds: every place to wait.
    for steps in 0..30 {
        let stage = slow_stage();
        let log = SlowLog::new(&stage, Trouble::None, Trouble::None);
        let router = router(&stage, &log);
        let ended = leave_after(&stage, steps, router.create_payout(&payout("r-1")));
        nothing_is_held(&router);

        let told = log.told.lock().unwrap().clone();
        let grants = told.iter().filter(|what| **what == "before").count();
        assert_eq!(
            grants,
            told.len() - grants,
            "{steps}: every grant has one end: {told:?}"
        );

        let sent = |name: &str| stage.gateway(name).sent_payouts().len();
        assert_eq!(sent("eu"), 0);
        let is_safe = ended.is_some() || !log.memory.in_doubt().is_empty() || sent("us") == 0;
        assert!(
            is_safe,
            "{steps}: sent, and the log does not know: {told:?}"
        );

        // Whoever tries again does not pay twice.
        stage.clock.advance(PAUSE * 2);
        let again = stage.run(router.create_payout(&payout("r-1")));
        assert!(sent("eu") + sent("us") <= 1, "{steps}: {again:?} {told:?}");
        if let Some(ended) = ended {
            assert_eq!(ended.unwrap().id(), again.unwrap().id());
        }
    }
}

#[test]
fn an_invoice_that_is_left_at_any_point_holds_nothing() {
    for steps in 0..30 {
        let stage = slow_stage();
        let log = SlowLog::new(&stage, Trouble::None, Trouble::None);
        let router = router(&stage, &log);
        leave_after(&stage, steps, router.create_invoice(&invoice()));
        nothing_is_held(&router);
        stage.clock.advance(PAUSE * 2);
        let made = stage.run(router.create_invoice(&invoice())).unwrap();
        assert!(made.id().as_str().contains(':'));
        nothing_is_held(&router);
    }
}

#[test]
fn a_probe_that_goes_away_gives_its_place_back() {
    let stage = Stage::new(&["eu"]);
    let log = SlowLog::new(&stage, Trouble::None, Trouble::None);
    let router = router(&stage, &log);
    let state = || {
        let health = router.health().remove(0);
        let own = health
            .operation(crate::Operation::CreateInvoice)
            .unwrap()
            .clone();
        (own.state, own.probing)
    };
    stage.gateway("eu").script(
        Operation::CreateInvoice,
        [Act::not_sent(ErrorKind::Unavailable)],
    );
    stage.run(router.create_invoice(&invoice())).unwrap_err();
    stage.clock.advance(PAUSE);
    assert_eq!(state(), (BreakerState::HalfOpen, false));
    {
        let request = invoice();
        let mut probe = Box::pin(router.create_invoice(&request));
        assert!((&mut probe).now_or_never().is_none());
        assert_eq!(state(), (BreakerState::HalfOpen, true));
        let error = router
            .create_invoice(&invoice())
            .now_or_never()
            .unwrap()
            .unwrap_err();
        assert!(error.message().contains("a probe is running"), "{error}");
    }
    assert_eq!(state(), (BreakerState::HalfOpen, false));
    stage.run(router.create_invoice(&invoice())).unwrap();
    assert_eq!(state(), (BreakerState::Closed, false));
}

#[test]
fn a_log_that_cannot_write_allows_no_payout() {
    for before in [Trouble::Fails, Trouble::Hangs] {
        let stage = slow_stage();
        let log = SlowLog::new(&stage, before, Trouble::None);
        let router = router(&stage, &log);
        let error = stage.run(router.create_payout(&payout("r-1"))).unwrap_err();
        for gateway in &stage.gateways {
            assert_eq!(gateway.calls(Operation::CreatePayout), 0);
        }
        // A log that does not answer may know of an earlier attempt.
        let is_sure = before == Trouble::Fails;
        assert_eq!(error.may_have_executed(), !is_sure, "{error:?}");
        nothing_is_held(&router);
    }
}

#[test]
fn when_the_log_takes_all_the_time_nothing_is_sent() {
    let stage = Stage::new(&["eu"]);
    let log = SlowLog::new(&stage, Trouble::None, Trouble::Quick);
    // A tenth is kept for writing down the end, and the log has taken the rest.
    let router = router(&stage, &log).within(PAUSE * 11 / 10);
    let errors = [
        stage.run(router.create_payout(&payout("r-1"))).unwrap_err(),
        stage.run(router.create_invoice(&invoice())).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(
            (error.kind(), error.outcome()),
            (ErrorKind::Timeout, Outcome::NotSent)
        );
    }
    for operation in [Operation::CreatePayout, Operation::CreateInvoice] {
        assert_eq!(stage.gateway("eu").calls(operation), 0);
    }
    assert!(log.memory.in_doubt().is_empty());
    nothing_is_held(&router);
}

#[test]
fn a_payout_that_was_made_is_told_although_the_log_fails() {
    for after in [Trouble::Fails, Trouble::Hangs] {
        let stage = Stage::new(&["eu", "us"]);
        let log = SlowLog::new(&stage, Trouble::None, after);
        let router = router(&stage, &log);
        let made = stage.run(router.create_payout(&payout("r-1"))).unwrap();
        assert!(made.id().as_str().starts_with("eu:"));
        let error = stage.run(router.create_payout(&payout("r-1"))).unwrap_err();
        assert!(error.may_have_executed(), "{error:?}");
        assert_eq!(stage.gateway("eu").sent_payouts().len(), 1);
        let was_abandoned = log.told.lock().unwrap().contains(&"abandoned");
        assert_eq!(was_abandoned, after == Trouble::Hangs);
    }
}

#[test]
fn a_failure_that_the_log_could_not_take_ends_it() {
    let stage = slow_stage();
    let log = SlowLog::new(&stage, Trouble::None, Trouble::Fails);
    let router = router(&stage, &log);
    let error = stage.run(router.create_payout(&payout("r-1"))).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert!(error.message().contains("disk full"), "{error}");
    assert!(error.message().contains("eu failed"), "{error}");
    assert_eq!(stage.gateway("us").calls(Operation::CreatePayout), 0);
    assert!(stage.run(router.create_payout(&payout("r-1"))).is_err());
    assert_eq!(stage.gateway("us").calls(Operation::CreatePayout), 0);
}

#[test]
fn a_log_that_stops_an_invoice_does_not_hide_the_one_that_may_be_there() {
    let stage = slow_stage();
    let lost = Act::lost_answer().telling_id();
    let eu = Stage::new(&["eu"]).gateway("eu").clone();
    eu.script(Operation::CreateInvoice, [lost]);
    let us = stage.gateway("us").clone();
    let log = SlowLog::failing_from(&stage, 2);
    let router = Router::builder()
        .with_clock(Arc::new(stage.clock.clone()))
        .with_provider(Arc::new(eu))
        .with_provider(Arc::new(us))
        .with_attempt_log(Arc::clone(&log) as _)
        .build()
        .unwrap();
    let error = stage.run(router.create_invoice(&invoice())).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.id().unwrap().starts_with("eu:"), "{error:?}");
    assert!(error.message().ends_with("; then disk full"), "{error}");
}

#[test]
fn an_invoice_is_made_although_the_log_fails_afterwards() {
    let stage = slow_stage();
    let log = SlowLog::new(&stage, Trouble::None, Trouble::Fails);
    let router = router(&stage, &log);
    let made = stage.run(router.create_invoice(&invoice())).unwrap();
    assert_eq!(story(&made.snapshot().attempts), ["eu failed", "us made"]);

    let log = SlowLog::new(&stage, Trouble::Fails, Trouble::None);
    let router = self::router(&stage, &log);
    let error = stage.run(router.create_invoice(&invoice())).unwrap_err();
    assert_eq!(error.message(), "disk full");
}

#[test]
fn only_a_callback_with_a_place_for_it_gets_the_name() {
    let provider = "eu".parse().unwrap();
    let url = |url| callback(Some(url), &provider);
    assert_eq!(url("https://a.example/x"), None);
    assert_eq!(
        url("https://a.example/{provider}/x").as_deref(),
        Some("https://a.example/eu/x")
    );
    assert_eq!(callback(None, &provider), None);
    let payout = payout("r-1").with_callback_url("https://a.example/{provider}");
    let sent = for_payout(&payout, &provider);
    assert_eq!(sent.callback_url.as_deref(), Some("https://a.example/eu"));
}
