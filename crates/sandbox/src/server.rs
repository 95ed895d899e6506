//! The running sandbox: one server for the gateways, the inboxes and the control API.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use chrono::TimeDelta;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::builder::SandboxBuilder;
use crate::clock::Clock;
use crate::connection::{ConnectionControl, ControlledListener};
use crate::control;
use crate::error::SandboxError;
use crate::fault_layer::intercept;
use crate::faults::Faults;
use crate::halo::{self, Halo};
use crate::inbox::{Inbox, Inboxes};
use crate::randomness::Randomness;
use crate::recording::{RecordedRequest, Recorder};
use crate::settings::{LiveSettings, Settings};
use crate::shutdown::Shutdown;
use crate::surroundings::Surroundings;
use crate::unipayment::{self, UniPayment};
use crate::webhooks::{Outbox, WebhookDelivery};

/// How long [`Sandbox::stop`] waits for answers that are under way.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// What every part of the server can reach.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) url: String,
    pub(crate) clock: Clock,
    pub(crate) live_settings: Arc<LiveSettings>,
    pub(crate) faults: Arc<Faults>,
    pub(crate) recorder: Recorder,
    pub(crate) inboxes: Inboxes,
    pub(crate) outbox: Arc<Outbox>,
    pub(crate) shutdown: Shutdown,
    pub(crate) halo: Halo,
    pub(crate) unipayment: UniPayment,
}

/// Payment gateways, simulated on a local socket.
///
/// Dropping it stops the server; [`stop`](Self::stop) also waits for answers under way.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), paymux_sandbox::SandboxError> {
/// use paymux_sandbox::Sandbox;
///
/// let sandbox = Sandbox::start().await?;
/// println!("{} takes calls of {}", sandbox.url(), sandbox.halo().app_id());
/// assert!(sandbox.requests().is_empty());
/// sandbox.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Sandbox {
    shared: Arc<Shared>,
    address: SocketAddr,
    ended: watch::Receiver<bool>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("url", &self.shared.url)
            .field("halo", &self.shared.halo)
            .field("unipayment", &self.shared.unipayment)
            .finish_non_exhaustive()
    }
}

impl Sandbox {
    /// Starts on a free port of 127.0.0.1, with made-up credentials and the default settings.
    ///
    /// # Errors
    /// [`SandboxError::Bind`] when no port can be had.
    pub async fn start() -> Result<Self, SandboxError> {
        Self::builder().start().await
    }

    /// Chooses address, seed, credentials and settings before the start.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    pub(crate) async fn start_from(builder: SandboxBuilder) -> Result<Self, SandboxError> {
        let SandboxBuilder {
            listen,
            seed,
            settings,
            credentials,
            unipayment_credentials,
        } = builder;
        let bind_error = |source| SandboxError::Bind {
            address: listen,
            source,
        };
        let listener = TcpListener::bind(listen).await.map_err(bind_error)?;
        let address = listener.local_addr().map_err(bind_error)?;
        let url = format!("http://{address}");

