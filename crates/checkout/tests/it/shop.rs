//! A shop: a ledger, two gateways played by the sandbox, and the routes on a socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use paymux_checkout::{WebhookSettings, webhooks_with};
use paymux_core::{InvoiceSnapshot, NewInvoice, PaymentProvider, Providers};
use paymux_ledger::{HistoryLine, Ledger, LedgerSettings, Worked};
use paymux_native_checkout::NativeCheckout;
use paymux_sandbox::{DeliveryState, ReceivedWebhook, Sandbox, Settings};
use paymux_unipayment::{Generation, UniPayment};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::wire::{Answer, Sent};

pub(crate) const HALO: &str = "native-checkout";
pub(crate) const UNI: &str = "unipayment";

pub(crate) struct Shop {
    pub(crate) sandbox: Sandbox,
    pub(crate) providers: Providers,
    pub(crate) ledger: Ledger,
    pub(crate) address: SocketAddr,
    folder: TempDir,
    /// Held over a restart, so that nobody else gets the port.
    socket: std::net::TcpListener,
    server: JoinHandle<()>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::speaking(Generation::OAuth).await
    }

    /// With UniPayment in this generation.
    pub(crate) async fn speaking(generation: Generation) -> Self {
        let sandbox = sandbox().await;
        let providers = both(&sandbox, generation);
        Self::of(sandbox, providers, WebhookSettings::new(), |routes| routes).await
    }

    pub(crate) async fn with_settings(settings: WebhookSettings) -> Self {
        let sandbox = sandbox().await;
        let providers = both(&sandbox, Generation::OAuth);
        Self::of(sandbox, providers, settings, |routes| routes).await
    }

    /// With the routes mounted in an application's own.
    pub(crate) async fn mounted(mount: impl FnOnce(Router) -> Router) -> Self {
        let sandbox = sandbox().await;
        let providers = both(&sandbox, Generation::OAuth);
        Self::of(sandbox, providers, WebhookSettings::new(), mount).await
    }

    pub(crate) async fn of(
        sandbox: Sandbox,
        providers: Providers,
        settings: WebhookSettings,
        mount: impl FnOnce(Router) -> Router,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = database(&folder);
        let ledger = Ledger::open(&url, LedgerSettings::new()).await.unwrap();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        socket.set_nonblocking(true).unwrap();
        let routes = webhooks_with(ledger.clone(), providers.clone(), settings);
        Self {
            address: socket.local_addr().unwrap(),
            server: serve(&socket, mount(routes)),
            sandbox,
            providers,
            ledger,
            folder,
            socket,
        }
    }

    pub(crate) fn database(&self) -> String {
        database(&self.folder)
    }

    pub(crate) fn database_file(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("ledger.db")).unwrap()
    }

    /// Ends the server and starts another at the same address, whose routes use this ledger.
    pub(crate) async fn restart_with(&mut self, ledger: Ledger) {
        self.server.abort();
        assert!((&mut self.server).await.unwrap_err().is_cancelled());
        let routes = paymux_checkout::webhooks(ledger, self.providers.clone());
        self.server = serve(&self.socket, routes);
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn provider(&self, name: &str) -> &dyn PaymentProvider {
        &**self.providers.get(&name.parse().unwrap()).unwrap()
    }

    /// An invoice of the ledger's, whose webhooks go to this path of the shop.
    pub(crate) async fn sell(&self, name: &str, order: &str, path: &str) -> InvoiceSnapshot {
        let request = new_invoice(name, order, &self.url(path));
        let made = self.ledger.create_invoice(self.provider(name), &request);
        made.await.unwrap()
    }

    /// A payer pays an invoice, and the chain confirms it.
    pub(crate) fn pay(&self, name: &str, invoice: &str) {
        if name == HALO {
            self.sandbox.halo().pay_rest(invoice).unwrap();
            self.sandbox.halo().confirm(invoice, 1).unwrap();
        } else {
            self.sandbox.unipayment().pay_rest(invoice).unwrap();
            self.sandbox.unipayment().complete(invoice).unwrap();
        }
    }

    /// A genuine webhook, caught before it reached the shop.
    pub(crate) async fn catch(&self, name: &str) -> ReceivedWebhook {
        let inbox = self.sandbox.inbox(name);
        let request = new_invoice(name, "order-1", &inbox.url());
        let made = self.provider(name).create_invoice(&request).await.unwrap();
        self.pay(name, made.id().as_str());
        inbox.next().await.unwrap()
    }

    pub(crate) async fn send(&self, sent: &Sent) -> Answer {
        sent.to(self.address).await
    }

    /// Waits until the shop took every webhook that was sent.
    pub(crate) async fn delivered(&self) {
        until("every webhook is delivered", || {
            let deliveries = self.sandbox.deliveries();
            let mut states = deliveries.iter().map(|delivery| delivery.state);
            !deliveries.is_empty() && states.all(|state| state == DeliveryState::Delivered)
        })
        .await;
    }

    pub(crate) async fn work(&self) -> Worked {
        self.ledger.work_once(&self.providers).await.unwrap()
    }

    /// How many webhooks were stored, as a worker finds them. None of them may wait for proof.
    pub(crate) async fn stored(&self) -> u64 {
        let worked = self.work().await;
        assert_eq!((worked.proven, worked.dropped, worked.failed), (0, 0, 0));
        worked.applied + worked.unmatched
    }

    /// The history of the order's or payout's only entry.
    pub(crate) async fn history(&self, id: &str) -> Vec<HistoryLine> {
        let mut all = self.ledger.history(id).await.unwrap();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0).lines
    }
}

