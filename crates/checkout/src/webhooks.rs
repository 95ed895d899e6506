//! The routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{OriginalUri, RawPathParams, Request, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use paymux_core::{PaymentProvider, ProviderName, Providers, RawWebhook, WebhookVerdict};
use paymux_ledger::Ledger;

use crate::addressee::{Unaddressed, addressee};
use crate::arrival::{self, Unread};
use crate::health::health;
use crate::settings::WebhookSettings;

/// What a route calls the part of its path that names a provider.
const PROVIDER: &str = "provider";

/// Routes that take webhooks into a ledger, with the settings that suit most applications.
///
/// | route | |
/// |---|---|
/// | `POST /webhooks/{provider}` | a webhook for the provider of this name |
/// | `POST /webhooks` | a webhook for the provider whose account it names |
/// | `GET /health` | 200 with `{"status":"ok"}` when the ledger takes writes, else 503 with a reason |
///
/// Each webhook is proven by its provider and stored by the ledger, and only then is the gateway told
/// so, in the words that it expects. Taking in what it tells is for a worker: see [`Ledger::work`],
/// which needs the same providers. The routes can be merged into an application's own, or nested
/// under any prefix:
///
/// ```
/// # fn routes(ledger: paymux_ledger::Ledger, providers: paymux_core::Providers) -> axum::Router {
/// axum::Router::new().nest("/payments", paymux_checkout::webhooks(ledger, providers))
/// # }
/// ```
///
/// # What a gateway is answered
///
/// | status | when |
/// |---|---|
/// | 200 | it is proven and stored; also where it was stored before, or waits in quarantine for a proof that could not be made now |
/// | 400 | it is not genuine; or it came to `/webhooks` and does not tell whom it is for |
/// | 404 | there is no provider of the name in the path |
/// | 405 | it is not a POST; the body is empty |
/// | 408, 413 | its body came too slowly, or is too long: see [`WebhookSettings`] |
/// | 503 | it could not be stored now, nor kept until its proof can be made: the gateway should send it again |
///
/// `/health` says `{"status":"unavailable","reason":"read_only"}` or the like: the reason is a
/// [kind](paymux_ledger::LedgerErrorKind::as_str) of the ledger's, or `timeout`. Why it is so is in the
/// logs.
///
/// The body is the provider's own ([`webhook_answer`](PaymentProvider::webhook_answer)) wherever it is
/// known whose webhook it is. No answer says why a webhook was refused; the logs do.
///
/// A webhook comes to `/webhooks` for the provider that claims it
/// ([`webhook_claim`](PaymentProvider::webhook_claim)). It is refused where several do: give each a
/// route of its own.
pub fn webhooks(ledger: Ledger, providers: Providers) -> Router {
    webhooks_with(ledger, providers, WebhookSettings::new())
}

/// Like [`webhooks`], with other settings.
pub fn webhooks_with(ledger: Ledger, providers: Providers, settings: WebhookSettings) -> Router {
    let receiver = Receiver {
        ledger,
        providers,
        settings,
    };
    Router::new()
        .route("/webhooks", post(claimed))
        .route("/webhooks/{provider}", post(named))
        .route("/health", get(healthy))
        .with_state(Arc::new(receiver))
}

