//! Lets a schedule happen: gateways, router and callers in tokio's paused time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use paymux_core::attempts::ProviderAttempt;
use paymux_core::scripted::ScriptedProvider;
use paymux_core::{
    AttemptLog, Error, InvoiceId, NewInvoice, NewPayout, PaymentProvider, PayoutId, ProviderName,
};
use paymux_router::{
    BreakerSettings, Cheapest, Limits, LowestLatency, Metadata, Priority, Rate, RouteFailure,
    Router, Rule, RuleScope, Sticky, Weighted,
};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::gateways::Gateways;
use super::journal::{About, Answer, CallNumber, Event, Journal};
use super::log::{RecordingLog, mark_invoice, mark_payout};
use super::schedule::{Caller, Condition, Leaves, RulePlan, Schedule, StrategyPlan, Wants};
use crate::paused_clock::PausedClock;

const TO: &str = "TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP";

/// Long enough for whatever is under way at a gateway to be carried out, and for any circuit to let a
/// probe through.
pub(crate) const LONG: Duration = Duration::from_secs(3_600);

/// The stage of one run.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) schedule: Schedule,
    pub(crate) journal: Arc<Journal>,
    pub(crate) log: Arc<RecordingLog>,
    pub(crate) gateways: Gateways,
    pub(crate) router: Router,
    last_call: AtomicU64,
}

impl World {
    /// Sets up what the schedule says. It needs the runtime of the run.
    pub(crate) fn new(schedule: Schedule) -> Self {
        let clock = PausedClock::start();
        let journal = Arc::new(Journal::new(clock));
        let log = RecordingLog::new(Arc::clone(&journal), schedule.log, !schedule.seed);
        let log = Arc::new(log);
        let gateways = Gateways::of(&schedule, clock, &journal);
        Self {
            router: router(
                &schedule,
                &gateways.all,
                clock,
                Arc::<RecordingLog>::clone(&log),
            ),
            schedule,
            journal,
            log,
            gateways,
            last_call: AtomicU64::new(0),
        }
    }

    /// Every caller does what the schedule says, and then everything that is under way comes to an end.
    pub(crate) async fn run(self: &Arc<Self>) {
        let mut callers = JoinSet::new();
        for (number, caller) in self.schedule.callers.iter().enumerate() {
            let (world, caller) = (Arc::clone(self), caller.clone());
            callers.spawn(async move { world.play(number, &caller).await });
        }
        while let Some(ended) = callers.join_next().await {
            ended.expect("a caller must not panic");
        }
        tokio::time::sleep(LONG).await;
        self.gateways.heal();
    }

    async fn play(&self, number: usize, caller: &Caller) {
        let pauses = std::iter::once(&caller.starts).chain(&caller.retries);
        for pause in pauses {
            tokio::time::sleep(*pause).await;
            let is_sure = match caller.wants {
                Wants::Invoice { .. } => true,
                Wants::Payout { .. } => caller.is_stubborn,
            };
            match self.ask(number, caller).await {
                Some(Err(error)) if is_sure || !error.may_have_executed() => {}
                _ => return,
            }
        }
    }

    /// One call; `None` where the caller went away meanwhile.
    async fn ask(&self, number: usize, caller: &Caller) -> Option<Result<(), Error>> {
        let call = self.next_call();
        let router = match caller.deadline {
            Some(deadline) => self.router.within(deadline),
            None => self.router.clone(),
        };
        let deadline = caller.deadline.unwrap_or(self.schedule.deadline);
        self.note_asked(call, caller.wants, deadline);
        let answered = {
            let asked = pin!(self.make(&router, call, number, caller.wants));
            until(caller.leaves, asked).await
        };
        let Some(answer) = answered else {
            self.journal.note(Event::Left);
            return None;
        };
        let result = match &answer {
            Ok(_) => Ok(()),
            Err(error) => Err(again(error)),
        };
        self.note_answer(call, &answer);
        if let Ok((_, id, _)) = &answer {
            self.read_back(&router, caller.wants, id, deadline).await;
        }
        Some(result)
    }

