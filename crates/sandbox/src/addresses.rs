//! Addresses on chains: made up, and checked.

pub(crate) mod bitcoin;
pub(crate) mod evm;
pub(crate) mod tron;
