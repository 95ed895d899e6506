//! The scripted gateway passes the laws that every provider passes.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::FutureExt;
use rust_decimal::Decimal;

use super::super::{Act, Operation, ScriptedProvider};
use super::TO;
use crate::conformance::{Harness, check_all};
use crate::{
    ErrorKind, InvoiceSnapshot, InvoiceStatus, ManualClock, NewInvoice, NewPayout, PaymentProvider,
    PayoutId, RawWebhook,
};

const KEY: &str = "canary-right-key";
const WRONG_KEY: &str = "canary-wrong-key";

struct Scripted {
    provider: ScriptedProvider,
    impostor: ScriptedProvider,
    notices: Mutex<VecDeque<RawWebhook>>,
    number: AtomicU32,
}

impl Scripted {
    fn number(&self) -> u32 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }
}

#[async_trait]
impl Harness for Scripted {
    fn provider(&self) -> &dyn PaymentProvider {
        &self.provider
    }

    fn impostor(&self) -> &dyn PaymentProvider {
        &self.impostor
    }

    fn canaries(&self) -> Vec<String> {
        vec![KEY.to_owned(), WRONG_KEY.to_owned()]
    }

    fn new_invoice(&self) -> NewInvoice {
        let order = format!("order-{}", self.number()).parse().unwrap();
        NewInvoice::new(order, "5 USD".parse().unwrap()).with_asset("USDT@tron".parse().unwrap())
    }

    fn new_payout(&self) -> Option<NewPayout> {
        let reference = format!("ref-{}", self.number()).parse().unwrap();
        let asset = "USDT@tron".parse().unwrap();
        Some(NewPayout::new(
            reference,
            Decimal::new(1_234_567, 6),
            asset,
            TO,
        ))
    }

    async fn pay(&self, invoice: &InvoiceSnapshot, amount: Decimal) {
        self.provider.pay(&invoice.id, amount).unwrap();
    }

    async fn confirm(&self, invoice: &InvoiceSnapshot) {
        self.provider.settle(&invoice.id).unwrap();
        let notice = self.provider.notice_of(&invoice.id).unwrap();
        self.notices.lock().unwrap().push_back(notice);
    }

    async fn complete_payout(&self, id: &PayoutId) {
        self.provider.complete_payout(id).unwrap();
    }

    async fn payouts_at_gateway(&self) -> Option<usize> {
        Some(self.provider.calls(Operation::CreatePayout))
    }

    async fn next_webhook(&self) -> Option<RawWebhook> {
        self.notices.lock().unwrap().pop_front()
    }

    async fn say_unknown_word(&self, invoice: &InvoiceSnapshot) -> Option<String> {
        let word = "under review".to_owned();
        let change = |invoice: &mut InvoiceSnapshot| {
            invoice.status = InvoiceStatus::Unknown;
            invoice.provider_status = Some(word.clone());
        };
        self.provider.change_invoice(&invoice.id, change).unwrap();
        Some(word)
    }

    fn webhook_window(&self) -> Option<Duration> {
        None
    }
}

#[test]
fn every_law_holds() {
    let clock = ManualClock::at("2026-03-17T09:36:36Z".parse().unwrap());
    let provider = ScriptedProvider::new("eu".parse().unwrap(), Arc::new(clock));
    let impostor = provider.clone().with_key(WRONG_KEY.into());
    let harness = Scripted {
        provider: provider.with_key(KEY.into()),
        impostor: ScriptedProvider {
            script: Arc::default(),
            ..impostor
        },
        notices: Mutex::default(),
        number: AtomicU32::new(1),
    };
    for operation in [Operation::CreateInvoice, Operation::FetchInvoice] {
        let refused = Act::rejected(ErrorKind::Authentication);
        harness.impostor.always(operation, refused);
    }
    let verdict = check_all(&harness).now_or_never().unwrap();
    if let Err(violation) = verdict {
        panic!("{violation}");
    }
}