    async fn read_back(&self, router: &Router, wants: Wants, id: &str, deadline: Duration) {
        let started = Instant::now();
        let told = match wants {
            Wants::Invoice { .. } => {
                let read = router.fetch_invoice(&InvoiceId::received(id)).await;
                read.map(|read| read.id().to_string())
            }
            Wants::Payout { .. } => {
                let payouts = router.payouts().expect("one was sent");
                let read = payouts.fetch_payout(&PayoutId::received(id)).await;
                read.map(|read| read.id().to_string())
            }
        };
        self.journal.note(Event::ReadBack {
            id: id.to_owned(),
            took: started.elapsed(),
            deadline,
            told: told.map_err(|error| (error.kind(), error.outcome())),
        });
    }

    async fn make(
        &self,
        router: &Router,
        call: CallNumber,
        number: usize,
        wants: Wants,
    ) -> Result<(ProviderName, String, Vec<ProviderAttempt>), Error> {
        match wants {
            Wants::Invoice { trx, gold } => {
                let request = mark_invoice(invoice(number, trx, gold), call);
                let made = router.create_invoice(&request).await?;
                let made = made.snapshot();
                Ok((
                    made.provider.clone(),
                    made.id.to_string(),
                    made.attempts.clone(),
                ))
            }
            Wants::Payout {
                reference,
                amount,
                trx,
            } => {
                let request = mark_payout(payout(&reference_name(reference), amount, trx), call);
                let payouts = router.payouts().ok_or_else(no_payouts)?;
                let made = payouts.create_payout(&request).await?;
                let made = made.snapshot();
                Ok((
                    made.provider.clone(),
                    made.id.to_string(),
                    made.attempts.clone(),
                ))
            }
        }
    }

    /// One more call after everything: by nobody's schedule, under this number of an order.
    pub(crate) async fn ask_again(&self, wants: Wants) -> Result<String, Error> {
        let call = self.next_call();
        self.note_asked(call, wants, self.schedule.deadline);
        let answer = self.make(&self.router, call, usize::MAX, wants).await;
        self.note_answer(call, &answer);
        answer.map(|(_, id, _)| id)
    }

    fn next_call(&self) -> CallNumber {
        self.last_call.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn note_asked(&self, call: CallNumber, wants: Wants, deadline: Duration) {
        let about: About = match wants {
            Wants::Invoice { .. } => None,
            Wants::Payout { reference, .. } => Some(reference_name(reference)),
        };
        self.journal.note(Event::Asked(call, about, deadline));
    }

    fn note_answer(
        &self,
        call: CallNumber,
        answer: &Result<(ProviderName, String, Vec<ProviderAttempt>), Error>,
    ) {
        let answer = match answer {
            Ok((provider, id, attempts)) => Answer::Made {
                provider: provider.clone(),
                id: id.clone(),
                attempts: attempts.clone(),
            },
            Err(error) => Answer::failed(error, decided(error)),
        };
        self.journal.note(Event::Answered(call, answer));
    }
}

/// The story that an error of the router carries.
fn decided(error: &Error) -> Option<Vec<ProviderAttempt>> {
    let source = std::error::Error::source(error)?;
    let failure = source.downcast_ref::<RouteFailure>()?;
    Some(failure.decision().attempts.clone())
}

/// Errors are not cloned; what a caller acts on is kind and outcome.
fn again(error: &Error) -> Error {
    Error::new(error.kind(), error.outcome(), error.message())
}

fn no_payouts() -> Error {
    Error::unsupported("no gateway of this run sends money")
}

pub(crate) fn reference_name(number: u32) -> String {
    format!("ref-{number}")
}

fn asset(trx: bool) -> &'static str {
    if trx { "TRX@tron" } else { "USDT@tron" }
}

pub(crate) fn invoice(number: usize, trx: bool, gold: bool) -> NewInvoice {
    let order = format!("order-{number}").parse().unwrap();
    let request = NewInvoice::new(order, "5 USD".parse().unwrap())
        .with_asset(asset(trx).parse().unwrap())
        .with_metadata("customer", format!("customer-{}", number % 3));
    if gold {
        request.with_metadata("tier", "gold")
    } else {
        request
    }
}

