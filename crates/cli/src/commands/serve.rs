//! `paymux serve`: the gateways' webhooks come in, and the ledger is worked on.

use std::collections::BTreeMap;
use std::future::IntoFuture;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use paymux::ledger::Ledger;
use paymux::{Providers, checkout};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use super::Context;
use crate::database;
use crate::failure::Failure;
use crate::interruption::Interruption;
use crate::output::text;

/// How long requests that are under way may take to end.
const GRACE: Duration = Duration::from_secs(10);

/// How long the worker goes on after the last request: what it leaves half done is done by the next one
/// too, but only when its lease has ended.
const LAST_WORK: Duration = Duration::from_millis(300);

#[derive(Debug, Serialize)]
struct Ready {
    listen: String,
    /// What lets other commands work on the same ledger.
    environment: BTreeMap<&'static str, String>,
}

pub(super) async fn run(context: &Context<'_>, listen: SocketAddr) -> Result<(), Failure> {
    let providers = context.instances.providers(context.provider.as_ref())?;
    if providers.is_empty() {
        // The error that says what to set.
        context.provider()?;
    }
    context.tell_who_is_left_out();
    let ledger = context.database.open_to_serve().await?;
    let cannot_listen =
        |error: std::io::Error| Failure::usage(format!("cannot listen on {listen}: {error}"));
    let listener = TcpListener::bind(listen).await.map_err(cannot_listen)?;
    let ready = Ready {
        listen: listener.local_addr().map_err(cannot_listen)?.to_string(),
        environment: context
            .database
            .public_url()
            .map(|url| (database::VARIABLE, url.to_owned()))
            .into_iter()
            .collect(),
    };
    let mut interruption = Interruption::listen();
    context
        .output
        .result(&ready, || instructions(context, &ready, &providers))?;

    let stop = Arc::new(Notify::new());
    let stopped = Arc::clone(&stop);
    let routes = checkout::webhooks(ledger.clone(), providers.clone());
    let server = axum::serve(listener, routes)
        .with_graceful_shutdown(async move { stopped.notified().await });
    let mut server = pin!(server.into_future());
    let mut working = pin!(work(context, &ledger, &providers));
    tokio::select! {
        ended = &mut server => {
            return Err(Failure::other(match ended {
                Ok(()) => "the server ended by itself".to_owned(),
                Err(error) => format!("the server ended: {error}"),
            }));
        }
        () = &mut working => {}
        () = interruption.wait() => {}
    }
    stop.notify_one();
    let last = async {
        let _ = (&mut server).await;
        tokio::time::sleep(LAST_WORK).await;
    };
    tokio::select! {
        () = last => {}
        () = &mut working => {}
        () = tokio::time::sleep(GRACE) => {}
        // Asked once more to end, it does so at once.
        () = interruption.wait() => {}
    }
    Ok(())
}

/// Finds out what the last run left in doubt, and works from then on.
async fn work(context: &Context<'_>, ledger: &Ledger, providers: &Providers) {
    match ledger.recover(providers).await {
        Ok(report) if !report.open.is_empty() => context.output.note(&format!(
            "{}: {} in doubt; \"paymux recover\" shows what",
            text::waiting("warning"),
            report.open.len()
        )),
        Ok(_) => {}
        Err(error) => context
            .output
            .note(&format!("what is in doubt could not be looked at: {error}")),
    }
    ledger.work(providers).await;
}

fn instructions(context: &Context<'_>, ready: &Ready, providers: &Providers) -> String {
    let routes: Vec<String> = providers
        .iter()
        .map(|provider| format!("POST http://{}/webhooks/{}", ready.listen, provider.name()))
        .collect();
    // It is open: there is one.
    let ledger = context.database.shown().unwrap_or_default();
    format!(
        "{heading} Gateways send their webhooks to\n\n{routes}\n\n\
         GET http://{listen}/health tells whether the ledger can be written: {ledger}\n\
         Ctrl-c ends it.",
        heading = text::bold(&format!("Webhooks are taken on {}.", ready.listen)),
        routes = routes.join("\n"),
        listen = ready.listen,
        ledger = text::clean(&ledger),
    )
}
