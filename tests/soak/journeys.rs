//! What a shop does in a day, from the start of its process. Every part may be done again after a
//! crash.

use std::time::Duration;

use paymux_tests::soak_shop::{Answer, Open, What};

use crate::gateways::{
    advance_payouts, complete_payouts, confirm_everything, pay_everything, payouts,
};
use crate::process::{Killed, Process};
use crate::world::{Gateways, World};

/// The order and the payout of a journey.
pub(crate) const ORDER: &str = "order-1";
pub(crate) const REFERENCE: &str = "payout-1";
pub(crate) const AMOUNT: &str = "12.5";

/// How often a shop works until it must be done with everything.
const PATIENCE: u32 = 40;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Journey {
    Invoice,
    Payout,
}

impl Journey {
    /// Goes the whole way, or as far as the process lives.
    pub(crate) async fn go(self, world: &World, shop: &Process) -> Result<(), Killed> {
        shop.must(What::Recover).await?;
        match self {
            Self::Invoice => sell(world, shop).await,
            Self::Payout => send(world, shop).await,
        }
    }
}

async fn sell(world: &World, shop: &Process) -> Result<(), Killed> {
    let order = || What::CreateInvoice {
        order: ORDER.to_owned(),
    };
    // Webhooks may come before the answer does.
    let (made, worked) = tokio::join!(shop.ask(order()), work_meanwhile(world, shop));
    let made = made?;
    worked?;
    let again = shop.ask(order()).await?;
    assert_eq!(id_of(&again), id_of(&made), "asked for once more");
    pay_everything(&world.sandbox);
    take_in(world, shop).await?;
    confirm_everything(&world.sandbox);
    take_in(world, shop).await?;
    until_calm(world, shop).await
}

/// The gateway's own id of what was made, without the owner that a router puts before it.
pub(crate) fn id_of(answer: &Answer) -> &str {
    match answer {
        Answer::Made { id, .. } => id.rsplit(':').next().unwrap_or(id),
        other => panic!("not made: {other:?}"),
    }
}

/// Takes in what is told of an invoice while its call still runs.
async fn work_meanwhile(world: &World, shop: &Process) -> Result<(), Killed> {
    let is_told = async {
        while world.sandbox.deliveries().is_empty() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        world.all_is_delivered().await;
    };
    if world.gateways == Gateways::RoutedPastLostAnswers {
        shop.meanwhile(is_told).await?;
        shop.must(What::Work).await?;
    }
    Ok(())
}

async fn send(world: &World, shop: &Process) -> Result<(), Killed> {
    let first = create(shop).await?;
    if let Answer::Failed { kind, outcome, .. } = &first {
        // The process before this one was killed while it sent.
        assert_eq!((kind.as_str(), outcome.as_str()), ("Conflict", "Unknown"));
    }
    assert_eq!(create(shop).await?, first, "asked for once more");
    advance_payouts(&world.sandbox);
    take_in(world, shop).await?;
    complete_payouts(&world.sandbox);
    take_in(world, shop).await?;
    until_calm(world, shop).await?;
    for open in open_doubts(shop).await? {
        let reference = open.reference.expect("no invoice was made");
        settle_by_the_books(world, shop, &reference).await?;
        create(shop).await?;
        complete_payouts(&world.sandbox);
        take_in(world, shop).await?;
        until_calm(world, shop).await?;
    }
    // Asked for once more it is what it was.
    let again = create(shop).await?;
    assert_eq!(id_of(&again), payouts(&world.sandbox)[0].id);
    Ok(())
}

async fn create(shop: &Process) -> Result<Answer, Killed> {
    let payout = What::CreatePayout {
        reference: REFERENCE.to_owned(),
        amount: AMOUNT.to_owned(),
    };
    shop.ask(payout).await
}

/// Takes in what the gateways tell.
async fn take_in(world: &World, shop: &Process) -> Result<(), Killed> {
    shop.meanwhile(world.all_is_delivered()).await?;
    shop.must(What::Work).await?;
    shop.must(What::Deliver).await
}

/// Works until nothing is left to be done.
pub(crate) async fn until_calm(world: &World, shop: &Process) -> Result<(), Killed> {
    let mut undone = Vec::new();
    for _ in 0..PATIENCE {
        take_in(world, shop).await?;
        undone = world.undone();
        if undone.is_empty() {
            return Ok(());
        }
        world.pass(shop, 600).await?;
    }
    let story = world.database.story();
    panic!("not done after all this time: {undone:#?}\n{story:#?}");
}

pub(crate) async fn open_doubts(shop: &Process) -> Result<Vec<Open>, Killed> {
    match shop.ask(What::Recover).await? {
        Answer::Open(open) => Ok(open),
        failed => panic!("{failed:?}"),
    }
}

/// A person looks at the gateway's own books and says what became of a payout.
pub(crate) async fn settle_by_the_books(
    world: &World,
    shop: &Process,
    reference: &str,
) -> Result<(), Killed> {
    let found = payouts(&world.sandbox)
        .into_iter()
        .find(|payout| payout.about == reference);
    let settle = What::Settle {
        reference: reference.to_owned(),
        made: found.map(|payout| (payout.provider.to_owned(), payout.id)),
    };
    shop.must(settle).await
}
