//! A ledger with a gateway, a clock that stands still until it is moved, and a look into its tables.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use paymux_core::{Clock as _, InvoiceStatus, ManualClock, Proof, Providers, RawWebhook};
use paymux_ledger::{HandlerError, Ledger, LedgerEvent, LedgerSettings, Received, Worked};
use tokio::sync::Mutex;

use crate::engines::Database;
use crate::invoices::invoice;
use crate::teller::Teller;

pub(crate) struct Shop {
    pub(crate) ledger: Ledger,
    pub(crate) teller: Arc<Teller>,
    pub(crate) providers: Providers,
    pub(crate) clock: ManualClock,
    pub(crate) database: Database,
}

impl Shop {
    pub(crate) async fn open(database: Database) -> Self {
        Self::open_with(database, Teller::new(), |settings| settings).await
    }

    pub(crate) async fn proving(database: Database, proof: Proof) -> Self {
        Self::open_with(database, Teller::proving(proof), |settings| settings).await
    }

    pub(crate) async fn open_with(
        database: Database,
        teller: Teller,
        set: impl FnOnce(LedgerSettings) -> LedgerSettings,
    ) -> Self {
        let clock = ManualClock::at(chrono::Utc::now());
        let settings = LedgerSettings::new().with_clock(Arc::new(clock.clone()));
        let ledger = database.open_with(set(settings)).await;
        let teller = Arc::new(teller);
        let mut providers = Providers::new();
        providers.add(Arc::clone(&teller) as _).unwrap();
        Self {
            ledger,
            teller,
            providers,
            clock,
            database,
        }
    }

    /// A second ledger on the same database, by the same clock.
    pub(crate) async fn another_ledger(&self) -> Ledger {
        let settings = LedgerSettings::new().with_clock(Arc::new(self.clock.clone()));
        self.database.open_with(settings).await
    }

    /// Makes the invoice of an order; its id.
    pub(crate) async fn sell(&self, order: &str) -> String {
        let request = invoice(order, "5 USD");
        let made = self.ledger.create_invoice(&*self.teller, &request).await;
        made.unwrap().id.as_str().to_owned()
    }

    /// Makes the invoice of an order and lets it be paid: one event waits.
    pub(crate) async fn sell_and_be_paid(&self, order: &str) -> String {
        let id = self.sell(order).await;
        self.receive(&self.teller.notice(&id, InvoiceStatus::Settled))
            .await;
        self.work().await;
        id
    }

    pub(crate) async fn receive(&self, webhook: &RawWebhook) -> Received {
        let webhook = webhook.clone().with_received_at(self.clock.now());
        self.ledger.receive(&*self.teller, &webhook).await.received
    }

    pub(crate) async fn work(&self) -> Worked {
        self.ledger.work_once(&self.providers).await.unwrap()
    }

    pub(crate) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// The state of an order's newest invoice.
    pub(crate) async fn status(&self, order: &str) -> String {
        let records = self.ledger.invoices(&order.parse().unwrap()).await.unwrap();
        let newest = records.last().unwrap();
        newest
            .invoice
            .as_ref()
            .map_or_else(String::new, |known| known.status.to_string())
    }

    /// Every event that is due, delivered to a handler that takes it.
    pub(crate) async fn events(&self) -> Vec<LedgerEvent> {
        let seen = Mutex::new(Vec::new());
        let handler = |event: LedgerEvent| {
            seen.try_lock().unwrap().push(event);
            std::future::ready(Ok::<(), HandlerError>(())).boxed()
        };
        self.ledger.deliver_once(&handler).await.unwrap();
        seen.into_inner()
    }

    /// What a query that counts something counts.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        if let Some(file) = self.database.file() {
            let connection = rusqlite::Connection::open(file).unwrap();
            return connection.query_row(sql, [], |row| row.get(0)).unwrap();
        }
        let url = self.database.url.clone();
        let sql = sql.to_owned();
        // The client of PostgreSQL blocks, which a thread of the runtime may not.
        std::thread::spawn(move || {
            let mut client = postgres::Client::connect(&url, postgres::NoTls).unwrap();
            client.query_one(&sql, &[]).unwrap().get(0)
        })
        .join()
        .unwrap()
    }
}

/// What each event says happened: `pending -> settled`.
pub(crate) fn moves(events: &[LedgerEvent]) -> Vec<String> {
    events
        .iter()
        .map(|event| format!("{} -> {}", event.was, event.became))
        .collect()
}
