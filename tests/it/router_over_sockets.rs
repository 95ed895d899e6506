//! A sample of random fault schedules over real sockets: HaloPay and UniPayment behind one router,
//! each sandbox with faults of its own. What counts is what the sandboxes did: no payout is paid twice,
//! and no invoice is made that its caller is not told of.
//!
//! A failure prints its seed; `PAYMUX_SEED=…` runs that one alone, `PAYMUX_SOAK_SECONDS=…` goes on for
//! so long. The router's own tests do the same thousands of times without sockets.

use std::sync::Arc;
use std::time::{Duration, Instant};

use paymux_core::attempts::{AttemptVerdict, ProviderAttempt};
use paymux_core::{Error, ErrorKind, NewInvoice, NewPayout, PaymentProvider, Result, TokioClock};
use paymux_http::{RetryConfig, TransportConfig};
use paymux_native_checkout::NativeCheckout;
use paymux_router::{BreakerSettings, RouteFailure, Router};
use paymux_sandbox::Sandbox;
use paymux_tests::chance::{given_seed, new_seed, request_fault, soak_time};
use paymux_tests::harness::ADDRESS;
use paymux_unipayment::{Generation, UniPayment};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rust_decimal::Decimal;
use tokio::task::JoinSet;

/// How many schedules are run where nobody asks for more.
const SCHEDULES: u64 = 32;
/// How many of them run at once: they wait most of the time.
const AT_ONCE: usize = 8;
/// How many payouts each of them sends, and how many invoices it makes.
const ORDERS: u32 = 5;
/// Gateways answer within this, or not at all.
const PATIENCE: Duration = Duration::from_millis(100);

struct Stage {
    halo: Sandbox,
    unipayment: Sandbox,
    router: Router,
}

impl Stage {
    async fn of_seed(seed: u64) -> Self {
        let mut dice = StdRng::seed_from_u64(seed);
        let (halo, unipayment) = (
            Sandbox::start().await.unwrap(),
            Sandbox::start().await.unwrap(),
        );
        // Only the older generation pays to addresses, as HaloPay does.
        let generation = if dice.random() {
            Generation::OAuth
        } else {
            Generation::Hmac
        };
        let mut members = [
            halo_provider(&halo),
            unipayment_provider(&unipayment, generation),
        ];
        if dice.random() {
            members.reverse();
        }
        let paths = ["/api/payout/create", "/api/order/create", "/api/*"];
        break_some(&mut dice, &halo, &paths);
        let paths = [
            "POST /v1.0/wallet/withdrawals",
            "POST /v1.0/invoices",
            "/connect/token",
        ];
        break_some(&mut dice, &unipayment, &paths);
        let builder = members
            .into_iter()
            .fold(Router::builder(), |builder, member| {
                builder.with_provider(member)
            });
        let router = builder
            .with_clock(Arc::new(TokioClock))
            .with_breaker(BreakerSettings::new().with_failures(dice.random_range(2..=8)))
            .with_deadline(Duration::from_secs(3))
            .build()
            .unwrap();
        Self {
            halo,
            unipayment,
            router,
        }
    }

    /// How often the payout of this amount is at a gateway.
    fn payouts_of(&self, amount: Decimal) -> usize {
        let halo = self.halo.halo().payouts();
        let unipayment = self.unipayment.unipayment().payouts();
        halo.iter().filter(|payout| payout.amount == amount).count()
            + unipayment
                .iter()
                .filter(|payout| payout.amount == amount)
                .count()
    }

    /// Every invoice of this order that a gateway has, with the provider's name.
    fn invoices_of(&self, order: &str) -> Vec<(&'static str, String)> {
        let halo = self.halo.halo().orders();
        let halo = halo
            .into_iter()
            .filter(|made| made.out_trade_no == order)
            .map(|made| ("native-checkout", made.trade_no));
        let unipayment = self.unipayment.unipayment().invoices();
        let unipayment = unipayment
            .into_iter()
            .filter(|made| made.order_id == order)
            .map(|made| ("unipayment", made.invoice_id));
        halo.chain(unipayment).collect()
    }
}

fn transport() -> TransportConfig {
    let moment = Duration::from_millis(1);
    TransportConfig::default()
        .with_timeout(PATIENCE)
        .with_retry(RetryConfig::default().with_backoff(moment, moment))
}

fn halo_provider(sandbox: &Sandbox) -> Arc<dyn PaymentProvider> {
    let built = NativeCheckout::builder()
        .with_base_url(sandbox.url())
        .with_app_id(sandbox.halo().app_id())
        .with_app_key(sandbox.halo().app_key().into())
        .with_transport(transport())
        .build();
    Arc::new(built.unwrap())
}

fn unipayment_provider(sandbox: &Sandbox, generation: Generation) -> Arc<dyn PaymentProvider> {
    let gateway = sandbox.unipayment();
    let built = UniPayment::builder()
        .with_generation(generation)
        .with_base_url(sandbox.url())
        .with_app_id(gateway.app_id())
        .with_client_id(gateway.client_id())
        .with_client_secret(gateway.client_secret().into())
        .with_webhook_secret(gateway.webhook_secret().into())
        .with_transport(transport())
        .build();
    Arc::new(built.unwrap())
}

fn break_some(dice: &mut StdRng, sandbox: &Sandbox, endpoints: &[&str]) {
    for _ in 0..dice.random_range(0..=5) {
        sandbox
            .faults()
            .add(request_fault(dice, endpoints, PATIENCE));
    }
}

