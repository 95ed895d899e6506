//! Where a payment of v2 goes.

use std::str::FromStr;

use paymux_core::{Error, Result};

/// A destination that the gateway keeps.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum PaymentDestination {
    /// `payment-method:ID`, one of a beneficiary's.
    Method(String),
    /// `account:ID`, of another customer.
    Account(String),
}

impl FromStr for PaymentDestination {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let (kind, id) = text.split_once(':').unwrap_or((text, ""));
        match (kind, id) {
            ("payment-method", id) if !id.is_empty() => Ok(Self::Method(id.to_owned())),
            ("account", id) if !id.is_empty() => Ok(Self::Account(id.to_owned())),
            _ => Err(Error::unsupported(format!(
                "this gateway pays to destinations that it keeps, not to {text:?}; write payment-method:ID or account:ID"
            ))),
        }
    }
}

#[cfg(test)]
mod tests {
    use paymux_core::{ErrorKind, Outcome};

    use super::*;

    #[test]
    fn only_kept_destinations_are_paid_to() {
        assert_eq!(
            "payment-method:pm-1".parse::<PaymentDestination>().unwrap(),
            PaymentDestination::Method("pm-1".to_owned())
        );
        assert_eq!(
            "account:a-1".parse::<PaymentDestination>().unwrap(),
            PaymentDestination::Account("a-1".to_owned())
        );
        for text in ["TXd8UKLtLqk5V15v7e3W43ZdNw5berp6DP", "account:", "bank:1"] {
            let error = text.parse::<PaymentDestination>().unwrap_err();
            assert_eq!(
                (error.kind(), error.outcome()),
                (ErrorKind::Unsupported, Outcome::NotSent)
            );
        }
    }
}
