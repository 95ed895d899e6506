//! What happens by itself: time runs out, blocks are found.

use std::time::Duration;

use crate::timekeeping::Timed;
use crate::unipayment::deposits::{Deposit, DepositStatus};
use crate::unipayment::gateway::Gateway;
use crate::unipayment::invoices::Invoice;
use crate::unipayment::payouts::{Payout, PayoutKind, PayoutStatus};

impl Timed for Gateway {
    fn next_deadline(&self) -> Option<i64> {
        let book = self.book();
        book.deadlines.first().map(|(deadline, _)| *deadline)
    }

    fn block_time(&self) -> Option<Duration> {
        self.settings().block_time
    }

    /// Confirms every transfer that still needs it, and takes payouts and deposits one step further;
    /// a withdrawal that waits for the merchant's confirmation waits on.
    fn find_block(&self) {
        let completion = self.settings().unipayment.confirmations.completion;
        let mut book = self.book();
        let unconfirmed = |invoice: &&Invoice| {
            let mut transfers = invoice.transactions.iter();
            transfers.any(|transfer| transfer.confirmations < completion)
        };
        let invoices = book.invoices.all().iter().filter(unconfirmed);
        let invoices: Vec<String> = invoices.map(|found| found.invoice_id.clone()).collect();
        let under_way = |payout: &&Payout| {
            let waits = payout.status == PayoutStatus::Pending;
            !(payout.status.is_final() || waits && payout.kind == PayoutKind::Withdrawal)
        };
        let payouts = book.payouts.all().iter().filter(under_way);
        let payouts: Vec<String> = payouts.map(|payout| payout.id.clone()).collect();
        let arriving = |deposit: &&Deposit| deposit.status != DepositStatus::Credited;
        let deposits = book.deposits.all().iter().filter(arriving);
        let deposits: Vec<String> = deposits.map(|found| found.deposit_id.clone()).collect();
        let results = [
            invoices
                .iter()
                .try_for_each(|id| self.change(&mut book, id, |it| it.confirm(1)).map(drop)),
            payouts
                .iter()
                .try_for_each(|id| self.advance_payout(&mut book, id).map(drop)),
            deposits
                .iter()
                .try_for_each(|id| self.advance_deposit(&mut book, id).map(drop)),
        ];
        for error in results.into_iter().filter_map(Result::err) {
            tracing::debug!(%error, "a record did not move with the block");
        }
    }
}
