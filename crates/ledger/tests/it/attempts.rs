//! The log for routers: durable, and the same for every process on the database.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::FutureExt as _;
use paymux_core::attempts::{Attempt, AttemptEnd, AttemptId, AttemptLog, Permission};
use paymux_core::{
    AssetAmount, Capabilities, Error, ErrorKind, Invoice, InvoiceId, NewInvoice, NewPayout,
    Outcome, PaymentProvider, Payout, PayoutApi, PayoutId, Proof, ProviderAttempt, ProviderName,
    RawWebhook, Result, WebhookAnswer, WebhookEvent, WebhookVerdict,
};
use paymux_ledger::{InvoiceState, PayoutState, Settlement};

use crate::engines::on_each_engine;
use crate::gateway::{Gateway, Step};
use crate::invoices::invoice;
use crate::payouts::payout;
use crate::shop::Shop;

fn eu() -> ProviderName {
    ProviderName::from_static("eu")
}

async fn granted(log: &Arc<dyn AttemptLog>, request: &NewPayout) -> AttemptId {
    match log.before(Attempt::payout(&eu(), request)).await.unwrap() {
        Permission::Granted(id) => id,
        made @ Permission::AlreadyMade(_) => panic!("{made:?}"),
    }
}

#[test]
fn one_attempt_at_a_time_over_two_processes() {
    on_each_engine(|database| async move {
        let logs = [
            database.open().await.attempt_log(),
            database.open().await.attempt_log(),
        ];
        let tries = (0..50).map(|number| {
            let log = Arc::clone(&logs[number % 2]);
            tokio::spawn(async move {
                log.before(Attempt::payout(&eu(), &payout("ref-1", "1")))
                    .await
            })
        });
        let mut granted = 0;
        for told in futures_util::future::join_all(tries).await {
            match told.unwrap() {
                Ok(Permission::Granted(_)) => granted += 1,
                Ok(made) => panic!("{made:?}"),
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::InProgress);
                    assert!(error.may_have_executed());
                }
            }
        }
        assert_eq!(granted, 1);
    });
}

#[test]
fn each_end_has_its_own_answer_to_the_next_attempt() {
    on_each_engine(|database| async move {
        let log = database.open().await.attempt_log();
        for (number, outcome) in [Outcome::NotSent, Outcome::Rejected]
            .into_iter()
            .enumerate()
        {
            let request = payout(&format!("free-{number}"), "1");
            let id = granted(&log, &request).await;
            let error = Error::new(ErrorKind::Unavailable, outcome, "down");
            log.after(id, AttemptEnd::Failed(&error)).await.unwrap();
            granted(&log, &request).await;
        }

        let request = payout("doubt", "1");
        let id = granted(&log, &request).await;
        let error = Error::new(ErrorKind::Timeout, Outcome::Unknown, "slow").with_id("P7");
        log.after(id, AttemptEnd::Failed(&error)).await.unwrap();
        let refused = log
            .before(Attempt::payout(&eu(), &request))
            .await
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Conflict);
        assert!(refused.may_have_executed());
        assert_eq!(refused.id(), Some("P7"));

        let request = payout("made", "1.50");
        let id = granted(&log, &request).await;
        let made = paymux_core::PayoutSnapshot::new(
            eu(),
            PayoutId::received("P1"),
            paymux_core::PayoutStatus::Pending,
        );
        log.after(id, AttemptEnd::PayoutMade(&made)).await.unwrap();
        match log.before(Attempt::payout(&eu(), &request)).await.unwrap() {
            Permission::AlreadyMade(told) => assert_eq!(told.id, made.id),
            granted @ Permission::Granted(_) => panic!("{granted:?}"),
        }
        let other = log
            .before(Attempt::payout(&eu(), &payout("made", "2")))
            .await
            .unwrap_err();
        assert_eq!(other.kind(), ErrorKind::Conflict);
        assert_eq!(other.outcome(), Outcome::NotSent);
    });
}

#[test]
fn an_attempt_that_is_abandoned_is_in_doubt() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let log = ledger.attempt_log();
        let request = payout("ref-1", "1");
        let id = granted(&log, &request).await;
        log.abandoned(id);
        // What is written without anybody waiting is written before what comes after it.
        let error = loop {
            let error = log
                .before(Attempt::payout(&eu(), &request))
                .await
                .unwrap_err();
            if error.kind() != ErrorKind::InProgress {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::Conflict);
        let doubts = ledger.in_doubt().await.unwrap();
        assert_eq!(doubts[0].reference, Some(request.reference.clone()));
        ledger
            .settle(&request.reference, Settlement::NotMade, "ann", "looked")
            .await
            .unwrap();
        granted(&log, &request).await;
    });
}

