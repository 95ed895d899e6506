//! What a history happens in: the gateways, the front door, the database, and processes that come
//! and go.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use paymux_ledger::{Ledger, LedgerSettings};
use paymux_sandbox::{
    DeliveryState, FaultRule, RecordedRequest, RequestFault, RequestOutcome, Sandbox, Settings,
    When,
};
use paymux_test_bench::databases::Engine;
use paymux_tests::soak_shop::{Gateway, GatewayKind, Setup, What, Works};

use crate::database::Database;
use crate::front_door::FrontDoor;
use crate::gateways::{HALO, UNIPAYMENT};
use crate::process::{Hearing, Killed, Process};

/// How much later a process starts than the one before it was killed, by the ledger's clock: whatever
/// that one held is given up.
const LATER: u64 = 3600;

/// Which gateways a shop has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gateways {
    Halo,
    /// Webhooks are proven by a call.
    UniPayment,
    /// Webhooks have weak proofs, so that the gateway is asked.
    WeakUniPayment,
    /// A router over a gateway that is down and HaloPay.
    RoutedAroundOneThatIsDown,
    /// A router over HaloPay and UniPayment.
    RoutedOverTwo,
    /// The same the other way round.
    RoutedOverTwoReversed,
    /// A router over UniPayment, which makes invoices and loses its answers, and HaloPay, which is slow.
    RoutedPastLostAnswers,
}

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) database: Database,
    pub(crate) hearing: Arc<Hearing>,
    pub(crate) gateways: Gateways,
    front_door: FrontDoor,
    ahead: AtomicU64,
    processes: AtomicU64,
}

impl World {
    pub(crate) async fn new(engine: Engine, gateways: Gateways) -> Self {
        let settings = Settings {
            // A gateway whose webhook is not taken tries again.
            retry_intervals: vec![Duration::from_millis(20); 1000],
            ..Settings::default()
        };
        let sandbox = Sandbox::builder().settings(settings).start().await.unwrap();
        Self {
            sandbox,
            database: Database::new(engine),
            hearing: Arc::default(),
            gateways,
            front_door: FrontDoor::open().await,
            ahead: AtomicU64::new(0),
            processes: AtomicU64::new(0),
        }
    }

    /// HaloPay tells by webhooks alone: none that is lost is made up for by a question.
    pub(crate) fn answer_no_questions(&self) {
        for path in ["/api/order/detail", "/api/payout/detail"] {
            let down = RequestFault::status(When::BeforeWork, 503);
            let rule = FaultRule::request(path, down).always();
            self.sandbox.faults().add(rule);
        }
    }

    /// The first gateway's answers to the making of invoices are lost; the second one is slow, so that
    /// the first one's webhook comes before its answer.
    pub(crate) fn lose_answers(&self) {
        let when = When::AfterWork;
        let lost = FaultRule::request("POST /v1.0/invoices", RequestFault::Cut { when });
        let slow = RequestFault::delay(When::BeforeWork, Duration::from_millis(40));
        let slow = FaultRule::request("/api/order/create", slow);
        for rule in [lost, slow] {
            self.sandbox.faults().add(rule.always());
        }
    }

    fn gateway(&self, name: &str, kind: GatewayKind) -> Gateway {
        let (halo, unipayment) = (self.sandbox.halo(), self.sandbox.unipayment());
        let (app_id, app_key) = match kind {
            GatewayKind::NativeCheckout => (halo.app_id(), halo.app_key()),
            _ => (unipayment.app_id(), unipayment.app_key()),
        };
        Gateway {
            name: name.to_owned(),
            kind,
            base_url: self.sandbox.url().to_owned(),
            app_id: app_id.to_owned(),
            app_key: app_key.to_owned(),
            client_id: unipayment.client_id().to_owned(),
            client_secret: unipayment.client_secret().to_owned(),
        }
    }