pub(crate) fn payout(reference: &str, amount: u32, trx: bool) -> NewPayout {
    let asset = asset(trx).parse().unwrap();
    NewPayout::new(reference.parse().unwrap(), amount.into(), asset, TO)
}

/// Runs a call until its caller leaves.
async fn until<F: Future + Unpin>(leaves: Leaves, mut call: F) -> Option<F::Output> {
    match leaves {
        Leaves::Never => Some(call.await),
        Leaves::After(time) => tokio::time::timeout(time, call).await.ok(),
        Leaves::AtPoll(at) => {
            let mut polls = 0;
            poll_fn(move |context| {
                polls += 1;
                match std::pin::Pin::new(&mut call).poll(context) {
                    Poll::Ready(answer) => Poll::Ready(Some(answer)),
                    Poll::Pending if polls >= at => Poll::Ready(None),
                    Poll::Pending => Poll::Pending,
                }
            })
            .await
        }
    }
}

fn router(
    schedule: &Schedule,
    gateways: &[ScriptedProvider],
    clock: PausedClock,
    log: Arc<dyn AttemptLog>,
) -> Router {
    let mut builder = Router::builder()
        .with_clock(Arc::new(clock))
        .with_attempt_log(log)
        .with_deadline(schedule.deadline)
        .with_breaker(
            BreakerSettings::new()
                .with_failures(schedule.breaker.failures)
                .with_open_for(schedule.breaker.open_for, schedule.breaker.open_for * 8),
        );
    if let Some(after) = schedule.hedge_after {
        builder = builder.with_hedge_after(after);
    }
    for (gateway, plan) in gateways.iter().zip(&schedule.gateways) {
        let mut limits = Limits::new();
        if let Some(most) = plan.max_in_flight {
            limits = limits.with_max_in_flight(most);
        }
        if let Some(calls) = plan.per_second {
            limits = limits.with_rate(Rate::per_second(calls));
        }
        builder = builder
            .with_provider(Arc::new(gateway.clone()))
            .with_limits(gateway.name().clone(), limits);
    }
    for (number, plan) in schedule.rules.iter().enumerate() {
        builder = builder.with_rule(rule(number, plan, gateways, schedule.seed));
    }
    builder = match schedule.strategy {
        StrategyPlan::Priority => builder.with_strategy(Priority),
        StrategyPlan::Weighted => builder.with_strategy(Weighted::seeded(schedule.seed)),
        StrategyPlan::Cheapest => builder.with_strategy(Cheapest::new()),
        StrategyPlan::Latency => builder.with_strategy(LowestLatency),
        StrategyPlan::Sticky => builder.with_strategy(Sticky::new()),
    };
    builder.build().expect("every schedule is a router")
}

fn rule(number: usize, plan: &RulePlan, gateways: &[ScriptedProvider], seed: u64) -> Rule {
    let names = plan.through.iter().map(|at| gateways[*at].name().as_str());
    let rule = Rule::named(format!("rule-{number}")).through(names);
    let rule = match plan.condition {
        Condition::Usdt => rule.for_asset("USDT".parse().unwrap()),
        Condition::UsdtOnTron => rule.for_asset("USDT@tron".parse().unwrap()),
        Condition::Tron => rule.for_network("tron".parse().unwrap()),
        Condition::Payouts => rule.only_for(RuleScope::Payouts),
        Condition::Gold => rule.with_metadata(Metadata::is("tier", "gold")),
    };
    match plan.strategy {
        StrategyPlan::Priority => rule.by(Priority),
        StrategyPlan::Weighted => rule.by(Weighted::seeded(seed)),
        StrategyPlan::Cheapest => rule.by(Cheapest::new()),
        StrategyPlan::Latency => rule.by(LowestLatency),
        StrategyPlan::Sticky => rule.by(Sticky::new()),
    }
}
