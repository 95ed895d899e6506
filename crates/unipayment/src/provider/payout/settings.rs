//! What payouts need beside the request.

use paymux_core::{Error, Result};

use crate::config::ConfigKey;
use crate::model::PAYMENT_REASONS;

/// Settings of payouts, each of one generation.
#[derive(Debug)]
pub(crate) struct PayoutSettings {
    /// Whether withdrawals go out without a confirmation by mail.
    pub(super) auto_confirm: bool,
    from_account_id: Option<String>,
    reason: Option<String>,
}

impl PayoutSettings {
    /// # Errors
    /// `Configuration` for a reason that the gateway does not have.
    pub(crate) fn new(
        auto_confirm: bool,
        from_account_id: Option<String>,
        reason: Option<String>,
    ) -> Result<Self> {
        if let Some(reason) = &reason
            && !PAYMENT_REASONS.contains(&reason.as_str())
        {
            return Err(Error::configuration(format!(
                "payout_reason is {reason:?}; use one of {}",
                PAYMENT_REASONS.join(", ")
            )));
        }
        Ok(Self {
            auto_confirm,
            from_account_id,
            reason,
        })
    }

    /// The account that payments come from, and their reason.
    ///
    /// # Errors
    /// `Configuration` that names what is missing.
    pub(super) fn payment_terms(&self) -> Result<(&str, &str)> {
        if let (Some(account), Some(reason)) = (&self.from_account_id, &self.reason) {
            return Ok((account, reason));
        }
        let missing: Vec<String> = [
            (ConfigKey::FromAccountId, &self.from_account_id),
            (ConfigKey::PayoutReason, &self.reason),
        ]
        .into_iter()
        .filter(|(_, value)| value.is_none())
        .map(|(key, _)| format!("{} ({})", key.name(), key.env()))
        .collect();
        Err(Error::configuration(format!(
            "not set, and needed for payouts: {}",
            missing.join(", ")
        )))
    }
}
