//! A shop that sells and pays out many things at once is killed at random moments, while gateways fail
//! and webhooks come twice, late, forged or not at all.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use paymux_sandbox::Sandbox;
use paymux_test_bench::databases::{Engine, runtime};
use paymux_tests::chance::{given_seed, new_seed, soak_time};
use paymux_tests::soak_shop::{Answer, Setup, What, Works};
use rand::RngExt;
use rand::rngs::StdRng;
use rust_decimal::Decimal;
use tokio::task::JoinSet;

use crate::books::{Asked, differences};
use crate::gateways::{complete_payouts, confirm_everything, invoices, pay_everything, payouts};
use crate::journeys::{id_of, open_doubts, settle_by_the_books, until_calm};
use crate::process::Process;
use crate::script::{PATIENCE, Script};
use crate::world::World;

/// How long histories are lived on each engine where nobody asks for more.
const TIME: Duration = Duration::from_secs(4);
/// How many of them at once: they wait most of the time.
const AT_ONCE: usize = 3;
/// How often a shop works until both books must agree. Polls may be hours apart.
const ROUNDS: u32 = 40;

struct History {
    world: World,
    orders: Vec<String>,
    payouts: Vec<Asked>,
    /// The ids that callers were told for each reference.
    told: Mutex<BTreeMap<String, BTreeSet<String>>>,
}

impl History {
    async fn live(engine: Engine, seed: u64) {
        let script = Script::of(seed);
        println!("on {engine:?}, PAYMUX_SEED={seed}: {:?}", script.gateways);
        let world = World::new(engine, script.gateways).await;
        for fault in script.faults {
            world.sandbox.faults().add(fault);
        }
        let payouts = (1..=script.payouts).map(|number| {
            let amount = Decimal::new(1000 + i64::from(number), 2);
            (format!("payout-{number}"), amount)
        });
        let history = Arc::new(Self {
            world,
            orders: (1..=script.orders)
                .map(|number| format!("order-{number}"))
                .collect(),
            payouts: payouts.collect(),
            told: Mutex::default(),
        });
        let moves = {
            let history = Arc::clone(&history);
            tokio::spawn(async move { move_on(&history.world.sandbox, script.dice).await })
        };
        for life in script.lives {
            history.world.grow_later(life.later);
            let shop = Arc::new(history.world.start(&history.setup(), None));
            let mut wishes = history.wish_for_everything(&shop);
            tokio::time::sleep(life.length).await;
            shop.kill().await;
            while wishes.join_next().await.is_some() {}
        }
        moves.abort();
        let _ = moves.await;
        let found = history.end().await;
        let story = || history.world.database.story();
        assert!(
            found.is_empty(),
            "with PAYMUX_SEED={seed} on {engine:?}: {found:#?}\n{:#?}",
            story()
        );
    }

    fn setup(&self) -> Setup {
        Setup {
            stops: false,
            works: Works::AllTheTime,
            lease: 1500,
            patience: u64::try_from(PATIENCE.as_millis()).unwrap(),
            ..self.world.setup()
        }
    }

    /// Asks for every invoice and every payout at once, each twice.
    fn wish_for_everything(self: &Arc<Self>, shop: &Arc<Process>) -> JoinSet<()> {
        let mut wishes = JoinSet::new();
        let orders = self.orders.iter().map(|order| What::CreateInvoice {
            order: order.clone(),
        });
        let all: Vec<What> = orders.chain(self.payouts.iter().map(payout)).collect();
        for what in all.iter().chain(&all) {
            let (history, shop, what) = (Arc::clone(self), Arc::clone(shop), what.clone());
            wishes.spawn(async move {
                if let Ok(answer) = shop.ask(what.clone()).await {
                    history.note(&what, &answer);
                }
            });
        }
        wishes
    }

    fn note(&self, what: &What, answer: &Answer) {
        if let (What::CreatePayout { reference, .. }, Answer::Made { .. }) = (what, answer) {
            let bare = id_of(answer).to_owned();
            let mut told = self.told.lock().unwrap();
            told.entry(reference.clone()).or_default().insert(bare);
        }
    }

    /// The last life is a quiet one: everything comes to its end. What does not agree then is returned.
    async fn end(&self) -> Vec<String> {
        self.world.sandbox.faults().clear();
        self.world.grow_later(3600);
        let setup = Setup {
            works: Works::WhenAsked,
            patience: 10_000,
            ..self.setup()
        };
        let shop = self.world.start(&setup, None);
        self.bring_to_an_end(&shop).await;
        let mut found = Vec::new();
        for _ in 0..ROUNDS {
            until_calm(&self.world, &shop).await.unwrap();
            found = differences(&self.world, &self.orders, &self.payouts).await;
            if found.is_empty() {
                break;
            }
            self.world.pass(&shop, 3600).await.unwrap();
            open_doubts(&shop).await.unwrap();
        }
        shop.kill().await;
        for (reference, ids) in &*self.told.lock().unwrap() {
            if ids.len() > 1 {
                found.push(format!("{reference} was told to be {ids:?}"));
            }
        }
        found
    }

