//! What the list of withdrawals is narrowed by.

use super::{NetworkCode, WithdrawalStatus};

/// Which withdrawals to list. What is not set does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct WithdrawalFilter {
    /// Only those on this network.
    pub network: Option<NetworkCode>,
    /// Only those of this asset, by its symbol.
    pub asset_type: Option<String>,
    /// Only those in this status.
    pub status: Option<WithdrawalStatus>,
    /// Which page, from 1; the first where it is not set.
    pub page: Option<u32>,
    /// How many on a page; the gateway's own number where it is not set.
    pub page_size: Option<u32>,
}
