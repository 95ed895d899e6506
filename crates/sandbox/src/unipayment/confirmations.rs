//! `confirm_speed`: how many confirmations make an invoice `Confirmed`, and how many `Complete`.

use serde::Serialize;

/// When the merchant wants to fulfil (create_invoice page).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum ConfirmSpeed {
    /// `High`: as soon as the payment is seen.
    High,
    /// `Medium`, which also stands where nothing was asked.
    Medium,
    /// `Low`: with completion.
    Low,
}

impl ConfirmSpeed {
    /// The gateway's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "High",
            Self::Medium => "Medium",
            Self::Low => "Low",
        }
    }

    /// The number in answers of 2022.
    pub fn number(self) -> u32 {
        match self {
            Self::High => 1,
            Self::Medium => 2,
            Self::Low => 3,
        }
    }

    /// Reads the word in any case, as SDKs and plugins send it.
    pub(super) fn parse(word: &str) -> Option<Self> {
        [Self::High, Self::Medium, Self::Low]
            .into_iter()
            .find(|speed| speed.as_str().eq_ignore_ascii_case(word))
    }
}

/// The confirmations that an invoice needs. All figures are **ours**; the meaning of the speeds is
/// that of BitPay, whose texts the gateway's resemble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpeedConfirmations {
    /// For `Confirmed` at high speed. Default 0.
    pub high: u32,
    /// For `Confirmed` at medium speed. Default 1.
    pub medium: u32,
    /// For `Complete` at any speed, and for `Confirmed` at low speed. Default 3.
    pub completion: u32,
}

impl Default for SpeedConfirmations {
    fn default() -> Self {
        Self {
            high: 0,
            medium: 1,
            completion: 3,
        }
    }
}

impl SpeedConfirmations {
    /// The confirmations for `Confirmed`, never more than for `Complete`.
    pub fn of(self, speed: ConfirmSpeed) -> u32 {
        let asked = match speed {
            ConfirmSpeed::High => self.high,
            ConfirmSpeed::Medium => self.medium,
            ConfirmSpeed::Low => self.completion,
        };
        asked.min(self.completion)
    }
}