fn database(folder: &TempDir) -> String {
    format!("sqlite://{}", folder.path().join("ledger.db").display())
}

fn serve(socket: &std::net::TcpListener, app: Router) -> JoinHandle<()> {
    let listener = TcpListener::from_std(socket.try_clone().unwrap()).unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() })
}

/// One whose gateways send again soon.
pub(crate) async fn sandbox() -> Sandbox {
    let settings = Settings {
        retry_intervals: vec![Duration::from_millis(20); 500],
        ..Settings::default()
    };
    Sandbox::builder().settings(settings).start().await.unwrap()
}

pub(crate) fn native_checkout(sandbox: &Sandbox) -> NativeCheckout {
    NativeCheckout::builder()
        .with_base_url(sandbox.url())
        .with_app_id(sandbox.halo().app_id())
        .with_app_key(sandbox.halo().app_key().into())
        .build()
        .unwrap()
}

pub(crate) fn unipayment(sandbox: &Sandbox, generation: Generation) -> UniPayment {
    let gateway = sandbox.unipayment();
    UniPayment::builder()
        .with_generation(generation)
        .with_base_url(sandbox.url())
        .with_app_id(gateway.app_id())
        .with_app_key(gateway.app_key().into())
        .with_client_id(gateway.client_id())
        .with_client_secret(gateway.client_secret().into())
        .with_webhook_secret(gateway.webhook_secret().into())
        .build()
        .unwrap()
}

fn both(sandbox: &Sandbox, generation: Generation) -> Providers {
    let mut providers = Providers::new();
    providers.add(Arc::new(native_checkout(sandbox))).unwrap();
    let unipayment = unipayment(sandbox, generation);
    providers.add(Arc::new(unipayment)).unwrap();
    providers
}

fn new_invoice(name: &str, order: &str, callback: &str) -> NewInvoice {
    let (price, asset) = if name == HALO {
        ("10 TRX", "TRX@tron-nile")
    } else {
        ("5 USD", "USDT@tron")
    };
    NewInvoice::new(order.parse().unwrap(), price.parse().unwrap())
        .with_asset(asset.parse().unwrap())
        .with_callback_url(callback)
}

/// Waits until something holds that is about to.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..1500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain until {what}");
}

/// Routes alone on a socket, for as long as the test runs.
pub(crate) async fn serve_alone(routes: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes).await });
    address
}
