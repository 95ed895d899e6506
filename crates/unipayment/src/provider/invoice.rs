//! Invoices.

use std::any::Any;

use async_trait::async_trait;
use paymux_core::{
    Error, Invoice as CoreInvoice, InvoiceId, InvoiceQuery, InvoiceSnapshot,
    InvoiceStatus as CoreStatus, NewInvoice, Outcome, Page, Result, SearchApi,
};

use super::{Inner, asset};
use crate::generation::Generation;
use crate::model::{CreateInvoice, Invoice, InvoiceFilter, InvoiceStatus};
use crate::snapshot;

pub(super) const CREATE: &str = "create_invoice";
pub(super) const FETCH: &str = "fetch_invoice";
const SEARCH: &str = "search_invoices";

/// The longest description that the gateway takes, in characters.
const LONGEST_DESCRIPTION: usize = 256;

/// An invoice of this gateway. `as_any` of core's trait gives it back:
///
/// ```
/// # fn f(invoice: &dyn paymux_core::Invoice) {
/// use paymux_unipayment::UniPaymentInvoice;
///
/// if let Some(own) = invoice.as_any().downcast_ref::<UniPaymentInvoice>() {
///     println!("{:?}", own.answer().confirm_speed);
/// }
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct UniPaymentInvoice {
    snapshot: InvoiceSnapshot,
    answer: Invoice,
}

impl UniPaymentInvoice {
    /// The gateway's whole answer.
    #[must_use]
    pub const fn answer(&self) -> &Invoice {
        &self.answer
    }
}

