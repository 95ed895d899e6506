//! Payment gateways simulated on the wire, for tests and for trying things out.
//!
//! The sandbox listens on a local socket and answers as HaloPay and UniPayment do: it checks
//! signatures as strictly as the gateways' documents say, keeps orders, invoices and payouts, lets
//! payers pay in part, in full, too much or too late, and sends signed webhooks on the published
//! schedule. On request it misbehaves: slow, failing, cut off before or after the work was done. It
//! is written from the gateways' documents and shares no code with any adapter, so that a misreading
//! shows.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use paymux_sandbox::{FaultRule, RequestFault, Sandbox, When};
//!
//! let sandbox = Sandbox::start().await?;
//! let shop = sandbox.inbox("shop");
//!
//! // Point an adapter at these three and let it create an order with `shop.url()` as callback.
//! let (_url, _app_id, _app_key) = (sandbox.url(), sandbox.halo().app_id(), sandbox.halo().app_key());
//!
//! // The next payout is made, and its answer lost.
//! sandbox.faults().add(FaultRule::request(
//!     "/api/payout/create",
//!     RequestFault::Cut { when: When::AfterWork },
//! ));
//!
//! for order in sandbox.halo().orders() {
//!     sandbox.halo().pay_rest(&order.trade_no)?;
//!     sandbox.halo().confirm(&order.trade_no, 1)?;
//!     let _notice = shop.next().await;
//! }
//! sandbox.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`Sandbox`] | the running server |
//! | [`Settings`] | every choice with its default; what no document says is marked **ours** |
//! | [`Halo`] | HaloPay's Native Checkout API: credentials, orders, payouts, payers |
//! | [`UniPayment`] | UniPayment in its three generations (MD5, Hmac, OAuth): credentials, invoices, payouts, payers |
//! | [`UniPaymentSettings`] | UniPayment's own choices, [`Settings::unipayment`] |
//! | [`FaultRule`] | what goes wrong, with which call, how often |
//! | [`Inbox`] | a receiver of webhooks |
//! | [`RecordedRequest`], [`WebhookDelivery`] | what was asked, and what was sent |
//!
//! The same server has a page for people at `/sandbox/` and a control API beside it:
//!
//! | call | effect |
//! |---|---|
//! | `GET /sandbox/state` | orders, invoices, payouts, balances, deposits, QR codes |
//! | `POST /sandbox/orders/{trade_no}/pay` | `{"amount": "1.5"}` in whole tokens, or `{}` for the rest |
//! | `POST /sandbox/orders/{trade_no}/confirm` | `{"count": 1}`, or `{}` for one |
//! | `POST /sandbox/orders/{trade_no}/expire` | as if its time were over |
//! | `POST /sandbox/invoices/{id}/choose` | `{"pay_currency": "USDT", "network": "NETWORK_TRX"}` where the merchant left it open |
//! | `POST /sandbox/invoices/{id}/pay`, `confirm` | as for orders |
//! | `POST /sandbox/invoices/{id}/complete`, `expire`, `invalidate`, `mark` | moves an invoice of UniPayment |
//! | `POST /sandbox/addresses/{address}/pay` | `{"amount": "1.5"}` to the address of an order, invoice or QR code |
//! | `POST /sandbox/payouts/{id}/advance`, `fail`, `cancel` | moves a payout; `reject` too at UniPayment |
//! | `POST /sandbox/deposits` | `{"asset_type": "USDT", "network": "NETWORK_TRX", "amount": "5"}` comes into UniPayment's wallet |
//! | `POST /sandbox/deposits/{id}/advance` | moves a deposit |
//! | `DELETE /sandbox/tokens` | makes UniPayment's access tokens invalid |
//! | `GET`, `POST`, `DELETE /sandbox/faults` | the script: all rules, one more, none |
//! | `GET /sandbox/requests` | every call to a gateway, signatures left out |
//! | `GET /sandbox/webhooks` | every webhook with its attempts |
//!
//! The control API refuses a request whose `Host` is not a loopback name or address, and one that
//! carries an `Origin` other than the sandbox's own, so that no web page elsewhere can drive it
//! through a visitor's browser.

mod addresses;
mod amounts;
mod balances;
mod builder;
mod capped_log;
mod clock;
mod connection;
mod control;
mod error;
mod fault_layer;
mod faults;
mod halo;
mod headers;
mod inbox;
mod json;
mod lock;
mod members;
mod randomness;
mod rates;
mod recording;
mod register;
mod server;
mod settings;
mod shutdown;
mod signer;
mod surroundings;
mod timekeeping;
pub mod unipayment;
mod webhooks;

pub use balances::Balance;
pub use builder::SandboxBuilder;
pub use error::SandboxError;
pub use faults::{FaultRule, Faults, RequestFault, WebhookFault, When};
pub use halo::{
    EventTypes, Halo, Order, OrderStatus, Payment, Payout, PayoutStatus, QrCode, RefusalCodes,
    Token,
};
pub use inbox::{Inbox, ReceivedWebhook};
pub use rates::{Gas, Rates};
pub use recording::{RecordedRequest, RequestOutcome};
pub use server::Sandbox;
pub use settings::{DeliveredBy, Settings};
pub use unipayment::{Generation, UniPayment, UniPaymentCredentials, UniPaymentSettings};
pub use webhooks::{DeliveryAttempt, DeliveryState, WebhookDelivery};
