//! What random tests have in common: where they begin, how long they go on, and what goes wrong with
//! requests.

use std::env;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use paymux_sandbox::{FaultRule, RequestFault, When};
use rand::RngExt;
use rand::rngs::StdRng;

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

/// Something that goes wrong with requests to one of these endpoints, now or after a few more; slow
/// answers are slow to whoever waits for so long.
#[must_use]
pub fn request_fault(dice: &mut StdRng, endpoints: &[&str], patience: Duration) -> FaultRule {
    let when = if dice.random() {
        When::BeforeWork
    } else {
        When::AfterWork
    };
    let fault = match dice.random_range(0..9) {
        0 | 1 => RequestFault::Cut { when },
        2 => RequestFault::status(when, 502),
        3 => RequestFault::too_many_requests(1),
        4 => RequestFault::CutMidBody,
        5 => RequestFault::MalformedJson,
        6 => RequestFault::delay(when, patience * 2),
        7 => RequestFault::delay(when, patience / 4),
        _ => RequestFault::StaleConnection,
    };
    let endpoint = endpoints[dice.random_range(0..endpoints.len())];
    FaultRule::request(endpoint, fault)
        .skip(dice.random_range(0..4))
        .times(dice.random_range(1..4))
}

fn number(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    let number = value.parse();
    Some(number.unwrap_or_else(|_| panic!("{name}={value} is no number; write it like {name}=60")))
}
