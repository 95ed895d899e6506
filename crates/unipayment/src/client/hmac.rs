//! What only v1.0 has: withdrawals and batch payouts.

use paymux_core::Result;
use paymux_http::Method;
use serde::Serialize;

use super::Client;
use super::call::{Endpoint, object};
use crate::generation::Generation;
use crate::model::{
    Answer, Batch, CreateBatch, CreateWithdrawal, Page, Withdrawal, WithdrawalFee, WithdrawalFilter,
};

#[derive(Serialize)]
struct ById<'a> {
    id: &'a str,
}

impl Client {
    /// `POST /v1.0/wallet/withdrawals`: sends money to an address.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` it may have been sent: never send it again.
    pub async fn create_withdrawal(&self, request: &CreateWithdrawal) -> Result<Withdrawal> {
        const CALL: Endpoint = Endpoint::create("create_withdrawal", "/v1.0/wallet/withdrawals");
        self.check_hmac(&CALL)?;
        let request = self.request_with(&CALL, request)?;
        self.call(&CALL, request, object).await
    }

    /// `GET /v1.0/wallet/withdrawals/{id}`: reads a withdrawal.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn withdrawal(&self, id: &str) -> Result<Withdrawal> {
        const CALL: Endpoint = Endpoint::get("withdrawal", "/v1.0/wallet/withdrawals");
        self.check_hmac(&CALL)?;
        let request = self.request(&CALL).with_path_segment(id);
        self.call(&CALL, request, object).await
    }

    /// `GET /v1.0/wallet/withdrawals`: lists withdrawals, with the notes that hold paymux's references.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn withdrawals(&self, filter: &WithdrawalFilter) -> Result<Page<Withdrawal>> {
        const CALL: Endpoint = Endpoint::get("withdrawals", "/v1.0/wallet/withdrawals");
        self.check_hmac(&CALL)?;
        let request = self.request(&CALL).with_pairs([
            ("network", filter.network.as_ref().map(ToString::to_string)),
            ("asset_type", filter.asset_type.clone()),
            ("status", filter.status.as_ref().map(ToString::to_string)),
            ("page_no", filter.page.map(|page| page.to_string())),
            ("page_size", filter.page_size.map(|size| size.to_string())),
        ]);
        self.call(&CALL, request, object).await
    }

    /// `POST /v1.0/wallet/withdrawals/cancel`: calls a withdrawal off that is not approved yet.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` read it back.
    pub async fn cancel_withdrawal(&self, id: &str) -> Result<()> {
        const CALL: Endpoint = Endpoint::change(
            "cancel_withdrawal",
            Method::Post,
            "/v1.0/wallet/withdrawals/cancel",
        );
        self.check_hmac(&CALL)?;
        let request = self.request_with(&CALL, &ById { id })?;
        self.answer(&CALL, request).await.map(|_| ())
    }

    /// `GET /v1.0/wallet/withdrawal-fees/{asset}`: what a withdrawal of an asset costs, by network.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn withdrawal_fees(&self, asset_type: &str) -> Result<Vec<WithdrawalFee>> {
        const CALL: Endpoint = Endpoint::get("withdrawal_fees", "/v1.0/wallet/withdrawal-fees");
        self.check_hmac(&CALL)?;
        let request = self.request(&CALL).with_path_segment(asset_type);
        self.call(&CALL, request, Answer::list).await
    }

    /// `POST /v1.0/payouts`: sends one asset to many addresses.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` it may have been sent: never send it again.
    pub async fn create_batch(&self, request: &CreateBatch) -> Result<Batch> {
        const CALL: Endpoint = Endpoint::create("create_batch", "/v1.0/payouts");
        self.check_hmac(&CALL)?;
        let request = self.request_with(&CALL, request)?;
        self.call(&CALL, request, object).await
    }

    /// `GET /v1.0/payouts/{id}`: reads a batch.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn batch(&self, payout_id: &str) -> Result<Batch> {
        const CALL: Endpoint = Endpoint::get("batch", "/v1.0/payouts");
        self.check_hmac(&CALL)?;
        let request = self.request(&CALL).with_path_segment(payout_id);
        self.call(&CALL, request, object).await
    }

    fn check_hmac(&self, endpoint: &Endpoint) -> Result<()> {
        match self.generation() {
            Generation::Hmac => Ok(()),
            Generation::Md5 | Generation::OAuth => {
                self.other_generation(endpoint.operation, "hmac")
            }
        }
    }
}
