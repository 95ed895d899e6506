//! The router over scripted gateways, in tokio's paused time.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod model_checking;
mod paused_clock;
