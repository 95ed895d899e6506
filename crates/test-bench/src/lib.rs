//! What the tests of several crates need.

mod captured_log;
#[cfg(feature = "databases")]
pub mod databases;
#[cfg(feature = "databases")]
pub mod postgres_server;
mod raw_server;

pub use captured_log::CapturedLog;
pub use raw_server::{RawServer, Received, Reply, answer, cut, http, ok};
