//! Receives webhooks with axum: proves each, applies it once however often it comes, and answers as
//! the gateway wants to be answered.
//!
//! `cargo run -p paymux-examples --example receive_webhooks`
#![allow(clippy::print_stdout)]

use std::collections::{HashMap, HashSet};
use std::error::Error;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::post;
use paymux::transition::Observed;
use paymux::{
    ErrorKind, FulfilmentPolicy, InvoiceId, InvoiceSnapshot, InvoiceStatus, NewInvoice, OrderId,
    PaymentProvider, RawWebhook, WebhookEvent, WebhookVerdict,
};
use paymux_examples::Stage;
use paymux_sandbox::{FaultRule, WebhookFault};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, Notify};

/// What a shop keeps; a real one keeps it in its database, event and state in one transaction.
#[derive(Default)]
struct Records {
    invoices: HashMap<InvoiceId, InvoiceSnapshot>,
    applied: HashSet<String>,
}

struct Shop {
    provider: Arc<dyn PaymentProvider>,
    records: Mutex<Records>,
    fulfilled: Notify,
}

/// The route. The body is taken as bytes: what was signed is what is proven.
async fn receive(
    State(shop): State<Arc<Shop>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, &'static str) {
    let path_and_query = uri.path_and_query().map_or("/", |whole| whole.as_str());
    let webhook = headers.iter().fold(
        RawWebhook::new(body).with_path_and_query(path_and_query),
        |webhook, (name, value)| webhook.with_header(name.as_str(), value.as_bytes()),
    );
    let verdict = match shop.provider.verify_webhook(&webhook).await {
        Ok(event) => match shop.apply(&event).await {
            Ok(()) => WebhookVerdict::Accepted,
            Err(_) => WebhookVerdict::TryAgain,
        },
        Err(error) if error.kind() == ErrorKind::InvalidSignature => WebhookVerdict::Refused,
        Err(_) => WebhookVerdict::TryAgain,
    };
    let answer = shop.provider.webhook_answer(&webhook, verdict);
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, answer.body)
}

impl Shop {
    /// Applies an event once. If that fails, nothing was applied, and the gateway sends it again.
    async fn apply(&self, event: &WebhookEvent) -> paymux::Result<()> {
        let mut records = self.records.lock().await;
        if records.applied.contains(&event.dedup_key) {
            println!("seen before: {}", event.dedup_key);
            return Ok(());
        }
        if let Some(told) = event.invoice() {
            match records.invoices.get_mut(&told.id) {
                Some(invoice) => self.learn(invoice, told).await?,
                None => println!("proven, but of an invoice that is not ours: {}", told.id),
            }
        }
        records.applied.insert(event.dedup_key.clone());
        Ok(())
    }

    async fn learn(
        &self,
        invoice: &mut InvoiceSnapshot,
        told: &InvoiceSnapshot,
    ) -> paymux::Result<()> {
        let change = invoice.observe(told, Observed::Notice);
        println!("{change:?}: {} {:?}", invoice.status, invoice.exceptions);
        // A webhook may leave out what arrived; before anything is handed over, read it.
        if invoice.status.has_reached(InvoiceStatus::Confirmed) {
            let read = self.provider.fetch_invoice(&invoice.id).await?;
            invoice.observe(read.snapshot(), Observed::Read);
        }
        if FulfilmentPolicy::default().allows(invoice) {
            self.fulfilled.notify_one();
        }
        Ok(())
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let stage = Stage::start().await?;
    let shop = Arc::new(Shop {
        provider: stage.provider()?,
        records: Mutex::default(),
        fulfilled: Notify::new(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}/webhooks", listener.local_addr()?);
    let routes = Router::new()
        .route("/webhooks", post(receive))
        .with_state(Arc::clone(&shop));
    tokio::spawn(async { axum::serve(listener, routes).await });

    // Gateways send a webhook again when they are not sure that it arrived.
    let twice = FaultRule::webhook(WebhookFault::Doubled).always();
    stage.sandbox().faults().add(twice);

    let request = NewInvoice::new(OrderId::new("order-1001")?, "5 USD".parse()?)
        .with_asset("TRX@tron-nile".parse()?)
        .with_callback_url(url);
    let invoice = shop.provider.create_invoice(&request).await?;
    let known = (invoice.id().clone(), invoice.snapshot().clone());
    shop.records.lock().await.invoices.extend([known]);
    stage.payer_pays_soon(invoice.id());

    shop.fulfilled.notified().await;
    println!("{} is paid: hand over the goods", request.order_id);
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_runs_to_its_end() {
        super::main().unwrap();
    }
}
