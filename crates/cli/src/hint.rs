//! What to do next after an error.

use paymux::setup::Setup;
use paymux::unipayment::{ConfigKey, Generation};
use paymux::{Error, ErrorKind, Outcome};

use crate::failure::{FoundBy, Task};
use crate::generation;
use crate::output::json::bare;
use crate::routed::{ROUTER, advice_of_provider};
use crate::setup::{listed, place_named, required_names};

/// What to do next: how to find out where the outcome is unknown, else what the provider advises,
/// else what usually helps.
pub(crate) fn for_error(task: &Task, error: &Error, setup: Option<&Setup>) -> Option<String> {
    if let Some(wait) = of_another_run(task, error) {
        return Some(wait.to_owned());
    }
    // What was in doubt before this run: the ledger's advice is for programs.
    let was_in_doubt = matches!(task, Task::CreatePayout { .. })
        && error.kind() == ErrorKind::Conflict
        && error.may_have_executed();
    let advice = advice_of_provider(error)
        .filter(|_| !was_in_doubt)
        .map(str::to_owned);
    if error.may_have_executed()
        && let Some(search) = how_to_find_out(task, error)
    {
        let parts: Vec<String> = [Some(search), advice].into_iter().flatten().collect();
        return Some(parts.join("; "));
    }
    advice.or_else(|| usual(task, error, setup))
}

/// What to do while another run works under the same name, or is believed to.
fn of_another_run(task: &Task, error: &Error) -> Option<&'static str> {
    let is_unknown = error.may_have_executed();
    match (task, error.kind()) {
        (Task::CreateInvoice { .. }, ErrorKind::InProgress) if !is_unknown => Some(
            "that run may have been killed: run this again in 20 seconds; an order never has two \
             live invoices",
        ),
        (Task::CreatePayout { .. } | Task::Other, ErrorKind::InProgress) if is_unknown => Some(
            "that run may have been killed, and may have paid: run this again in 20 seconds; a \
             reference is never paid twice",
        ),
        _ => None,
    }
}

fn how_to_find_out(task: &Task, error: &Error) -> Option<String> {
    let hint = match (task, error.id()) {
        (Task::CreatePayout { found_by }, _) => of_payout(*found_by, error),
        (Task::CreateInvoice { .. }, Some(id)) => format!(
            "the invoice may exist; find out with {}",
            read(error, "invoice", id)
        ),
        (
            Task::CreateInvoice {
                order_id,
                can_search: true,
            },
            None,
        ) => format!(
            "the invoice may exist; find out with {} before another one is made",
            ask(
                error,
                &format!("invoice list --order-id {}", quoted(order_id.as_str()))
            )
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

/// How to find out about a payout that may have been sent.
fn of_payout(found_by: FoundBy, error: &Error) -> String {
    let owner = error.provider().filter(|name| **name != ROUTER);
    let warning = match (error.kind(), owner) {
        // The error itself says who may have paid.
        (ErrorKind::Conflict, _) => "never send it again".to_owned(),
        (_, Some(name)) => format!("it may have been paid by {name}: never send it again"),
        (_, None) => "it may have been paid: never send it again".to_owned(),
    };
    if let Some(id) = error.id() {
        return format!("{warning}; find out with {}", read(error, "payout", id));
    }
    let reference = error.reference().map_or("REF", |it| it.as_str());
    let search = match found_by {
        FoundBy::Webhook => {
            "\"paymux serve\" takes in the webhook that settles it; if none comes, look for it in the \
             gateway's own pages"
                .to_owned()
        }
        FoundBy::Reference => format!("look for the note {reference} in the gateway's own pages"),
        FoundBy::Nothing => {
            "look for it in the gateway's own pages by amount, address and time".to_owned()
        }
    };
    let owner = owner.map_or("PROVIDER", |name| name.as_str());
    let reference = quoted(reference);
    format!(
        "{warning}; {search}, and say what you found with \"paymux recover --settle {reference} --made \
         {owner}:ID --who NAME --why TEXT\", or --not-made where it surely was not"
    )
}

/// The command that reads something by its id, at whoever has it.
fn read(error: &Error, what: &str, id: &str) -> String {
    let command = format!("{what} get {}", quoted(id));
    // An id that has its owner before it says whose it is.
    if bare::of_error(error, id) == id {
        ask(error, &command)
    } else {
        format!("\"paymux {command}\"")
    }
}

/// A command that asks the provider of this error.
fn ask(error: &Error, command: &str) -> String {
    match error.provider() {
        Some(name) => format!("\"paymux --provider {name} {command}\""),
        None => format!("\"paymux {command}\""),
    }
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
mod tests;
