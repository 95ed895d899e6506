//! Laws of payouts: made as asked, followed to the end, refused before sending when they are wrong.

use super::{Harness, Verdict, Violation, known, law};
use crate::error::{ErrorKind, Outcome};
use crate::ids::PayoutId;
use crate::status::PayoutStatus;
use crate::transition::{Change, Observed};

/// A payout is made for the amount that was asked, and can be followed to its end.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn payouts_are_made_once_and_followed(harness: &dyn Harness) -> Verdict {
    let (Some(payouts), Some(request)) = (harness.provider().payouts(), harness.new_payout())
    else {
        return Ok(());
    };
    let before = harness.payouts_at_gateway().await;
    let created = payouts.create_payout(&request).await?;
    asked_for(harness, before, 1).await?;
    let mut payout = created.snapshot().clone();
    law(harness.owns(&payout.provider), || {
        format!("it names {} as its provider", payout.provider)
    })?;
    law(
        payout.reference.as_ref() == Some(&request.reference),
        || format!("its reference is {:?}", payout.reference),
    )?;
    let amount = known(payout.amount.clone(), "the amount")?;
    law(amount == request.asset_amount(), || {
        format!("asked for {}, sent {amount}", request.asset_amount())
    })?;

    harness.complete_payout(&payout.id).await;
    let seen = payouts.fetch_payout(&payout.id).await?;
    law(seen.id() == &payout.id, || {
        format!("asked for {}, fetched {}", payout.id, seen.id())
    })?;
    let change = payout.observe(seen.snapshot(), Observed::Read);
    law(change != Change::Contradiction, || {
        format!("{:?} is no legal move", seen.status())
    })?;
    law(payout.status == PayoutStatus::Completed, || {
        format!("a payout that arrived is {}", payout.status)
    })?;
    law(
        payout.amount.as_ref() == Some(&request.asset_amount()),
        || format!("the amount changed to {:?}", payout.amount),
    )?;

    let unknown = PayoutId::received("20200101000000ffffffffffffffffff");
    match payouts.fetch_payout(&unknown).await {
        Ok(payout) => Err(Violation(format!(
            "a payout nobody made was found: {payout:?}"
        ))),
        Err(error) => law(
            matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Refused)
                && error.outcome() == Outcome::Rejected,
            || format!("an unknown id is {error:?}"),
        ),
    }
}

/// A destination or an amount that cannot be right is refused before anything is sent.
///
/// # Errors
/// [`Violation`] when the law is broken.
pub async fn wrong_destinations_are_refused(harness: &dyn Harness) -> Verdict {
    let (Some(payouts), Some(request)) = (harness.provider().payouts(), harness.new_payout())
    else {
        return Ok(());
    };
    let mut nowhere = request.clone();
    nowhere.to = String::new();
    let mut mistyped = request.clone();
    mistyped.to = mistype(&request.to);
    let mut nothing = request;
    nothing.amount = rust_decimal::Decimal::ZERO;
    let before = harness.payouts_at_gateway().await;
    for wrong in [nowhere, mistyped, nothing] {
        match payouts.create_payout(&wrong).await {
            Ok(payout) => return Err(Violation(format!("{wrong:?} was sent: {payout:?}"))),
            Err(error) => law(error.outcome() == Outcome::NotSent, || {
                format!("a wrong payout is {error:?}")
            })?,
        }
    }
    asked_for(harness, before, 0).await
}

/// Where the stand-in counts: the gateway was asked for this many payouts more.
async fn asked_for(harness: &dyn Harness, before: Option<usize>, more: usize) -> Verdict {
    let now = harness.payouts_at_gateway().await;
    law(
        before
            .zip(now)
            .is_none_or(|(before, now)| now == before + more),
        || format!("the gateway was asked for {before:?} payouts before and {now:?} after"),
    )
}

/// The same address with its last character changed.
fn mistype(address: &str) -> String {
    let mut wrong: String = address.to_owned();
    let last = wrong.pop();
    wrong.push(if last == Some('2') { '3' } else { '2' });
    wrong
}
