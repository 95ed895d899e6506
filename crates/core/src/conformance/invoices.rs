//! Laws of invoices: what was asked is what comes back, exactly, and states move legally.

use rust_decimal::Decimal;

use super::{Harness, Verdict, Violation, known, law};
use crate::error::{ErrorKind, Outcome};
use crate::fulfilment::FulfilmentPolicy;
use crate::ids::InvoiceId;
use crate::snapshot::InvoiceSnapshot;
use crate::status::{InvoiceStatus, PaymentException};
use crate::transition::{Change, Observed};

pub(super) async fn create(harness: &dyn Harness) -> Result<InvoiceSnapshot, Violation> {
    let request = harness.new_invoice();
    let invoice = harness.provider().create_invoice(&request).await?;
    Ok(invoice.snapshot().clone())
}

pub(super) async fn fetch(
    harness: &dyn Harness,
    id: &InvoiceId,
) -> Result<InvoiceSnapshot, Violation> {
    Ok(harness
        .provider()
        .fetch_invoice(id)
        .await?
        .snapshot()
        .clone())
}

/// What is created can be fetched, and both tell the same.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn create_and_fetch_agree(harness: &dyn Harness) -> Verdict {
    let request = harness.new_invoice();
    let created = harness.provider().create_invoice(&request).await?;
    let created = created.snapshot();
    let fetched = fetch(harness, &created.id).await?;
    for (which, invoice) in [("created", created), ("fetched", &fetched)] {
        law(harness.owns(&invoice.provider), || {
            format!(
                "the {which} invoice names {} as its provider",
                invoice.provider
            )
        })?;
        law(invoice.id == created.id, || {
            format!("asked for {}, fetched {}", created.id, invoice.id)
        })?;
        law(
            invoice
                .order_id
                .as_ref()
                .is_none_or(|id| *id == request.order_id),
            || {
                format!(
                    "the {which} invoice has another order: {:?}",
                    invoice.order_id
                )
            },
        )?;
        law(
            invoice
                .price
                .as_ref()
                .is_none_or(|price| *price == request.price),
            || format!("the {which} invoice has another price: {:?}", invoice.price),
        )?;
        law(invoice.status == InvoiceStatus::Pending, || {
            format!(
                "the {which} invoice is {} before anybody paid",
                invoice.status
            )
        })?;
        law(invoice.exceptions.is_empty(), || {
            format!(
                "the {which} invoice has {:?} before anybody paid",
                invoice.exceptions
            )
        })?;
        law(
            invoice
                .created_at
                .zip(invoice.expires_at)
                .is_none_or(|(from, to)| from < to),
            || format!("the {which} invoice expires before it was made"),
        )?;
    }
    law(created.order_id.is_some(), || {
        "a created invoice knows its order".to_owned()
    })?;
    law(created.due == fetched.due, || {
        format!("due changed from {:?} to {:?}", created.due, fetched.due)
    })?;
    law(created.destination == fetched.destination, || {
        format!(
            "the destination changed from {:?} to {:?}",
            created.destination, fetched.destination
        )
    })
}

/// An id the gateway does not know is `NotFound` (or `Refused`, where its code is not documented).
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn unknown_ids_are_not_found(harness: &dyn Harness) -> Verdict {
    let id = InvoiceId::received("20200101000000ffffffffffffffffff");
    match harness.provider().fetch_invoice(&id).await {
        Ok(invoice) => Err(Violation(format!(
            "an invoice nobody made was found: {invoice:?}"
        ))),
        Err(error) => law(
            matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Refused)
                && error.outcome() == Outcome::Rejected,
            || format!("an unknown id is {error:?}"),
        ),
    }
}

/// A request that no gateway can honour fails before anything is sent.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn bad_requests_send_nothing(harness: &dyn Harness) -> Verdict {
    let mut free = harness.new_invoice();
    free.price.amount = Decimal::ZERO;
    let mut negative = harness.new_invoice();
    negative.price.amount = -negative.price.amount;
    let nowhere = harness.new_invoice().with_callback_url("not a url");
    for request in [free, negative, nowhere] {
        match harness.provider().create_invoice(&request).await {
            Ok(_) => return Err(Violation(format!("{request:?} was taken"))),
            Err(error) => law(
                error.kind() == ErrorKind::InvalidRequest && error.outcome() == Outcome::NotSent,
                || format!("a bad request is {error:?}"),
            )?,
        }
    }
    Ok(())
}

