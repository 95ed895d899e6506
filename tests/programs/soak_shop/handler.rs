//! What the shop does with events: it tells that it has them.

use std::collections::HashSet;
use std::sync::Mutex;

use async_trait::async_trait;
use paymux_ledger::{EventHandler, HandlerError, LedgerEvent};
use paymux_tests::soak_shop::{Handled, Said};

use crate::lines::say;

#[derive(Debug, Default)]
pub(crate) struct Handler {
    clumsy: bool,
    seen: Mutex<HashSet<String>>,
}

impl Handler {
    /// Fails at some events when it first sees them.
    pub(crate) fn clumsy() -> Self {
        Self {
            clumsy: true,
            ..Self::default()
        }
    }

    fn drops(&self, event: &LedgerEvent) -> bool {
        let is_new = self.seen.lock().unwrap().insert(event.id.clone());
        // The last digits of a UUID are random.
        self.clumsy && is_new && event.id.ends_with(['0', '5', 'a', 'f'])
    }
}

#[async_trait]
impl EventHandler for Handler {
    async fn handle(&self, event: &LedgerEvent) -> Result<(), HandlerError> {
        if self.drops(event) {
            return Err("it fell to the floor".into());
        }
        tracing::trace!("handles");
        say(&Said::Handled(Handled {
            id: event.id.clone(),
            kind: event.kind.as_str().to_owned(),
            subject: subject(event),
            sequence: event.sequence,
            was: event.was.clone(),
            became: event.became.clone(),
        }));
        tracing::trace!("handled");
        Ok(())
    }
}

fn subject(event: &LedgerEvent) -> String {
    if let Some(reference) = &event.reference {
        return reference.as_str().to_owned();
    }
    let provider = event
        .invoice
        .as_ref()
        .map_or("?", |invoice| invoice.provider.as_str());
    let order = event.order_id.as_ref().map_or("?", |order| order.as_str());
    format!(
        "{order}~{} at {provider}",
        event.attempt.unwrap_or_default()
    )
}
