//! A router among the providers of a router.

use std::sync::Arc;

use paymux_core::scripted::{Act, Operation};
use paymux_core::{ErrorKind, PaymentProvider, PayoutApi};

use super::*;
use crate::Router;
use crate::testing::{Stage, invoice, name, payout, story};

#[test]
fn a_router_can_be_one_of_its_providers() {
    let stage = Stage::new(&["eu", "us"]);
    let pair = stage.builder().with_name(name("pair")).build().unwrap();
    let outside = Stage::new(&["asia"]);
    let asia = outside.gateway("asia");
    let router = Router::builder()
        .with_clock(Arc::new(stage.clock.clone()))
        .with_provider(Arc::new(asia.clone()))
        .with_provider(Arc::new(pair))
        .build()
        .unwrap();
    asia.script(Operation::CreateInvoice, [Act::lost_answer().telling_id()]);
    stage
        .gateway("eu")
        .script(Operation::CreateInvoice, [Act::lost_answer().telling_id()]);

    let made = stage.run(router.create_invoice(&invoice())).unwrap();
    assert!(made.id().as_str().starts_with("pair:us:"), "{}", made.id());
    assert_eq!(made.snapshot().provider, name("us"));
    let attempts = &made.snapshot().attempts;
    assert_eq!(
        story(attempts),
        ["asia failed", "pair made", "eu failed", "us made"]
    );
    // Every id of the story can be read through the outermost router.
    for attempt in attempts {
        let id = InvoiceId::received(attempt.id.clone().unwrap());
        let read = stage.run(router.fetch_invoice(&id)).unwrap();
        assert_eq!(*read.id(), id);
    }

    stage
        .gateway("eu")
        .script(Operation::CreatePayout, [Act::lost_answer().telling_id()]);
    asia.script(
        Operation::CreatePayout,
        [Act::not_sent(ErrorKind::Unavailable)],
    );
    let error = stage.run(router.create_payout(&payout("r-1"))).unwrap_err();
    assert_eq!(error.provider(), Some(&name("eu")));
    assert!(error.id().unwrap().starts_with("pair:eu:"), "{error:?}");
    assert_eq!(stage.gateway("us").calls(Operation::CreatePayout), 0);

    let bare = stage.gateway("us").made_invoices().remove(0).id;
    let webhook = stage.gateway("us").notice_of(&bare).unwrap();
    let event = stage.run(router.verify_webhook(&webhook)).unwrap();
    assert_eq!(event.invoice().unwrap().id, *made.id());
    assert_eq!(event.provider, name("us"));
}

#[test]
fn an_id_with_a_colon_of_its_own_is_not_taken_apart() {
    let stage = Stage::new(&["eu"]);
    let router = stage.router();
    let id = InvoiceId::received("2026:7");
    let (member, bare) = router.inner().owner_of_invoice(&id).unwrap();
    assert_eq!((member.name.as_str(), bare), ("eu", id));
    let (_, bare) = router
        .inner()
        .owner_of_payout(&PayoutId::received("eu:2026:7"))
        .unwrap();
    assert_eq!(bare.as_str(), "2026:7");
}