/// Prices and payments are kept to the last digit, and what arrived and what remains add up.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn amounts_are_exact(harness: &dyn Harness) -> Verdict {
    for cents in [1i64, 10, 1_086, 999_999_999] {
        let mut request = harness.new_invoice();
        request.price.amount = Decimal::new(cents, 2);
        let created = harness.provider().create_invoice(&request).await?;
        let price = known(created.price(), "the price of a created invoice")?;
        law(*price == request.price, || {
            format!("asked for {}, got {price}", request.price)
        })?;
    }
    let invoice = create(harness).await?;
    let due = known(invoice.due.clone(), "what is due")?;
    // A third is a part with as many digits as the asset has.
    let part = (due.amount / Decimal::from(3)).round_dp(due.amount.scale());
    harness.pay(&invoice, part).await;
    let paid = fetch(harness, &invoice.id).await?;
    let received = known(paid.received, "what was received")?;
    let remaining = known(paid.remaining, "what remains")?;
    law(received.amount == part, || {
        format!("paid {part}, received {}", received.amount)
    })?;
    law(received.amount + remaining.amount == due.amount, || {
        format!(
            "{} and {} are not {}",
            received.amount, remaining.amount, due.amount
        )
    })
}

/// From unpaid over partly paid to settled: each read is a legal move, and money in part is told as
/// underpaid and never as paid.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn statuses_move_legally(harness: &dyn Harness) -> Verdict {
    let policy = FulfilmentPolicy::default();
    let mut invoice = create(harness).await?;
    let due = known(invoice.due.clone(), "what is due")?.amount;
    let half = (due / Decimal::from(2)).round_dp(due.scale());

    harness.pay(&invoice, half).await;
    read(harness, &mut invoice).await?;
    law(
        invoice.status == InvoiceStatus::Pending
            && invoice.exceptions.contains(PaymentException::Underpaid),
        || format!("half paid is {} {:?}", invoice.status, invoice.exceptions),
    )?;
    law(!policy.allows(&invoice), || {
        "half paid is enough".to_owned()
    })?;

    harness.pay(&invoice, due - half).await;
    read(harness, &mut invoice).await?;
    law(
        invoice.status.has_reached(InvoiceStatus::Processing),
        || format!("paid in full is {}", invoice.status),
    )?;
    law(
        !invoice.exceptions.contains(PaymentException::Underpaid),
        || "paid in full is underpaid".to_owned(),
    )?;

    harness.confirm(&invoice).await;
    read(harness, &mut invoice).await?;
    law(invoice.status == InvoiceStatus::Settled, || {
        format!("paid and confirmed is {}", invoice.status)
    })?;
    law(policy.allows(&invoice), || {
        format!("paid and confirmed is not enough: {invoice:?}")
    })
}

async fn read(harness: &dyn Harness, invoice: &mut InvoiceSnapshot) -> Verdict {
    let seen = fetch(harness, &invoice.id).await?;
    let from = invoice.status;
    let change = invoice.observe(&seen, Observed::Read);
    law(change != Change::Contradiction, || {
        format!("from {from} to {} is no legal move", seen.status)
    })
}

/// Too much is told as overpaid, with the excess to the last digit.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn overpaid_is_told(harness: &dyn Harness) -> Verdict {
    let invoice = create(harness).await?;
    let due = known(invoice.due.clone(), "what is due")?.amount;
    let excess = Decimal::new(1, due.scale());
    harness.pay(&invoice, due + excess).await;
    harness.confirm(&invoice).await;
    let paid = fetch(harness, &invoice.id).await?;
    law(paid.exceptions.contains(PaymentException::Overpaid), || {
        format!("too much is told as {:?}", paid.exceptions)
    })?;
    let told = known(paid.excess.clone(), "the excess")?.amount;
    law(told == excess, || {
        format!("{excess} too much is told as {told}")
    })?;
    law(FulfilmentPolicy::default().allows(&paid), || {
        "too much is not enough".to_owned()
    })
}

/// A word for a status that nobody knows is kept, and means: wait.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn unknown_words_are_kept(harness: &dyn Harness) -> Verdict {
    let mut invoice = create(harness).await?;
    let Some(word) = harness.say_unknown_word(&invoice).await else {
        return Ok(());
    };
    let seen = fetch(harness, &invoice.id).await?;
    law(seen.status == InvoiceStatus::Unknown, || {
        format!("{word:?} is taken for {}", seen.status)
    })?;
    law(seen.provider_status.as_deref() == Some(&word), || {
        format!("{word:?} is kept as {:?}", seen.provider_status)
    })?;
    law(
        !seen.status.is_final() && !FulfilmentPolicy::default().allows(&seen),
        || format!("{word:?} ends waiting"),
    )?;
    let before = invoice.status;
    invoice.observe(&seen, Observed::Read);
    law(invoice.status == before, || {
        format!("{word:?} moved the invoice to {}", invoice.status)
    })
}
