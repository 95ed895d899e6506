//! Payouts.

use std::any::Any;

use async_trait::async_trait;
use paymux_core::{
    AssetAmount, Destination, Error, NewPayout, Outcome, Payout, PayoutApi, PayoutId,
    PayoutSnapshot, PayoutStatus, Result, address, callback_url,
};

use super::NativeCheckout;
use super::invoice::{fit, unix_time};
use crate::model::{CreatePayout, CreatedPayout, PayoutDetail};
use crate::status;

const CREATE: &str = "create_payout";
const FETCH: &str = "fetch_payout";
const FEE: &str = "payout_fee";

/// A payout of this gateway. `as_any` of core's trait gives it back.
#[derive(Debug, Clone)]
pub struct NativePayout {
    snapshot: PayoutSnapshot,
    answer: PayoutAnswer,
}

/// What the gateway answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PayoutAnswer {
    /// `payout/create`.
    Created(CreatedPayout),
    /// `payout/detail`.
    Detail(PayoutDetail),
}

impl NativePayout {
    /// The gateway's whole answer.
    #[must_use]
    pub const fn answer(&self) -> &PayoutAnswer {
        &self.answer
    }
}

impl Payout for NativePayout {
    fn snapshot(&self) -> &PayoutSnapshot {
        &self.snapshot
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[async_trait]
impl PayoutApi for NativeCheckout {
    async fn create_payout(&self, request: &NewPayout) -> Result<Box<dyn Payout>> {
        let operation = self.0.operation(CREATE).with_reference(&request.reference);
        operation.payout(self.new_payout(request).await)
    }

    async fn fetch_payout(&self, id: &PayoutId) -> Result<Box<dyn Payout>> {
        self.0.operation(FETCH).payout(self.read_payout(id).await)
    }

    /// The gateway tells the fee with the payout, not before. Whether it has the asset at all it tells
    /// now; that answer is kept, so that the payout itself is one call and no more.
    async fn payout_fee(&self, request: &NewPayout) -> Result<Option<AssetAmount>> {
        let client = self.0.client.on_behalf_of(FEE);
        let found = self.0.catalog.find(&client, &request.asset).await;
        self.0.operation(FEE).result(found.map(|_| None))
    }
}

impl NativeCheckout {
    async fn new_payout(&self, request: &NewPayout) -> Result<NativePayout> {
        request.check()?;
        if request.memo.is_some() {
            return Err(Error::unsupported(
                "this gateway's payouts carry no memo; a destination that needs one would lose the money",
            ));
        }
        if let Some(network) = request.asset.network() {
            address::check(&request.to, network)?;
        }
        let callback_url = request
            .callback_url
            .as_deref()
            .map(|url| callback_url::with_reference(url, &request.reference, self.0.client.key()))
            .transpose()?;

        let client = self.0.client.on_behalf_of(CREATE);
        let entry = self
            .0
            .catalog
            .find(&client, &request.asset)
            .await
            .map_err(|error| error.with_outcome(Outcome::NotSent))?;
        if let Some(network) = &entry.asset.network {
            address::check(&request.to, network)?;
        }
        fit(request.amount, &entry.asset)?;

        let order = CreatePayout::new(entry.currency_id, request.amount, request.to.as_str())
            .with_callback_url(callback_url)
            .with_google_code(request.otp.clone());
        let answer = client.create_payout(&order).await?;
        if answer.actual_receipt != request.amount {
            return Err(Error::mismatch(
                Outcome::Unknown,
                "actual_receipt",
                request.amount,
                answer.actual_receipt,
            )
            .with_id(answer.trade_no));
        }

        let id = PayoutId::received(answer.trade_no.as_str());
        let of_asset = |amount| AssetAmount::new(amount, entry.name());
        let mut snapshot =
            PayoutSnapshot::new(self.0.client.name().clone(), id, PayoutStatus::Pending);
        snapshot.reference = Some(request.reference.clone());
        snapshot.amount = Some(of_asset(answer.actual_receipt));
        snapshot.fee = answer.cost.map(of_asset);
        snapshot.destination = Some(Destination::new(
            request.to.as_str(),
            entry.asset.network.clone(),
        ));
        Ok(NativePayout {
            snapshot,
            answer: PayoutAnswer::Created(answer),
        })
    }

    async fn read_payout(&self, id: &PayoutId) -> Result<NativePayout> {
        let client = self.0.client.on_behalf_of(FETCH);
        let answer = client.payout(id.as_str()).await?;
        if answer.trade_no != id.as_str() {
            return Err(Error::mismatch(
                Outcome::NotSent,
                "trade_no",
                id,
                &answer.trade_no,
            ));
        }
        let fee = match (answer.service_charge, answer.gas) {
            (Some(charge), Some(gas)) => charge.checked_add(gas),
            _ => None,
        };
        let mut snapshot = PayoutSnapshot::new(
            self.0.client.name().clone(),
            id.clone(),
            status::of_payout(&answer.status),
        );
        // The member `token` is opaque, so the asset is not known from this answer.
        snapshot.amount = Some(AssetAmount::of_unknown(answer.amount));
        snapshot.fee = fee.map(AssetAmount::of_unknown);
        snapshot.destination = answer
            .target_address
            .as_deref()
            .map(|address| Destination::new(address, None));
        snapshot.created_at = unix_time(answer.created_time.or(answer.start_time));
        snapshot.provider_status = Some(answer.status.to_string());
        Ok(NativePayout {
            snapshot,
            answer: PayoutAnswer::Detail(answer),
        })
    }
}
