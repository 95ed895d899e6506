//! What can be typed after `paymux`.

mod ledger;
mod values;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use paymux::{AssetName, InvoiceStatus, Money, OrderId, ProviderName, Reference, WaitTarget};
use rust_decimal::Decimal;
use secrecy::SecretString;

pub(crate) use ledger::{ExportArgs, ExportForm, Recover};
pub(crate) use values::{Header, time};

/// Parses the command line.
///
/// # Errors
/// What clap says: also for `--help` and `--version`, which are no mistakes.
pub(crate) fn parse(raw: &[OsString]) -> Result<Args, clap::Error> {
    Args::try_parse_from(raw)
}

const GLOBAL: &str = "Global options";

const AFTER_HELP: &str = "\
Environment:
  PAYMUX_NATIVE_CHECKOUT_APP_ID    HaloPay app id
  PAYMUX_NATIVE_CHECKOUT_APP_KEY   HaloPay app key
  PAYMUX_NATIVE_CHECKOUT_BASE_URL  scheme, host and port; the real gateway by default
  PAYMUX_UNIPAYMENT_AUTH           md5, hmac or oauth; oauth by default
  PAYMUX_UNIPAYMENT_...            APP_ID, BASE_URL; APP_KEY, MD5_RULE (md5);
                                   CLIENT_ID, CLIENT_SECRET (hmac, oauth);
                                   WEBHOOK_SECRET, FROM_ACCOUNT_ID, PAYOUT_REASON (oauth);
                                   AUTO_CONFIRM (hmac)
  PAYMUX_DATABASE_URL              sqlite:///FILE or postgres://...; by default a file in the
                                   user's state folder, which paymux providers shows
  NO_COLOR                         plain text without colours

Exit codes:
  0 done                           4 not sent, or a question went unanswered
  1 anything else                  5 outcome unknown: it may have happened
  2 usage or configuration         6 signature or proof invalid
  3 the gateway refused            7 timed out waiting

Try it without an account: paymux demo";

/// Take and send crypto payments through any gateway.
#[derive(Debug, Parser)]
#[command(name = "paymux", version, max_term_width = 100, after_help = AFTER_HELP)]
pub(crate) struct Args {
    /// Provider instance: `native-checkout`, `unipayment` or a name from the config file, or `router`
    /// for all of them; by default the only one that is configured, else the router
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "NAME")]
    pub(crate) provider: Option<ProviderName>,

    /// Config file with `[providers.NAME]` tables, `[router]` for the router over them and `[ledger]` (TOML)
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// How to print; text on a terminal and JSON elsewhere by default
    #[arg(long, global = true, help_heading = GLOBAL, value_name = "FORM")]
    pub(crate) output: Option<Form>,

    /// Tell more on stderr: causes of errors, where the router went, every call; twice for every detail
    #[arg(short, long, global = true, help_heading = GLOBAL, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How to print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask for money
    #[command(subcommand)]
    Invoice(InvoiceCommand),
    /// Send money
    #[command(subcommand)]
    Payout(PayoutCommand),
    /// What a price is in an asset now
    Quote {
        /// Price, such as "5 USD"
        #[arg(long)]
        price: Money,
        /// Asset, such as USDT@tron-nile
        #[arg(long)]
        asset: AssetName,
    },
    /// Assets that can be paid with
    Assets {
        /// Everything that the gateway has, not only what the account can use
        #[arg(long)]
        all: bool,
    },
    /// What the account holds
    Balance {
        /// Only this asset
        #[arg(long)]
        asset: Option<AssetName>,
    },
    /// Permanent addresses
    #[command(subcommand)]
    Address(AddressCommand),
    /// What gateways send on their own
    #[command(subcommand)]
    Webhook(WebhookCommand),
    /// What is configured, what each provider can do, which credentials are missing, where the ledger is
    Providers,
    /// Find out what can be found out of what is in doubt, list the rest, and settle it
    Recover(Recover),
    /// Everything that happened to an invoice or a payout, as the ledger knows it
    History {
        /// A payout's reference, an order, a gateway's id, or webhook:NUMBER for one that was dismissed
        id: String,
    },
    /// Write out what the ledger holds, oldest first
    Export(ExportArgs),
    /// Compare what the ledger says of a day with what the gateways say
    Drift {
        /// Which day (UTC), such as 2026-03-17; today by default
        #[arg(long, value_name = "DATE", value_parser = values::day)]
        day: Option<NaiveDate>,
    },
    /// Take webhooks into the ledger at /webhooks/NAME, poll what is open, and go on until ctrl-c
    Serve {
        /// Address to listen on; port 0 means any free port
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Run simulated gateways until ctrl-c
    Sandbox {
        /// Address to listen on; port 0 means any free port
        #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
        listen: SocketAddr,
    },
    /// Watch an invoice being paid and a payout arrive, on an embedded sandbox
    Demo,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum InvoiceCommand {
    /// Make an invoice
    Create(InvoiceCreate),
    /// Show an invoice as it is now
    Get {
        /// Gateway's id, or PROVIDER:ID, which the router needs unless the ledger knows the id
        id: String,
    },
    /// Find invoices, at gateways that can search
    List {
        /// Only those of this order
        #[arg(long, value_name = "ID")]
        order_id: Option<OrderId>,
        /// Only those in this status
        #[arg(long)]
        status: Option<InvoiceStatus>,
        /// Which page, from 1
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        page: Option<u32>,
    },
    /// Wait until an invoice is paid
    Watch {
        /// Gateway's id, or PROVIDER:ID, which the router needs unless the ledger knows the id
        id: String,
        /// What to wait for
        #[arg(long, value_enum, default_value_t = Until::Settled)]
        until: Until,
        /// When to give up: a number with s, m, h or d
        #[arg(long, default_value = "30m", value_parser = values::time)]
        timeout: Duration,
    },
}

#[derive(Debug, Arguments)]
pub(crate) struct InvoiceCreate {
    /// The merchant's order
    #[arg(long, value_name = "ID")]
    pub(crate) order_id: OrderId,
    /// Price, such as "5 USD"
    #[arg(long)]
    pub(crate) price: Money,
    /// What the payer pays with, such as TRX@tron-nile; optional where the payer may choose
    #[arg(long)]
    pub(crate) asset: Option<AssetName>,
    /// How long the payer has: a number with s, m, h or d
    #[arg(long, value_name = "TIME", value_parser = values::time)]
    pub(crate) expires_in: Option<Duration>,
    /// Where the gateway sends its webhooks; the router puts the provider's name for `{provider}`
    #[arg(long, value_name = "URL")]
    pub(crate) callback_url: Option<String>,
}

/// What to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Until {
    /// Enough money was seen on chain
    Processing,
    /// It is confirmed as often as the gateway asks for
    Confirmed,
    /// It is credited
    Settled,
    /// Any final status
    Final,
}

