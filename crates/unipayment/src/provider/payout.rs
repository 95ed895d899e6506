//! Payouts: withdrawals of v1.0, payments of v2.

mod settings;
mod to;

use std::any::Any;

use async_trait::async_trait;
use paymux_core::{
    AssetAmount, Destination, Error, NewPayout, Outcome, Payout, PayoutApi, PayoutId,
    PayoutSnapshot, Reference, Result, address, callback_url,
};
use rust_decimal::Decimal;

use super::{Inner, asset};
use crate::client::Client;
use crate::generation::Generation;
use crate::model::{
    CreatePayment, CreateWithdrawal, FeeType, Payment, PaymentNotice, Withdrawal, WithdrawalNotice,
};
use crate::snapshot;
pub(super) use settings::PayoutSettings;
use to::PaymentDestination;

const CREATE: &str = "create_payout";
const FETCH: &str = "fetch_payout";
const FEE: &str = "payout_fee";

/// A payout of this gateway. `as_any` of core's trait gives it back.
#[derive(Debug, Clone)]
pub struct UniPaymentPayout {
    snapshot: PayoutSnapshot,
    answer: PayoutAnswer,
}

/// What the gateway answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayoutAnswer {
    /// A withdrawal of v1.0.
    Withdrawal(Box<Withdrawal>),
    /// A payment of v2.
    Payment(Box<Payment>),
}

impl UniPaymentPayout {
    /// The gateway's whole answer.
    #[must_use]
    pub const fn answer(&self) -> &PayoutAnswer {
        &self.answer
    }
}

