//! What the sandbox gives to each of its gateways.

use std::sync::Arc;

use crate::clock::Clock;
use crate::randomness::Randomness;
use crate::settings::LiveSettings;
use crate::webhooks::Outbox;

/// What a gateway gets from the sandbox.
pub(crate) struct Surroundings {
    pub(crate) base_url: String,
    pub(crate) clock: Clock,
    pub(crate) randomness: Randomness,
    pub(crate) settings: Arc<LiveSettings>,
    pub(crate) outbox: Arc<Outbox>,
}
