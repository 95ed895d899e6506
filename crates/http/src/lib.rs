//! One transport for payment gateways that speak signed JSON over HTTPS.
//!
//! What every adapter needs and none should write again: one connection pool, timeouts, no
//! redirects, no cookies, a cap on what is read, retries that never send a payment twice, and errors
//! that say whether the gateway may have acted all the same. Nothing here knows a gateway.
//!
//! ```no_run
//! use paymux_core::{ProviderName, Result};
//! use paymux_http::{Effect, Header, Method, Request, Transport, TransportConfig, Unsigned};
//!
//! # async fn f() -> Result<()> {
//! let transport = Transport::new(
//!     "https://api.example",
//!     ProviderName::from_static("example"),
//!     TransportConfig::default(),
//! )?;
//! // Called anew for every attempt, over the very bytes that are sent.
//! let sign = |unsigned: &Unsigned<'_>| -> Result<Vec<Header>> {
//!     let token = format!("{}:{}", unsigned.body.len(), unsigned.now.timestamp());
//!     Ok(vec![Header::secret("x-sign", token)])
//! };
//! let request = Request::new("fetch_invoice", Effect::Read, Method::Get, "/v1/invoices")
//!     .with_path_segment("inv-1");
//! let answer = transport.send(&request, &sign).await?;
//! println!("{} bytes with status {}", answer.body().len(), answer.status());
//! # Ok(()) }
//! ```
//!
//! # What a failed call means
//!
//! | what happened | [`Effect::Create`] | [`Effect::Read`] |
//! |---|---|---|
//! | DNS, connect or TLS failure | `NotSent` | retried, then `NotSent` |
//! | cut, timeout, body over the cap | `Unknown` | cut and timeout retried; `NotSent` |
//! | 5xx, whatever its body says | `Unknown` | retried, then `NotSent` |
//! | 3xx | `Unknown` | `NotSent` |
//! | 429 | `Rejected` | retried, then `Rejected` |
//! | other 4xx, and 2xx | an [`Answer`] | an [`Answer`] |
//!
//! | feature | TLS |
//! |---|---|
//! | `rustls` (default) | rustls with its default cryptography and the platform's certificates |
//! | `rustls-no-provider` | rustls; the application installs a cryptography provider before it makes a [`Transport`] |
//! | `native-tls` | the operating system's |

mod answer;
mod base_url;
mod config;
mod failure;
mod fetched_once;
mod refusal;
mod request;
mod retry;
mod sign;
mod status;
mod transport;

pub use answer::Answer;
pub use config::{RetryConfig, TransportConfig};
pub use fetched_once::{Fetched, FetchedOnce};
pub use refusal::{Refusal, tamed};
pub use request::{Effect, Method, Request};
pub use sign::{Header, Sign, Unsigned};
pub use status::kind_of_status;
pub use transport::Transport;
