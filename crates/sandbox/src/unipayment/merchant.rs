//! The handle on the simulated gateway: its credentials and its records.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use rust_decimal::Decimal;
use secrecy::ExposeSecret;

use crate::balances::Balance;
use crate::error::SandboxError;
use crate::settings::Settings;
use crate::surroundings::Surroundings;
use crate::timekeeping::keep_time;
use crate::unipayment::assets::{Asset, CATALOGUE, fiat_names, holding};
use crate::unipayment::deposits::Deposit;
use crate::unipayment::gateway::Gateway;
use crate::unipayment::invoices::Invoice;
use crate::unipayment::keys::UniPaymentCredentials;
use crate::unipayment::payouts::Payout;

/// UniPayment in the sandbox, all three generations of it: its credentials, its records, and what
/// payers and the chains do.
///
/// Cloning gives another handle on the same gateway. Amounts are whole coins.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use paymux_sandbox::Sandbox;
///
/// let sandbox = Sandbox::start().await?;
/// let unipayment = sandbox.unipayment();
/// // Point an adapter at `sandbox.url()` with these and let it create an invoice.
/// let _md5 = (unipayment.app_id(), unipayment.app_key());
/// let _hmac_or_oauth = (unipayment.client_id(), unipayment.client_secret());
/// for invoice in unipayment.invoices() {
///     if invoice.destination.is_none() {
///         unipayment.choose_coin(&invoice.invoice_id, "USDT", "NETWORK_TRX")?;
///     }
///     unipayment.pay_rest(&invoice.invoice_id)?;
///     unipayment.complete(&invoice.invoice_id)?;
/// }
/// # sandbox.stop().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct UniPayment {
    pub(super) gateway: Arc<Gateway>,
}

impl fmt::Debug for UniPayment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UniPayment")
            .field("app_id", &self.app_id())
            .field("client_id", &self.client_id())
            .finish_non_exhaustive()
    }
}

impl UniPayment {
    pub(crate) fn new(
        surroundings: Surroundings,
        credentials: Option<UniPaymentCredentials>,
    ) -> Result<Self, SandboxError> {
        Ok(Self {
            gateway: Arc::new(Gateway::new(surroundings, credentials)?),
        })
    }

    /// The payment app's id, `app_id` in bodies of all generations.
    pub fn app_id(&self) -> &str {
        &self.gateway.keys.app_id
    }

    /// The app key that the first generation signs with. Made up for this sandbox, so it is no
    /// secret; the same goes for the others.
    pub fn app_key(&self) -> &str {
        self.gateway.keys.app_key.expose_secret()
    }

    /// The client id of Hmac calls and of the token.
    pub fn client_id(&self) -> &str {
        &self.gateway.keys.client_id
    }

    /// The client secret of Hmac calls and of the token.
    pub fn client_secret(&self) -> &str {
        self.gateway.keys.client_secret.expose_secret()
    }

    /// The secret of `hmac-signature`, as `webhook/secret-key` last set it.
    pub fn webhook_secret(&self) -> String {
        let secret = self.gateway.keys.webhook_secret();
        secret.expose_secret().to_owned()
    }

    /// The coins that can be paid, received and paid out.
    pub fn assets(&self) -> &'static [Asset] {
        &CATALOGUE
    }

    /// An invoice by its id.
    pub fn invoice(&self, invoice_id: &str) -> Option<Invoice> {
        self.gateway.book().invoices.get(invoice_id).cloned()
    }

    /// All invoices, oldest first.
    pub fn invoices(&self) -> Vec<Invoice> {
        self.gateway.book().invoices.all().to_vec()
    }

    /// A withdrawal, batch or payment by its id.
    pub fn payout(&self, id: &str) -> Option<Payout> {
        self.gateway.book().payouts.get(id).cloned()
    }

    /// All withdrawals, batches and payments, oldest first.
    pub fn payouts(&self) -> Vec<Payout> {
        self.gateway.book().payouts.all().to_vec()
    }

    /// All deposits, oldest first.
    pub fn deposits(&self) -> Vec<Deposit> {
        self.gateway.book().deposits.all().to_vec()
    }

    /// The money by symbol. At the start there are 1000 whole ones of each.
    pub fn balances(&self) -> BTreeMap<&'static str, Balance> {
        self.gateway.book().balances.all().clone()
    }

    /// The wallet's account of a symbol, which payments name as `from_account_id`.
    pub fn account_id(&self, symbol: &str) -> Option<String> {
        let book = self.gateway.book();
        let mut accounts = book.accounts.iter();
        accounts
            .find(|account| account.symbol == symbol)
            .map(|account| account.id.clone())
    }

    /// Sets all that the wallet holds of a symbol; what is frozen stays frozen.
    ///
    /// # Errors
    /// A symbol the wallet does not have; less than what is frozen.
    pub fn set_balance(&self, symbol: &str, total: Decimal) -> Result<(), SandboxError> {
        let (symbol, _) = holding(symbol).ok_or_else(|| unknown_asset(symbol, "the wallet"))?;
        let mut book = self.gateway.book();
        let frozen = book.balances.of(symbol).frozen;
        let changed = Balance::checked(total, frozen)?;
        book.balances.set(symbol, changed);
        Ok(())
    }

    /// Sets the price of one whole coin, by its symbol, in a fiat currency, for both gateways of the
    /// sandbox. Invoices whose coin is chosen keep their amount.
    ///
    /// # Errors
    /// A price that is not above zero; a symbol or currency that is not known.
    pub fn set_rate(&self, symbol: &str, fiat: &str, price: Decimal) -> Result<(), SandboxError> {
        let known = Asset::is_symbol(symbol) && fiat_names().any(|name| name == fiat);
        if !known || price <= Decimal::ZERO {
            let given = format!("one {symbol} at {price} {fiat}");
            return Err(SandboxError::Rate(given));
        }
        self.update_settings(|settings| settings.rates.set(symbol, fiat, price));
        Ok(())
    }

    /// Makes every access token invalid now, as if its time were over.
    pub fn expire_tokens(&self) {
        self.gateway.callers.expire_tokens();
    }

    fn update_settings(&self, change: impl FnOnce(&mut Settings)) {
        self.gateway.live_settings.change(change);
        self.wake();
    }

    /// Lets the timer look again.
    pub(crate) fn wake(&self) {
        self.gateway.woken.notify_one();
    }

    pub(crate) async fn keep_time(&self) {
        let gateway = &*self.gateway;
        keep_time(gateway, &gateway.clock, &gateway.woken).await;
    }
}

pub(super) fn unknown_asset(symbol: &str, network: &str) -> SandboxError {
    let known: Vec<String> = CATALOGUE
        .iter()
        .map(|asset| format!("{} on {}", asset.symbol, asset.network))
        .collect();
    SandboxError::UnknownAsset {
        symbol: symbol.to_owned(),
        network: network.to_owned(),
        known: known.join(", "),
    }
}