    /// How a shop is set up that is killed at a step.
    pub(crate) fn setup(&self) -> Setup {
        let halo = || self.gateway(HALO, GatewayKind::NativeCheckout);
        let unipayment = || self.gateway(UNIPAYMENT, GatewayKind::UniPaymentHmac);
        let gateways = match self.gateways {
            Gateways::Halo => vec![halo()],
            Gateways::UniPayment => vec![unipayment()],
            Gateways::WeakUniPayment => {
                vec![self.gateway(UNIPAYMENT, GatewayKind::UniPaymentMd5)]
            }
            Gateways::RoutedAroundOneThatIsDown => {
                let mut down = self.gateway("down", GatewayKind::NativeCheckout);
                // The port of "discard", where nobody listens.
                "http://127.0.0.1:9".clone_into(&mut down.base_url);
                vec![down, halo()]
            }
            Gateways::RoutedOverTwo => vec![halo(), unipayment()],
            Gateways::RoutedOverTwoReversed | Gateways::RoutedPastLostAnswers => {
                vec![unipayment(), halo()]
            }
        };
        Setup {
            database: self.database.url.clone(),
            routed: gateways.len() > 1,
            gateways,
            front_door: self.front_door.url(),
            stops: true,
            ahead: self.ahead.load(Ordering::SeqCst),
            lease: 60_000,
            patience: 10_000,
            works: Works::WhenAsked,
        }
    }

    /// Starts a process some time after the last one.
    pub(crate) fn start_later(&self, kill_at: Option<usize>) -> Process {
        self.grow_later(LATER);
        self.start(&self.setup(), kill_at)
    }

    /// Whatever starts from now on starts so many seconds later, by the ledger's clock.
    pub(crate) fn grow_later(&self, seconds: u64) {
        self.ahead.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn start(&self, setup: &Setup, kill_at: Option<usize>) -> Process {
        Process::start(
            self.processes.fetch_add(1, Ordering::SeqCst),
            setup,
            kill_at,
            Arc::clone(&self.hearing),
            self.front_door.ports(),
        )
    }

    /// Lets time pass by the ledger's clock.
    pub(crate) async fn pass(&self, process: &Process, seconds: u64) -> Result<(), Killed> {
        let seconds = self.ahead.fetch_add(seconds, Ordering::SeqCst) + seconds;
        process.must(What::Ahead { seconds }).await
    }

    /// Lets time pass for all of them.
    pub(crate) async fn pass_for_all(&self, processes: &[Arc<Process>], seconds: u64) {
        self.grow_later(seconds);
        for process in processes {
            self.pass(process, 0).await.unwrap();
        }
    }

    /// Waits until the gateways have nothing left to send.
    pub(crate) async fn all_is_delivered(&self) {
        loop {
            let deliveries = self.sandbox.deliveries();
            let pending = |state| state == DeliveryState::Pending;
            if !deliveries.iter().any(|delivery| pending(delivery.state)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Waits until the gateways work on no call any more.
    pub(crate) async fn all_is_answered(&self) {
        let is_worked_on = |call: &RecordedRequest| call.outcome == RequestOutcome::Pending;
        while self.sandbox.requests().iter().any(is_worked_on) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What the ledger has still to do, where anything is.
    pub(crate) fn undone(&self) -> Vec<String> {
        let found = self.database.rows(
            "SELECT 'a webhook is ' || state || ': ' || provider || ' ' || kind || ' ' ||
                 COALESCE(gateway_id, '') || ' ' || COALESCE(reference, '') || ' ' ||
                 COALESCE(subject, '')
             FROM paymux_inbox WHERE state <> 'done'
             UNION ALL SELECT 'an event is ' || state || ': ' || body
             FROM paymux_outbox WHERE state <> 'done'
             UNION ALL SELECT 'a webhook is unproven' FROM paymux_quarantine",
        );
        found.into_iter().flatten().collect()
    }

    /// The ledger, opened by somebody who only looks.
    pub(crate) async fn ledger(&self) -> Ledger {
        Ledger::open(
            &self.database.url,
            LedgerSettings::new().with_connections(1),
        )
        .await
        .unwrap()
    }
}