impl Payout for UniPaymentPayout {
    fn snapshot(&self) -> &PayoutSnapshot {
        &self.snapshot
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[async_trait]
impl PayoutApi for Inner {
    async fn create_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>> {
        let operation = self.operation(CREATE).with_reference(&request.reference);
        operation.payout(self.new_payout(request).await)
    }

    async fn fetch_payout(&self, id: &PayoutId) -> Result<Box<dyn Payout>> {
        self.operation(FETCH).payout(self.read_payout(id).await)
    }

    /// Withdrawals have a list of fees. How a payment's fee is worked out from its rates is not
    /// documented, so it cannot be told beforehand.
    async fn payout_fee(&self, request: &NewPayout) -> Result<Option<AssetAmount>> {
        match self.client.generation() {
            Generation::Hmac => self
                .operation(FEE)
                .result(self.withdrawal_fee(request).await),
            Generation::Md5 | Generation::OAuth => Ok(None),
        }
    }
}

impl Inner {
    async fn new_payout(&self, request: &NewPayout) -> Result<UniPaymentPayout> {
        request.check()?;
        if request.otp.is_some() {
            return Err(Error::unsupported(
                "this gateway's payouts carry no one-time code; leave it out",
            ));
        }
        let client = self.client.on_behalf_of(CREATE);
        match client.generation() {
            Generation::OAuth => self.new_payment(&client, request).await,
            Generation::Md5 | Generation::Hmac => self.new_withdrawal(&client, request).await,
        }
    }

    /// The note keeps the reference, which answers then tell; webhooks have no note, so it is in their
    /// URL too.
    async fn new_withdrawal(
        &self,
        client: &Client,
        request: &NewPayout,
    ) -> Result<UniPaymentPayout> {
        let named = asset::named(&request.asset)?;
        let (Some(code), Some(network)) = (named.network, request.asset.network()) else {
            return Err(Error::invalid_request(format!(
                "a payout needs the network too: write {}@tron or the like",
                named.symbol
            )));
        };
        address::check(&request.to, network)?;
        let mut order =
            CreateWithdrawal::new(code, named.symbol, request.amount, request.to.as_str());
        order.dest_tag.clone_from(&request.memo);
        order.notify_url = request
            .callback_url
            .as_deref()
            .map(|url| callback_url::with_reference(url, &request.reference, client.secret()))
            .transpose()?;
        order.note = Some(request.reference.to_string());
        order.auto_confirm = self.payouts.auto_confirm;
        let answer = client.create_withdrawal(&order).await?;
        check_sent(request.amount, answer.amount)
            .and_then(|()| check_withdrawal(&answer, &order))
            .map_err(|error| error.with_id(&answer.id))?;

        let mut payout = of_withdrawal(client, answer);
        let snapshot = &mut payout.snapshot;
        snapshot.reference = Some(request.reference.clone());
        snapshot.amount = Some(request.asset_amount());
        snapshot.destination = Some(
            Destination::new(request.to.as_str(), Some(network.clone()))
                .with_memo(request.memo.clone()),
        );
        Ok(payout)
    }

    async fn new_payment(&self, client: &Client, request: &NewPayout) -> Result<UniPaymentPayout> {
        if request.memo.is_some() {
            return Err(Error::unsupported(
                "this gateway's payments carry no memo; it belongs to the payment method",
            ));
        }
        if request.callback_url.is_some() {
            return Err(Error::unsupported(
                "this gateway tells of payments at one URL for the whole account; leave the callback URL out",
            ));
        }
        let to: PaymentDestination = request.to.parse()?;
        let (account, reason) = self.payouts.payment_terms()?;
        let named = asset::named(&request.asset)?;
        let mut order = CreatePayment::new(account, named.symbol, request.amount, reason);
        match to {
            PaymentDestination::Method(id) => order.payment_method_id = Some(id),
            PaymentDestination::Account(id) => order.to_account_id = Some(id),
        }
        order.note = Some(request.reference.to_string());
        order.unique_id = Some(request.reference.to_string());
        let answer = client.create_payment(&order).await?;
        check_sent(request.amount, answer.amount)
            .and_then(|()| {
                check_word(
                    "asset_type",
                    &order.asset_type,
                    answer.asset_type.as_deref(),
                )
            })
            .and_then(|()| match (&named.network, &answer.network) {
                (Some(asked), Some(got)) => {
                    check_word("network", asked.as_str(), Some(got.as_str()))
                }
                _ => Ok(()),
            })
            .map_err(|error| error.with_id(&answer.id))?;

        let mut payout = of_payment(client, answer);
        let snapshot = &mut payout.snapshot;
        snapshot.reference = Some(request.reference.clone());
        snapshot.amount = Some(request.asset_amount());
        snapshot.destination = Some(Destination::new(
            request.to.as_str(),
            request.asset.network().cloned(),
        ));
        Ok(payout)
    }

    async fn read_payout(&self, id: &PayoutId) -> Result<UniPaymentPayout> {
        let client = self.client.on_behalf_of(FETCH);
        let (got, payout) = match client.generation() {
            Generation::OAuth => {
                let answer = client.payment(id.as_str()).await?;
                (answer.id.clone(), of_payment(&client, answer))
            }
            Generation::Md5 | Generation::Hmac => {
                let answer = client.withdrawal(id.as_str()).await?;
                (answer.id.clone(), of_withdrawal(&client, answer))
            }
        };
        if got != id.as_str() {
            return Err(Error::mismatch(Outcome::NotSent, "id", id, got));
        }
        Ok(payout)
    }

    async fn withdrawal_fee(&self, request: &NewPayout) -> Result<Option<AssetAmount>> {
        let named = asset::named(&request.asset)?;
        let client = self.client.on_behalf_of(FEE);
        let fees = client.withdrawal_fees(&named.symbol).await?;
        let fee = fees
            .iter()
            .find(|fee| fee.network.is_some() && fee.network == named.network);
        let amount = fee.and_then(|fee| match fee.fee_type {
            Some(FeeType::Free) => Some(Decimal::ZERO),
            Some(FeeType::Fix) => fee.fee.map(|own| own.max(fee.min_txn_fee.unwrap_or(own))),
            // Whether a ratio is a share or a percentage is not documented.
            _ => None,
        });
        Ok(amount.map(|amount| AssetAmount::new(amount, request.asset.clone())))
    }
}

/// Compares what is sent with what was asked for. Money may be on its way, so the outcome is unknown.
fn check_sent(asked: Decimal, got: Decimal) -> Result<()> {
    if asked == got {
        return Ok(());
    }
    Err(Error::mismatch(Outcome::Unknown, "amount", asked, got))
}

fn check_word(what: &str, asked: &str, got: Option<&str>) -> Result<()> {
    match got {
        Some(got) if !got.eq_ignore_ascii_case(asked) => {
            Err(Error::mismatch(Outcome::Unknown, what, asked, got))
        }
        _ => Ok(()),
    }
}

fn check_withdrawal(answer: &Withdrawal, order: &CreateWithdrawal) -> Result<()> {
    let network = answer.network.as_ref().map(|code| code.as_str());
    check_word("network", order.network.as_str(), network)?;
    check_word(
        "asset_type",
        &order.asset_type,
        answer.asset_type.as_deref(),
    )?;
    match &answer.address {
        Some(got) if !address::is_same(got, &order.address) => Err(Error::mismatch(
            Outcome::Unknown,
            "address",
            &order.address,
            got,
        )),
        _ => Ok(()),
    }
}

fn of_withdrawal(client: &Client, answer: Withdrawal) -> UniPaymentPayout {
    let told = answer.clone();
    let notice = WithdrawalNotice {
        withdrawal_id: told.id,
        network: told.network,
        asset_type: told.asset_type,
        address: told.address,
        amount: Some(told.amount),
        fee: told.fee,
        txn_hash: told.txn_hash,
        status: told.status,
        create_time: told.create_time,
        update_time: None,
    };
    let mut snapshot = snapshot::of_withdrawal(client.name(), &notice);
    snapshot.reference = answer.note.as_deref().map(Reference::received);
    UniPaymentPayout {
        snapshot,
        answer: PayoutAnswer::Withdrawal(Box::new(answer)),
    }
}

fn of_payment(client: &Client, answer: Payment) -> UniPaymentPayout {
    let told = answer.clone();
    let notice = PaymentNotice {
        payment_id: told.id,
        network: told.network,
        asset_type: told.asset_type,
        amount: Some(told.amount),
        fee: told.fee,
        status: told.status,
        transfer_method: told.transfer_method,
        transfer_destination: None,
        detail: None,
        note: told.note,
        create_time: told.create_time,
        update_time: told.update_time,
    };
    UniPaymentPayout {
        snapshot: snapshot::of_payment(client.name(), &notice),
        answer: PayoutAnswer::Payment(Box::new(answer)),
    }
}
