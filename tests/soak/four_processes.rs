//! Four processes share one PostgreSQL: they are asked for the same things at the same time, take in
//! webhooks, share the work, and two of them are killed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use paymux_test_bench::databases::{Engine, runtime};
use paymux_tests::soak_shop::{Answer, Setup, What, Works};
use rust_decimal::Decimal;
use tokio::task::JoinSet;

use crate::books::{Asked, differences};
use crate::gateways::{complete_payouts, confirm_everything, pay_everything};
use crate::journeys::{open_doubts, settle_by_the_books};
use crate::process::{Killed, Process};
use crate::world::{Gateways, World};

/// How many orders and how many payouts are asked for at a time.
const WAVE: u32 = 6;
/// A test that waits for what never comes ends at last.
const PATIENCE: Duration = Duration::from_secs(120);

struct Shops {
    world: World,
    alive: Vec<Arc<Process>>,
    killed: Vec<u64>,
    orders: Vec<String>,
    payouts: Vec<Asked>,
}

impl Shops {
    async fn open() -> Self {
        let mut shops = Self {
            world: World::new(Engine::Postgres, Gateways::Halo).await,
            alive: Vec::new(),
            killed: Vec::new(),
            orders: Vec::new(),
            payouts: Vec::new(),
        };
        for _ in 0..4 {
            shops.start_another();
        }
        shops
    }

    fn start_another(&mut self) {
        let setup = Setup {
            stops: false,
            works: Works::Counted,
            ..self.world.setup()
        };
        self.alive.push(Arc::new(self.world.start(&setup, None)));
    }

    /// What nobody has asked for yet, asked of all of them at the same time.
    fn ask_for_more(&mut self) -> JoinSet<(What, Result<Answer, Killed>)> {
        let mut asked = JoinSet::new();
        for _ in 0..WAVE {
            let number = self.orders.len() + 1;
            let amount = Decimal::new(1000 + i64::try_from(number).unwrap(), 2);
            let (order, reference) = (format!("order-{number}"), format!("payout-{number}"));
            for shop in &self.alive {
                for what in [
                    What::CreateInvoice {
                        order: order.clone(),
                    },
                    What::CreatePayout {
                        reference: reference.clone(),
                        amount: amount.to_string(),
                    },
                ] {
                    let shop = Arc::clone(shop);
                    asked.spawn(async move {
                        let answer = shop.ask(what.clone()).await;
                        (what, answer)
                    });
                }
            }
            self.orders.push(order);
            self.payouts.push((reference, amount));
        }
        asked
    }

    fn move_everything_on(&self) {
        pay_everything(&self.world.sandbox);
        confirm_everything(&self.world.sandbox);
        complete_payouts(&self.world.sandbox);
    }

    /// Kills the oldest of them while it does what it was just asked for.
    async fn kill_one(&mut self) {
        let oldest = self.alive.remove(0);
        oldest.kill().await;
        self.killed.push(oldest.number);
    }

    /// Lets every lease end, and those who live do what the dead have left behind.
    async fn outlive_the_dead(&self) {
        let leases_end = &self.world.hearing.leases_end;
        leases_end.store(true, Ordering::SeqCst);
        self.world.pass_for_all(&self.alive, 600).await;
        self.settle().await;
        self.move_everything_on();
        self.until_nothing_is_left().await;
        leases_end.store(false, Ordering::SeqCst);
    }

    /// Whether each that is alive took in webhooks and handled events.
    fn all_have_worked(&self) -> bool {
        let heard = self.world.hearing.heard.lock().unwrap();
        let applied = self.world.hearing.applied.lock().unwrap();
        self.alive.iter().all(|shop| {
            applied.contains_key(&shop.number)
                && heard.iter().any(|heard| heard.process == shop.number)
        })
    }

