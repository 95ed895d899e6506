//! The request for a new invoice.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use super::{ConfirmSpeed, NetworkCode, PaymentMethodType};

/// Request for a new invoice, in all generations. Members that are not set are left out.
///
/// ```
/// use paymux_unipayment::model::CreateInvoice;
///
/// let mut request = CreateInvoice::new("app-1", "order-1001", "10.50".parse().unwrap(), "USD");
/// request.pay_currency = Some("USDT".to_owned());
/// assert_eq!(
///     serde_json::to_string(&request).unwrap(),
///     r#"{"app_id":"app-1","price_amount":10.5,"price_currency":"USD","pay_currency":"USDT","order_id":"order-1001"}"#
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CreateInvoice {
    /// The payment app.
    pub app_id: String,
    /// Price, in whole units of `price_currency`.
    #[serde(serialize_with = "as_number")]
    pub price_amount: Decimal,
    /// Currency of the price.
    pub price_currency: String,
    /// Symbol of what it is to be paid with; else the payer chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay_currency: Option<String>,
    /// The network of `pay_currency`; else the payer chooses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkCode>,
    /// Where the webhooks go; else the payment app's own URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify_url: Option<String>,
    /// Where the payer's browser goes afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect_url: Option<String>,
    /// The merchant's order id.
    pub order_id: String,
    /// Title on the payer's page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Description on the payer's page, up to 256 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Language of the payer's page, such as `en-US`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Comes back in notices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext_args: Option<String>,
    /// How many confirmations count as confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirm_speed: Option<ConfirmSpeed>,
    /// How it may be paid; v2 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_method_type: Option<PaymentMethodType>,
    /// Whether the merchant shows the payment itself; v2 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_to_host_mode: Option<bool>,
    /// The payer; v2 only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_info: Option<BuyerInfo>,
}

impl CreateInvoice {
    /// A request with what every generation asks for. The price is in whole units.
    #[must_use]
    pub fn new(
        app_id: impl Into<String>,
        order_id: impl Into<String>,
        price_amount: Decimal,
        price_currency: impl Into<String>,
    ) -> Self {
        Self {
            app_id: app_id.into(),
            price_amount,
            price_currency: price_currency.into(),
            pay_currency: None,
            network: None,
            notify_url: None,
            redirect_url: None,
            order_id: order_id.into(),
            title: None,
            description: None,
            lang: None,
            ext_args: None,
            confirm_speed: None,
            payment_method_type: None,
            host_to_host_mode: None,
            buyer_info: None,
        }
    }
}

/// The payer of an invoice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BuyerInfo {
    /// Full name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Address for mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Street and number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address1: Option<String>,
    /// Second line of the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address2: Option<String>,
    /// City.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zip_code: Option<String>,
}

/// A JSON number with exactly these digits; the gateway types amounts as numbers.
pub(super) fn as_number<S: Serializer>(amount: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let digits = paymux_core::decimal::plain(*amount);
    RawValue::from_string(digits)
        .map_err(serde::ser::Error::custom)?
        .serialize(serializer)
}
