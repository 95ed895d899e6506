//! Thousands of random schedules of faults, delays, callers that come back and callers that leave,
//! over scripted gateways in paused time. The gateways' own books say what really happened: no payout
//! is ever paid twice, and nothing that may exist is kept from the caller.
//!
//! Each schedule grows from one seed. A failure prints its seed, its schedule and its journal;
//! `PAYMUX_SEED=…` runs that one alone, and `PAYMUX_SOAK_SECONDS=…` goes on for so long.

mod aftermath;
mod gateways;
mod invariants;
mod journal;
mod log;
mod run;
mod schedule;
mod tally;
mod told;

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use run::World;
use schedule::Schedule;
use tally::Tally;

/// How many schedules are run where nobody asks for more.
const SCHEDULES: u64 = 3_000;
const THREADS: usize = 2;

fn variable(name: &str) -> Option<u64> {
    let value = env::var(name).ok()?;
    let number = value.parse();
    Some(number.unwrap_or_else(|_| panic!("{name}={value} is no number; write it like {name}=60")))
}

/// Runs the schedule of one seed; what it breaks comes with everything that tells why.
fn check(seed: u64) -> Result<Tally, String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let world = Arc::new(World::new(Schedule::of_seed(seed)));
        world.run().await;
        let verdict = async {
            invariants::check(&world)?;
            aftermath::check(&world).await?;
            invariants::check(&world)?;
            Tally::of(&world)
        };
        verdict.await.map_err(|broken| {
            format!(
                "{broken}\nrun it again with PAYMUX_SEED={seed}\n{:#?}\n{}",
                world.schedule,
                world.journal.text()
            )
        })
    })
}

#[test]
fn no_schedule_of_faults_pays_twice_or_hides_anything() {
    if let Some(seed) = variable("PAYMUX_SEED") {
        if let Err(broken) = check(seed) {
            panic!("{broken}");
        }
        return;
    }
    let soak = variable("PAYMUX_SOAK_SECONDS").map(Duration::from_secs);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    // Small enough to be typed, and another one each time.
    let first = u64::from(now.subsec_nanos()) * 1_000_000;
    println!("the seeds start at {first}; one alone runs with PAYMUX_SEED={first}");
    let (next, started) = (AtomicU64::new(first), Instant::now());
    let goes_on = |seed: u64| match soak {
        Some(time) => started.elapsed() < time,
        None => seed < first + SCHEDULES,
    };
    let work = || -> Result<Tally, String> {
        let mut tally = Tally::default();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !goes_on(seed) {
                return Ok(tally);
            }
            tally += check(seed)?;
        }
    };
    let mut tally = Tally::default();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..THREADS).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            match worker.join().expect("a schedule must not panic") {
                Ok(seen) => tally += seen,
                Err(broken) => panic!("{broken}"),
            }
        }
    });
    println!("{tally:#?}");
    assert!(tally.is_full(), "something was never seen: {tally:#?}");
}
