//! Results as a person likes to read them.

mod attempts;
mod layout;
mod ledger;
mod webhook;

use anstyle::{AnsiColor, Style};
use chrono::{DateTime, Utc};
use paymux::decimal::plain;
use paymux::{
    AssetAmount, Balance, CatalogAsset, Confirmations, DepositAddress, Destination,
    InvoiceSnapshot, InvoiceStatus, Outcome, Page, PayoutSnapshot, PayoutStatus, Quote,
    TransactionRef,
};

use crate::failure::Failure;
use crate::order::merchants;
pub(crate) use attempts::attempt;
pub(crate) use layout::clean;
use layout::{Fields, table};
pub(crate) use ledger::{applied, drift, histories, payout_record, recovery};
pub(crate) use webhook::webhook;

pub(crate) const BOLD: Style = Style::new().bold();
pub(crate) const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const WAITING: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default();

fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

pub(crate) fn bold(text: &str) -> String {
    styled(BOLD, text)
}

pub(crate) fn dim(text: &str) -> String {
    styled(DIM, text)
}

fn invoice_style(status: InvoiceStatus) -> Style {
    match status {
        InvoiceStatus::Confirmed | InvoiceStatus::Settled => GOOD,
        InvoiceStatus::Expired | InvoiceStatus::Invalid | InvoiceStatus::Canceled => BAD,
        _ => WAITING,
    }
}

fn payout_style(status: PayoutStatus) -> Style {
    match status {
        PayoutStatus::Completed => GOOD,
        PayoutStatus::Failed | PayoutStatus::Canceled => BAD,
        _ => WAITING,
    }
}

/// The status with what is odd about it: `pending, underpaid`.
pub(crate) fn invoice_status(invoice: &InvoiceSnapshot) -> String {
    let mut words = vec![styled(
        invoice_style(invoice.status),
        invoice.status.as_str(),
    )];
    let exceptions = invoice.exceptions.iter();
    words.extend(exceptions.map(|exception| styled(WAITING, exception.as_str())));
    if let (InvoiceStatus::Unknown, Some(word)) = (invoice.status, &invoice.provider_status) {
        words.push(format!("the gateway says {}", clean(word)));
    }
    words.join(", ")
}

pub(crate) fn payout_status(payout: &PayoutSnapshot) -> String {
    let status = styled(payout_style(payout.status), payout.status.as_str());
    match (payout.status, &payout.provider_status) {
        (PayoutStatus::Unknown, Some(word)) => {
            format!("{status}, the gateway says {}", clean(word))
        }
        _ => status,
    }
}

fn amount(amount: &AssetAmount) -> String {
    amount.to_string()
}

/// `1 confirmation`, `1 of 3 confirmations`.
pub(crate) fn confirmations(confirmations: Confirmations) -> String {
    match (confirmations.seen, confirmations.required) {
        (seen, Some(required)) => format!("{seen} of {required} confirmations"),
        (1, None) => "1 confirmation".to_owned(),
        (seen, None) => format!("{seen} confirmations"),
    }
}

/// An amount that is only worth a line when it is not zero.
fn above_zero(amount: &Option<AssetAmount>) -> Option<String> {
    let amount = amount.as_ref()?;
    (!amount.amount.is_zero()).then(|| amount.to_string())
}

fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn destination(destination: &Destination) -> String {
    let mut text = clean(&destination.address);
    if let Some(network) = &destination.network {
        text.push_str(&format!(" on {network}"));
    }
    if let Some(memo) = &destination.memo {
        text.push_str(&format!(" with memo {}", clean(memo)));
    }
    text
}

