//! One module for each command.

mod address;
mod assets;
mod balance;
mod completions;
mod demo;
mod drift;
mod export;
mod history;
mod invoice;
mod payout;
mod providers;
mod quote;
mod recover;
mod sandbox;
mod serve;
mod simulated;
mod watch;
mod webhook;

use std::borrow::Cow;

use paymux::ledger::{EntityKind, Ledger};
use paymux::{Error, ErrorKind, InvoiceQuery, Outcome, ProviderAttempt, ProviderName};

use crate::args::{AddressCommand, Args, Command, InvoiceCommand, PayoutCommand, WebhookCommand};
use crate::chosen::Chosen;
use crate::database::Database;
use crate::failure::{Failure, exit};
use crate::observer::Observer;
use crate::output::{Output, text};
use crate::setup::Instances;

/// What every command works with.
#[derive(Debug)]
struct Context<'a> {
    instances: Instances,
    database: Database,
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

    async fn ledger(&self) -> Result<Ledger, Failure> {
        Ok(self.database.open().await?)
    }

    /// What takes what is read into the ledger.
    fn observer(&self) -> Observer {
        Observer::start(&self.database)
    }

    /// Asks the ledger something that the command can do without: nothing where it cannot be asked,
    /// which is told on stderr.
    async fn ask_ledger<T>(&self, ask: impl AsyncFnOnce(Ledger) -> paymux::Result<T>) -> Option<T> {
        if !self.database.may_hold_something() {
            return None;
        }
        let answer = match self.database.open().await {
            Ok(ledger) => ask(ledger).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) => Some(answer),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                self.output.note(&format!(
                    "{}: the ledger was not asked: {}",
                    text::waiting("warning"),
                    text::clean(&error.to_string())
                ));
                None
            }
        }
    }

    /// The provider for what the ledger keeps; of a router it sees each attempt.
    fn provider_on(&self, ledger: &Ledger) -> Result<Chosen, Failure> {
        self.tell_who_is_left_out();
        Ok(self.instances.choose_on(self.provider.as_ref(), ledger)?)
    }

    /// The provider that an id argument means. The router is told whose an id is by the ledger, where
    /// the argument does not say so.
    async fn provider_of<'a>(
        &self,
        kind: EntityKind,
        id: &'a str,
    ) -> Result<(Chosen, Cow<'a, str>), Failure> {
        let name = self.provider.as_ref();
        if self.instances.is_ownerless(name, id)
            && let Some(owned) = self.owned(kind, id).await?
        {
            let (provider, id) = self.instances.choose_for_id(name, &owned)?;
            return Ok((provider, Cow::Owned(id.to_owned())));
        }
        let (provider, id) = self.instances.choose_for_id(name, id)?;
        Ok((provider, Cow::Borrowed(id)))
    }

    /// The id with its owner before it, where the ledger knows it.
    async fn owned(&self, kind: EntityKind, id: &str) -> Result<Option<String>, Failure> {
        let known = self
            .ask_ledger(async |ledger| ledger.history(id).await)
            .await
            .unwrap_or_default();
        let mut owners: Vec<ProviderName> = known
            .into_iter()
            .filter(|entity| entity.kind == kind)
            .filter_map(|entity| match (entity.invoice, entity.payout) {
                (Some(invoice), _) => Some((invoice.provider, invoice.id?.to_string())),
                (_, Some(payout)) => Some((payout.provider, payout.id?.to_string())),
                _ => None,
            })
            .filter(|(_, own)| own == id)
            .map(|(owner, _)| owner)
            .collect();
        owners.sort();
        owners.dedup();
        match owners.as_slice() {
            [] => Ok(None),
            [owner] => Ok(Some(format!("{owner}:{id}"))),
            several => {
                let ids: Vec<String> = several.iter().map(|it| format!("{it}:{id}")).collect();
                Err(Failure::usage(format!(
                    "the ledger knows the id {id} of several providers; write {}",
                    ids.join(" or ")
                )))
            }
        }
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
            database: Database::from_env(instances.ledger.clone()),
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
        }) => {
            let mut query = InvoiceQuery::default();
            query.order_id = order_id;
            query.status = status;
            query.page = page;
            invoice::list::run(&load()?, query).await?;
        }
        Command::Invoice(InvoiceCommand::Watch { id, until, timeout }) => {
            return watch::watch(&load()?, &id, until, timeout).await;
        }
        Command::Payout(PayoutCommand::Create(asked)) => payout::create(&load()?, asked).await?,
        Command::Payout(PayoutCommand::Get { id }) => payout::get(&load()?, &id).await?,
        Command::Payout(PayoutCommand::Approve { reference, who }) => {
            payout::approval::approve(&load()?, &reference, &who).await?;
        }
        Command::Payout(PayoutCommand::Reject {
            reference,
            who,
            why,
        }) => payout::approval::reject(&load()?, &reference, &who, why.as_deref()).await?,
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
        Command::Webhook(WebhookCommand::Apply(captured)) => {
            webhook::apply(&load()?, captured).await?;
        }
        Command::Providers => providers::run(&load()?)?,
        Command::Recover(asked) => recover::run(&load()?, asked).await?,
        Command::History { id } => history::run(&load()?, &id).await?,
        Command::Export(asked) => export::run(&load()?, asked).await?,
        Command::Drift { day } => drift::run(&load()?, day).await?,
        Command::Serve { listen } => serve::run(&load()?, listen).await?,
        Command::Sandbox { listen } => sandbox::run(output, listen).await?,
        Command::Demo => demo::run(output, provider.as_ref()).await?,
        Command::Completions { shell } => completions::run(shell)?,
    }
    Ok(exit::DONE)
}