fn payout(number: u32) -> NewPayout {
    let amount = Decimal::new(1_000 + i64::from(number), 2);
    let reference = format!("payout-{number}").parse().unwrap();
    NewPayout::new(reference, amount, "USDT@tron".parse().unwrap(), ADDRESS)
}

fn invoice(number: u32) -> NewInvoice {
    let order = format!("order-{number}").parse().unwrap();
    NewInvoice::new(order, "5 USD".parse().unwrap()).with_asset("USDT@tron".parse().unwrap())
}

/// Sends a payout, and once more whatever came of it: the router has to see to it that this is safe.
async fn send(router: &Router, number: u32) -> Vec<Result<(), Error>> {
    let (payouts, request) = (router.payouts().unwrap(), payout(number));
    let mut results = Vec::new();
    for _ in 0..3 {
        results.push(payouts.create_payout(&request).await.map(drop));
    }
    results
}

/// How many payouts were sent, and of how many somebody was told that they may have been.
async fn check_payouts(stage: &Stage) -> Result<(usize, usize), String> {
    let (mut sent_in_all, mut in_doubt) = (0, 0);
    let mut all = Vec::new();
    for number in 0..ORDERS {
        let router = &stage.router;
        let (mut results, others) = tokio::join!(send(router, number), send(router, number));
        results.extend(others);
        all.push((number, results));
    }
    // A gateway that was too slow for its caller may still be at work.
    tokio::time::sleep(PATIENCE * 2).await;
    for (number, results) in all {
        let sent = stage.payouts_of(payout(number).amount);
        let was_taken = results.iter().any(Result::is_ok);
        let is_in_doubt =
            |result: &Result<(), Error>| matches!(result, Err(error) if error.may_have_executed());
        let stays_in_doubt = |result: &Result<(), Error>| {
            is_in_doubt(result)
                && !matches!(result, Err(error) if error.kind() == ErrorKind::InProgress)
        };
        sent_in_all += sent;
        in_doubt += usize::from(results.iter().any(stays_in_doubt));
        let is_right = match sent {
            0 => !was_taken,
            1 => was_taken || results.iter().any(is_in_doubt),
            _ => false,
        };
        if !is_right {
            return Err(format!(
                "payout {number} was sent {sent} times: {results:?}"
            ));
        }
    }
    Ok((sent_in_all, in_doubt))
}

/// How many invoices were made beside the one that the caller got.
async fn check_invoices(stage: &Stage) -> Result<usize, String> {
    let mut left_behind = 0;
    let mut all = Vec::new();
    for number in 0..ORDERS {
        let request = invoice(number);
        let made = stage.router.create_invoice(&request).await;
        all.push((request.order_id, made));
    }
    tokio::time::sleep(PATIENCE * 2).await;
    for (order, answer) in all {
        let attempts = match &answer {
            Ok(invoice) => invoice.snapshot().attempts.clone(),
            Err(error) => decided(error),
        };
        let made = stage.invoices_of(order.as_str());
        left_behind += made.len() - usize::from(answer.is_ok());
        for (provider, id) in made {
            let is_told = attempts.iter().any(|attempt| {
                attempt.provider.as_str() == provider
                    && match attempt.verdict {
                        AttemptVerdict::Made => attempt.id == Some(format!("{provider}:{id}")),
                        _ => attempt.may_have_executed(),
                    }
            });
            if !is_told {
                return Err(format!(
                    "{provider} made {id}, and that is told as {answer:?}"
                ));
            }
        }
    }
    Ok(left_behind)
}

fn decided(error: &Error) -> Vec<ProviderAttempt> {
    let source = std::error::Error::source(error);
    let failure = source.and_then(|source| source.downcast_ref::<RouteFailure>());
    failure.map_or_else(Vec::new, |failure| failure.decision().attempts.clone())
}

/// How much of what is to be checked there was.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    payouts_sent: usize,
    payouts_in_doubt: usize,
    invoices_left_behind: usize,
}

async fn check(seed: u64) -> Seen {
    let stage = Stage::of_seed(seed).await;
    let checked = async {
        let (payouts_sent, payouts_in_doubt) = check_payouts(&stage).await?;
        let invoices_left_behind = check_invoices(&stage).await?;
        Ok(Seen {
            payouts_sent,
            payouts_in_doubt,
            invoices_left_behind,
        })
    };
    let verdict: Result<Seen, String> = checked.await;
    verdict.unwrap_or_else(|broken| panic!("with PAYMUX_SEED={seed}: {broken}"))
}

#[tokio::test]
async fn no_payout_is_paid_twice_and_no_invoice_is_hidden() {
    if let Some(seed) = given_seed() {
        println!("{:?}", check(seed).await);
        return;
    }
    let soak = soak_time();
    let first = new_seed();
    println!("the seeds start at {first}; one alone runs with PAYMUX_SEED={first}");
    let started = Instant::now();
    let goes_on = |seed: u64| match soak {
        Some(time) => started.elapsed() < time,
        None => seed < first + SCHEDULES,
    };
    let (mut next, mut running, mut all) = (first, JoinSet::new(), Seen::default());
    loop {
        while running.len() < AT_ONCE && goes_on(next) {
            running.spawn(check(next));
            next += 1;
        }
        let Some(seen) = running.join_next().await else {
            break;
        };
        let seen = seen.expect("a schedule that breaks nothing");
        all.payouts_sent += seen.payouts_sent;
        all.payouts_in_doubt += seen.payouts_in_doubt;
        all.invoices_left_behind += seen.invoices_left_behind;
    }
    println!("{all:?}");
    let is_enough =
        all.payouts_sent > 0 && all.payouts_in_doubt > 0 && all.invoices_left_behind > 0;
    assert!(is_enough, "something was never seen: {all:?}");
}
