//! The gateway's own API: one method a call, with its own requests and answers
//! (unipayment.readme.io).

mod call;
mod hmac;
mod md5;
mod oauth;
mod token;
mod wallet;

use std::fmt;
use std::sync::Arc;

use paymux_core::{Clock, ProviderName, Result};
use paymux_http::Transport;
use secrecy::SecretString;

use crate::error::ErrorCodes;
use crate::generation::Generation;
use crate::model::{CreateInvoice, Invoice, InvoiceFilter, Page};
use crate::sign::{HmacSigner, Md5Signer};
use call::{Endpoint, object};
pub(crate) use token::Tokens;

/// The gateway's calls, in the generation that is configured. Clones share one pool of connections
/// and one access token.
///
/// | calls | `md5` | `hmac` | `oauth` |
/// |---|---|---|---|
/// | invoices | create, query | all | all |
/// | rates, currencies, balances, addresses and checks of webhooks | | yes | yes |
/// | withdrawals, batch payouts | | yes | |
/// | payments, accounts, beneficiaries, payment methods | | | yes |
///
/// Calls that create or change something are sent once; with `oauth` once more, with a new token, after
/// an answer of HTTP 401 that names the access token or nothing at all, which is a no to the first.
/// Calls that change nothing are sent once more after any 401.
///
/// # Errors
/// All of them fail alike: `Unsupported` for a call that the generation does not have; `Refused` (or
/// what [`ErrorCodes`] maps the code to, or the HTTP status says) where the gateway says no;
/// `InvalidResponse` where its answer cannot be read; `InvalidSignature` where a signed answer is not
/// proven; and as [`Transport::send`] where there is no answer. Where no access token is to be had, a
/// call that creates something was not sent.
///
/// ```no_run
/// # async fn f() -> paymux_core::Result<()> {
/// use paymux_unipayment::UniPaymentBuilder;
/// use paymux_unipayment::model::CreateInvoice;
///
/// let client = UniPaymentBuilder::new().from_env().build_client()?;
/// let request = CreateInvoice::new(client.app_id(), "order-1001", 5.into(), "USD");
/// let invoice = client.create_invoice(&request).await?;
/// println!("pay at {}", invoice.pay_link().unwrap_or("an address"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    /// On whose behalf calls are made, for errors and logs.
    operation: Option<&'static str>,
}

struct Shared {
    transport: Transport,
    app_id: String,
    auth: Auth,
    /// The secret of the calls, which no text may show.
    secret: SecretString,
    codes: ErrorCodes,
}

/// What calls are proven with.
#[expect(clippy::enum_variant_names, reason = "OAuth is a name of its own")]
pub(crate) enum Auth {
    Md5(Md5Signer),
    Hmac(HmacSigner),
    OAuth(Tokens),
}

impl Client {
    pub(crate) fn new(
        transport: Transport,
        app_id: String,
        auth: Auth,
        secret: SecretString,
        codes: ErrorCodes,
    ) -> Self {
        Self {
            shared: Arc::new(Shared {
                transport,
                app_id,
                auth,
                secret,
                codes,
            }),
            operation: None,
        }
    }

    /// The same client, naming this operation in errors and logs.
    pub(crate) fn on_behalf_of(&self, operation: &'static str) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            operation: Some(operation),
        }
    }

    /// The provider instance.
    #[must_use]
    pub fn name(&self) -> &ProviderName {
        self.shared.transport.provider()
    }

    /// The payment app, which requests for invoices name.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.shared.app_id
    }

    /// The generation of the interface that is called.
    #[must_use]
    pub fn generation(&self) -> Generation {
        match self.shared.auth {
            Auth::Md5(_) => Generation::Md5,
            Auth::Hmac(_) => Generation::Hmac,
            Auth::OAuth(_) => Generation::OAuth,
        }
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        self.shared.transport.clock().as_ref()
    }

    pub(crate) fn secret(&self) -> &SecretString {
        &self.shared.secret
    }

    pub(crate) fn md5_signer(&self) -> Option<&Md5Signer> {
        match &self.shared.auth {
            Auth::Md5(signer) => Some(signer),
            Auth::Hmac(_) | Auth::OAuth(_) => None,
        }
    }

    /// `POST /v1.0/invoices`, or `POST /api/invoice/create` of the first generation, whose answer is
    /// believed only with its signature: makes an invoice.
    ///
    /// # Errors
    /// As [`Client`] says; with outcome `Unknown` the invoice may exist.
    pub async fn create_invoice(&self, request: &CreateInvoice) -> Result<Invoice> {
        const CALL: Endpoint = Endpoint::create("create_invoice", "/v1.0/invoices");
        if let Some(signer) = self.md5_signer() {
            return self.create_md5_invoice(signer, request).await;
        }
        let request = self.request_with(&CALL, request)?;
        self.call(&CALL, request, object).await
    }

    /// `GET /v1.0/invoices/{id}`, or a query by the id in the first generation: reads an invoice.
    ///
    /// # Errors
    /// As [`Client`] says; `NotFound` where the query of the first generation finds none.
    pub async fn invoice(&self, invoice_id: &str) -> Result<Invoice> {
        const CALL: Endpoint = Endpoint::get("invoice", "/v1.0/invoices");
        if let Some(signer) = self.md5_signer() {
            return self.md5_invoice(signer, invoice_id).await;
        }
        let request = self.request(&CALL).with_path_segment(invoice_id);
        self.call(&CALL, request, object).await
    }

    /// `GET /v1.0/invoices`, or `POST /api/invoice/query` of the first generation: lists invoices.
    ///
    /// # Errors
    /// As [`Client`] says; `Unsupported` in the first generation for a filter by status, or without
    /// invoice or order.
    pub async fn invoices(&self, filter: &InvoiceFilter) -> Result<Page<Invoice>> {
        const CALL: Endpoint = Endpoint::get("invoices", "/v1.0/invoices");
        if let Some(signer) = self.md5_signer() {
            return self.md5_invoices(signer, filter).await;
        }
        let request = self.request(&CALL).with_pairs([
            ("app_id", Some(self.app_id().to_owned())),
            ("invoice_id", filter.invoice_id.clone()),
            ("order_id", filter.order_id.clone()),
            ("status", filter.status.as_ref().map(ToString::to_string)),
            ("page_no", filter.page.map(|page| page.to_string())),
            ("page_size", filter.page_size.map(|size| size.to_string())),
        ]);
        self.call(&CALL, request, object).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Client");
        shown
            .field("generation", &self.generation())
            .field("app_id", &self.shared.app_id);
        match &self.shared.auth {
            Auth::Md5(signer) => shown.field("md5_rule", &signer.rule().to_string()),
            Auth::Hmac(signer) => shown.field("client_id", &signer.client_id()),
            Auth::OAuth(tokens) => shown.field("client_id", &tokens.client_id()),
        };
        shown
            .field("transport", &self.shared.transport)
            .finish_non_exhaustive()
    }
}