        let clock = Clock::default();
        let shutdown = Shutdown::new();
        let faults = Arc::new(Faults::default());
        let settings = Arc::new(LiveSettings::new(settings));
        let outbox = Arc::new(Outbox::new(
            Handle::current(),
            clock.clone(),
            Arc::clone(&settings),
            Arc::clone(&faults),
            shutdown.clone(),
        )?);
        let surroundings = |seed| Surroundings {
            base_url: url.clone(),
            clock: clock.clone(),
            randomness: Randomness::new(seed),
            settings: Arc::clone(&settings),
            outbox: Arc::clone(&outbox),
        };
        let halo = Halo::new(surroundings(seed), credentials)?;
        // Another seed, so that the gateways do not make up the same ids.
        let other_seed = seed.map(|seed| seed.wrapping_add(1));
        let unipayment = UniPayment::new(surroundings(other_seed), unipayment_credentials)?;
        let shared = Arc::new(Shared {
            url,
            clock,
            live_settings: settings,
            faults,
            recorder: Recorder::default(),
            inboxes: Inboxes::default(),
            outbox,
            shutdown,
            halo,
            unipayment,
        });
        let ended = serve(listener, &shared);
        Ok(Self {
            shared,
            address,
            ended,
        })
    }

    /// `http://ADDRESS:PORT`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// The address it listens on, with the port that was free.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// HaloPay: its credentials, orders and payouts, and the payers.
    pub fn halo(&self) -> &Halo {
        &self.shared.halo
    }

    /// UniPayment in its three generations: its credentials, invoices and payouts, and the payers.
    pub fn unipayment(&self) -> &UniPayment {
        &self.shared.unipayment
    }

    /// The script of faults.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// A copy of the settings as they are.
    pub fn settings(&self) -> Settings {
        self.shared.halo.settings()
    }

    /// Changes settings while the sandbox runs; what was answered before stays as it was.
    pub fn update_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.shared.halo.update_settings(change);
        self.shared.unipayment.wake();
    }

    /// Moves the clock of the gateways forward (or back), so that orders expire and timestamps go
    /// stale without waiting. Webhook pauses are not affected.
    pub fn shift_clock(&self, by: TimeDelta) {
        self.shared.clock.shift_by(by);
        self.shared.halo.wake();
        self.shared.unipayment.wake();
    }

    /// Every call to a gateway, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.shared.recorder.all()
    }

    /// Every call to this path, oldest first.
    pub fn requests_to(&self, path: &str) -> Vec<RecordedRequest> {
        let mut requests = self.requests();
        requests.retain(|request| request.path == path);
        requests
    }

    /// Forgets the calls so far.
    pub fn clear_requests(&self) {
        self.shared.recorder.clear();
    }

    /// Every webhook with its attempts, in the order in which things happened.
    pub fn deliveries(&self) -> Vec<WebhookDelivery> {
        self.shared.outbox.deliveries()
    }

    /// The receiver of webhooks of this name, opened when it is not there yet.
    pub fn inbox(&self, name: &str) -> Inbox {
        let shutdown = self.shared.shutdown.clone();
        self.shared.inboxes.open(self.url(), name, shutdown)
    }

    /// Resolves once the server has ended, which it does only when it is stopped.
    pub async fn wait(&self) {
        let mut ended = self.ended.clone();
        // An error means that the server task is gone, which is what was waited for.
        let _ = ended.wait_for(|ended| *ended).await;
    }

    /// Takes no more calls, and waits up to two seconds for answers that are under way. Webhooks not
    /// yet delivered are dropped.
    pub async fn stop(self) {
        self.shared.shutdown.begin();
        if tokio::time::timeout(STOP_PATIENCE, self.wait())
            .await
            .is_err()
        {
            tracing::warn!("the sandbox stopped with answers still under way");
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.shutdown.begin();
    }
}

fn serve(listener: TcpListener, shared: &Arc<Shared>) -> watch::Receiver<bool> {
    let gateways = halo::router(shared.halo.clone())
        .merge(unipayment::router(shared.unipayment.clone()))
        .layer(from_fn_with_state(Arc::clone(shared), intercept));
    let app = Router::new()
        .merge(gateways)
        .merge(control::router(Arc::clone(shared)))
        .into_make_service_with_connect_info::<ConnectionControl>();
    let (ended_sender, ended) = watch::channel(false);
    let shutdown = shared.shutdown.clone();
    let begun = async move { shutdown.begun().await };
    tokio::spawn(async move {
        let served = axum::serve(ControlledListener(listener), app).with_graceful_shutdown(begun);
        if let Err(error) = served.await {
            tracing::error!(%error, "the sandbox's server failed");
        }
        ended_sender.send_replace(true);
    });
    let (halo, unipayment) = (shared.halo.clone(), shared.unipayment.clone());
    let shutdown = shared.shutdown.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = halo.keep_time() => {}
            () = unipayment.keep_time() => {}
            () = shutdown.begun() => {}
        }
    });
    ended
}
