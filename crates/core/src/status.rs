//! What state an invoice or a payout is in.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How far an invoice has come. What is odd about it stands beside it, in [`PaymentExceptions`].
///
/// `Pending` → `Processing` → `Confirmed` → `Settled`, or `Expired`, `Invalid`, `Canceled`. Which
/// moves are legal is told in [`transition`](crate::transition).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InvoiceStatus {
    /// Waiting for money, or for more of it.
    Pending,
    /// Enough money was seen on chain; it is not yet confirmed.
    Processing,
    /// Confirmed as often as the gateway asks for.
    Confirmed,
    /// Credited to the merchant.
    Settled,
    /// The time to pay ran out.
    Expired,
    /// The gateway does not accept the payment. It may still settle later.
    Invalid,
    /// Called off.
    Canceled,
    /// The gateway uses a word that this version does not know; the snapshot's `provider_status`
    /// holds it. Wait; never take it for a failure.
    Unknown,
}

impl InvoiceStatus {
    /// Every status, in the order of the normal course.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Processing,
        Self::Confirmed,
        Self::Settled,
        Self::Expired,
        Self::Invalid,
        Self::Canceled,
        Self::Unknown,
    ];

    /// The status in snake_case, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Confirmed => "confirmed",
            Self::Settled => "settled",
            Self::Expired => "expired",
            Self::Invalid => "invalid",
            Self::Canceled => "canceled",
            Self::Unknown => "unknown",
        }
    }

    /// Whether polling can stop. Late money may still move some of these.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Settled | Self::Expired | Self::Invalid | Self::Canceled
        )
    }

    /// Whether this status is the target or lies beyond it on the normal course.
    ///
    /// ```
    /// use paymux_core::InvoiceStatus::*;
    /// assert!(Settled.has_reached(Confirmed));
    /// assert!(!Expired.has_reached(Processing));
    /// ```
    #[must_use]
    pub fn has_reached(self, target: Self) -> bool {
        match (self.course(), target.course()) {
            (Some(here), Some(there)) => here >= there,
            _ => self == target,
        }
    }

    const fn course(self) -> Option<u8> {
        match self {
            Self::Pending => Some(0),
            Self::Processing => Some(1),
            Self::Confirmed => Some(2),
            Self::Settled => Some(3),
            _ => None,
        }
    }
}

impl fmt::Display for InvoiceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for InvoiceStatus {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or_else(|| {
                let words: Vec<&str> = Self::ALL.into_iter().map(Self::as_str).collect();
                Error::invalid_request(format!(
                    "{text:?} is no invoice status; use one of {}",
                    words.join(", ")
                ))
            })
    }
}

/// How far a payout has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PayoutStatus {
    /// Taken by the gateway.
    Pending,
    /// Being sent.
    Processing,
    /// On chain, waiting for confirmations.
    Confirming,
    /// The destination has the money.
    Completed,
    /// It did not happen; the money stays with the merchant.
    Failed,
    /// Called off before it was sent.
    Canceled,
    /// A word that this version does not know; the snapshot's `provider_status` holds it. Wait.
    Unknown,
}

impl PayoutStatus {
    /// Every status, in the order of the normal course.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::Processing,
        Self::Confirming,
        Self::Completed,
        Self::Failed,
        Self::Canceled,
        Self::Unknown,
    ];

    /// The status in snake_case, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Confirming => "confirming",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Unknown => "unknown",
        }
    }

    /// Whether nothing more will happen.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Canceled)
    }
}

impl fmt::Display for PayoutStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is odd about a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PaymentException {
    // In the order of their names: sets of them print sorted.
    /// Money came after the time to pay had run out.
    Late,
    /// A person set the status by hand.
    Marked,
    /// More arrived than was due.
    Overpaid,
    /// Something arrived, but less than was due.
    Underpaid,
}

impl PaymentException {
    /// The exception in snake_case, as JSON spells it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Marked => "marked",
            Self::Overpaid => "overpaid",
            Self::Underpaid => "underpaid",
        }
    }
}

impl fmt::Display for PaymentException {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of [`PaymentException`]s, in the order of their names. Several can hold at once.
#[derive(Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PaymentExceptions(BTreeSet<PaymentException>);

impl PaymentExceptions {
    /// Nothing odd.
    #[must_use]
    pub const fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether this exception holds.
    #[must_use]
    pub fn contains(&self, exception: PaymentException) -> bool {
        self.0.contains(&exception)
    }

    /// Whether nothing is odd.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds an exception.
    pub fn insert(&mut self, exception: PaymentException) {
        self.0.insert(exception);
    }

    /// Takes an exception away.
    pub fn remove(&mut self, exception: PaymentException) {
        self.0.remove(&exception);
    }

    /// The exceptions, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = PaymentException> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<PaymentException> for PaymentExceptions {
    fn from_iter<I: IntoIterator<Item = PaymentException>>(exceptions: I) -> Self {
        Self(exceptions.into_iter().collect())
    }
}

impl fmt::Debug for PaymentExceptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_json() {
        for status in InvoiceStatus::ALL {
            assert_eq!(
                serde_json::to_string(&status).unwrap(),
                format!("\"{status}\"")
            );
            assert_eq!(status.as_str().parse::<InvoiceStatus>().unwrap(), status);
        }
        for status in PayoutStatus::ALL {
            assert_eq!(
                serde_json::to_string(&status).unwrap(),
                format!("\"{status}\"")
            );
        }
    }

    #[test]
    fn sets_print_sorted() {
        let set: PaymentExceptions = [PaymentException::Underpaid, PaymentException::Late]
            .into_iter()
            .collect();
        assert_eq!(
            serde_json::to_string(&set).unwrap(),
            r#"["late","underpaid"]"#
        );
    }
}