impl CoreInvoice for UniPaymentInvoice {
    fn snapshot(&self) -> &InvoiceSnapshot {
        &self.snapshot
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl Inner {
    pub(super) async fn new_invoice(&self, request: &NewInvoice) -> Result<UniPaymentInvoice> {
        request.check()?;
        if request.expires_in.is_some() {
            return Err(Error::unsupported(
                "this gateway sets the time to pay for the whole payment app; leave it out",
            ));
        }
        let order = self.order_of(request)?;
        let client = self.client.on_behalf_of(CREATE);
        let answer = client.create_invoice(&order).await?;
        check_created(&answer, &order).map_err(|error| error.with_id(&answer.invoice_id))?;

        let mut snapshot = snapshot::of_invoice(client.name(), &answer);
        snapshot.order_id = Some(request.order_id.clone());
        snapshot.price = Some(request.price.clone());
        Ok(UniPaymentInvoice { snapshot, answer })
    }

    pub(super) async fn read_invoice(&self, id: &InvoiceId) -> Result<UniPaymentInvoice> {
        let client = self.client.on_behalf_of(FETCH);
        let answer = client.invoice(id.as_str()).await?;
        if answer.invoice_id != id.as_str() {
            let got = &answer.invoice_id;
            return Err(Error::mismatch(Outcome::NotSent, "invoice_id", id, got));
        }
        self.read(answer)
    }

    /// An invoice that was read, of this payment app.
    fn read(&self, answer: Invoice) -> Result<UniPaymentInvoice> {
        let own = self.client.app_id();
        if let Some(got) = answer.app_id.as_deref()
            && got != own
        {
            return Err(Error::mismatch(Outcome::NotSent, "app_id", own, got));
        }
        if answer.status.is_none() {
            return Err(Error::invalid_response(
                Outcome::NotSent,
                "the gateway's answer has no status",
            ));
        }
        let snapshot = snapshot::of_invoice(self.client.name(), &answer);
        Ok(UniPaymentInvoice { snapshot, answer })
    }

    fn order_of(&self, request: &NewInvoice) -> Result<CreateInvoice> {
        let mut order = CreateInvoice::new(
            self.client.app_id(),
            request.order_id.as_str(),
            request.price.amount,
            request.price.currency.code(),
        );
        if let Some(name) = &request.asset {
            let named = asset::named(name)?;
            order.pay_currency = Some(named.symbol);
            order.network = named.network;
        }
        order.notify_url.clone_from(&request.callback_url);
        order.redirect_url.clone_from(&request.return_url);
        if self.client.generation() == Generation::Md5 {
            return Ok(order);
        }
        order.description = request
            .description
            .as_ref()
            .map(|text| text.chars().take(LONGEST_DESCRIPTION).collect());
        if !request.metadata.is_empty() {
            let pairs = serde_json::to_string(&request.metadata).map_err(|why| {
                Error::invalid_request("the metadata cannot be written as JSON").with_source(why)
            })?;
            order.ext_args = Some(pairs);
        }
        Ok(order)
    }
}

/// Compares what was made with what was asked for. The invoice exists, so the outcome is unknown to
/// whoever asked for another one. The first generation tells neither app nor order.
fn check_created(answer: &Invoice, asked: &CreateInvoice) -> Result<()> {
    const OUTCOME: Outcome = Outcome::Unknown;
    let (Some(amount), Some(currency)) = (answer.price_amount, answer.price_currency.as_deref())
    else {
        return Err(Error::invalid_response(
            OUTCOME,
            "the gateway made an invoice and does not tell its price",
        ));
    };
    if amount != asked.price_amount {
        let asked = asked.price_amount;
        return Err(Error::mismatch(OUTCOME, "price_amount", asked, amount));
    }
    let words = [
        (
            "price_currency",
            Some(asked.price_currency.as_str()),
            Some(currency),
        ),
        (
            "pay_currency",
            asked.pay_currency.as_deref(),
            answer.pay_currency.as_deref(),
        ),
        (
            "network",
            asked.network.as_ref().map(|code| code.as_str()),
            answer.network.as_ref().map(|code| code.as_str()),
        ),
    ];
    for (what, asked, got) in words {
        if let (Some(asked), Some(got)) = (asked, got)
            && !asked.eq_ignore_ascii_case(got)
        {
            return Err(Error::mismatch(OUTCOME, what, asked, got));
        }
    }
    let ids = [
        ("order_id", &asked.order_id, &answer.order_id),
        ("app_id", &asked.app_id, &answer.app_id),
    ];
    for (what, asked, got) in ids {
        if let Some(got) = got
            && got != asked
        {
            return Err(Error::mismatch(OUTCOME, what, asked, got));
        }
    }
    Ok(())
}

#[async_trait]
impl SearchApi for Inner {
    async fn search_invoices(&self, query: &InvoiceQuery) -> Result<Page<Box<dyn CoreInvoice>>> {
        self.operation(SEARCH).result(self.found(query).await)
    }
}

impl Inner {
    async fn found(&self, query: &InvoiceQuery) -> Result<Page<Box<dyn CoreInvoice>>> {
        if query.page == Some(0) {
            return Err(Error::invalid_request("pages count from 1"));
        }
        let filter = InvoiceFilter {
            order_id: query.order_id.as_ref().map(ToString::to_string),
            status: query.status.map(status_word).transpose()?,
            page: query.page,
            ..InvoiceFilter::default()
        };
        let client = self.client.on_behalf_of(SEARCH);
        let page = client.invoices(&filter).await?;
        let figures = (page.number(), page.page_count, page.total);
        let mut items: Vec<Box<dyn CoreInvoice>> = Vec::with_capacity(page.models.len());
        for answer in page.models {
            if let (Some(asked), Some(got)) = (&filter.order_id, &answer.order_id)
                && asked != got
            {
                return Err(Error::mismatch(Outcome::NotSent, "order_id", asked, got));
            }
            items.push(Box::new(self.read(answer)?));
        }
        let small = |figure: Option<u64>| figure.and_then(|figure| u32::try_from(figure).ok());
        Ok(Page {
            items,
            page: small(figures.0),
            pages: small(figures.1),
            total: figures.2,
            failures: Vec::new(),
        })
    }
}

fn status_word(status: CoreStatus) -> Result<InvoiceStatus> {
    Ok(match status {
        CoreStatus::Pending => InvoiceStatus::New,
        CoreStatus::Processing => InvoiceStatus::Paid,
        CoreStatus::Confirmed => InvoiceStatus::Confirmed,
        CoreStatus::Settled => InvoiceStatus::Complete,
        CoreStatus::Expired => InvoiceStatus::Expired,
        CoreStatus::Invalid => InvoiceStatus::Invalid,
        other => {
            return Err(Error::unsupported(format!(
                "this gateway has no status {other}; use pending, processing, confirmed, settled, expired or invalid"
            )));
        }
    })
}