async fn claimed(
    State(receiver): State<Arc<Receiver>>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Response {
    receiver.take(&Route::Open, &uri, request).await
}

async fn named(
    State(receiver): State<Arc<Receiver>>,
    OriginalUri(uri): OriginalUri,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    request: Request,
) -> Response {
    let route = Route::Named(parameters.ok().and_then(|parameters| {
        let named = parameters.iter().filter(|(name, _)| *name == PROVIDER);
        // An application that nests these routes may have a parameter of the same name before it.
        named.last()?.1.parse().ok()
    }));
    receiver.take(&route, &uri, request).await
}

async fn healthy(State(receiver): State<Arc<Receiver>>) -> Response {
    health(receiver.ledger.check(), receiver.settings.health_timeout).await
}

/// Whom a route names.
enum Route {
    /// This provider; `None` where no provider can have the name.
    Named(Option<ProviderName>),
    /// Nobody: the webhook itself has to.
    Open,
}

/// Why a webhook is for nobody.
enum NotFor {
    Unknown,
    Unaddressed(Unaddressed),
}

/// What the routes share.
struct Receiver {
    ledger: Ledger,
    providers: Providers,
    settings: WebhookSettings,
}

impl Receiver {
    async fn take(&self, route: &Route, uri: &Uri, request: Request) -> Response {
        let webhook = match arrival::read(uri, request, &self.settings).await {
            Ok(webhook) => webhook,
            Err(unread) => return self.unread(route, &unread),
        };
        match self.provider(route, &webhook) {
            Ok(provider) => self.receive(provider, &webhook).await,
            Err(NotFor::Unknown) => self.unknown(route, &webhook),
            Err(NotFor::Unaddressed(why)) => unaddressed(why),
        }
    }

    fn provider(
        &self,
        route: &Route,
        webhook: &RawWebhook,
    ) -> Result<&dyn PaymentProvider, NotFor> {
        let provider = match route {
            Route::Named(Some(name)) => self.providers.get(name).map_err(|_| NotFor::Unknown)?,
            Route::Named(None) => return Err(NotFor::Unknown),
            Route::Open => addressee(&self.providers, webhook).map_err(NotFor::Unaddressed)?,
        };
        Ok(&**provider)
    }

    async fn receive(&self, provider: &dyn PaymentProvider, webhook: &RawWebhook) -> Response {
        let receipt = self.ledger.receive(provider, webhook).await;
        let verdict = receipt.verdict();
        let answer = provider.webhook_answer(webhook, verdict);
        tracing::info!(
            provider = %provider.name(),
            received = ?receipt.received,
            kind = receipt.error.as_ref().map(|error| tracing::field::display(error.kind())),
            ?verdict,
            "a webhook was answered"
        );
        // A status that HTTP does not have is a fault of the provider's: the gateway sends it again.
        let status =
            StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, answer.body).into_response()
    }

    fn unread(&self, route: &Route, unread: &Unread) -> Response {
        let provider = self.provider(route, &unread.head).ok();
        tracing::warn!(
            provider = provider.map(|provider| tracing::field::display(provider.name())),
            status = unread.status.as_u16(),
            "a webhook was not read to its end"
        );
        let otherwise = unread.status.canonical_reason().unwrap_or_default();
        refused(unread.status, provider, &unread.head, otherwise)
    }

    fn unknown(&self, route: &Route, webhook: &RawWebhook) -> Response {
        let name = match route {
            Route::Named(name) => name.as_ref().map(tracing::field::display),
            Route::Open => None,
        };
        tracing::warn!(
            name,
            "a webhook came for a provider that is not here; behind a router, its members have to be here"
        );
        let sender = addressee(&self.providers, webhook).ok();
        refused(
            StatusCode::NOT_FOUND,
            sender.map(|sender| &**sender),
            webhook,
            "there is no provider of this name",
        )
    }
}

/// A refusal in the words of whoever's webhook it is.
fn refused(
    status: StatusCode,
    provider: Option<&dyn PaymentProvider>,
    webhook: &RawWebhook,
    otherwise: &'static str,
) -> Response {
    let body = provider.map_or(otherwise, |provider| {
        provider
            .webhook_answer(webhook, WebhookVerdict::Refused)
            .body
    });
    (status, body).into_response()
}

fn unaddressed(why: Unaddressed) -> Response {
    tracing::warn!(
        ?why,
        "a webhook does not tell which provider it is for; give each a route of its own"
    );
    (
        StatusCode::BAD_REQUEST,
        "this does not tell which provider it is for; send it to /webhooks/PROVIDER",
    )
        .into_response()
}
