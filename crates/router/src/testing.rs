//! What the tests of this crate stand on: scripted gateways behind a router, and a clock that moves only
//! when it is told to.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use paymux_core::attempts::{AttemptVerdict, MemoryAttemptLog};
use paymux_core::scripted::ScriptedProvider;
use paymux_core::{ManualClock, NewInvoice, NewPayout, ProviderAttempt, ProviderName};

use crate::{Router, RouterBuilder};

pub(crate) fn name(name: &str) -> ProviderName {
    name.parse().unwrap()
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-03-17T09:36:36Z".parse().unwrap()
}

/// An invoice over 5 USD in USDT on Tron.
pub(crate) fn invoice() -> NewInvoice {
    NewInvoice::new("order-1".parse().unwrap(), "5 USD".parse().unwrap())
        .with_asset("USDT@tron".parse().unwrap())
}

/// A payout of 12 USDT on Tron.
pub(crate) fn payout(reference: &str) -> NewPayout {
    NewPayout::new(
        reference.parse().unwrap(),
        12.into(),
        "USDT@tron".parse().unwrap(),
        "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP",
    )
}

/// Gateways, the clock they share with the router, and the log.
pub(crate) struct Stage {
    pub(crate) clock: ManualClock,
    pub(crate) log: Arc<MemoryAttemptLog>,
    pub(crate) gateways: Vec<ScriptedProvider>,
}

impl Stage {
    /// Gateways of these names that do what they are asked.
    pub(crate) fn new(names: &[&str]) -> Self {
        Self::of(names, |gateway| gateway)
    }

    pub(crate) fn of(
        names: &[&str],
        change: impl Fn(ScriptedProvider) -> ScriptedProvider,
    ) -> Self {
        let clock = ManualClock::at(start());
        let gateway = |own: &&str| ScriptedProvider::new(name(own), Arc::new(clock.clone()));
        Self {
            gateways: names.iter().map(gateway).map(change).collect(),
            log: Arc::default(),
            clock,
        }
    }

    pub(crate) fn gateway(&self, name: &str) -> &ScriptedProvider {
        use paymux_core::PaymentProvider;
        let mut all = self.gateways.iter();
        all.find(|gateway| gateway.name().as_str() == name).unwrap()
    }

    pub(crate) fn builder(&self) -> RouterBuilder {
        let builder = Router::builder()
            .with_clock(Arc::new(self.clock.clone()))
            .with_attempt_log(Arc::clone(&self.log) as _);
        self.gateways.iter().fold(builder, |builder, gateway| {
            builder.with_provider(Arc::new(gateway.clone()))
        })
    }

    pub(crate) fn router(&self) -> Router {
        self.builder().build().unwrap()
    }

    /// Runs to the end, and moves the clock on whenever nothing else goes on.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        let mut future = Box::pin(future);
        for _ in 0..100_000 {
            if let Some(done) = (&mut future).now_or_never() {
                return done;
            }
            self.clock.advance(Duration::from_millis(50));
        }
        panic!("it never ends");
    }
}

/// What became of each provider, in short.
pub(crate) fn story(attempts: &[ProviderAttempt]) -> Vec<String> {
    attempts
        .iter()
        .map(|attempt| {
            let verdict = match attempt.verdict {
                AttemptVerdict::Excluded => "excluded",
                AttemptVerdict::NotTried => "not tried",
                AttemptVerdict::Failed => "failed",
                AttemptVerdict::Made => "made",
                _ => "else",
            };
            format!("{} {verdict}", attempt.provider)
        })
        .collect()
}
