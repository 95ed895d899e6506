//! One module for each command.

mod address;
mod assets;
mod balance;
mod completions;
mod demo;
mod invoice;
mod payout;
mod providers;
mod quote;
mod sandbox;
mod simulated;
mod watch;
mod webhook;

use paymux::{Error, ErrorKind, Outcome, ProviderAttempt, ProviderName};

use crate::args::{AddressCommand, Args, Command, InvoiceCommand, PayoutCommand, WebhookCommand};
use crate::chosen::Chosen;
use crate::failure::{Failure, exit};
use crate::output::{Output, text};
use crate::setup::Instances;

/// What every command works with.
#[derive(Debug)]
struct Context<'a> {
    instances: Instances,
    provider: Option<ProviderName>,
    output: &'a Output,
    /// Whether to tell where the router went.
    is_verbose: bool,
}

impl Context<'_> {
    fn provider(&self) -> Result<Chosen, Failure> {
        self.tell_who_is_left_out();
        Ok(self.instances.choose(self.provider.as_ref())?)
    }

    fn provider_of<'a>(&self, id: &'a str) -> Result<(Chosen, &'a str), Failure> {
        Ok(self.instances.choose_for_id(self.provider.as_ref(), id)?)
    }

    fn tell_who_is_left_out(&self) {
        if self.instances.is_router(self.provider.as_ref()) {
            for lack in self.instances.left_out() {
                self.output.note(&format!("left out of the router: {lack}"));
            }
        }
    }

    /// Tells on stderr where the router went, where somebody wants to know.
    fn tell_route(&self, operation: &str, attempts: &[ProviderAttempt]) {
        if self.is_verbose {
            for attempt in attempts {
                let told = text::attempt(attempt);
                self.output.note(&format!("{operation}: {told}"));
            }
        }
    }
}

/// The error of a creating call that was interrupted: nobody knows how far it got.
fn interrupted() -> Error {
    Error::new(
        ErrorKind::Unavailable,
        Outcome::Unknown,
        "interrupted while the call was under way",
    )
}

/// Carries a command out; gives its exit code.
///
/// # Errors
/// Whatever the command failed with.
pub(crate) async fn run(args: Args, output: &Output) -> Result<u8, Failure> {
    let Args {
        provider,
        config,
        command,
        verbose,
        ..
    } = args;
    let load = || -> Result<Context<'_>, Failure> {
        let instances = Instances::load(config.as_deref())?;
        for warning in &instances.warnings {
            output.note(&format!("{}: {warning}", text::waiting("warning")));
        }
        Ok(Context {
            instances,
            provider: provider.clone(),
            output,
            is_verbose: verbose > 0,
        })
    };
    match command {
        Command::Invoice(InvoiceCommand::Create(asked)) => {
            invoice::create(&load()?, asked).await?;
        }
        Command::Invoice(InvoiceCommand::Get { id }) => invoice::get(&load()?, &id).await?,
        Command::Invoice(InvoiceCommand::List {
            order_id,
            status,
            page,
        }) => invoice::list(&load()?, order_id, status, page).await?,
        Command::Invoice(InvoiceCommand::Watch { id, until, timeout }) => {
            return watch::watch(&load()?, &id, until, timeout).await;
        }
        Command::Payout(PayoutCommand::Create(asked)) => payout::create(&load()?, asked).await?,
        Command::Payout(PayoutCommand::Get { id }) => payout::get(&load()?, &id).await?,
        Command::Quote { price, asset } => quote::run(&load()?, &price, &asset).await?,
        Command::Assets { all } => assets::run(&load()?, all).await?,
        Command::Balance { asset } => balance::run(&load()?, asset.as_ref()).await?,
        Command::Address(AddressCommand::Create {
            name,
            asset,
            amount,
        }) => address::create(&load()?, name, asset, amount).await?,
        Command::Webhook(WebhookCommand::Verify(asked)) => {
            webhook::verify(&load()?, asked).await?;
        }
        Command::Providers => providers::run(&load()?)?,
        Command::Sandbox { listen } => sandbox::run(output, listen).await?,
        Command::Demo => demo::run(output, provider.as_ref()).await?,
        Command::Completions { shell } => completions::run(shell)?,
    }
    Ok(exit::DONE)
}
