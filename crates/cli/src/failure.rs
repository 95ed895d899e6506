//! How a command fails: its exit code and the error object.

use paymux::setup::Setup;
use paymux::{
    Capabilities, Correlation, Error, ErrorKind, InvoiceSnapshot, NewPayout, OrderId, Outcome,
};
use serde::Serialize;

use crate::hint;
use crate::output::json::bare;

/// Exit codes; `docs/cli.md` promises them.
pub(crate) mod exit {
    pub(crate) const DONE: u8 = 0;
    pub(crate) const OTHER: u8 = 1;
    pub(crate) const USAGE: u8 = 2;
    pub(crate) const REFUSED: u8 = 3;
    pub(crate) const NOT_SENT: u8 = 4;
    pub(crate) const OUTCOME_UNKNOWN: u8 = 5;
    pub(crate) const NOT_PROVEN: u8 = 6;
    pub(crate) const TIMED_OUT: u8 = 7;
}

/// What was being done when it failed.
#[derive(Debug, Clone, Default)]
pub(crate) enum Task {
    /// A call that changes nothing, or no call at all.
    #[default]
    Other,
    /// Reading an invoice or a payout by its id.
    Read {
        /// The id that was asked for.
        id: String,
    },
    /// Looking for invoices.
    Search,
    CreateInvoice {
        order_id: OrderId,
        /// Whether the order can be looked for.
        can_search: bool,
    },
    CreateAddress,
    CreatePayout {
        found_by: FoundBy,
    },
    VerifyWebhook,
}

/// How a payout is found again when the answer to its creation was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FoundBy {
    /// Its webhook names the reference in its URL.
    Webhook,
    /// The gateway keeps the reference with it.
    Reference,
    /// Nothing but what it was.
    Nothing,
}

impl FoundBy {
    pub(crate) fn of(capabilities: &Capabilities, payout: &NewPayout) -> Self {
        match capabilities.payout_correlation {
            Correlation::CallbackUrl if payout.callback_url.is_some() => Self::Webhook,
            Correlation::Reference => Self::Reference,
            _ => Self::Nothing,
        }
    }
}

/// Why a command ended without what was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    error: Error,
    exit: u8,
    hint: Option<String>,
    /// There when waiting timed out: the last invoice that was seen.
    waited_for: Option<Option<Box<InvoiceSnapshot>>>,
}

impl Failure {
    /// A failure of a provider while it was doing something.
    /// The settings are those of the instance that failed.
    pub(crate) fn of_provider(task: &Task, error: Error, setup: Option<&Setup>) -> Self {
        let error = match task {
            Task::Read { id } if error.id().is_none() => error.with_id(id.clone()),
            _ => error,
        };
        Self {
            exit: exit_code(task, error.kind(), error.outcome()),
            hint: hint::for_error(task, &error, setup),
            error,
            waited_for: None,
        }
    }

    /// A mistake on the command line; nothing was sent.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Error::invalid_request(message).into()
    }

    /// The ledger's no to what was asked of it alone: a name that it does not know, or a person who may
    /// not do this, is a mistake on the command line.
    pub(crate) fn of_ledger(error: Error) -> Self {
        let is_mistake = matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Permission)
            && error.outcome() == Outcome::NotSent;
        let mut failure = Self::from(error);
        if is_mistake {
            failure.exit = exit::USAGE;
        }
        failure
    }

    /// Anything that no other code stands for.
    pub(crate) fn other(message: impl Into<String>) -> Self {
        Self {
            error: Error::new(ErrorKind::Unavailable, Outcome::NotSent, message),
            exit: exit::OTHER,
            hint: None,
            waited_for: None,
        }
    }

    /// Waiting took too long; with the last invoice that was seen.
    pub(crate) fn timed_out(error: Error, last: Option<Box<InvoiceSnapshot>>) -> Self {
        Self {
            error,
            exit: exit::TIMED_OUT,
            hint: Some("wait longer with --timeout, such as --timeout 2h".to_owned()),
            waited_for: Some(last),
        }
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub(crate) fn exit(&self) -> u8 {
        self.exit
    }

    pub(crate) fn error(&self) -> &Error {
        &self.error
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The last invoice that was seen while waiting.
    pub(crate) fn last_invoice(&self) -> Option<&InvoiceSnapshot> {
        self.waited_for.as_ref()?.as_deref()
    }

    /// The error object of JSON output.
    pub(crate) fn to_json(&self) -> ErrorObject<'_> {
        let error = &self.error;
        ErrorObject {
            error: ErrorMembers {
                kind: error.kind(),
                outcome: error.outcome(),
                provider: error.provider().map(paymux::ProviderName::as_str),
                operation: error.operation(),
                code: error.code(),
                id: error.id().map(|id| bare::of_error(error, id)),
                reference: error.reference().map(paymux::Reference::as_str),
                message: error.message(),
                hint: self.hint(),
                invoice: self
                    .waited_for
                    .as_ref()
                    .map(|last| last.as_deref().map(bare::invoice)),
            },
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::of_provider(&Task::Other, error, None)
    }
}

/// The one JSON value that a failed command prints.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorObject<'a> {
    error: ErrorMembers<'a>,
}

