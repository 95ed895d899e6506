//! What to do next after an error.

use paymux::setup::Setup;
use paymux::unipayment::{ConfigKey, Generation};
use paymux::{Error, ErrorKind, Outcome};

use crate::failure::{FoundBy, Task};
use crate::generation;
use crate::output::json::bare;
use crate::routed::{ROUTER, advice_of_provider};
use crate::setup::{listed, place_named, required_names};

/// What helps with every payout in doubt.
const RECOVER: &str = "\"paymux recover\" looks for what can be found, and settles what you found";

/// What to do next: how to find out where the outcome is unknown, else what the provider advises,
/// else what usually helps.
pub(crate) fn for_error(task: &Task, error: &Error, setup: Option<&Setup>) -> Option<String> {
    let advice = advice_of_provider(error).map(str::to_owned);
    if error.may_have_executed()
        && let Some(search) = how_to_find_out(task, error)
    {
        return Some(match advice {
            Some(advice) => format!("{search}; {advice}"),
            None if matches!(task, Task::CreatePayout { is_kept: true, .. }) => {
                format!("{search}; {RECOVER}")
            }
            None => search,
        });
    }
    advice.or_else(|| usual(task, error, setup))
}

fn how_to_find_out(task: &Task, error: &Error) -> Option<String> {
    let ask = |command: &str| match error.provider() {
        Some(name) => format!("\"paymux --provider {name} {command}\""),
        None => format!("\"paymux {command}\""),
    };
    let read = |what: &str, id: &str| {
        // An id that has its owner before it says whose it is.
        if bare::of_error(error, id) == id {
            ask(&format!("{what} get {}", quoted(id)))
        } else {
            format!("\"paymux {what} get {}\"", quoted(id))
        }
    };
    let paid = match error.provider() {
        Some(name) if *name != ROUTER => format!("it may have been paid by {name}"),
        _ => "it may have been paid".to_owned(),
    };
    let hint = match (task, error.id()) {
        (Task::CreatePayout { .. }, Some(id)) => format!(
            "{paid}: never send it again; find out with {}",
            read("payout", id)
        ),
        (
            Task::CreatePayout {
                found_by: FoundBy::Webhook,
                ..
            },
            None,
        ) => format!(
            "{paid}: never send it again; wait for its webhook, whose URL names the reference, or look \
             for it in the gateway's own pages"
        ),
        (
            Task::CreatePayout {
                found_by: FoundBy::Reference,
                ..
            },
            None,
        ) => {
            let reference = error.reference().map_or("the reference", |it| it.as_str());
            format!(
                "{paid}: never send it again; look for the note {reference} in the \
                 gateway's own pages, or ask with \"payout get\" for the id that its webhook names"
            )
        }
        (
            Task::CreatePayout {
                found_by: FoundBy::Nothing,
                ..
            },
            None,
        ) => format!(
            "{paid}: never send it again; look for it in the gateway's own pages by amount, address and \
             time"
        ),
        (Task::CreateInvoice { .. }, Some(id)) => format!(
            "the invoice may exist; find out with {}",
            read("invoice", id)
        ),
        (
            Task::CreateInvoice {
                order_id,
                can_search: true,
            },
            None,
        ) => format!(
            "the invoice may exist; find out with {} before another one is made",
            ask(&format!("invoice list --order-id {}", quoted(order_id.as_str())))
        ),
        (Task::CreateInvoice { .. }, None) => {
            "the invoice may exist; wait for its webhook or look for the order in the gateway's own \
             pages before another one is made"
                .to_owned()
        }
        (Task::CreateAddress, _) => {
            "the address may exist; look for its name in the gateway's own pages".to_owned()
        }
        (Task::Other | Task::Read { .. } | Task::Search | Task::VerifyWebhook, _) => return None,
    };
    Some(hint)
}

