//! What only v2 has: payments and where they go.

use paymux_core::{Error, Result};
use paymux_http::{Method, Request};
use serde::Serialize;
use serde_json::value::RawValue;

use super::Client;
use super::call::{Endpoint, object};
use crate::generation::Generation;
use crate::model::{CreatePayment, Payment};

const BENEFICIARIES: &str = "/v1.0/beneficiaries";
const METHODS: &str = "payment-methods";

#[derive(Serialize)]
struct WithNote<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

impl Client {
    /// `POST /v1.0/payments`: sends money to a payment method or an account.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` it may have been sent: never send it again.
    pub async fn create_payment(&self, request: &CreatePayment) -> Result<Payment> {
        const CALL: Endpoint = Endpoint::create("create_payment", "/v1.0/payments");
        self.check_oauth(&CALL)?;
        let request = self.request_with(&CALL, request)?;
        self.call(&CALL, request, object).await
    }

    /// `GET /v1.0/payments/{id}`: reads a payment.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn payment(&self, id: &str) -> Result<Payment> {
        const CALL: Endpoint = Endpoint::get("payment", "/v1.0/payments");
        self.check_oauth(&CALL)?;
        let request = self.request(&CALL).with_path_segment(id);
        self.call(&CALL, request, object).await
    }

    /// `PUT /v1.0/payments/{id}/confirm`: lets a payment go out.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` read it back.
    pub async fn confirm_payment(&self, id: &str, note: Option<&str>) -> Result<()> {
        const CALL: Endpoint = Endpoint::change("confirm_payment", Method::Put, "/v1.0/payments");
        self.change_payment(&CALL, id, "confirm", note).await
    }

    /// `PUT /v1.0/payments/{id}/cancel`: calls a payment off.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` read it back.
    pub async fn cancel_payment(&self, id: &str, note: Option<&str>) -> Result<()> {
        const CALL: Endpoint = Endpoint::change("cancel_payment", Method::Put, "/v1.0/payments");
        self.change_payment(&CALL, id, "cancel", note).await
    }

    async fn change_payment(
        &self,
        call: &Endpoint,
        id: &str,
        what: &str,
        note: Option<&str>,
    ) -> Result<()> {
        self.check_oauth(call)?;
        let request = self.request_with(call, &WithNote { note })?;
        let request = request.with_path_segment(id).with_path_segment(what);
        self.answer(call, request).await.map(|_| ())
    }

    /// `GET /v1.0/wallet/accounts`: the wallet's accounts, which payments come from, as JSON: their
    /// members are not documented but for `id`.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn accounts(&self) -> Result<Box<RawValue>> {
        const CALL: Endpoint = Endpoint::get("accounts", "/v1.0/wallet/accounts");
        self.passed_on(&CALL, self.request(&CALL)).await
    }

    /// `POST /v1.0/beneficiaries`: adds somebody who can be paid. Their members are not documented but
    /// for `id`, so JSON is passed on as it is, here and below.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` it may exist.
    pub async fn create_beneficiary(&self, beneficiary: &RawValue) -> Result<Box<RawValue>> {
        const CALL: Endpoint = Endpoint::create("create_beneficiary", BENEFICIARIES);
        let request = self.request_with(&CALL, beneficiary)?;
        self.passed_on(&CALL, request).await
    }

    /// `GET /v1.0/beneficiaries`: lists whom can be paid.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn beneficiaries(&self) -> Result<Box<RawValue>> {
        const CALL: Endpoint = Endpoint::get("beneficiaries", BENEFICIARIES);
        self.passed_on(&CALL, self.request(&CALL)).await
    }

    /// `GET /v1.0/beneficiaries/{id}`.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn beneficiary(&self, id: &str) -> Result<Box<RawValue>> {
        const CALL: Endpoint = Endpoint::get("beneficiary", BENEFICIARIES);
        let request = self.request(&CALL).with_path_segment(id);
        self.passed_on(&CALL, request).await
    }

    /// `PUT /v1.0/beneficiaries/{id}`.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` read it back.
    pub async fn update_beneficiary(
        &self,
        id: &str,
        beneficiary: &RawValue,
    ) -> Result<Box<RawValue>> {
        const CALL: Endpoint = Endpoint::change("update_beneficiary", Method::Put, BENEFICIARIES);
        let request = self.request_with(&CALL, beneficiary)?;
        self.passed_on(&CALL, request.with_path_segment(id)).await
    }

    /// `DELETE /v1.0/beneficiaries/{id}`.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` read it back.
    pub async fn delete_beneficiary(&self, id: &str) -> Result<()> {
        const CALL: Endpoint =
            Endpoint::change("delete_beneficiary", Method::Delete, BENEFICIARIES);
        self.check_oauth(&CALL)?;
        let request = self.request(&CALL).with_path_segment(id);
        self.answer(&CALL, request).await.map(|_| ())
    }

    /// `POST /v1.0/beneficiaries/{id}/payment-methods`: adds a way to pay a beneficiary.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` it may exist.
    pub async fn create_payment_method(
        &self,
        beneficiary_id: &str,
        method: &RawValue,
    ) -> Result<Box<RawValue>> {
        const CALL: Endpoint = Endpoint::create("create_payment_method", BENEFICIARIES);
        let request = self.request_with(&CALL, method)?;
        self.passed_on(&CALL, methods_of(request, beneficiary_id))
            .await
    }

    /// `GET /v1.0/beneficiaries/{id}/payment-methods`: lists the ways to pay a beneficiary.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn payment_methods(&self, beneficiary_id: &str) -> Result<Box<RawValue>> {
        const CALL: Endpoint = Endpoint::get("payment_methods", BENEFICIARIES);
        let request = methods_of(self.request(&CALL), beneficiary_id);
        self.passed_on(&CALL, request).await
    }

    /// `GET /v1.0/beneficiaries/{id}/payment-methods/{method}`.
    ///
    /// # Errors
    /// As [`Client`] says.
    pub async fn payment_method(
        &self,
        beneficiary_id: &str,
        method_id: &str,
    ) -> Result<Box<RawValue>> {
        const CALL: Endpoint = Endpoint::get("payment_method", BENEFICIARIES);
        let request = methods_of(self.request(&CALL), beneficiary_id);
        self.passed_on(&CALL, request.with_path_segment(method_id))
            .await
    }

    /// `PUT /v1.0/beneficiaries/{id}/payment-methods/{method}`.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` read it back.
    pub async fn update_payment_method(
        &self,
        beneficiary_id: &str,
        method_id: &str,
        method: &RawValue,
    ) -> Result<Box<RawValue>> {
        const CALL: Endpoint =
            Endpoint::change("update_payment_method", Method::Put, BENEFICIARIES);
        let request = methods_of(self.request_with(&CALL, method)?, beneficiary_id);
        self.passed_on(&CALL, request.with_path_segment(method_id))
            .await
    }

    /// `DELETE /v1.0/beneficiaries/{id}/payment-methods/{method}`.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` read it back.
    pub async fn delete_payment_method(&self, beneficiary_id: &str, method_id: &str) -> Result<()> {
        const CALL: Endpoint =
            Endpoint::change("delete_payment_method", Method::Delete, BENEFICIARIES);
        self.check_oauth(&CALL)?;
        let request = methods_of(self.request(&CALL), beneficiary_id).with_path_segment(method_id);
        self.answer(&CALL, request).await.map(|_| ())
    }

    async fn passed_on(&self, call: &Endpoint, request: Request) -> Result<Box<RawValue>> {
        self.check_oauth(call)?;
        self.call(call, request, |answer| {
            let json = answer.data_json().ok_or("missing field `data`")?;
            RawValue::from_string(json.to_owned()).map_err(|_| "it is no JSON".to_owned())
        })
        .await
    }

    fn check_oauth(&self, endpoint: &Endpoint) -> Result<(), Error> {
        match self.generation() {
            Generation::OAuth => Ok(()),
            Generation::Md5 | Generation::Hmac => {
                self.other_generation(endpoint.operation, "oauth")
            }
        }
    }
}

fn methods_of(request: Request, beneficiary_id: &str) -> Request {
    request
        .with_path_segment(beneficiary_id)
        .with_path_segment(METHODS)
}