#[derive(Debug, Serialize)]
struct ErrorMembers<'a> {
    kind: ErrorKind,
    outcome: Outcome,
    provider: Option<&'a str>,
    operation: Option<&'a str>,
    code: Option<&'a str>,
    id: Option<&'a str>,
    reference: Option<&'a str>,
    message: &'a str,
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice: Option<Option<InvoiceSnapshot>>,
}

/// The exit code of an error: the first line of the table in `docs/cli.md` that fits.
fn exit_code(task: &Task, kind: ErrorKind, outcome: Outcome) -> u8 {
    let is_usage = matches!(
        kind,
        ErrorKind::InvalidRequest
            | ErrorKind::Duplicate
            | ErrorKind::Conflict
            | ErrorKind::Configuration
            | ErrorKind::Unsupported
    );
    match (kind, outcome) {
        // Whatever cannot be believed about a payout may have moved money.
        (ErrorKind::InvalidSignature, _) if matches!(task, Task::CreatePayout { .. }) => {
            exit::OUTCOME_UNKNOWN
        }
        (ErrorKind::InvalidSignature, _) => exit::NOT_PROVEN,
        (_, Outcome::Unknown) => exit::OUTCOME_UNKNOWN,
        (_, Outcome::Rejected) => exit::REFUSED,
        (_, Outcome::NotSent) if is_usage => exit::USAGE,
        (_, Outcome::NotSent) => exit::NOT_SENT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_the_table_decides() {
        use ErrorKind::{
            Authentication, Configuration, Conflict, InsufficientFunds, InvalidResponse,
            InvalidSignature, Mismatch, Refused, Timeout, Unavailable, Unsupported,
        };
        use Outcome::{NotSent, Rejected, Unknown};
        let payout = Task::CreatePayout {
            found_by: FoundBy::Webhook,
        };
        let invoice = Task::CreateInvoice {
            order_id: "o".parse().unwrap(),
            can_search: false,
        };
        for (task, kind, outcome, code) in [
            (&Task::Other, InvalidSignature, NotSent, 6),
            (&invoice, InvalidSignature, Unknown, 6),
            (&payout, InvalidSignature, Unknown, 5),
            (&payout, Timeout, Unknown, 5),
            (&invoice, Mismatch, Unknown, 5),
            (&payout, InsufficientFunds, Rejected, 3),
            (&Task::Other, Refused, Rejected, 3),
            // A gateway's no comes before what kind of no it was.
            (&Task::Other, Conflict, Rejected, 3),
            (&Task::Other, Conflict, NotSent, 2),
            (&Task::Other, Configuration, NotSent, 2),
            (&Task::Other, Unsupported, NotSent, 2),
            (&payout, Unavailable, NotSent, 4),
            (&payout, Authentication, NotSent, 4),
            (&Task::Other, InvalidResponse, NotSent, 4),
        ] {
            assert_eq!(
                exit_code(task, kind, outcome),
                code,
                "{kind} {outcome} {task:?}"
            );
        }
    }

    #[test]
    fn every_member_of_the_error_object_is_there() {
        let json = serde_json::to_string(&Failure::usage("no").to_json()).unwrap();
        assert_eq!(
            json,
            concat!(
                r#"{"error":{"kind":"invalid_request","outcome":"not_sent","provider":null,"#,
                r#""operation":null,"code":null,"id":null,"reference":null,"message":"no","hint":null}}"#
            )
        );
        let timed_out = Failure::timed_out(Error::invalid_request("late"), None);
        assert!(
            serde_json::to_string(&timed_out.to_json())
                .unwrap()
                .ends_with(r#","invoice":null}}"#)
        );
    }
}
