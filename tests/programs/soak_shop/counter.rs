//! Doing what is asked for.

use std::sync::Arc;

use paymux_core::{Error, NewInvoice, NewPayout, Providers, Result};
use paymux_ledger::{Ledger, Settlement};
use paymux_tests::harness::ADDRESS;
use paymux_tests::soak_shop::{Answer, Open, What};

use crate::Till;
use crate::clock::ShiftedClock;
use crate::handler::Handler;

pub(crate) struct Counter {
    pub(crate) ledger: Ledger,
    pub(crate) providers: Arc<Providers>,
    pub(crate) till: Till,
    pub(crate) clock: Arc<ShiftedClock>,
    pub(crate) front_door: String,
}

impl Counter {
    pub(crate) async fn serve(&self, what: What) -> Answer {
        self.try_to(what)
            .await
            .unwrap_or_else(|error| failed(&error))
    }

    async fn try_to(&self, what: What) -> Result<Answer> {
        match what {
            What::CreateInvoice { order } => self.create_invoice(&order).await,
            What::CreatePayout { reference, amount } => {
                self.create_payout(&reference, &amount).await
            }
            What::Work => self
                .ledger
                .work_once(&self.providers)
                .await
                .map(|_| Answer::Done),
            What::Deliver => self
                .ledger
                .deliver_once(&Handler::default())
                .await
                .map(|_| Answer::Done),
            What::Recover => self.recover().await,
            What::Settle { reference, made } => self.settle(&reference, made).await,
            What::Ahead { seconds } => {
                self.clock.set_ahead(seconds);
                Ok(Answer::Done)
            }
        }
    }

    async fn create_invoice(&self, order: &str) -> Result<Answer> {
        let request = NewInvoice::new(order.parse()?, "5 USD".parse()?)
            .with_asset("USDT@tron".parse()?)
            .with_callback_url(self.callback_url());
        let made = self.ledger.create_invoice(&*self.till, &request).await?;
        Ok(Answer::Made {
            id: made.id.as_str().to_owned(),
            status: made.status.to_string(),
        })
    }

    async fn create_payout(&self, reference: &str, amount: &str) -> Result<Answer> {
        let asset = "USDT@tron".parse()?;
        let amount = amount.parse().expect("an amount");
        let request = NewPayout::new(reference.parse()?, amount, asset, ADDRESS)
            .with_callback_url(self.callback_url());
        let made = self.ledger.create_payout(&*self.till, &request).await?;
        Ok(Answer::Made {
            id: made.id.as_str().to_owned(),
            status: made.status.to_string(),
        })
    }

    /// A router puts the provider's own name in.
    fn callback_url(&self) -> String {
        let name = self.till.name().as_str();
        let name = if name == "router" { "{provider}" } else { name };
        format!("{}/webhooks/{name}", self.front_door)
    }

    async fn recover(&self) -> Result<Answer> {
        let report = self.ledger.recover(&self.providers).await?;
        let open = report.open.into_iter().map(|open| Open {
            reference: open.doubt.reference.map(|own| own.as_str().to_owned()),
            order: open.doubt.order_id.map(|own| own.as_str().to_owned()),
            reason: open.reason,
        });
        Ok(Answer::Open(open.collect()))
    }

    async fn settle(&self, reference: &str, made: Option<(String, String)>) -> Result<Answer> {
        let settlement = match made {
            Some((provider, id)) => Settlement::Made {
                provider: provider.parse()?,
                id: id.parse()?,
            },
            None => Settlement::NotMade,
        };
        let why = "looked at the gateway's books";
        self.ledger
            .settle(&reference.parse()?, settlement, "the accountant", why)
            .await
            .map(|()| Answer::Done)
    }
}

fn failed(error: &Error) -> Answer {
    Answer::Failed {
        kind: format!("{:?}", error.kind()),
        outcome: format!("{:?}", error.outcome()),
        message: error.to_string(),
    }
}