impl From<Until> for WaitTarget {
    fn from(until: Until) -> Self {
        match until {
            Until::Processing => Self::Status(InvoiceStatus::Processing),
            Until::Confirmed => Self::Status(InvoiceStatus::Confirmed),
            Until::Settled => Self::Status(InvoiceStatus::Settled),
            Until::Final => Self::Final,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum PayoutCommand {
    /// Send a payout, once
    Create(PayoutCreate),
    /// Show a payout as it is now
    Get {
        /// Gateway's id, or PROVIDER:ID, which the router needs unless the ledger knows the id
        id: String,
    },
    /// Let a payout be sent that is above a limit and waits for a second person
    Approve {
        /// The payout's reference
        reference: Reference,
        /// Who approves it; the history keeps this
        #[arg(long, value_name = "NAME")]
        who: String,
    },
    /// Turn a payout down that waits for a second person; nothing is ever sent under its reference
    Reject {
        /// The payout's reference
        reference: Reference,
        /// Who turns it down; the history keeps this
        #[arg(long, value_name = "NAME")]
        who: String,
        /// Why
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
}

#[derive(Debug, Arguments)]
pub(crate) struct PayoutCreate {
    /// The merchant's own reference
    #[arg(long, value_name = "REF")]
    pub(crate) reference: Reference,
    /// What to send, such as USDT@tron-nile
    #[arg(long)]
    pub(crate) asset: AssetName,
    /// What the destination receives, in whole tokens
    #[arg(long, value_parser = paymux::money::amount_of, allow_negative_numbers = true)]
    pub(crate) amount: Decimal,
    /// Address to send to, whose form is checked before anything is sent; or `payment-method:ID` or
    /// `account:ID`, where the gateway keeps destinations
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: String,
    /// One-time code, where the account asks for a second factor
    #[arg(long, value_name = "CODE", env = "PAYMUX_OTP", hide_env_values = true)]
    pub(crate) otp: Option<SecretString>,
    /// Where the gateway sends its webhooks; lets a payout be found again when its answer is lost
    #[arg(long, value_name = "URL")]
    pub(crate) callback_url: Option<String>,
    /// Who asks for it; above a limit somebody else has to approve it
    #[arg(long, value_name = "NAME")]
    pub(crate) who: Option<String>,
    /// Send without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AddressCommand {
    /// Make a permanent address, for payments without an invoice
    Create {
        /// Your name for it
        #[arg(long)]
        name: String,
        /// What will be paid to it, such as USDT@tron-nile
        #[arg(long)]
        asset: AssetName,
        /// Amount that payers are asked for; any by default
        #[arg(long, value_parser = paymux::money::amount_of, allow_negative_numbers = true)]
        amount: Option<Decimal>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum WebhookCommand {
    /// Prove a captured webhook and print what it tells; the gateway is called only where that is
    /// the proof
    Verify(WebhookVerify),
    /// Prove a captured webhook and take it into the ledger, as if it had come to `serve`
    Apply(CapturedWebhook),
}

#[derive(Debug, Arguments)]
pub(crate) struct WebhookVerify {
    #[command(flatten)]
    pub(crate) captured: CapturedWebhook,
    /// Instead, find out which signing rule fits; for UniPayment's generation md5
    #[arg(long)]
    pub(crate) diagnose: bool,
}

/// A webhook as it was captured.
#[derive(Debug, Arguments)]
pub(crate) struct CapturedWebhook {
    /// A header as it came, "Name: value"; give every one
    #[arg(long = "header", value_name = "K: V")]
    pub(crate) headers: Vec<Header>,
    /// File with the body, byte for byte; - for stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) body: PathBuf,
    /// Path and query that it was posted to; carries the reference of a payout, and may name the
    /// provider to the router (`/webhooks/eu`)
    #[arg(long, value_name = "PATH?QUERY", value_parser = values::path_and_query)]
    pub(crate) url: Option<String>,
    /// When it was received (RFC 3339); now by default
    #[arg(long, value_name = "TIME", value_parser = values::instant)]
    pub(crate) at: Option<DateTime<Utc>>,
}