/// An argument as a shell takes it.
pub(crate) fn quoted(argument: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+,=".contains(c);
    if !argument.is_empty() && argument.chars().all(is_plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

fn usual(task: &Task, error: &Error, setup: Option<&Setup>) -> Option<String> {
    if let Some(wait) = error.retry_after() {
        return Some(format!(
            "the gateway asks to wait {} s",
            wait.as_secs().max(1)
        ));
    }
    let hint = match error.kind() {
        ErrorKind::Authentication => {
            let credentials = setup.map_or_else(|| "the credentials".to_owned(), credentials);
            format!("check {credentials}, and this computer's clock")
        }
        ErrorKind::InvalidSignature => match task {
            Task::VerifyWebhook => of_unproven_webhook(setup),
            _ => of_unproven_answer(setup),
        },
        ErrorKind::InsufficientFunds => "\"paymux balance\" shows what can be sent".to_owned(),
        ErrorKind::NotFound | ErrorKind::Refused if matches!(task, Task::Read { .. }) => {
            "check the id; it is the gateway's own, as \"create\" printed it".to_owned()
        }
        ErrorKind::Refused => return of_refusal_by_rule(setup),
        ErrorKind::Unavailable | ErrorKind::Timeout if error.outcome() == Outcome::NotSent => {
            "nothing was changed; it is safe to try again".to_owned()
        }
        ErrorKind::Unsupported => return of_another_generation(task, setup),
        _ => return None,
    };
    Some(hint)
}

/// Where whatever proves calls is set.
fn credentials(setup: &Setup) -> String {
    let mut places = required_names(setup);
    places.extend(rule_place(setup));
    listed(&places)
}

/// The codes of a gateway that signs by a rule are not published, so that any of them may be a no to
/// the signature.
fn of_refusal_by_rule(setup: Option<&Setup>) -> Option<String> {
    let setup = setup?;
    rule_place(setup)?;
    Some(format!(
        "if it is the signature that was refused, check {}",
        credentials(setup)
    ))
}

fn of_unproven_answer(setup: Option<&Setup>) -> String {
    let check = "the answer was not signed with this app key: check that the key belongs to the app id, \
                 and that nothing between here and the gateway changes answers";
    match setup.and_then(rule_place) {
        Some(place) => format!(
            "{check}; or {place} is another rule than the gateway's, which \"paymux webhook verify \
             --diagnose\" finds out from a captured notification"
        ),
        None => check.to_owned(),
    }
}

fn of_unproven_webhook(setup: Option<&Setup>) -> String {
    let place = |key: ConfigKey| {
        setup
            .and_then(|setup| place_named(setup, key.name()))
            .unwrap_or_else(|| key.env().to_owned())
    };
    match setup.and_then(generation::of) {
        None => "the body must be byte for byte as it came, with every header, and --at the time it \
                 was received"
            .to_owned(),
        Some(Generation::Md5) => format!(
            "the body must be byte for byte as it came, and {} the key that signed it; --diagnose tells \
             which {} fits",
            place(ConfigKey::AppKey),
            place(ConfigKey::Md5Rule)
        ),
        Some(Generation::Hmac) => {
            "the gateway was asked and does not know it: the body must be byte for byte as it came, \
             and of this gateway"
                .to_owned()
        }
        Some(Generation::OAuth) => format!(
            "the body must be byte for byte as it came, with its header hmac-signature, and {} the \
             secret that signed it",
            place(ConfigKey::WebhookSecret)
        ),
    }
}

/// Where the rule is set by which answers are signed, in the generation that has one.
fn rule_place(setup: &Setup) -> Option<String> {
    let has_rule = generation::of(setup) == Some(Generation::Md5);
    has_rule
        .then(|| place_named(setup, ConfigKey::Md5Rule.name()))
        .flatten()
}

/// What another generation of the same gateway takes.
fn of_another_generation(task: &Task, setup: Option<&Setup>) -> Option<String> {
    let setup = setup?;
    let place = place_named(setup, ConfigKey::Auth.name())?;
    match (task, generation::of(setup)?) {
        (Task::Search, Generation::Md5) => Some(format!(
            "hmac and oauth list all invoices, and by status; {place} chooses"
        )),
        (Task::CreatePayout { .. }, Generation::OAuth) => Some(format!(
            "hmac sends to addresses and takes a callback URL; {place} chooses"
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use paymux::setup::ProviderType;

    use super::*;

    fn unknown() -> Error {
        Error::new(
            ErrorKind::Timeout,
            Outcome::Unknown,
            "no answer within 30 s",
        )
    }

    fn payout(found_by: FoundBy) -> Task {
        Task::CreatePayout {
            found_by,
            is_kept: true,
        }
    }

    fn new_invoice(order_id: &str, can_search: bool) -> Task {
        Task::CreateInvoice {
            order_id: order_id.parse().unwrap(),
            can_search,
        }
    }

    fn unipayment(name: &str, auth: &str) -> Setup {
        let setup = Setup::new(name.parse().unwrap(), "unipayment").unwrap();
        setup.with("auth", auth).unwrap()
    }

    #[test]
    fn an_unknown_payout_is_never_to_be_sent_again() {
        for found_by in [FoundBy::Webhook, FoundBy::Reference, FoundBy::Nothing] {
            for error in [
                unknown(),
                unknown().with_id("T1"),
                unknown().with_hint("the clock is off"),
            ] {
                let hint = for_error(&payout(found_by), &error, None).unwrap();
                assert!(hint.contains("never send it again"), "{hint}");
                assert_eq!(
                    hint.contains("payout get T1"),
                    error.id().is_some(),
                    "{hint}"
                );
                assert_eq!(
                    hint.contains("webhook"),
                    found_by != FoundBy::Nothing && error.id().is_none()
                );
                assert_eq!(hint.contains("clock"), error.hint().is_some());
            }
        }
        let error = unknown().with_reference("ref-1".parse().unwrap());
        let hint = for_error(&payout(FoundBy::Reference), &error, None).unwrap();
        assert!(hint.contains("the note ref-1"), "{hint}");
    }

    #[test]
    fn a_payout_can_be_recovered_where_a_ledger_keeps_it() {
        for is_kept in [true, false] {
            let task = Task::CreatePayout {
                found_by: FoundBy::Nothing,
                is_kept,
            };
            let hint = for_error(&task, &unknown(), None).unwrap();
            assert_eq!(hint.contains("paymux recover"), is_kept, "{hint}");
            assert!(hint.contains("never send it again"), "{hint}");
        }
    }

    #[test]
    fn the_command_in_a_hint_asks_the_same_provider() {
        let error = unknown().with_provider("eu".parse().unwrap());
        assert_eq!(
            for_error(&new_invoice("o", true), &error, None).unwrap(),
            "the invoice may exist; find out with \"paymux --provider eu invoice list --order-id o\" \
             before another one is made"
        );
        let error = error.with_id("T1");
        assert_eq!(
            for_error(&new_invoice("o", true), &error, None).unwrap(),
            "the invoice may exist; find out with \"paymux --provider eu invoice get T1\""
        );
        // As the router gives it out.
        let error = error.with_id("eu:T1");
        assert_eq!(
            for_error(&payout(FoundBy::Nothing), &error, None).unwrap(),
            "it may have been paid by eu: never send it again; find out with \"paymux payout get eu:T1\"; \
             \"paymux recover\" looks for what can be found, and settles what you found"
        );
    }

    #[test]
    fn a_command_in_a_hint_can_be_pasted() {
        let hint = for_error(&new_invoice("it's 1; rm", true), &unknown(), None).unwrap();
        assert!(hint.contains(r"--order-id 'it'\''s 1; rm'"), "{hint}");
        assert_eq!(quoted("ORDER_1-a.b"), "ORDER_1-a.b");
    }

    #[test]
    fn credentials_are_named_where_the_instance_has_them() {
        let error = Error::new(ErrorKind::Authentication, Outcome::Rejected, "no");
        let hint = |setup: &Setup| for_error(&Task::Other, &error, Some(setup)).unwrap();
        let halo = ProviderType::named("native-checkout").unwrap().setup();
        assert!(
            hint(&halo)
                .contains("PAYMUX_NATIVE_CHECKOUT_APP_ID and PAYMUX_NATIVE_CHECKOUT_APP_KEY")
        );
        let hmac = hint(&unipayment("unipayment", "hmac"));
        assert!(
            hmac.contains("PAYMUX_UNIPAYMENT_CLIENT_SECRET") && !hmac.contains("APP_KEY"),
            "{hmac}"
        );
        let md5 = hint(&unipayment("eu", "md5"));
        assert!(
            md5.contains("providers.eu.app_id, providers.eu.app_key and providers.eu.md5_rule"),
            "{md5}"
        );
    }

    #[test]
    fn a_refusal_may_be_one_of_the_rule() {
        let error = Error::new(ErrorKind::Refused, Outcome::Rejected, "no");
        let hint = |auth: &str| {
            let task = new_invoice("o", true);
            for_error(&task, &error, Some(&unipayment("unipayment", auth)))
        };
        assert!(hint("md5").unwrap().contains("PAYMUX_UNIPAYMENT_MD5_RULE"));
        assert!(hint("oauth").is_none());
    }

    #[test]
    fn an_unproven_webhook_is_explained_by_its_generation() {
        let error = Error::invalid_signature("no");
        for (auth, says) in [
            ("md5", "--diagnose"),
            ("hmac", "was asked"),
            ("oauth", "PAYMUX_UNIPAYMENT_WEBHOOK_SECRET"),
        ] {
            let setup = unipayment("unipayment", auth);
            let hint = for_error(&Task::VerifyWebhook, &error, Some(&setup)).unwrap();
            assert!(hint.contains(says), "{hint}");
            let hint = for_error(&Task::Other, &error, Some(&setup)).unwrap();
            assert_eq!(hint.contains("MD5_RULE"), auth == "md5", "{hint}");
        }
    }

    #[test]
    fn what_another_generation_takes_is_told() {
        let error = Error::unsupported("no");
        let hint = |task: &Task, auth: &str| {
            for_error(task, &error, Some(&unipayment("unipayment", auth)))
        };
        assert!(
            hint(&Task::Search, "md5")
                .unwrap()
                .contains("hmac and oauth")
        );
        assert!(hint(&Task::Search, "hmac").is_none());
        let of_payout = payout(FoundBy::Reference);
        assert!(
            hint(&of_payout, "oauth")
                .unwrap()
                .contains("PAYMUX_UNIPAYMENT_AUTH")
        );
    }
}
