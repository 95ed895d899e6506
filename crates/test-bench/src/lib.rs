//! What the tests of several crates need.

mod captured_log;
#[cfg(feature = "postgres")]
pub mod postgres_server;
mod raw_server;

pub use captured_log::CapturedLog;
pub use raw_server::{RawServer, Received, Reply, answer, cut, http, ok};
