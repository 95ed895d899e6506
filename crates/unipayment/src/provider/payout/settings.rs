//! What payouts need beside the request.

use paymux_core::Result;
use paymux_core::adapter::Settings;

use crate::config::ConfigKey::{self, AutoConfirm, FromAccountId, PayoutReason};
use crate::model::PAYMENT_REASONS;

/// Settings of payouts, each of one generation.
#[derive(Debug)]
pub(in crate::provider) struct PayoutSettings {
    /// Whether withdrawals go out without a confirmation by mail.
    pub(super) auto_confirm: bool,
    settings: Settings<ConfigKey>,
}

impl PayoutSettings {
    /// # Errors
    /// `Configuration` for a value that is none of those that there are.
    pub(in crate::provider) fn new(settings: Settings<ConfigKey>) -> Result<Self> {
        settings.one_of(PayoutReason, &PAYMENT_REASONS)?;
        let auto_confirm = settings.one_of(AutoConfirm, &["true", "false"])?;
        Ok(Self {
            auto_confirm: auto_confirm != Some("false"),
            settings,
        })
    }

    /// The account that payments come from, and their reason.
    ///
    /// # Errors
    /// `Configuration` that names what is missing.
    pub(super) fn payment_terms(&self) -> Result<(&str, &str)> {
        let settings = &self.settings;
        settings.require([FromAccountId, PayoutReason], "payouts")?;
        let text = |key| settings.text(key).unwrap_or_default();
        Ok((text(FromAccountId), text(PayoutReason)))
    }
}
