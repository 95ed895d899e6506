//! Which notice goes where.

use std::sync::Arc;

use crate::json::Json;
use crate::unipayment::deposits::Deposit;
use crate::unipayment::gateway::Gateway;
use crate::unipayment::invoices::Invoice;
use crate::unipayment::notary::NoticeProof;
use crate::unipayment::notices::{self, Stamp};
use crate::unipayment::payouts::{Payout, PayoutKind};
use crate::unipayment::settings::Generation;
use crate::webhooks::Notice;

impl Gateway {
    pub(super) fn tell_invoice(&self, invoice: &Invoice) {
        let settings = self.settings();
        let own = invoice.notify_url.as_ref();
        let Some(url) = own.or(settings.unipayment.app_notify_url.as_ref()) else {
            return;
        };
        let body = notices::invoice(
            &self.keys.app_id,
            invoice,
            &self.stamp(),
            &settings.unipayment,
        );
        let status = invoice.status.as_str();
        self.send(invoice.generation, (&invoice.invoice_id, status), url, body);
    }

    pub(super) fn tell_payout(&self, payout: &Payout, global_notify_url: Option<&str>) {
        let settings = self.settings();
        let settings = &settings.unipayment;
        let Some(body) = notices::payout(payout, &self.stamp(), settings) else {
            return;
        };
        let (generation, url, status) = match payout.kind {
            PayoutKind::Payment => {
                let global = global_notify_url.or(settings.global_notify_url.as_deref());
                (Generation::OAuth, global, payout.status_word())
            }
            PayoutKind::Withdrawal | PayoutKind::Batch => {
                let own = payout.notify_url.as_deref();
                let (status, _) = payout.status.withdrawal_notice();
                let url = own.or(settings.app_notify_url.as_deref());
                (Generation::Hmac, url, status)
            }
        };
        if let Some(url) = url {
            self.send(generation, (&payout.id, status), url, body);
        }
    }

    pub(super) fn tell_deposit(&self, deposit: &Deposit, global_notify_url: Option<&str>) {
        let settings = self.settings();
        let settings = &settings.unipayment;
        if let Some(url) = global_notify_url.or(settings.global_notify_url.as_deref()) {
            let body = notices::deposit(deposit, &self.stamp(), settings);
            let status = deposit.status.as_str();
            self.send(Generation::OAuth, (&deposit.deposit_id, status), url, body);
        }
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            id: self.randomness.uuid(),
            time: self.now(),
        }
    }

    fn send(&self, generation: Generation, (about, event): (&str, &str), url: &str, body: Json) {
        self.outbox.send(Notice {
            about: about.to_owned(),
            event: event.to_owned(),
            event_header: None,
            url: url.to_owned(),
            body: self.notary.finish(generation, body),
            signer: Arc::new(NoticeProof {
                notary: Arc::clone(&self.notary),
                generation,
            }),
        });
    }
}
