//! The application's tokens: read once, kept for a while, found by name.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use paymux_core::{
    Asset, AssetName, CatalogAsset, Error, ErrorKind, Outcome, Result, powers::find_asset,
};
use paymux_http::{Fetched, FetchedOnce};

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

type Entries = Arc<Vec<Entry>>;

/// The application's enabled tokens. Whoever asks while they are being read waits for that one
/// reading, and shares its failure too.
pub(super) struct Catalog {
    lifetime: Duration,
    tokens: FetchedOnce<Known>,
}

struct Known {
    entries: Entries,
    read_at: DateTime<Utc>,
}

impl Catalog {
    pub(super) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            tokens: FetchedOnce::new(),
        }
    }

    /// The one token that a name means. A name that is not among the tokens makes them be read once
    /// more, unless they were read just now.
    ///
    /// # Errors
    /// `Unsupported` or `InvalidRequest` where the name means none or several; as the gateway's
    /// answer where the tokens cannot be read. Nothing was created: the outcome is `NotSent`.
    pub(super) async fn find(&self, client: &Client, name: &AssetName) -> Result<Entry> {
        let asked_at = self.tokens.fetches();
        let known = self.known(client, None).await?;
        match find(&known.value.entries, name) {
            Err(error) if error.kind() == ErrorKind::Unsupported && known.fetch <= asked_at => {
                let known = self.known(client, Some(known.fetch)).await?;
                find(&known.value.entries, name)
            }
            found => found,
        }
    }

    /// The tokens, read now.
    pub(super) async fn read_now(&self, client: &Client) -> Result<Entries> {
        let known = self.tokens.get(|_, _| false, async || read(client).await);
        known.await.map(|known| Arc::clone(&known.value.entries))
    }

    /// The tokens from another reading than `outdated`.
    async fn known(&self, client: &Client, outdated: Option<u64>) -> Result<Fetched<Known>> {
        let is_good = |known: &Known, reading| {
            // A clock that was set back makes the age negative, and the list as good as old.
            let age = (client.clock().now() - known.read_at).to_std();
            Some(reading) != outdated && age.is_ok_and(|age| age < self.lifetime)
        };
        self.tokens.get(is_good, async || read(client).await).await
    }
}

async fn read(client: &Client) -> Result<Known> {
    let tokens = client
        .app_tokens()
        .await
        .map_err(|error| error.with_outcome(Outcome::NotSent))?;
    let entries = tokens
        .into_iter()
        .filter(AppToken::is_enabled)
        .filter_map(Entry::of)
        .collect();
    Ok(Known {
        entries: Arc::new(entries),
        read_at: client.clock().now(),
    })
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