    async fn until_nothing_is_left(&self) {
        let began = Instant::now();
        loop {
            self.world.all_is_delivered().await;
            let undone = self.world.undone();
            if undone.is_empty() {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "not done: {undone:#?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What the dead left in doubt is settled and asked for once more.
    async fn settle(&self) {
        let shop = &self.alive[0];
        let began = Instant::now();
        for (reference, amount) in &self.payouts {
            let what = What::CreatePayout {
                reference: reference.clone(),
                amount: amount.to_string(),
            };
            loop {
                match shop.ask(what.clone()).await.unwrap() {
                    Answer::Made { .. } => break,
                    Answer::Failed { kind, .. } if kind == "Conflict" => {
                        let open = open_doubts(shop).await.unwrap();
                        for open in open.iter().filter_map(|open| open.reference.as_ref()) {
                            settle_by_the_books(&self.world, shop, open).await.unwrap();
                        }
                    }
                    // Another one sends it now.
                    Answer::Failed { kind, .. } if kind == "InProgress" => {}
                    answer => panic!("{reference}: {answer:?}"),
                }
                assert!(began.elapsed() < PATIENCE, "{reference} is never made");
            }
        }
        for order in &self.orders {
            let what = What::CreateInvoice {
                order: order.clone(),
            };
            let answer = shop.ask(what).await.unwrap();
            assert!(matches!(answer, Answer::Made { .. }), "{order}: {answer:?}");
        }
    }

    /// Nobody was told of another payout or invoice than the others.
    fn compare_answers(told: &[(What, Result<Answer, Killed>)]) {
        let mut ids: BTreeMap<String, &str> = BTreeMap::new();
        for (what, answer) in told {
            if let Ok(Answer::Made { id, .. }) = answer {
                let first = ids.entry(format!("{what:?}")).or_insert(id);
                assert_eq!(first, id, "{what:?}");
            }
        }
    }

    /// Each webhook was taken in once.
    fn check_sharing(&self) {
        let taken: u64 = self.world.hearing.applied.lock().unwrap().values().sum();
        let came = &self
            .world
            .database
            .rows("SELECT CAST(COUNT(*) AS TEXT) FROM paymux_inbox")[0][0];
        assert!(taken <= came.parse().unwrap(), "{taken} of {came} webhooks");
    }

    /// Nobody handled what another one had handled who lives, but where its lease had ended.
    fn check_handling(&self) {
        let heard = self.world.hearing.heard.lock().unwrap();
        for (index, again) in heard.iter().enumerate() {
            let before = heard[..index]
                .iter()
                .find(|before| before.event.id == again.event.id);
            if let Some(before) = before {
                assert!(
                    again.leases_ended || self.killed.contains(&before.process),
                    "handled twice: {before:?} and {again:?}"
                );
            }
        }
    }
}

async fn live() {
    let mut shops = Shops::open().await;
    let mut told = Vec::new();
    for kills in [false, true, false, true, false] {
        let mut asked = shops.ask_for_more();
        if kills {
            told.extend(asked.join_next().await.map(Result::unwrap));
            shops.kill_one().await;
            shops.start_another();
        }
        while let Some(answer) = asked.join_next().await {
            told.push(answer.unwrap());
        }
        shops.move_everything_on();
    }
    Shops::compare_answers(&told);
    shops.outlive_the_dead().await;
    let began = Instant::now();
    while !shops.all_have_worked() {
        assert!(began.elapsed() < PATIENCE, "somebody has nothing to do");
        let mut asked = shops.ask_for_more();
        while asked.join_next().await.is_some() {}
        shops.move_everything_on();
        shops.until_nothing_is_left().await;
    }
    shops.check_sharing();
    shops.check_handling();
    for shop in &shops.alive {
        shop.kill().await;
    }
    let found = differences(&shops.world, &shops.orders, &shops.payouts).await;
    let story = shops.world.database.story();
    assert!(found.is_empty(), "{found:#?}\n{story:#?}");
}

#[test]
fn share_the_work_and_outlive_each_other() {
    if Engine::all().contains(&Engine::Postgres) {
        runtime().block_on(live());
    }
}
