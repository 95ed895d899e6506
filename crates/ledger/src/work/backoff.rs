//! How long to wait before the next try.

use std::time::Duration;

use rand::RngExt as _;

/// Twice as long with each failure: `first` after the first, never more than `longest`.
pub(crate) fn doubling(first: Duration, longest: Duration, failures: u32) -> Duration {
    let factor = 1_u32
        .checked_shl(failures.saturating_sub(1))
        .unwrap_or(u32::MAX);
    first.saturating_mul(factor).min(longest)
}

/// A random time from nine to eleven tenths of this, so that many do not come back at once.
pub(crate) fn jittered(time: Duration) -> Duration {
    (time / 100).saturating_mul(rand::rng().random_range(90..=110))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_doubles_up_to_the_longest() {
        let wait = |failures| doubling(Duration::from_secs(1), Duration::from_secs(60), failures);
        assert_eq!(wait(1), Duration::from_secs(1));
        assert_eq!(wait(4), Duration::from_secs(8));
        assert_eq!(wait(7), Duration::from_secs(60));
        assert_eq!(wait(400), Duration::from_secs(60));
    }

    #[test]
    fn jitter_stays_within_a_tenth() {
        for _ in 0..200 {
            let wait = jittered(Duration::from_secs(10));
            assert!(wait >= Duration::from_secs(9) && wait <= Duration::from_secs(11));
        }
    }
}