    async fn bring_to_an_end(&self, shop: &Process) {
        // Calls of the dead may still be carried out: nobody can settle anything before.
        self.world.all_is_answered().await;
        until_calm(&self.world, shop).await.unwrap();
        for open in open_doubts(shop).await.unwrap() {
            if let Some(reference) = open.reference {
                settle_by_the_books(&self.world, shop, &reference)
                    .await
                    .unwrap();
            }
        }
        for asked in &self.payouts {
            let what = payout(asked);
            let answer = shop.ask(what.clone()).await.unwrap();
            let story = self.world.database.story();
            assert!(
                matches!(answer, Answer::Made { .. }),
                "{asked:?}: {answer:?} {story:#?}"
            );
            self.note(&what, &answer);
        }
        for order in &self.orders {
            let order = order.clone();
            let answer = shop.ask(What::CreateInvoice { order }).await.unwrap();
            assert!(matches!(answer, Answer::Made { .. }), "{answer:?}");
        }
        pay_everything(&self.world.sandbox);
        confirm_everything(&self.world.sandbox);
        complete_payouts(&self.world.sandbox);
    }
}

fn payout((reference, amount): &Asked) -> What {
    What::CreatePayout {
        reference: reference.clone(),
        amount: amount.to_string(),
    }
}

/// Payers pay, too little, too much, too late; blocks are found; payouts arrive or fail.
async fn move_on(sandbox: &Sandbox, mut dice: StdRng) {
    loop {
        tokio::time::sleep(Duration::from_millis(dice.random_range(1..15))).await;
        let (halo, unipayment) = (sandbox.halo(), sandbox.unipayment());
        let (made, sent) = (invoices(sandbox), payouts(sandbox));
        let (choice, part) = (dice.random_range(0..8), dice.random_range(1..700));
        let pick = dice.random_range(0..1000_usize);
        // What cannot be done now is not done.
        if let Some(invoice) = made.get(pick % made.len().max(1)) {
            let (id, part) = (&invoice.id, Decimal::new(part, 2));
            let _ = match choice {
                0 | 1 => halo
                    .pay_rest(id)
                    .map(drop)
                    .or_else(|_| unipayment.pay_rest(id).map(drop)),
                2 => halo
                    .pay(id, part)
                    .map(drop)
                    .or_else(|_| unipayment.pay(id, part).map(drop)),
                3 | 4 => halo
                    .confirm(id, 1)
                    .map(drop)
                    .or_else(|_| unipayment.complete(id).map(drop)),
                5 if pick % 4 == 0 => halo
                    .expire(id)
                    .map(drop)
                    .or_else(|_| unipayment.expire(id).map(drop)),
                _ => Ok(()),
            };
        }
        if let Some(payout) = sent.get(pick % sent.len().max(1)) {
            let id = &payout.id;
            let _ = match choice {
                6 if pick % 8 == 0 => halo
                    .fail_payout(id)
                    .map(drop)
                    .or_else(|_| unipayment.fail_payout(id).map(drop)),
                6 | 7 => halo
                    .advance_payout(id)
                    .map(drop)
                    .or_else(|_| unipayment.advance_payout(id).map(drop)),
                _ => Ok(()),
            };
        }
    }
}

fn soak(engine: Engine) {
    if let Some(seed) = given_seed() {
        return runtime().block_on(History::live(engine, seed));
    }
    let first = new_seed();
    println!("the seeds start at {first}");
    let time = soak_time().map_or(TIME, |time| time / 2);
    let began = Instant::now();
    runtime().block_on(async {
        let (mut next, mut running, mut seeds) = (first, JoinSet::new(), HashMap::new());
        loop {
            while running.len() < AT_ONCE && began.elapsed() < time {
                seeds.insert(running.spawn(History::live(engine, next)).id(), next);
                next += 1;
            }
            let Some(ended) = running.join_next_with_id().await else {
                break;
            };
            if let Err(broken) = ended {
                println!("broken with PAYMUX_SEED={}", seeds[&broken.id()]);
                std::panic::resume_unwind(broken.into_panic());
            }
        }
        println!("{} histories", next - first);
    });
}

#[test]
fn on_sqlite() {
    soak(Engine::Sqlite);
}

#[test]
fn on_postgres() {
    if Engine::all().contains(&Engine::Postgres) {
        soak(Engine::Postgres);
    }
}