#[test]
fn an_attempt_whose_caller_went_away_before_it_was_granted_leaves_the_reference_free() {
    on_each_engine(|database| async move {
        let log = database.open().await.attempt_log();
        let (name, request) = (eu(), payout("ref-1", "1"));
        let attempt = || log.before(Attempt::payout(&name, &request));
        assert!(attempt().now_or_never().is_none());
        let began = std::time::Instant::now();
        while let Err(error) = attempt().await {
            assert!(began.elapsed().as_secs() < 20, "{error}");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    });
}

#[test]
fn a_reference_that_is_freed_after_its_payout_was_another_one_can_be_attempted_again() {
    on_each_engine(|database| async move {
        let shop = Shop::open(database).await;
        let log = shop.ledger.attempt_log();
        let request = payout("ref-1", "2.50");
        let lost = Error::new(ErrorKind::Timeout, Outcome::Unknown, "lost");
        let id = granted(&log, &request).await;
        log.after(id, AttemptEnd::Failed(&lost)).await.unwrap();
        let foreign = payout("elsewhere", "7");
        let teller = shop.teller.payouts().unwrap();
        teller.create_payout(&foreign).await.unwrap();
        let named = Settlement::Made {
            provider: eu(),
            id: PayoutId::received("P1"),
        };
        let settle = |settlement| {
            shop.ledger
                .settle(&request.reference, settlement, "ann", "looked")
        };
        settle(named).await.unwrap();
        shop.wait(120);
        assert_eq!(shop.work().await.polled, 1);
        assert_eq!(shop.ledger.in_doubt().await.unwrap().len(), 1);
        settle(Settlement::NotMade).await.unwrap();
        granted(&log, &request).await;
    });
}

#[test]
fn the_ledgers_own_call_and_an_attempt_elsewhere_exclude_each_other() {
    on_each_engine(|database| async move {
        let ledger = database
            .open_with(paymux_ledger::LedgerSettings::new().with_wait(std::time::Duration::ZERO))
            .await;
        let log = ledger.attempt_log();
        let request = payout("ref-1", "1");
        granted(&log, &request).await;
        let gateway = Gateway::new();
        let error = ledger.create_payout(&gateway, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InProgress);

        let other = payout("ref-2", "1");
        ledger.create_payout(&gateway, &other).await.unwrap();
        let told = log.before(Attempt::payout(&eu(), &other)).await.unwrap();
        assert!(matches!(told, Permission::AlreadyMade(_)), "{told:?}");
        assert_eq!(gateway.calls(), 1);
    });
}

/// As a router does: one member after the other, asking a log before each.
#[derive(Debug)]
pub(crate) struct Chain {
    name: ProviderName,
    capabilities: Capabilities,
    members: Vec<Arc<Gateway>>,
    log: Arc<dyn AttemptLog>,
    /// Tells its caller that nothing was sent, whatever happened.
    lies: bool,
}

impl Chain {
    pub(crate) fn new(members: Vec<Arc<Gateway>>, log: Arc<dyn AttemptLog>) -> Self {
        Self {
            name: ProviderName::from_static("chain"),
            capabilities: Capabilities::new(Proof::Signed),
            members,
            log,
            lies: false,
        }
    }
}

#[async_trait]
impl PaymentProvider for Chain {
    fn name(&self) -> &ProviderName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_invoice(&self, request: &NewInvoice) -> Result<Box<dyn Invoice>> {
        let mut story = Vec::new();
        let mut last = Error::unsupported("no members");
        for member in &self.members {
            let attempt = Attempt::invoice(member.name(), request);
            let Permission::Granted(id) = self.log.before(attempt).await? else {
                continue;
            };
            match member.create_invoice(request).await {
                Ok(made) => {
                    let mut snapshot = made.snapshot().clone();
                    self.log
                        .after(id, AttemptEnd::InvoiceMade(&snapshot))
                        .await?;
                    snapshot.id = snapshot.id.owned_by(&snapshot.provider);
                    snapshot.attempts = story;
                    return Ok(Box::new(snapshot));
                }
                Err(error) => {
                    self.log.after(id, AttemptEnd::Failed(&error)).await?;
                    story.push(ProviderAttempt::failed(member.name().clone(), &error));
                    last = error;
                }
            }
        }
        Err(last)
    }

    async fn fetch_invoice(&self, _: &InvoiceId) -> Result<Box<dyn Invoice>> {
        Err(Error::unsupported("not here"))
    }

    async fn verify_webhook(&self, _: &RawWebhook) -> Result<WebhookEvent> {
        Err(Error::invalid_signature("not here"))
    }

    fn webhook_answer(&self, _: &RawWebhook, verdict: WebhookVerdict) -> WebhookAnswer {
        WebhookAnswer::new(verdict, "ok", "fail")
    }

    fn payouts(&self) -> Option<&dyn PayoutApi> {
        Some(self)
    }
}

#[async_trait]
impl PayoutApi for Chain {
    async fn create_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>> {
        let mut last = Error::unsupported("no members");
        for member in &self.members {
            let attempt = Attempt::payout(member.name(), request);
            let id = match self.log.before(attempt).await? {
                Permission::Granted(id) => id,
                Permission::AlreadyMade(snapshot) => return Ok(Box::new(*snapshot)),
            };
            match PayoutApi::create_payout(&**member, request).await {
                Ok(made) => {
                    let mut snapshot = made.snapshot().clone();
                    self.log
                        .after(id, AttemptEnd::PayoutMade(&snapshot))
                        .await?;
                    snapshot.id = snapshot.id.owned_by(&snapshot.provider);
                    return Ok(Box::new(snapshot));
                }
                Err(error) => {
                    self.log.after(id, AttemptEnd::Failed(&error)).await?;
                    let goes_on = error.outcome() == Outcome::NotSent;
                    last = error;
                    if !goes_on {
                        break;
                    }
                }
            }
        }
        if self.lies {
            last = last.with_outcome(Outcome::NotSent);
        }
        Err(last)
    }

    async fn fetch_payout(&self, _: &PayoutId) -> Result<Box<dyn Payout>> {
        Err(Error::unsupported("not here"))
    }

    async fn payout_fee(&self, _: &NewPayout) -> Result<Option<AssetAmount>> {
        Ok(None)
    }
}

#[test]
fn attempts_inside_the_ledgers_call_join_it() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let eu = Arc::new(
            Gateway::named("eu").then(Step::Fail(ErrorKind::Unavailable, Outcome::NotSent)),
        );
        let us = Arc::new(Gateway::named("us"));
        let chain = Chain::new(vec![eu, Arc::clone(&us)], ledger.attempt_log());
        let request = payout("ref-1", "1");
        let made = ledger.create_payout(&chain, &request).await.unwrap();
        assert_eq!(made.id.as_str(), "us:P1");
        let record = ledger.payout(&request.reference).await.unwrap().unwrap();
        assert_eq!(record.provider.as_str(), "us");
        assert_eq!(record.id.unwrap().as_str(), "P1");
        let again = ledger.create_payout(&chain, &request).await.unwrap();
        assert_eq!(again.id, made.id);
        assert_eq!(us.calls(), 1);
    });
}

