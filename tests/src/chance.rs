//! What random tests are told from outside: where to begin and how long to go on.

use std::env;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The seed in `PAYMUX_SEED`.
#[must_use]
pub fn given_seed() -> Option<u64> {
    number("PAYMUX_SEED")
}

/// Another seed each time.
#[must_use]
pub fn new_seed() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |now| u64::from(now.subsec_nanos()) * 1_000_000)
}

/// How long to go on, from `PAYMUX_SOAK_SECONDS`.
#[must_use]
pub fn soak_time() -> Option<Duration> {
    number("PAYMUX_SOAK_SECONDS").map(Duration::from_secs)
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    let number = value.parse();
    Some(number.unwrap_or_else(|_| panic!("{name}={value} is no number; write it like {name}=60")))
}
