//! What can be asked of the ledger.

use chrono::{DateTime, Utc};
use clap::{Args as Arguments, ValueEnum};
use paymux::Reference;
use paymux::ledger::{ExportFormat, ExportSubject};

use super::values;

#[derive(Debug, Arguments)]
pub(crate) struct Recover {
    /// A payout of which you found out at the gateway whether it was made
    #[arg(long, value_name = "REF", group = "act", requires_all = ["finding", "who", "why"])]
    pub(crate) settle: Option<Reference>,
    /// It was made, and this is the gateway's id of it, or PROVIDER:ID
    #[arg(long, value_name = "ID", group = "finding", requires = "settle")]
    pub(crate) made: Option<String>,
    /// It is this one, although the gateway tells another amount, asset or destination
    #[arg(long, requires = "made")]
    pub(crate) insist: bool,
    /// It was surely not made: the next "payout create" with the reference sends it
    #[arg(long, group = "finding", requires = "settle")]
    pub(crate) not_made: bool,
    /// An unmatched webhook that needs nothing more, by the number that this command lists
    #[arg(long, value_name = "NUMBER", group = "act", requires_all = ["who", "why"])]
    pub(crate) dismiss: Option<i64>,
    /// Who settles or dismisses it; the history keeps this
    #[arg(long, value_name = "NAME", requires = "act")]
    pub(crate) who: Option<String>,
    /// How it was found out, or why it is dismissed; the history keeps this
    #[arg(long, value_name = "TEXT", requires = "act")]
    pub(crate) why: Option<String>,
}

/// What to export, and how.
#[derive(Debug, Arguments)]
pub(crate) struct ExportArgs {
    /// What; events are every line of every history
    #[arg(value_enum)]
    pub(crate) subject: Exported,
    /// How: a JSON object a line with everything, or flat comma-separated values with a head line
    #[arg(long, value_enum)]
    pub(crate) format: ExportForm,
    /// Only what was made, or happened, at this time (RFC 3339) or later
    #[arg(long, value_name = "TIME", value_parser = values::instant)]
    pub(crate) since: Option<DateTime<Utc>>,
    /// Only what was made, or happened, before this time (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = values::instant)]
    pub(crate) until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Exported {
    Invoices,
    Payouts,
    Events,
}

impl From<Exported> for ExportSubject {
    fn from(exported: Exported) -> Self {
        match exported {
            Exported::Invoices => Self::Invoices,
            Exported::Payouts => Self::Payouts,
            Exported::Events => Self::History,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportForm {
    Jsonl,
    Csv,
}

impl From<ExportForm> for ExportFormat {
    fn from(form: ExportForm) -> Self {
        match form {
            ExportForm::Jsonl => Self::JsonLines,
            ExportForm::Csv => Self::Csv,
        }
    }
}
