//! The application's tokens: read once, kept for a while, found by name.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::{
    Asset, AssetName, CatalogAsset, Error, ErrorKind, Outcome, Result, powers::find_asset,
};
use tokio::sync::Mutex;

use crate::asset::{asset_of, network_of};
use crate::client::Client;
use crate::model::{AppToken, Token};

/// A token that can be named, under the gateway's id.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) currency_id: u64,
    pub(super) asset: Asset,
    pub(super) token: AppToken,
}

type Entries = Arc<[Entry]>;

/// The application's enabled tokens. Whoever asks while they are being read waits for that one
/// reading, and shares its failure too; a failure is not kept for those who ask later.
pub(super) struct Catalog {
    lifetime: Duration,
    /// How many readings have ended: tells whether one ended while somebody waited.
    readings: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: Option<Known>,
    failure: Option<Failure>,
}

struct Known {
    entries: Entries,
    read_at: DateTime<Utc>,
    reading: u64,
}

/// What can be told again of an error: it has one owner, and everybody who waited gets it.
struct Failure {
    kind: ErrorKind,
    message: String,
    code: Option<String>,
    hint: Option<String>,
    retry_after: Option<Duration>,
    reading: u64,
}

impl Catalog {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            readings: AtomicU64::new(0),
            state: Mutex::new(State::default()),
        }
    }

    /// The one token that a name means. A name that is not among the tokens makes them be read once
    /// more, unless they were read just now.
    ///
    /// # Errors
    /// `Unsupported` or `InvalidRequest` where the name means none or several; as the gateway's
    /// answer where the tokens cannot be read. Nothing was created: the outcome is `NotSent`.
    pub(super) async fn find(&self, client: &Client, name: &AssetName) -> Result<Entry> {
        let asked_at = self.readings.load(Ordering::Acquire);
        let (entries, reading) = self.entries(client, None).await?;
        match find(&entries, name) {
            Err(error) if error.kind() == ErrorKind::Unsupported && reading <= asked_at => {
                let (entries, _) = self.entries(client, Some(reading)).await?;
                find(&entries, name)
            }
            found => found,
        }
    }

    /// The tokens, read now.
    pub(super) async fn read_now(&self, client: &Client) -> Result<Entries> {
        let mut state = self.state.lock().await;
        self.read(client, &mut state).await.map(|known| known.0)
    }

    /// The tokens and the number of the reading they come from, which is another than `outdated`.
    async fn entries(&self, client: &Client, outdated: Option<u64>) -> Result<(Entries, u64)> {
        let asked_at = self.readings.load(Ordering::Acquire);
        let mut state = self.state.lock().await;
        if let Some(known) = &state.known
            && Some(known.reading) != outdated
            && self.is_fresh(known, client.clock().now())
        {
            return Ok((Arc::clone(&known.entries), known.reading));
        }
        if let Some(failure) = &state.failure
            && failure.reading > asked_at
        {
            return Err(failure.error());
        }
        self.read(client, &mut state).await
    }

    fn is_fresh(&self, known: &Known, now: DateTime<Utc>) -> bool {
        // A clock that was set back makes the age negative, and the list as good as old.
        (now - known.read_at)
            .to_std()
            .is_ok_and(|age| age < self.lifetime)
    }

    async fn read(&self, client: &Client, state: &mut State) -> Result<(Entries, u64)> {
        let result = client.app_tokens().await;
        let reading = self.readings.fetch_add(1, Ordering::AcqRel) + 1;
        match result {
            Ok(tokens) => {
                let entries: Entries = tokens
                    .into_iter()
                    .filter(AppToken::is_enabled)
                    .filter_map(Entry::of)
                    .collect();
                state.failure = None;
                state.known = Some(Known {
                    entries: Arc::clone(&entries),
                    read_at: client.clock().now(),
                    reading,
                });
                Ok((entries, reading))
            }
            Err(error) => {
                state.failure = Some(Failure::of(&error, reading));
                Err(error)
            }
        }
    }
}

fn find(entries: &[Entry], name: &AssetName) -> Result<Entry> {
    let catalog: Vec<CatalogAsset> = entries.iter().map(Entry::catalog_asset).collect();
    let id = &find_asset(&catalog, name)?.provider_id;
    entries
        .iter()
        .find(|entry| entry.currency_id.to_string() == *id)
        .cloned()
        .ok_or_else(|| Error::unsupported(format!("the gateway has no {name}")))
}

impl Entry {
    /// `None` for a token whose symbol cannot be written in a name; the native list still has it.
    fn of(token: AppToken) -> Option<Self> {
        let network = network_of(&token.chain, &token.network, token.chain_id);
        Some(Self {
            currency_id: token.currency_id,
            asset: asset_of(&token.token, &token.contract, token.decimal, network)?,
            token,
        })
    }

    pub(super) fn catalog_asset(&self) -> CatalogAsset {
        CatalogAsset::new(self.asset.clone(), self.currency_id.to_string())
    }

    pub(super) fn name(&self) -> AssetName {
        self.asset.name()
    }
}

/// A token of the whole platform, where it can be named.
pub(super) fn platform_asset(token: &Token) -> Option<CatalogAsset> {
    let network = network_of(&token.chain, &token.network, token.chain_id);
    let asset = asset_of(&token.token, &token.contract, token.decimal, network)?;
    Some(CatalogAsset::new(asset, token.currency_id.to_string()))
}

impl Failure {
    fn of(error: &Error, reading: u64) -> Self {
        Self {
            kind: error.kind(),
            message: error.message().to_owned(),
            code: error.code().map(str::to_owned),
            hint: error.hint().map(str::to_owned),
            retry_after: error.retry_after(),
            reading,
        }
    }

    fn error(&self) -> Error {
        let mut error = Error::new(self.kind, Outcome::NotSent, self.message.as_str());
        if let Some(code) = &self.code {
            error = error.with_code(code.as_str());
        }
        if let Some(hint) = &self.hint {
            error = error.with_hint(hint.clone());
        }
        if let Some(wait) = self.retry_after {
            error = error.with_retry_after(wait);
        }
        error
    }
}