#[test]
fn one_attempt_in_doubt_puts_the_whole_call_in_doubt() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let eu = Arc::new(Gateway::named("eu").then(Step::MakeAndLose));
        let mut chain = Chain::new(vec![Arc::clone(&eu)], ledger.attempt_log());
        chain.lies = true;
        let request = payout("ref-1", "1");
        ledger.create_payout(&chain, &request).await.unwrap_err();
        let record = ledger.payout(&request.reference).await.unwrap().unwrap();
        assert_eq!(record.state, PayoutState::InDoubt);
        assert_eq!(record.provider.as_str(), "eu");
        let error = ledger.create_payout(&chain, &request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Conflict);
        assert_eq!(eu.calls(), 1);
    });
}

#[test]
fn invoices_left_behind_by_a_router_are_kept_for_their_order() {
    on_each_engine(|database| async move {
        let ledger = database.open().await;
        let eu = Arc::new(Gateway::named("eu").then(Step::MakeAndLose));
        let us = Arc::new(Gateway::named("us"));
        let chain = Chain::new(vec![eu, us], ledger.attempt_log());
        let request = invoice("order-1", "5 USD");
        let made = ledger.create_invoice(&chain, &request).await.unwrap();
        assert_eq!(made.id.as_str(), "us:T1");
        let records = ledger.invoices(&request.order_id).await.unwrap();
        let told: Vec<(&str, InvoiceState)> = records
            .iter()
            .map(|record| (record.provider.as_str(), record.state))
            .collect();
        assert_eq!(
            told,
            [("us", InvoiceState::Made), ("eu", InvoiceState::Abandoned)]
        );
        assert_eq!(ledger.create_invoice(&chain, &request).await.unwrap(), made);
    });
}
