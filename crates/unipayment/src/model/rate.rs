//! Exchange rates.

use paymux_core::adapter::lenient;
use paymux_core::decimal;
use rust_decimal::Decimal;
use serde::Deserialize;

/// What one unit of a crypto asset costs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Rate {
    /// Both sides in one, such as `BTC_USD`; first generation only.
    #[serde(default, deserialize_with = "lenient::text")]
    pub pair: Option<String>,
    /// The crypto asset; from v1.0.
    #[serde(default, deserialize_with = "lenient::text")]
    pub from: Option<String>,
    /// The currency of the price; from v1.0.
    #[serde(default, deserialize_with = "lenient::text")]
    pub to: Option<String>,
    /// Units of the currency for one of the asset.
    #[serde(with = "decimal::exact")]
    pub rate: Decimal,
    /// Price at which it is sold; v2 only.
    #[serde(default, with = "decimal::exact_option")]
    pub ask: Option<Decimal>,
    /// Price at which it is bought; v2 only.
    #[serde(default, with = "decimal::exact_option")]
    pub bid: Option<Decimal>,
}

impl Rate {
    /// The asset and the currency, by either spelling.
    ///
    /// ```
    /// use paymux_unipayment::model::Rate;
    ///
    /// let rate: Rate = serde_json::from_str(r#"{"pair":"BTC_USD","rate":38359.98}"#).unwrap();
    /// assert_eq!(rate.sides(), Some(("BTC", "USD")));
    /// ```
    #[must_use]
    pub fn sides(&self) -> Option<(&str, &str)> {
        self.from
            .as_deref()
            .zip(self.to.as_deref())
            .or_else(|| self.pair.as_deref()?.split_once('_'))
    }
}
