//! What happens by itself in a gateway: time runs out, blocks are found.

use std::time::{Duration, Instant};

use tokio::sync::Notify;

use crate::clock::Clock;

/// The longest the timer sleeps, and so the latest that a change of settings is noticed.
const LONGEST_NAP: Duration = Duration::from_secs(1);

/// A gateway whose records change with time.
pub(crate) trait Timed {
    /// Lets happen what is due, and gives the next moment at which something will be, in Unix
    /// milliseconds.
    fn next_deadline(&self) -> Option<i64>;

    /// How often a block is found, if at all.
    fn block_time(&self) -> Option<Duration>;

    /// Confirms what was paid and moves what is paid out.
    fn find_block(&self);
}

/// Runs as long as the sandbox. `woken` makes it look again at once.
pub(crate) async fn keep_time(gateway: &impl Timed, clock: &Clock, woken: &Notify) {
    let mut last_block = Instant::now();
    loop {
        let next_deadline = gateway.next_deadline();
        let block_time = gateway.block_time();
        let until_block = match block_time.map(|time| time.max(Duration::from_millis(1))) {
            None => {
                last_block = Instant::now();
                LONGEST_NAP
            }
            Some(time) => match time.checked_sub(last_block.elapsed()) {
                Some(left) if !left.is_zero() => left,
                _ => {
                    last_block = Instant::now();
                    gateway.find_block();
                    time
                }
            },
        };
        let until_deadline = next_deadline.map_or(LONGEST_NAP, |deadline| {
            let left = deadline.saturating_sub(clock.now().timestamp_millis());
            Duration::from_millis(u64::try_from(left).unwrap_or(0).max(1))
        });
        let nap = LONGEST_NAP.min(until_block).min(until_deadline);
        tokio::select! {
            () = tokio::time::sleep(nap) => {}
            () = woken.notified() => {}
        }
    }
}
