//! A commit whose answer is lost: it happened, and whoever waits for it cannot know.

use std::error::Error as _;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use paymux_core::{InvoiceStatus, Outcome, RawWebhook, WebhookVerdict};
use paymux_ledger::{
    InvoiceState, Ledger, LedgerError, LedgerErrorKind, LedgerSettings, PayoutState,
};
use postgres::config::Host;

use crate::engines::{Database, runtime};
use crate::gateway::Gateway;
use crate::invoices::invoice;
use crate::payouts::payout;
use crate::teller::Teller;

const COMMIT: &[u8] = b"COMMIT\0";

/// Stands between a ledger and its server.
struct Line {
    url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// Whether the answer to the next commit is lost, and its connection with it.
    loses: AtomicBool,
    /// Whether nobody can connect after that.
    then_down: AtomicBool,
    down: AtomicBool,
}

impl Line {
    fn to(url: &str) -> Self {
        let config: postgres::Config = url.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!(
            "postgres://{}:{}@{}/{}",
            config.get_user().unwrap(),
            String::from_utf8_lossy(config.get_password().unwrap_or_default()),
            listener.local_addr().unwrap(),
            config.get_dbname().unwrap()
        );
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                if !shared.down.load(Ordering::SeqCst) {
                    connect(client.unwrap(), &config, &shared);
                }
            }
        });
        Self { url, state }
    }

    fn lose_next_commit(&self, then_down: bool) {
        self.state.then_down.store(then_down, Ordering::SeqCst);
        self.state.loses.store(true, Ordering::SeqCst);
    }

    fn mend(&self) {
        self.state.down.store(false, Ordering::SeqCst);
    }
}

type Halves = (Box<dyn Read + Send>, Box<dyn Write + Send>);

fn dial(config: &postgres::Config) -> Halves {
    let port = config.get_ports().first().copied().unwrap_or(5432);
    match &config.get_hosts()[0] {
        Host::Tcp(host) => {
            let socket = TcpStream::connect((host.as_str(), port)).unwrap();
            (Box::new(socket.try_clone().unwrap()), Box::new(socket))
        }
        Host::Unix(folder) => {
            let socket = UnixStream::connect(folder.join(format!(".s.PGSQL.{port}"))).unwrap();
            (Box::new(socket.try_clone().unwrap()), Box::new(socket))
        }
    }
}

/// Carries what both say, until the answer that is to be lost.
fn connect(client: TcpStream, config: &postgres::Config, state: &Arc<State>) {
    let (mut from_server, mut to_server) = dial(config);
    let (mut from_client, mut to_client) = (client.try_clone().unwrap(), client);
    let lost = Arc::new(AtomicBool::new(false));
    let (is_lost, state) = (Arc::clone(&lost), Arc::clone(state));
    std::thread::spawn(move || {
        while let Some(told) = heard(&mut from_client) {
            if contains(&told, COMMIT) && state.loses.swap(false, Ordering::SeqCst) {
                let down = state.then_down.load(Ordering::SeqCst);
                state.down.store(down, Ordering::SeqCst);
                lost.store(true, Ordering::SeqCst);
            }
            if to_server.write_all(&told).is_err() {
                break;
            }
        }
    });
    std::thread::spawn(move || {
        while let Some(told) = heard(&mut from_server) {
            let ends = is_lost.load(Ordering::SeqCst) && contains(&told, COMMIT);
            if ends || to_client.write_all(&told).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
    });
}

fn heard(from: &mut impl Read) -> Option<Vec<u8>> {
    let mut buffer = vec![0; 64 * 1024];
    let length = from.read(&mut buffer).ok().filter(|length| *length > 0)?;
    buffer.truncate(length);
    Some(buffer)
}

fn contains(told: &[u8], word: &[u8]) -> bool {
    told.windows(word.len()).any(|window| window == word)
}

async fn until<F: Future<Output = bool>>(what: &str, is_so: impl Fn() -> F) {
    let began = Instant::now();
    while !is_so().await {
        assert!(began.elapsed() < Duration::from_secs(30), "{what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[test]
fn what_was_committed_is_done_once_although_nobody_was_told() {
    let Some(database) = Database::postgres() else {
        return;
    };
    let line = Line::to(&database.url);
    runtime().block_on(async {
        let ledger = Ledger::open(&line.url, LedgerSettings::new())
            .await
            .unwrap();
        let teller = Arc::new(Teller::new());
        let mut providers = paymux_core::Providers::new();
        providers.add(Arc::clone(&teller) as _).unwrap();

        let gateway = Gateway::new();
        line.lose_next_commit(false);
        let sent = ledger.create_payout(&gateway, &payout("ref-1", "1")).await;
        sent.unwrap();
        assert_eq!(gateway.calls(), 1);

        let request = invoice("order-1", "5 USD");
        let made = ledger.create_invoice(&*teller, &request).await.unwrap();
        let settled = teller.notice(made.id.as_str(), InvoiceStatus::Settled);
        line.lose_next_commit(false);
        let receipt = ledger.receive(&*teller, &settled).await;
        assert_eq!(receipt.verdict(), WebhookVerdict::Accepted);
        line.lose_next_commit(false);
        ledger.work_once(&providers).await.unwrap();
        let history = ledger.history("order-1").await.unwrap();
        let became = history[0].lines.iter();
        let settled = became.filter(|line| line.became.as_deref() == Some("settled"));
        assert_eq!(settled.count(), 1);

        let nameless = RawWebhook::new(r#"{"key":"k1"}"#).with_header("x-sign", "genuine");
        ledger.receive(&*teller, &nameless).await;
        ledger.work_once(&providers).await.unwrap();
        let unmatched = ledger.unmatched(0, 10).await.unwrap();
        line.lose_next_commit(false);
        ledger
            .dismiss(unmatched[0].number, "ann", "noise")
            .await
            .unwrap();
    });
}

#[test]
fn a_call_whose_intent_may_be_stored_and_that_was_not_made_is_not_in_doubt() {
    let Some(database) = Database::postgres() else {
        return;
    };
    let line = Line::to(&database.url);
    runtime().block_on(async {
        let ledger = Ledger::open(&line.url, LedgerSettings::new())
            .await
            .unwrap();
        let elsewhere = database.open().await;
        let gateway = Gateway::new();
        let (payout, invoice) = (payout("ref-1", "1"), invoice("order-1", "5 USD"));
        let is_unknown = |error: paymux_core::Error| {
            let source = error.source().unwrap().downcast_ref::<LedgerError>();
            assert_eq!(source.unwrap().kind(), LedgerErrorKind::CommitUnknown);
            assert_eq!(error.outcome(), Outcome::NotSent);
        };
        line.lose_next_commit(true);
        is_unknown(ledger.create_payout(&gateway, &payout).await.unwrap_err());
        let state = || async {
            let record = elsewhere.payout(&payout.reference).await.unwrap();
            record.unwrap().state
        };
        assert_eq!(state().await, PayoutState::Running);
        line.mend();
        until("the payout is not freed", || async {
            state().await == PayoutState::NotSent
        })
        .await;

        line.lose_next_commit(true);
        is_unknown(ledger.create_invoice(&gateway, &invoice).await.unwrap_err());
        line.mend();
        until("the invoice is not freed", || async {
            let records = elsewhere.invoices(&invoice.order_id).await.unwrap();
            records[0].state == InvoiceState::NotMade
        })
        .await;

        assert_eq!(gateway.calls(), 0);
        ledger.create_payout(&gateway, &payout).await.unwrap();
        ledger.create_invoice(&gateway, &invoice).await.unwrap();
        assert_eq!(gateway.calls(), 2);
    });
}
