//! What can be chosen before the sandbox starts.

use std::net::{Ipv4Addr, SocketAddr};

use secrecy::SecretString;

use crate::error::SandboxError;
use crate::server::Sandbox;
use crate::settings::Settings;
use crate::unipayment::UniPaymentCredentials;

/// Collects the choices for a [`Sandbox`].
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), paymux_sandbox::SandboxError> {
/// use paymux_sandbox::{Sandbox, Settings};
///
/// let sandbox = Sandbox::builder()
///     .seed(7)
///     .settings(Settings { paid_at_sight: true, ..Settings::default() })
///     .start()
///     .await?;
/// # sandbox.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a sandbox runs once it was started"]
pub struct SandboxBuilder {
    pub(crate) listen: SocketAddr,
    pub(crate) seed: Option<u64>,
    pub(crate) settings: Settings,
    pub(crate) credentials: Option<(String, SecretString)>,
    pub(crate) unipayment_credentials: Option<UniPaymentCredentials>,
}

impl SandboxBuilder {
    pub(crate) fn new() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: None,
            settings: Settings::default(),
            credentials: None,
            unipayment_credentials: None,
        }
    }

    /// Where to listen; port 0 means any free port. Default 127.0.0.1:0. Anyone who can reach the
    /// address can call the gateways; the control API answers loopback names alone.
    pub fn listen(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self
    }

    /// Makes credentials, ids and addresses the same at each run. Trade numbers still begin with the
    /// time.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// How the gateways behave.
    pub fn settings(mut self, settings: Settings) -> Self {
        self.settings = settings;
        self
    }

    /// The HaloPay app id and app key, in place of made-up ones.
    pub fn halo_credentials(
        mut self,
        app_id: impl Into<String>,
        app_key: impl Into<SecretString>,
    ) -> Self {
        self.credentials = Some((app_id.into(), app_key.into()));
        self
    }

    /// The UniPayment ids and secrets, in place of made-up ones.
    pub fn unipayment_credentials(mut self, credentials: UniPaymentCredentials) -> Self {
        self.unipayment_credentials = Some(credentials);
        self
    }

    /// Starts the sandbox on the current Tokio runtime.
    ///
    /// # Errors
    /// [`SandboxError::Bind`] when the address cannot be taken, [`SandboxError::Credentials`] or
    /// [`SandboxError::UniPaymentCredentials`] when given credentials cannot travel in headers.
    pub async fn start(self) -> Result<Sandbox, SandboxError> {
        Sandbox::start_from(self).await
    }
}