fn transactions(transactions: &[TransactionRef]) -> Option<String> {
    let line = |transaction: &TransactionRef| {
        let mut line = clean(&transaction.hash);
        if let Some(amount) = transaction.amount {
            line.push_str(&format!(", {}", plain(amount)));
        }
        if let Some(confirmations) = transaction.confirmations {
            line.push_str(&format!(", {confirmations} confirmations"));
        }
        line
    };
    let lines: Vec<String> = transactions.iter().map(line).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

pub(crate) fn invoice(invoice: &InvoiceSnapshot) -> String {
    let confirmations = invoice
        .confirmations
        .map(|confirmations| match confirmations.required {
            Some(required) => format!("{} of {required}", confirmations.seen),
            None => confirmations.seen.to_string(),
        });
    Fields::of("Invoice", invoice.id.as_str())
        .with("status", Some(invoice_status(invoice)))
        .with(
            "order",
            invoice
                .order_id
                .as_ref()
                .map(|id| clean(merchants(id).as_str())),
        )
        .with("price", invoice.price.as_ref().map(ToString::to_string))
        .with("due", invoice.due.as_ref().map(amount))
        .with("received", invoice.received.as_ref().map(amount))
        .with("remaining", above_zero(&invoice.remaining))
        .with("too much", above_zero(&invoice.excess))
        .with(
            "refunded",
            invoice
                .refunded
                .as_ref()
                .filter(|refunded| !refunded.amount.is_zero())
                .map(ToString::to_string),
        )
        .with("pay to", invoice.destination.as_ref().map(destination))
        .with("checkout", invoice.checkout_url.as_deref().map(clean))
        .with("created", invoice.created_at.map(time))
        .with("expires", invoice.expires_at.map(time))
        .with("confirmations", confirmations)
        .with("transactions", transactions(&invoice.transactions))
        .with("provider", Some(invoice.provider.to_string()))
        .with("in vain", attempts::in_vain(&invoice.attempts))
        .text()
}

pub(crate) fn payout(payout: &PayoutSnapshot) -> String {
    Fields::of("Payout", payout.id.as_str())
        .with("status", Some(payout_status(payout)))
        .with(
            "reference",
            payout.reference.as_ref().map(|it| clean(it.as_str())),
        )
        .with("amount", payout.amount.as_ref().map(amount))
        .with("fee", payout.fee.as_ref().map(amount))
        .with("to", payout.destination.as_ref().map(destination))
        .with("created", payout.created_at.map(time))
        .with("transactions", transactions(&payout.transactions))
        .with("provider", Some(payout.provider.to_string()))
        .with("in vain", attempts::in_vain(&payout.attempts))
        .text()
}

pub(crate) fn invoices(page: &Page<InvoiceSnapshot>) -> String {
    let rows = page.items.iter().map(|invoice| {
        vec![
            clean(invoice.id.as_str()),
            invoice
                .order_id
                .as_ref()
                .map_or_else(String::new, |id| clean(merchants(id).as_str())),
            invoice_status(invoice),
            invoice
                .price
                .as_ref()
                .map_or_else(String::new, ToString::to_string),
            invoice.due.as_ref().map_or_else(String::new, amount),
        ]
    });
    let list = table(&["ID", "ORDER", "STATUS", "PRICE", "DUE"], rows);
    let count = |figure: Option<String>| figure.unwrap_or_else(|| "?".to_owned());
    let footer = format!(
        "page {} of {}, {} in all",
        count(page.page.map(|it| it.to_string())),
        count(page.pages.map(|it| it.to_string())),
        count(page.total.map(|it| it.to_string())),
    );
    format!("{list}\n{}", dim(&footer))
}

pub(crate) fn assets(assets: &[CatalogAsset]) -> String {
    let rows = assets.iter().map(|entry| {
        vec![
            entry.asset.name().to_string(),
            entry
                .asset
                .decimals
                .map_or_else(String::new, |decimals| decimals.to_string()),
            clean(&entry.provider_id),
            entry
                .asset
                .contract
                .as_deref()
                .map_or_else(String::new, clean),
        ]
    });
    table(&["ASSET", "DECIMALS", "GATEWAY ID", "CONTRACT"], rows)
}

pub(crate) fn balances(balances: &[Balance]) -> String {
    let rows = balances.iter().map(|balance| {
        vec![
            balance.asset.to_string(),
            plain(balance.total),
            plain(balance.available),
        ]
    });
    table(&["ASSET", "TOTAL", "AVAILABLE"], rows)
}

pub(crate) fn quote(quote: &Quote) -> String {
    let is = if quote.estimated { "is about" } else { "is" };
    Fields::of(&quote.price.to_string(), &format!("{is} {}", quote.amount))
        .with(
            "rate",
            quote
                .rate
                .map(|rate| format!("{}, as the gateway states it", plain(rate))),
        )
        .with("asked", Some(time(quote.at)))
        .text()
}

pub(crate) fn deposit_address(address: &DepositAddress) -> String {
    Fields::of("Address", &address.address)
        .with("asset", Some(address.asset.to_string()))
        .with("id", Some(clean(&address.id)))
        .text()
}

/// The providers: name, type, state, what each can do.
pub(crate) fn providers(rows: Vec<Vec<String>>) -> String {
    table(&["PROVIDER", "TYPE", "STATE", "CAN DO"], rows.into_iter())
}

/// The rules of signing: name, whether it fits, whether it is the configured one.
pub(crate) fn rules(rows: Vec<Vec<String>>) -> String {
    table(&["RULE", "FITS", "CONFIGURED"], rows.into_iter())
}

pub(crate) fn good(text: &str) -> String {
    styled(GOOD, text)
}

pub(crate) fn waiting(text: &str) -> String {
    styled(WAITING, text)
}

/// A failure, for stderr.
pub(crate) fn failure(failure: &Failure) -> String {
    let error = failure.error();
    let mut text = format!(
        "{}: {}",
        styled(BAD.bold(), "error"),
        clean(&error.to_string())
    );
    if error.outcome() == Outcome::Unknown {
        text.push_str(&format!(
            "\n{}: unknown; it may have happened all the same",
            bold("outcome")
        ));
    }
    if let Some(id) = error.id() {
        text.push_str(&format!("\n{}: {}", bold("id"), clean(id)));
    }
    if let Some(reference) = error.reference() {
        text.push_str(&format!(
            "\n{}: {}",
            bold("reference"),
            clean(reference.as_str())
        ));
    }
    if let Some(hint) = failure.hint() {
        text.push_str(&format!("\n{}: {}", bold("hint"), clean(hint)));
    }
    text
}

/// One link of the chain of causes, for stderr.
pub(crate) fn cause(error: &dyn std::error::Error) -> String {
    format!("{}: {}", dim("caused by"), clean(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn an_invoice_shows_what_is_known_and_nothing_else() {
        let mut snapshot = InvoiceSnapshot::new(
            "eu".parse().unwrap(),
            paymux::InvoiceId::received("T1"),
            InvoiceStatus::Pending,
        );
        snapshot.due = Some(
            "TRX@tron"
                .parse()
                .map(|asset| AssetAmount::new(5.into(), asset))
                .unwrap(),
        );
        snapshot.set_received(2.into());
        snapshot
            .exceptions
            .insert(paymux::PaymentException::Underpaid);
        assert_eq!(
            shown(&invoice(&snapshot)),
            "Invoice T1\n\
             \u{20}\u{20}status     pending, underpaid\n\
             \u{20}\u{20}due        5 TRX@tron\n\
             \u{20}\u{20}received   2 TRX@tron\n\
             \u{20}\u{20}remaining  3 TRX@tron\n\
             \u{20}\u{20}provider   eu"
        );
    }

    #[test]
    fn a_gateways_words_cannot_steer_the_terminal() {
        let error = paymux::Error::new(
            paymux::ErrorKind::Refused,
            Outcome::Rejected,
            "no\u{1b}[2J\u{7}\u{202e}way",
        );
        let text = failure(&error.into());
        assert_eq!(shown(&text), "error: no\\u{1b}[2J\\u{7}\\u{202e}way");
        assert!(!text.contains("\u{1b}[2J"));
    }
}
