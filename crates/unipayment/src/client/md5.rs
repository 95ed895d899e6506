//! The first generation: signed bodies, signed answers (unipayment.readme.io, "overview", 2022).

use paymux_core::{Error, ErrorKind, Outcome, Result};
use paymux_http::Effect;
use serde::Serialize;

use super::Client;
use super::call::{Endpoint, object};
use crate::model::{Answer, CreateInvoice, Invoice, InvoiceFilter, Page};
use crate::sign::Md5Signer;

const CREATE: Endpoint = Endpoint::create("create_invoice", "/api/invoice/create");

/// The path and the members of the query are not documented.
const QUERY: Endpoint =
    Endpoint::create("invoices", "/api/invoice/query").with_effect(Effect::Read);

/// A request with the type of its signature, which is added last.
#[derive(Serialize)]
struct Typed<'a, T> {
    #[serde(flatten)]
    request: &'a T,
    sign_type: &'static str,
}

#[derive(Serialize)]
struct Query<'a> {
    app_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order_id: Option<&'a str>,
    page_index: u32,
    page_size: u32,
    sign_type: &'static str,
}

/// The members of a page, for the signatures that they may have.
#[derive(serde::Deserialize)]
struct RawPage<'a> {
    #[serde(borrow, default)]
    models: Vec<&'a serde_json::value::RawValue>,
}

impl Client {
    pub(super) async fn create_md5_invoice(
        &self,
        signer: &Md5Signer,
        request: &CreateInvoice,
    ) -> Result<Invoice> {
        // Its notices could never be proven: a text with '&' is refused there.
        let texts = [
            Some(request.order_id.as_str()),
            request.description.as_deref(),
        ];
        if texts.into_iter().flatten().any(|text| text.contains('&')) {
            return Err(self.named(
                Error::invalid_request(
                    "the first generation cannot sign an order id or a description with '&' safely; leave it out",
                ),
                &CREATE,
            ));
        }
        let answer = self.signed_answer(signer, &CREATE, request).await?;
        let proof = answer
            .data_json()
            .map_or(Ok(()), |data| signer.verify(data.as_bytes()));
        proof.map_err(|why| self.unproven(&why, &CREATE))?;
        self.read(&CREATE, &answer, object)
    }

    pub(super) async fn md5_invoice(&self, signer: &Md5Signer, id: &str) -> Result<Invoice> {
        let filter = InvoiceFilter::of_invoice(id);
        let page = self.md5_invoices(signer, &filter).await?;
        let mut found = page.models.into_iter();
        let named = |error: Error| {
            error
                .with_provider(self.name().clone())
                .with_operation(self.operation.unwrap_or("invoice"))
        };
        match (found.next(), found.next()) {
            (Some(invoice), None) => Ok(invoice),
            (None, _) => Err(named(Error::new(
                ErrorKind::NotFound,
                Outcome::Rejected,
                format!("the gateway knows no invoice {id}"),
            ))),
            (Some(_), Some(_)) => Err(named(Error::invalid_response(
                Outcome::NotSent,
                "the gateway gives several invoices for one id",
            ))),
        }
    }

    pub(super) async fn md5_invoices(
        &self,
        signer: &Md5Signer,
        filter: &InvoiceFilter,
    ) -> Result<Page<Invoice>> {
        const PAGE_SIZE: u32 = 10;
        let unsupported = |what: &str| {
            Err(Error::unsupported(what)
                .with_provider(self.name().clone())
                .with_operation(self.operation.unwrap_or(QUERY.operation)))
        };
        if filter.status.is_some() {
            return unsupported("the first generation cannot list by status; leave it out");
        }
        if filter.invoice_id.is_none() && filter.order_id.is_none() {
            return unsupported("the first generation lists invoices of one order; name the order");
        }
        let query = Query {
            app_id: self.app_id(),
            invoice_id: filter.invoice_id.as_deref(),
            order_id: filter.order_id.as_deref(),
            page_index: filter.page.unwrap_or(1),
            page_size: filter.page_size.unwrap_or(PAGE_SIZE),
            sign_type: "MD5",
        };
        let json = self.signed(signer, &QUERY, &query)?;
        let request = self.request_with_json(&QUERY, json);
        let answer = self.answer(&QUERY, request).await?;
        self.prove_page(signer, &answer)
            .map_err(|why| self.unproven(&why, &QUERY))?;
        self.read(&QUERY, &answer, object)
    }

    async fn signed_answer<T: Serialize>(
        &self,
        signer: &Md5Signer,
        endpoint: &Endpoint,
        request: &T,
    ) -> Result<Answer> {
        let typed = Typed {
            request,
            sign_type: "MD5",
        };
        let json = self.signed(signer, endpoint, &typed)?;
        let request = self.request_with_json(endpoint, json);
        self.answer(endpoint, request).await
    }

    fn signed<T: Serialize>(
        &self,
        signer: &Md5Signer,
        endpoint: &Endpoint,
        request: &T,
    ) -> Result<String> {
        serde_json::to_string(request)
            .map_err(|why| {
                Error::invalid_request("the request cannot be written as JSON").with_source(why)
            })
            .and_then(|json| signer.signed_object(&json))
            .map_err(|error| {
                error
                    .with_provider(self.name().clone())
                    .with_operation(self.operation.unwrap_or(endpoint.operation))
            })
    }

    /// Answers to queries have no signature in the documents; one that is there has to be right.
    fn prove_page(&self, signer: &Md5Signer, answer: &Answer) -> Result<()> {
        let Some(data) = answer.data_json() else {
            return Ok(());
        };
        signer.verify_if_signed(data.as_bytes())?;
        let page: RawPage<'_> =
            serde_json::from_str(data).unwrap_or(RawPage { models: Vec::new() });
        for model in page.models {
            signer.verify_if_signed(model.get().as_bytes())?;
        }
        Ok(())
    }

    /// Nothing of such an answer is believed, not even the id.
    fn unproven(&self, why: &Error, endpoint: &Endpoint) -> Error {
        Error::invalid_signature(format!(
            "the signature of the gateway's answer is wrong: {}",
            why.message()
        ))
        .with_outcome(endpoint.effect.unanswered())
        .with_provider(self.name().clone())
        .with_operation(self.operation.unwrap_or(endpoint.operation))
    }
}
