//! What to do next after an error.

use paymux::{Error, ErrorKind, Outcome};

use crate::failure::Task;

/// What to do next: how to find out where the outcome is unknown, else what the provider advises,
/// else what usually helps.
pub(crate) fn for_error(task: &Task, error: &Error) -> Option<String> {
    let advice = error.hint().map(str::to_owned);
    if error.may_have_executed()
        && let Some(search) = how_to_find_out(task, error)
    {
        return Some(match advice {
            Some(advice) => format!("{search}; {advice}"),
            None => search,
        });
    }
    advice.or_else(|| usual(task, error))
}

fn how_to_find_out(task: &Task, error: &Error) -> Option<String> {
    let provider = error
        .provider()
        .map_or_else(String::new, |name| format!("--provider {name} "));
    let hint = match (task, error.id()) {
        (Task::CreatePayout { .. }, Some(id)) => format!(
            "it may have been paid: never send it again; find out with \"paymux {provider}payout get {id}\""
        ),
        (Task::CreatePayout { has_callback: true }, None) => {
            "it may have been paid: never send it again; wait for its webhook, whose URL names the \
             reference, or look for it in the gateway's own pages"
                .to_owned()
        }
        (Task::CreatePayout { .. }, None) => {
            "it may have been paid: never send it again; look for it in the gateway's own pages by \
             amount, address and time"
                .to_owned()
        }
        (Task::CreateInvoice, Some(id)) => format!(
            "the invoice may exist; find out with \"paymux {provider}invoice get {id}\""
        ),
        (Task::CreateInvoice, None) => {
            "the invoice may exist; wait for its webhook or look for the order in the gateway's own \
             pages before another one is made"
                .to_owned()
        }
        (Task::CreateAddress, _) => {
            "the address may exist; look for its name in the gateway's own pages".to_owned()
        }
        (Task::Other | Task::Read { .. } | Task::VerifyWebhook, _) => return None,
    };
    Some(hint)
}

fn usual(task: &Task, error: &Error) -> Option<String> {
    if let Some(wait) = error.retry_after() {
        return Some(format!(
            "the gateway asks to wait {} s",
            wait.as_secs().max(1)
        ));
    }
    let hint = match error.kind() {
        ErrorKind::Authentication => {
            "check app id, app key and this computer's clock; \"paymux providers\" tells which \
             variables they come from"
        }
        ErrorKind::InvalidSignature if matches!(task, Task::VerifyWebhook) => {
            "the body must be byte for byte as it came, with every header, and --at the time it was \
             received"
        }
        ErrorKind::InvalidSignature => {
            "the answer was not signed with this app key: check that the key belongs to the app id, \
             and that nothing between here and the gateway changes answers"
        }
        ErrorKind::InsufficientFunds => "\"paymux balance\" shows what can be sent",
        ErrorKind::NotFound | ErrorKind::Refused if matches!(task, Task::Read { .. }) => {
            "check the id; it is the gateway's own, as \"create\" printed it"
        }
        ErrorKind::Unavailable | ErrorKind::Timeout if error.outcome() == Outcome::NotSent => {
            "nothing was changed; it is safe to try again"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown() -> Error {
        Error::new(
            ErrorKind::Timeout,
            Outcome::Unknown,
            "no answer within 30 s",
        )
    }

    #[test]
    fn an_unknown_payout_is_never_to_be_sent_again() {
        for has_callback in [true, false] {
            for error in [
                unknown(),
                unknown().with_id("T1"),
                unknown().with_hint("the clock is off"),
            ] {
                let hint = for_error(&Task::CreatePayout { has_callback }, &error).unwrap();
                assert!(hint.contains("never send it again"), "{hint}");
                assert_eq!(
                    hint.contains("payout get T1"),
                    error.id().is_some(),
                    "{hint}"
                );
                assert_eq!(
                    hint.contains("webhook"),
                    has_callback && error.id().is_none()
                );
                assert_eq!(hint.contains("clock"), error.hint().is_some());
            }
        }
    }

    #[test]
    fn the_command_in_a_hint_asks_the_same_provider() {
        let error = unknown().with_id("T1").with_provider("eu".parse().unwrap());
        assert_eq!(
            for_error(&Task::CreateInvoice, &error).unwrap(),
            "the invoice may exist; find out with \"paymux --provider eu invoice get T1\""
        );
    }
}
